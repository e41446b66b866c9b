/** The C functions of a tree, compiled with the harness of a proof. */
import { createHash } from "node:crypto";
import { linkedModule, NPM_UNITS, type UnitCompiler } from "../../gate/compile/unit-compiler.ts";
import type { GateConfiguration } from "../../gate/tree/configuration.ts";
import type { TranslationUnit } from "../../gate/unit/translation-unit.ts";
import { type DecodedModule, decodeModule } from "../symbolic/wasm-module.ts";
import type { Topic } from "../theory.ts";
import { ACCOUNTING_FUNCTIONS, ACCOUNTING_HARNESS } from "./accounting-harness.ts";
import { HARNESS } from "./harness.ts";

/** A compiled unit with the harness. */
export interface ProofModule {
  readonly unit: TranslationUnit;
  readonly configuration: GateConfiguration;
  /** As the linker wrote it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** SHA-256 of the bytes. */
  readonly digest: string;
  readonly decoded: DecodedModule;
}

/**
 * Whether accounting of a unit can be proved: it is one without page mapcounts that counts PMD mappings, and the functions
 * have the names that they have in Linux.
 */
export function canBeAccounted({ configuration, counts, functions }: TranslationUnit): boolean {
  const present = functions.filter(({ status }) => status !== "missing").map(({ name }) => name);
  return (
    configuration.mmId &&
    !configuration.pageMapcount &&
    counts.includes("_entire_mapcount") &&
    ACCOUNTING_FUNCTIONS.every((name) => present.includes(name))
  );
}

/**
 * Compiles a unit with the harness of a topic: the one of accounting has that of owner tracking in it.
 *
 * @param cacheFolder where compiled modules are cached; without one, it is compiled
 * @throws CompileError when clang reports an error, or cannot be used
 */
export async function proofModule(
  unit: TranslationUnit,
  cacheFolder: string | undefined,
  compiler: UnitCompiler = NPM_UNITS,
  topic: Topic = "tracking",
): Promise<ProofModule> {
  const { configuration, source } = unit;
  const harness = topic === "tracking" ? HARNESS : `${HARNESS}\n${ACCOUNTING_HARNESS}`;
  const bytes = await linkedModule(
    { text: `${source}\n${harness}`, configuration, instrumented: false },
    cacheFolder,
    compiler,
  );
  return {
    unit,
    configuration,
    bytes,
    digest: createHash("sha256").update(bytes).digest("hex"),
    decoded: decodeModule(bytes),
  };
}
