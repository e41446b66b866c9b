/** A compiled translation unit. */
import type { WasmModule } from "../module/web-assembly.ts";
import type { KernelUnit } from "../unit/kernel-unit.ts";

/** A compiled unit. */
export interface CompiledKernel {
  readonly unit: KernelUnit;
  readonly module: WasmModule;
  /** SHA-256 of the module. */
  readonly digest: string;
}
