/** The C functions of a tree, compiled with the harness of a proof. */
import { createHash } from "node:crypto";
import { linkedModule, NPM_UNITS, type UnitCompiler } from "../../gate/compile/unit-compiler.ts";
import type { GateConfiguration } from "../../gate/tree/configuration.ts";
import type { TranslationUnit } from "../../gate/unit/translation-unit.ts";
import { type DecodedModule, decodeModule } from "../symbolic/wasm-module.ts";
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
 * Compiles a unit with the harness.
 *
 * @param cacheFolder where compiled modules are cached; without one, it is compiled
 * @throws CompileError when clang reports an error, or cannot be used
 */
export async function proofModule(
  unit: TranslationUnit,
  cacheFolder: string | undefined,
  compiler: UnitCompiler = NPM_UNITS,
): Promise<ProofModule> {
  const { configuration, source } = unit;
  const bytes = await linkedModule(
    { text: `${source}\n${HARNESS}`, configuration, instrumented: false },
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
