/** Program of the agent: compiled on the host at first use, and cached. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { arch, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CacheEntry, PROGRAM } from "../../files/cache-entry.ts";
import { reasonOf } from "../../files/error-reason.ts";
import { userCacheFolder } from "../../files/user-cache.ts";

/** Reason why the agent cannot be compiled. The message is one line. */
export class CompileError extends Error {
  readonly code: "no-compiler" | "compiler-fails" | "no-cache";
  constructor(code: CompileError["code"], message: string) {
    super(message);
    this.name = "CompileError";
    this.code = code;
  }
}

/** Environment that selects compiler and cache folder. */
export interface Environment {
  readonly env: { readonly [name: string]: string | undefined };
}

const AGENT = new URL("../agent/agent.c", import.meta.url);

/** Returns the agent's source as one text: agent.c with the files that it includes from its folder. */
export function agentSource(): string {
  return readFileSync(AGENT, "utf8").replace(/^#include "(.*)"\n/gm, (_, file: string) =>
    readFileSync(new URL(file, AGENT), "utf8").concat("\n"),
  );
}

const FLAGS = ["-std=gnu11", "-O2"];
/**
 * Small processes fork faster: static linking is preferred. Position-independent programs leave low addresses unused.
 */
const LINKAGES = [
  ["-static-pie", "-fPIE"],
  ["-pie", "-fPIE"],
];

/**
 * Returns the path of the agent's program. It is compiled unless the cache has it, with the same source and command,
 * and undamaged.
 *
 * @throws CompileError
 */
export function agentBinary({ env }: Environment = process): string {
  const compiler = compilerOf(env);
  const source = agentSource();
  const folder = cacheFolder(env);
  const entry = new CacheEntry(folder, "agent", [JSON.stringify([compiler, FLAGS, LINKAGES, arch()]), source]);
  try {
    if (entry.read() === undefined) {
      entry.write(compileAgent(folder, compiler), PROGRAM);
    }
    return entry.path;
  } catch (error) {
    throw error instanceof CompileError
      ? error
      : new CompileError("no-cache", `cannot store the agent in ${folder}: ${reasonOf(error)}`);
  }
}

/** Returns the compiler and its first arguments: $CC, or `cc`. */
export function compilerOf(env: Environment["env"]): readonly [string, ...string[]] {
  const [program, ...args] = (env["CC"] ?? "").split(/\s+/).filter((word) => word !== "");
  return program === undefined ? ["cc"] : [program, ...args];
}

/** Compiles in a temporary folder inside the cache folder. */
function compileAgent(folder: string, compiler: readonly [string, ...string[]]): Uint8Array {
  const temporaryFolder = mkdtempSync(join(folder, "compile-"));
  try {
    const program = join(temporaryFolder, "agent");
    const failures: string[] = [];
    for (const linkage of LINKAGES) {
      const failure = compile(compiler, [...FLAGS, ...linkage, "-o", program, fileURLToPath(AGENT)]);
      if (failure === undefined) {
        return readFileSync(program);
      }
      failures.push(failure);
    }
    throw new CompileError("compiler-fails", `${compiler.join(" ")} cannot compile the agent: ${failures.at(-1)}`);
  } finally {
    rmSync(temporaryFolder, { recursive: true, force: true });
  }
}

/** @returns undefined on success, else the compiler's first error */
function compile([program, ...args]: readonly [string, ...string[]], more: readonly string[]): string | undefined {
  const { status, stderr, error } = spawnSync(program, [...args, ...more], { encoding: "utf8" });
  if (error !== undefined) {
    throw new CompileError("no-compiler", `no C compiler: ${program} cannot be run (${error.message}); set CC to one`);
  }
  const firstError = stderr.split("\n").find((line) => line.includes("error")) ?? stderr.split("\n")[0];
  return status === 0 ? undefined : firstError || `exit code ${status}`;
}

/**
 * Returns a folder that only this user can write to. The agent runs as root: a program that another user left in the
 * folder must not run.
 */
function cacheFolder(env: Environment["env"]): string {
  const user = process.getuid?.() ?? 0;
  const places = [userCacheFolder(env), join(tmpdir(), `foliocheck-${user}`)];
  const failures: string[] = [];
  for (const folder of places) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const { uid, mode } = statSync(folder);
      if (uid === user && (mode & 0o022) === 0) {
        return folder;
      }
      failures.push(`${folder} can be written to by others`);
    } catch (error) {
      failures.push((error as Error).message);
    }
  }
  throw new CompileError("no-cache", `no folder to keep the agent in: ${failures.join("; ")}`);
}
