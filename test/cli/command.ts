/** Runs the built command, without a terminal and without what the environment of the test run says about colours. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { builtCli } from "../built-cli.ts";

/** A command that has ended. */
export interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The environment of the command: nothing in it asks for colours, or forbids them. */
export const environment: NodeJS.ProcessEnv = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:NO_COLOR|FORCE_COLOR|COLORTERM|NODE_.*|CI)$/.test(name)),
  ),
  TERM: "xterm-256color",
};

/** A check that holds, at the smallest bounds: 9 states. */
export const SMALL: readonly string[] = ["check", "owner-tracking", "--pages", "2", "--mms", "2"];

/** A check that finds C1 violated in two steps. */
export const FAULTY: readonly string[] = ["check", "owner-tracking", "--variant", "slot-1-without-shared"];

/** Runs `foliocheck` to its end. @param env variables that differ */
export function foliocheck(args: readonly string[], cwd: string = tmpdir(), env: NodeJS.ProcessEnv = {}): Finished {
  return run(process.execPath, [builtCli, ...args], cwd, env);
}

/** Runs a line of shell in which `foliocheck` is the built command. */
export function shell(line: string, cwd: string, env: NodeJS.ProcessEnv = {}): Finished {
  const bin = mkdtempSync(join(tmpdir(), "foliocheck-bin-"));
  try {
    writeFileSync(join(bin, "foliocheck"), `#!/bin/sh\nexec "${process.execPath}" "${builtCli}" "$@"\n`, {
      mode: 0o755,
    });
    return run("sh", ["-c", line], cwd, { ...env, PATH: `${bin}:${environment["PATH"] ?? ""}` });
  } finally {
    rmSync(bin, { recursive: true });
  }
}

/** Starts `foliocheck` and does not wait for it. */
export function start(args: readonly string[], cwd: string): ChildProcess {
  return spawn(process.execPath, [builtCli, ...args], { cwd, env: environment });
}

function run(command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): Finished {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env: { ...environment, ...env },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 2 ** 28,
    // Ends what hangs, even in a read that no signal but this one interrupts.
    timeout: 300_000,
    killSignal: "SIGKILL",
  });
  if (error !== undefined) {
    throw error;
  }
  return { code: status, out: stdout, err: stderr };
}

/** A folder for each test, empty when the test begins and gone when it ends. */
export function ownFolder(): { readonly path: string; files(): string[] } {
  let path = "";
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), "foliocheck-cli-"));
  });
  afterEach(() => {
    rmSync(path, { recursive: true, force: true });
  });
  return {
    get path() {
      return path;
    },
    files: () => readdirSync(path).sort(),
  };
}
