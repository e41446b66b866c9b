/** Processes of this machine, for tests that nothing is left behind. */
import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

/** The ids of all processes whose command line has a word, zombies left out. */
export function processesWith(word: string): number[] {
  return execFileSync("ps", ["-A", "-o", "pid=,stat=,args="], { encoding: "utf8" })
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line))
    .flatMap((match) =>
      match !== null && !match[2]?.startsWith("Z") && match[3]?.includes(word) ? [Number(match[1])] : [],
    );
}

/** Waits until something holds. Says false when it did not for ten seconds. */
export async function eventually(holds: () => boolean): Promise<boolean> {
  for (let attempt = 0; attempt < 500; attempt++) {
    if (holds()) {
      return true;
    }
    await sleep(20);
  }
  return false;
}
