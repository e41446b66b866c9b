/** Compiles C to runnable modules: with fuel, and with 64-bit tables replaced. */
import { createHash } from "node:crypto";
import { ENDING } from "../harness/harness.ts";
import { withFuel } from "../module/fuel.ts";
import { withoutTable64 } from "../module/memory64.ts";
import { wasm } from "../module/web-assembly.ts";
import type { Source } from "./clang.ts";
import type { CompiledKernel } from "./compiled-kernel.ts";
import { linkedModule, NPM_UNITS, type UnitCompiler } from "./unit-compiler.ts";

/** A runnable module. */
type RunnableModule = Omit<CompiledKernel, "unit">;

/**
 * Compiles a source to a module, or takes it from the cache.
 *
 * @throws CompileError if clang reports an error or is not installed
 */
export async function moduleOf(
  source: Source,
  folder: string | undefined,
  compiler: UnitCompiler = NPM_UNITS,
): Promise<RunnableModule> {
  return runnable(await linkedModule(source, folder, compiler));
}

/** Makes the linker's output runnable. */
async function runnable(bytes: Uint8Array<ArrayBuffer>): Promise<RunnableModule> {
  const module = await wasm.compile(withFuel(withoutTable64(bytes), ENDING));
  return { module, digest: createHash("sha256").update(bytes).digest("hex") };
}
