/** Runs the built command without a terminal, and without the environment's variables about colours. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { builtCli } from "../built-cli.ts";

/** Result of a command. */
export interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Environment of the command, which neither requests nor forbids colours. */
export const environment: NodeJS.ProcessEnv = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:NO_COLOR|FORCE_COLOR|COLORTERM|NODE_.*|CI)$/.test(name)),
  ),
  TERM: "xterm-256color",
};

/** Check that holds, at the smallest bounds: 9 states. */
export const SMALL: readonly string[] = ["check", "owner-tracking", "--pages", "2", "--mms", "2"];

/** Check that violates C1 in two steps. */
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

/** Starts `foliocheck` without waiting for its end. */
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
    // Ends a hanging command, even in a read that only this signal interrupts.
    timeout: 300_000,
    killSignal: "SIGKILL",
  });
  if (error !== undefined) {
    throw error;
  }
  return { code: status, out: stdout, err: stderr };
}

/** Creates a folder for each test, and removes it after the test. */
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
