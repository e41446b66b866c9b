/** Reading of input files: regular files, pipes, and other kinds. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { reasonOf } from "../../files/error-reason.ts";
import { readInput, readRegularFile } from "../../files/read-input.ts";
import { OBSTACLES } from "./obstacles.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "foliocheck-files-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

const READERS = [
  ["readInput", readInput],
  ["readRegularFile", async (path: string, most?: number) => readRegularFile(path, most)],
] as const;

describe.each(READERS)("%s", (name, read) => {
  const refusal = async (path: string, most?: number): Promise<string> =>
    read(path, most).then(
      () => "no refusal",
      (error) => reasonOf(error),
    );

  test("a reader returns the text of a file", async () => {
    const text = "sp\u00fcren \u{1f600}\n".repeat(20_000);
    writeFileSync(at("file"), text);
    expect(await read(at("file"))).toBe(text);
    writeFileSync(at("empty"), "");
    expect(await read(at("empty"))).toBe("");
  });

  test.runIf(existsSync("/proc/self/status"))("a reader reads a file of size 0 in /proc to its end", async () => {
    expect(await read("/proc/self/status")).toContain("\nPid:");
    expect(await refusal("/proc/self/status", 10)).toBe("it has more than 10 bytes");
  });

  test("a reader accepts a file of the maximum size, and refuses one more byte", async () => {
    writeFileSync(at("file"), "12345");
    expect(await read(at("file"), 5)).toBe("12345");
    expect(await refusal(at("file"), 4)).toBe("it has more than 4 bytes");
  });

  test.each(OBSTACLES)("a reader names the reason why it cannot read $name", async (obstacle) => {
    const reason = name === "readInput" ? obstacle.pipeReason : undefined;
    expect(await refusal(obstacle.make(folder))).toMatch(reason ?? obstacle.reason);
  });

  test("a reader names the reason for a missing file, a folder and an over-long name", async () => {
    mkdirSync(at("folder"));
    expect(await refusal(at("none"))).toBe("no such file or directory");
    expect(await refusal(at("folder"))).toMatch(/^it is a folder, /);
    expect(await refusal(at("x".repeat(5000)))).toBe("name too long");
  });

  test.each(["/dev/null", "/dev/zero"].filter(existsSync))("a reader refuses the device %s", async (device) => {
    expect(await refusal(device)).toMatch(/^it is a device, /);
  });
});

/** Whether the system has FIFOs. */
const hasFifos = spawnSync("mkfifo", ["--version"]).error === undefined;

describe.runIf(hasFifos)("a pipe", () => {
  beforeEach(() => {
    spawnSync("mkfifo", [at("fifo")]);
  });

  const write = (line: string): void => {
    spawn("sh", ["-c", line], { cwd: folder, stdio: "ignore" });
  };

  test("a pipe is read to its end, with a slow or a late writer", async () => {
    const content = readInput(at("fifo"));
    write("sleep 0.1; (printf one; sleep 0.1; printf two; sleep 0.1) > fifo");
    expect(await content).toBe("onetwo");
  });

  test("a pipe is read to its end when its content exceeds its buffer", async () => {
    const text = "0123456789".repeat(100_000);
    writeFileSync(at("text"), text);
    const content = readInput(at("fifo"));
    write("cat text > fifo");
    expect(await content).toBe(text);
  });

  test("a pipe with a writer may be silent beyond the timeout, and no byte is lost", async () => {
    const holder = openSync(at("fifo"), "r+");
    const content = readInput(at("fifo"));
    // Longer than the timeout for a writer.
    await sleep(2500);
    writeSync(holder, "a text");
    closeSync(holder);
    expect(await content).toBe("a text");
  });

  test("a pipe is empty when its writer writes nothing", async () => {
    const content = readInput(at("fifo"));
    write(": > fifo");
    expect(await content).toBe("");
  });

  test("an endless pipe is refused when it exceeds the maximum size", async () => {
    const writer = spawn("sh", ["-c", "while echo more; do :; done > fifo"], { cwd: folder, stdio: "ignore" });
    const ended = once(writer, "exit");
    await expect(readInput(at("fifo"), 10_000)).rejects.toThrow("it has more than 10000 bytes");
    await ended;
  });

  test("readRegularFile() refuses a pipe without waiting for a writer", () => {
    expect(() => readRegularFile(at("fifo"))).toThrow("it is a pipe, not a regular file");
  });
});
