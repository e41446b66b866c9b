/** Compiles a translation unit to a module whose accesses to the folio's struct pages are calls of imports. */
import { createHash } from "node:crypto";
import type { Optimisation } from "../compile/clang.ts";
import { linkedModule, NPM_UNITS, type UnitCompiler } from "../compile/unit-compiler.ts";
import { MOST_PAGES } from "../harness/harness.ts";
import { withFuel } from "../module/fuel.ts";
import { enableMemory64, withoutTable64 } from "../module/memory64.ts";
import { Section, sectionsOf, withSections } from "../module/sections.ts";
import { type WasmModule, wasm } from "../module/web-assembly.ts";
import type { TranslationUnit } from "../unit/translation-unit.ts";
import { FUNCTIONS_BEGIN } from "../unit/unit-parts.ts";
import { IMPORTED_FUNCTIONS } from "./access-stubs.ts";
import { Shared, type TreeNumbers, threadSource, treeNumbers } from "./harness.ts";
import { functionsWithOutParameters } from "./out-parameters.ts";
import { type Place, withAccesses } from "./rewrite-accesses.ts";

/** A module for threads. */
export interface ThreadModule {
  readonly unit: TranslationUnit;
  readonly optimisation: Optimisation;
  readonly module: WasmModule;
  /** Places of accesses, by number. */
  readonly places: readonly Place[];
  /** Names of the functions that report their beginning and end, by number. */
  readonly functions: readonly string[];
  readonly tree: TreeNumbers;
  /** SHA-256 of the linker's output without debug information: it does not depend on line numbers. */
  readonly digest: string;
}

/**
 * Compiles a unit for threads.
 *
 * @param cacheFolder folder of the cache of compiled modules; without it, everything is compiled
 * @throws CompileError if clang reports an error or is not installed
 */
export async function compileThreads(
  unit: TranslationUnit,
  optimisation: Optimisation,
  cacheFolder: string | undefined,
  compiler: UnitCompiler = NPM_UNITS,
): Promise<ThreadModule> {
  enableMemory64();
  const { configuration, functions } = unit;
  const present = functions.filter(({ status }) => status !== "missing").map(({ name }) => name);
  const source = {
    text: threadSource(unit.source, present),
    configuration,
    instrumented: false,
    threads: optimisation,
  };
  const bytes = await linkedModule(source, cacheFolder, compiler);
  const { tree, shared, treeFunctions } = await measured(bytes);
  const declarations = unit.source.slice(0, unit.source.indexOf(FUNCTIONS_BEGIN));
  const rewritten = withAccesses(
    bytes,
    { ...sharedRange(tree), high: shared + 4 * Shared.high, stopping: shared + 4 * Shared.stopping },
    configuration.is64Bit,
    functionsWithOutParameters(declarations, treeFunctions),
  );
  return {
    unit,
    optimisation,
    module: await wasm.compile(withFuel(withoutTable64(rewritten.bytes))),
    places: rewritten.places,
    functions: rewritten.functions,
    tree,
    digest: createHash("sha256").update(withoutCustomSections(bytes)).digest("hex"),
  };
}

function withoutCustomSections(bytes: Uint8Array): Uint8Array {
  return withSections(
    bytes,
    sectionsOf(bytes).filter(({ id }) => id !== Section.custom),
  );
}

/** Returns the smallest range that contains the struct pages and the mm_structs. */
function sharedRange({ structPages, pageBytes, mms, mmsBytes }: TreeNumbers): { address: number; bytes: number } {
  const address = Math.min(structPages, mms);
  return { address, bytes: Math.max(structPages + MOST_PAGES * pageBytes, mms + mmsBytes) - address };
}

/** Reads constants of the tree from the linker's output. */
async function measured(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<{ tree: TreeNumbers; shared: number; treeFunctions: readonly string[] }> {
  const nothing = Object.fromEntries(IMPORTED_FUNCTIONS.map((name) => [name, () => 0]));
  const { exports } = new wasm.Instance(await wasm.compile(withoutTable64(bytes)), { port: nothing });
  return {
    tree: treeNumbers(exports["gate_number"] as (which: number) => number),
    shared: (exports["gate_shared_address"] as () => number)(),
    treeFunctions: Object.keys(exports).flatMap((name) => (name.startsWith("ran_") ? [name.slice(4)] : [])),
  };
}
