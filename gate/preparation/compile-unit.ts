/**
 * Compiles translation units to modules, with a cache: the same text, compiled by the same compiler with the same options,
 * gives the same module. Entries hold what the linker wrote. What is rewritten afterwards, fuel and 64-bit tables, is
 * rewritten at every use, so that no entry depends on it.
 */
import { CompileError, type Optimisation } from "../compile/clang.ts";
import { moduleOf } from "../compile/compile.ts";
import type { CompiledKernel } from "../compile/compiled-kernel.ts";
import { NPM_UNITS, type UnitCompiler } from "../compile/unit-compiler.ts";
import { HARNESS_START, harnessSource } from "../harness/harness.ts";
import { enableMemory64 } from "../module/memory64.ts";
import { compileThreads, type ThreadModule } from "../races/thread-module.ts";
import type { TranslationUnit } from "../unit/translation-unit.ts";

/** Modules for threads, by how clang compiled them. */
export type ThreadModules = { readonly [optimisation in Optimisation]?: ThreadModule };

/** A unit, compiled twice, and for races. */
export interface CompiledUnit {
  /** For exploring. */
  readonly fast: CompiledKernel;
  /** With notes of every call: for traces. */
  readonly tracing: CompiledKernel;
  /** Access by access: for races. Empty where none are explored. */
  readonly threads: ThreadModules;
}

/**
 * Compiles a unit and its driver.
 *
 * @param cacheFolder where compiled modules are cached; without one, everything is compiled
 * @param optimisations how it is compiled for races; without an owner to track there are none
 * @throws CompileError when clang reports an error, or is not installed
 */
export async function compileUnit(
  unit: TranslationUnit,
  cacheFolder: string | undefined,
  optimisations: readonly Optimisation[] = [],
  compiler: UnitCompiler = NPM_UNITS,
): Promise<CompiledUnit> {
  enableMemory64();
  const compiled = async (instrumented: boolean): Promise<CompiledKernel> => {
    const source = { text: textOf(unit, instrumented), configuration: unit.configuration, instrumented };
    try {
      return { unit, ...(await moduleOf(source, cacheFolder, compiler)) };
    } catch (error) {
      throw error instanceof CompileError ? withUse(error, source.text) : error;
    }
  };
  const fast = await compiled(false);
  const tracing = await compiled(true);
  const threads: [Optimisation, ThreadModule][] = [];
  for (const optimisation of unit.configuration.mmId ? optimisations : []) {
    threads.push([optimisation, await compileThreads(unit, optimisation, cacheFolder, compiler)]);
  }
  return { fast, tracing, threads: Object.fromEntries(threads) };
}

/** What clang says of our own part tells that the tree has a function or a field in another form than the gate uses it in. */
function withUse(error: unknown, text: string): unknown {
  const [, line, message] = /^foliocheck\/harness\.c:(\d+):\d+: error: ([^;]*)/.exec((error as Error).message) ?? [];
  const begin = text.indexOf(HARNESS_START);
  const use = text.slice(begin + HARNESS_START.length).split("\n")[Number(line) - 1];
  if (line === undefined || use === undefined) {
    return error;
  }
  const reason = `this gate does not know such a tree: ${message}, where the gate has ${JSON.stringify(use.trim())}`;
  return new CompileError(`${reason}; nothing was checked`, reason);
}

function textOf({ source, functions }: TranslationUnit, instrumented: boolean): string {
  const present = functions.filter(({ status }) => status !== "missing").map(({ name }) => name);
  return `${source}\n${harnessSource(present, instrumented)}`;
}
