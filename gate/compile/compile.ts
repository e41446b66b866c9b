/** Compiles C to modules that can be run: with fuel, and with 64-bit tables replaced. */
import { createHash } from "node:crypto";
import { ENDING } from "../harness/harness.ts";
import { withFuel } from "../module/fuel.ts";
import { withoutTable64 } from "../module/memory64.ts";
import { wasm } from "../module/web-assembly.ts";
import type { Source } from "./clang.ts";
import type { CompiledKernel } from "./compiled-kernel.ts";
import { linkedModule, NPM_UNITS, type UnitCompiler } from "./unit-compiler.ts";

/** A module that can be run. */
type RunnableModule = Omit<CompiledKernel, "unit">;

/**
 * The module of a source, from the cache if it is there.
 *
 * @throws CompileError when clang reports an error, or is not installed
 */
export async function moduleOf(
  source: Source,
  folder: string | undefined,
  compiler: UnitCompiler = NPM_UNITS,
): Promise<RunnableModule> {
  return runnable(await linkedModule(source, folder, compiler));
}

/** The module of what the linker wrote. */
async function runnable(bytes: Uint8Array<ArrayBuffer>): Promise<RunnableModule> {
  const module = await wasm.compile(withFuel(withoutTable64(bytes), ENDING));
  return { module, digest: createHash("sha256").update(bytes).digest("hex") };
}
