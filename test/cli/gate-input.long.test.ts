/** Unreadable input files of `gate`: one line with the name and the reason, exit code 2. */
import { type ChildProcess, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, rmSync, symlinkSync, truncateSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { readPatch } from "../../gate/change/patch.ts";
import { readBaseline } from "../../gate/run/baseline.ts";
import { kernelTree } from "../../gate/tree/kernel-tree.ts";
import { TreeError } from "../../gate/tree/tree-error.ts";
import { UsageError } from "../../verify/request/usage-error.ts";
import { OBSTACLES } from "../files/obstacles.ts";
import { testCacheFolder } from "../gate/cache-folder.ts";
import { newFolder, OWN_KERNEL, treeWith } from "../gate/tree-copy.ts";
import { foliocheck, ownFolder, shell, start } from "./command.ts";

const folder = ownFolder();

/** Returns the reason of an obstacle, as part of a message. */
const within = (reason: RegExp): RegExp => new RegExp(`: ${reason.source.slice(1, -1)}$`);

describe("names without a readable file", () => {
  test.each(OBSTACLES)("$name is refused as a patch, with the reason", async (obstacle) => {
    const path = obstacle.make(newFolder());
    const failure = await readPatch(path).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TreeError);
    expect((failure as Error).message).toContain(`cannot read the patch "${path}"`);
    expect((failure as Error).message).toMatch(within(obstacle.pipeReason ?? obstacle.reason));
  });

  test.each(OBSTACLES)("$name is refused as a baseline, with the reason", async (obstacle) => {
    const path = obstacle.make(newFolder());
    const failure = await readBaseline(path, true).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UsageError);
    expect((failure as Error).message).toContain(`cannot read baseline ${path}`);
    expect((failure as Error).message).toMatch(within(obstacle.pipeReason ?? obstacle.reason));
  });

  // The wait for a writer is tested above.
  const others = OBSTACLES.filter(({ pipeReason }) => pipeReason === undefined);
  test.each(others)("$name is refused as the default baseline unless it is absent", async ({ make, isAbsent }) => {
    const baseline = readBaseline(make(newFolder()), false);
    await (isAbsent === true ? expect(baseline).resolves.toEqual([]) : expect(baseline).rejects.toThrow(UsageError));
  });

  test.each(OBSTACLES)("$name is refused as a tree", ({ make }) => {
    const path = make(newFolder());
    expect(() => kernelTree(path)).toThrow(TreeError);
    expect(() => kernelTree(path)).toThrow(JSON.stringify(path));
    expect(() => kernelTree(path)).toThrow(/^[^\n]*; want a kernel source tree$/);
  });

  // A link cannot lead to an over-long path.
  const targets = OBSTACLES.filter(({ name }) => name !== "an over-long path");
  test.each(targets)("a link to $name is refused as a file of a tree, and does not count as absent", (obstacle) => {
    const file = "mm/page_alloc.c";
    const tree = treeWith([], OWN_KERNEL, ["mm/rmap.c"]);
    const path = join(tree, file);
    symlinkSync(obstacle.make(newFolder()), path);
    const read = (): unknown => kernelTree(tree).read(file);
    expect(read).toThrow(TreeError);
    expect(read).toThrow(`cannot read "${path}": `);
    expect(read).toThrow(
      obstacle.isAbsent === true ? /: it is a link to a file that does not exist$/ : within(obstacle.reason),
    );
  });
});

describe("a tree", () => {
  test("a folder where a file is expected counts as an absent file, except for a file that the gate requires", () => {
    const tree = kernelTree(treeWith([], OWN_KERNEL, ["mm/rmap.c"]));
    expect(tree.read("mm")).toBe(undefined);
    mkdirSync(join(folder.path, "mm/rmap.c"), { recursive: true });
    expect(() => kernelTree(folder.path)).toThrow(/mm\/rmap\.c": it is a folder, not a regular file$/);
  });
});

const ARGUMENTS = ["gate", "--config", "no-page-mapcount,64bit,mm-id", "--no-progress", "--only", "owner-tracking"];

function refusal(...args: readonly string[]): string {
  const { code, out, err } = foliocheck([...ARGUMENTS, "--cache", testCacheFolder, ...args], folder.path);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toMatch(/^error: [^\n]+\n$/);
  return err;
}

describe("foliocheck gate", () => {
  test("foliocheck gate refuses a link loop, an over-long name and a FIFO in any option in one line, with exit code 2", () => {
    const loop = join(folder.path, "loop");
    symlinkSync(loop, loop);
    const pipe = join(folder.path, "pipe");
    spawnSync("mkfifo", [pipe]);
    const name = join(folder.path, "x".repeat(300));
    const tree = ["--tree", OWN_KERNEL];
    expect(refusal("--tree", loop)).toContain(`cannot read "${loop}": too many symbolic links encountered; want `);
    expect(refusal("--tree", name)).toContain("name too long; want a kernel source tree");
    expect(refusal("--tree", pipe)).toContain("is not a folder; want a kernel source tree");
    expect(refusal(...tree, "--base", loop)).toContain("too many symbolic links encountered; want ");
    expect(refusal(...tree, "--base", name)).toContain("name too long; want ");
    expect(refusal(...tree, "--patch", loop)).toContain("too many symbolic links encountered");
    expect(refusal(...tree, "--patch", name)).toContain("name too long");
    expect(refusal(...tree, "--patch", pipe)).toContain("it is a FIFO, and no process writes to it");
    expect(refusal(...tree, "--patch", "/dev/zero")).toContain("it is a device");
    expect(refusal(...tree, "--baseline", loop)).toContain("too many symbolic links encountered");
    expect(refusal(...tree, "--cache", join(loop, "cache"))).toContain("too many symbolic links encountered");
    expect(refusal(...tree, "--cache", name)).toContain("name too long");
    expect(refusal(...tree, "--cache", pipe)).toContain("is not a folder");
  });

  test.each([
    ["a link to itself", (path: string) => symlinkSync(basename(path), path), "too many symbolic links encountered"],
    ["a FIFO", (path: string) => spawnSync("mkfifo", [path]), "it is a pipe, not a regular file"],
  ])("foliocheck gate names the file of a tree or base that is %s", (_, make, reason) => {
    const tree = treeWith([]);
    const file = join(tree, "mm/huge_memory.c");
    rmSync(file);
    make(file);
    expect(refusal("--tree", tree)).toBe(`error: cannot read "${file}": ${reason}\n`);
    expect(refusal("--tree", OWN_KERNEL, "--base", tree)).toBe(`error: cannot read "${file}": ${reason}\n`);
  });

  test("foliocheck gate refuses standard input that is endless or no file", () => {
    const line = (input: string): string =>
      `foliocheck ${ARGUMENTS.join(" ")} --tree ${OWN_KERNEL} --patch - < ${input}`;
    const endless = shell(line("/dev/zero"), folder.path);
    expect(endless).toEqual({ code: 2, out: "", err: `error: cannot read the patch "-": it has more than 256 MiB\n` });
    const { code, out, err } = shell(line("."), folder.path);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/^error: [^\n]*the patch "-"[^\n]*\n$/);
    closeSync(openSync(join(folder.path, "huge"), "w"));
    truncateSync(join(folder.path, "huge"), 2 ** 31);
    expect(shell(line("huge"), folder.path)).toEqual(endless);
  });

  test("foliocheck gate reads a patch that a shell passes as a pipe", () => {
    const command = `foliocheck ${ARGUMENTS.join(" ")} --tree ${OWN_KERNEL} --patch /dev/fd/3`;
    const { code, out, err } = shell(`echo "a text" | (exec 3<&0; ${command})`, folder.path);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toBe('error: the patch "/dev/fd/3" has no changes in it; want a unified diff\n');
  });
});

describe("an interrupt ends a gate that waits", () => {
  const SIGNALS = [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const;

  let running: ChildProcess | undefined;
  afterEach(() => {
    running?.kill("SIGKILL");
  });

  /** Interrupts a gate that has begun its output file, and is about to read its patch. */
  async function endOf(patch: string, signal: NodeJS.Signals): Promise<number | null> {
    running = start([...ARGUMENTS, "--tree", OWN_KERNEL, "--patch", patch, "--output", "report"], folder.path);
    const closed = once(running, "close");
    while (!folder.files().some((name) => name.endsWith(".tmp"))) {
      expect(running.exitCode).toBe(null);
      await sleep(5);
    }
    running.kill(signal);
    const [code] = (await closed) as [number | null];
    return code;
  }

  test.each(SIGNALS)("%s ends a gate that waits for a patch from a silent pipe", async (signal, expected) => {
    const pipe = join(folder.path, "pipe");
    spawnSync("mkfifo", [pipe]);
    const writer = openSync(pipe, "r+");
    expect(await endOf(pipe, signal)).toBe(expected);
    closeSync(writer);
    expect(folder.files()).toEqual(["pipe"]);
  });

  test.each(SIGNALS)("%s ends a gate that waits for a patch from standard input", async (signal, expected) => {
    expect(await endOf("-", signal)).toBe(expected);
    expect(folder.files()).toEqual([]);
  });
});
