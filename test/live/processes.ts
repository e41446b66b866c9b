/** Processes of the host, for tests of cleanup. */
import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

interface ProcessId {
  readonly id: number;
  readonly parent: number;
}

/** Returns all processes except zombies whose command line contains a word. */
export function processesWith(word: string): ProcessId[] {
  return execFileSync("ps", ["-A", "-o", "pid=,ppid=,stat=,args="], { encoding: "utf8" })
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line))
    .flatMap((match) =>
      match?.[4]?.includes(word) && !match[3]?.startsWith("Z")
        ? [{ id: Number(match[1]), parent: Number(match[2]) }]
        : [],
    );
}

/** Waits until a condition holds. @returns false if it did not within ten seconds */
export async function eventually(holds: () => boolean): Promise<boolean> {
  for (let attempt = 0; attempt < 500; attempt++) {
    if (holds()) {
      return true;
    }
    await sleep(20);
  }
  return false;
}
