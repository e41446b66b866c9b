/** The result of compiling a translation unit. */
import type { WasmModule } from "../module/web-assembly.ts";
import type { TranslationUnit } from "../unit/translation-unit.ts";

/** A compiled translation unit. */
export interface CompiledKernel {
  readonly unit: TranslationUnit;
  readonly module: WasmModule;
  /** SHA-256 of the module. */
  readonly digest: string;
}
