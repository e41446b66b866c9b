/** Sources of a trace for `replay` and `repro`: a file, a pipe or standard input. None of them blocks the command. */
import { type ChildProcess, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readlinkSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { FAULTY, foliocheck, ownFolder, shell, start } from "./command.ts";

const folder = ownFolder();
const at = (name: string): string => join(folder.path, name);
const hasFifos = spawnSync("mkfifo", ["--version"]).error === undefined;

let running: ChildProcess | undefined;
afterEach(() => {
  running?.kill("SIGKILL");
});

/** Writes the trace of a counterexample. */
function writeTrace(): void {
  expect(foliocheck([...FAULTY, "--trace-out", "trace.json"], folder.path).code).toBe(1);
}

/** Resolves when the process has opened the file, and waits for a writer. */
async function hasOpened(child: ChildProcess, file: string): Promise<void> {
  const links = `/proc/${child.pid}/fd`;
  const isOpen = (): boolean =>
    readdirSync(links).some((each) => {
      try {
        return readlinkSync(join(links, each)) === file;
      } catch {
        return false;
      }
    });
  while (!isOpen()) {
    expect(child.exitCode).toBe(null);
    await sleep(5);
  }
}

const SIGNALS = [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const;

describe.each(["replay", "repro"])("%s", (command) => {
  test.runIf(hasFifos && existsSync("/proc/self/fd")).each(SIGNALS)(
    `${command} that waits for a writer of a FIFO ends at once at %s, with exit code %i`,
    async (signal, expected) => {
      spawnSync("mkfifo", [at("fifo")]);
      const child = start([command, "fifo"], folder.path);
      running = child;
      const closed = once(child, "close");
      await hasOpened(child, realpathSync(at("fifo")));
      child.kill(signal);
      expect(await closed).toEqual([expected, null]);
    },
  );

  test.each(SIGNALS)(
    `${command} that reads standard input ends at once at %s, with exit code %i`,
    async (signal, expected) => {
      const child = start([command, "-"], folder.path);
      running = child;
      const closed = once(child, "close");
      // Larger than the system's buffer, so that the write ends only after the command has begun to read.
      await new Promise((written) => child.stdin?.write(" ".repeat(2 ** 21), written));
      child.kill(signal);
      expect(await closed).toEqual([expected, null]);
    },
  );

  test.runIf(existsSync("/dev/zero"))(
    `${command} refuses devices and endless input in one line, with exit code 2`,
    () => {
      const asFile = foliocheck([command, "/dev/zero"], folder.path);
      expect(asFile).toEqual({
        code: 2,
        out: "",
        err: "error: cannot read /dev/zero: it is a device, neither a file nor a pipe\n",
      });
      const asInput = shell(`foliocheck ${command} - < /dev/zero`, folder.path);
      expect(asInput).toEqual({ code: 2, out: "", err: "error: cannot read -: it has more than 256 MiB\n" });
    },
  );
});

describe("replay reads a trace", () => {
  const bash = spawnSync("bash", ["--version"]).error === undefined;
  const lines = [
    "foliocheck replay trace.json",
    "foliocheck replay - < trace.json",
    "cat trace.json | foliocheck replay -",
    "cat trace.json | foliocheck replay /dev/stdin",
    ...(hasFifos ? ["mkfifo fifo; cat trace.json > fifo & foliocheck replay fifo"] : []),
    ...(bash ? ["bash -c 'foliocheck replay <(cat trace.json)'"] : []),
    // The writer ends before the trace is read.
    ...(bash ? ["bash -c 'f() { sleep 0.3; foliocheck replay $1; }; f <(cat trace.json)'"] : []),
  ];
  test.each(lines)("replay reads a trace by %s", (line) => {
    writeTrace();
    const { code, out, err } = shell(line, folder.path);
    expect({ code, err }).toEqual({ code: 1, err: "" });
    expect(out).toMatch(/✗ still fails: C1 is violated under slot-1-without-shared, at step 2\n$/);
  });

  test("replay refuses an empty trace", () => {
    const empty = /^error: - is not JSON, or was cut short; want a JSON file that --trace-out wrote\n$/;
    expect(shell(": | foliocheck replay -", folder.path)).toEqual({
      code: 2,
      out: "",
      err: expect.stringMatching(empty),
    });
    writeFileSync(at("empty.json"), "");
    expect(foliocheck(["replay", "empty.json"], folder.path).code).toBe(2);
  });
});
