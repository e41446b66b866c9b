/**
 * From a unit to modules, with a cache: the same text, compiled by the same compiler, gives the same module. What is kept
 * is what the linker wrote, whatever is done to it afterwards.
 */
import { createHash, randomUUID } from "node:crypto";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { COMPILER, CompileError, compileC, flagsOf, type Source } from "./clang.ts";
import type { CompiledKernel, KernelUnit } from "./compiled-kernel.ts";
import { DRIVER_START, driverSource, ENDING } from "./driver.ts";
import { withFuel } from "./fuel.ts";
import { makeFolder } from "./make-folder.ts";
import { enableMemory64, withoutTable64 } from "./memory64.ts";
import "./web-assembly.ts";

/** A unit, compiled twice. */
export interface CompiledUnit {
  /** For exploring. */
  readonly fast: CompiledKernel;
  /** With notes of every call: for traces. */
  readonly noting: CompiledKernel;
}

/** Where modules are kept, unless told otherwise: in the user's cache folder. */
export function defaultCacheFolder(): string {
  return join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "foliocheck");
}

/**
 * Compiles a unit and its driver.
 *
 * @param cacheFolder where compiled modules are kept; none are when it is undefined
 * @throws CompileError when clang reports an error, or is not installed
 */
export async function compileUnit(unit: KernelUnit, cacheFolder: string | undefined): Promise<CompiledUnit> {
  enableMemory64();
  const compiled = async (instrumented: boolean): Promise<CompiledKernel> => {
    const source = { text: textOf(unit, instrumented), configuration: unit.configuration, instrumented };
    try {
      return { unit, ...(await moduleOf(source, cacheFolder)) };
    } catch (error) {
      throw error instanceof CompileError ? withUse(error, source.text) : error;
    }
  };
  return { fast: await compiled(false), noting: await compiled(true) };
}

/** What clang says of our own part tells that the tree has a function or a field in another form than the gate uses it in. */
function withUse(error: unknown, text: string): unknown {
  const [, line, message] = /^foliocheck\/driver\.c:(\d+):\d+: error: ([^;]*)/.exec((error as Error).message) ?? [];
  const begin = text.indexOf(DRIVER_START);
  const use = text.slice(begin + DRIVER_START.length).split("\n")[Number(line) - 1];
  return line === undefined || use === undefined
    ? error
    : new CompileError(
        `this gate does not know such a tree: ${message}, where the gate has ${JSON.stringify(use.trim())}; nothing was checked`,
      );
}

function textOf({ source, functions }: KernelUnit, instrumented: boolean): string {
  const present = functions.filter(({ status }) => status !== "missing").map(({ name }) => name);
  return `${source}\n${driverSource(present, instrumented)}`;
}

/** A module that can be run. */
type RunnableModule = Omit<CompiledKernel, "unit">;

async function moduleOf(source: Source, folder: string | undefined): Promise<RunnableModule> {
  if (folder === undefined) {
    return runnable(await compileC(source));
  }
  const key = createHash("sha256")
    .update([COMPILER, ...flagsOf(source), source.text].join("\0"))
    .digest("hex");
  const file = join(folder, `${key}.wasm`);
  const known = await readIfGood(file);
  if (known !== undefined) {
    return known;
  }
  const bytes = await compileC(source);
  keep(folder, file, bytes);
  return runnable(bytes);
}

/** The module of what the linker wrote. */
async function runnable(bytes: Uint8Array<ArrayBuffer>): Promise<RunnableModule> {
  const module = await WebAssembly.compile(withFuel(withoutTable64(bytes), ENDING));
  return { module, digest: createHash("sha256").update(bytes).digest("hex") };
}

/** A module that was kept; undefined when there is none, or what is there is none. */
async function readIfGood(file: string): Promise<RunnableModule | undefined> {
  try {
    return await runnable(new Uint8Array(readFileSync(file)));
  } catch {
    return undefined;
  }
}

/** Keeps a module: whole, or not at all. A cache that cannot be written is no cache, and no error. */
function keep(folder: string, file: string, bytes: Uint8Array): void {
  const temporary = join(folder, `.${randomUUID()}.tmp`);
  try {
    makeFolder(folder);
    writeFileSync(temporary, bytes);
    renameSync(temporary, file);
  } catch {
    discard(temporary);
  }
}

function discard(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // It could not be made either.
  }
}
