/**
 * Compiles translation units to modules, with a cache: the same text, compiler and options give the same module. An
 * entry of the cache is the output of the linker. Later rewriting (fuel, 64-bit tables) is repeated at every use, so
 * that no entry depends on it.
 */
import { CompileError, type Optimisation } from "../compile/clang.ts";
import { moduleOf } from "../compile/compile.ts";
import type { CompiledKernel } from "../compile/compiled-kernel.ts";
import { NPM_UNITS, type UnitCompiler } from "../compile/unit-compiler.ts";
import { HARNESS_START, harnessSource } from "../harness/harness.ts";
import { enableMemory64 } from "../module/memory64.ts";
import { compileThreads, type ThreadModule } from "../races/thread-module.ts";
import type { TranslationUnit } from "../unit/translation-unit.ts";

/** Modules for threads, by optimisation level. */
export type ThreadModules = { readonly [optimisation in Optimisation]?: ThreadModule };

/** A unit, compiled for each of its uses. */
export interface CompiledUnit {
  /** For exploration. */
  readonly fast: CompiledKernel;
  /** With a call log: for traces. */
  readonly tracing: CompiledKernel;
  /** With single memory accesses: for machine `race`. Empty if it is not explored. */
  readonly threads: ThreadModules;
}

/**
 * Compiles a unit with its harness.
 *
 * @param cacheFolder folder of the cache of compiled modules; without it, everything is compiled
 * @param optimisations optimisation levels for machine `race`; ignored in configurations without MM ids
 * @throws CompileError if clang reports an error or is not installed
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

/**
 * Explains a compiler error in the harness: the tree has a function or a field in another form than the harness uses.
 */
function withUse(error: unknown, text: string): unknown {
  const [, line, message] = /^foliocheck\/harness\.c:(\d+):\d+: error: ([^;]*)/.exec((error as Error).message) ?? [];
  const begin = text.indexOf(HARNESS_START);
  const use = text.slice(begin + HARNESS_START.length).split("\n")[Number(line) - 1];
  if (line === undefined || use === undefined) {
    return error;
  }
  const reason = `this gate does not know such a tree: ${message}, in the harness's ${JSON.stringify(use.trim())}`;
  return new CompileError(`${reason}; nothing was checked`, reason);
}

function textOf({ source, functions }: TranslationUnit, instrumented: boolean): string {
  const present = functions.filter(({ status }) => status !== "missing").map(({ name }) => name);
  return `${source}\n${harnessSource(present, instrumented)}`;
}
