/** The thread that makes units of a tree, compiles them, and measures the layouts of its structs. */
import { parentPort, workerData } from "node:worker_threads";
import { CompileError } from "./clang.ts";
import { type CompiledUnit, compileUnit } from "./compile.ts";
import { checkLayout, type LayoutReport } from "./layout/check-layout.ts";
import { type ExtractionRequest, extractUnits, TreeError } from "./source/extract-units.ts";

/** What the thread is started with. */
export interface PreparationRequest extends ExtractionRequest {
  /** Where compiled modules are kept; none are when it is undefined. */
  readonly cacheFolder?: string;
  /** Whether to check the layouts as well. */
  readonly layout: boolean;
}

/** What it says, in this order; `refused` ends it at any time. */
export type PreparationMessage =
  | { readonly kind: "compiled"; readonly index: number; readonly unit: CompiledUnit }
  | { readonly kind: "measured"; readonly layout: LayoutReport }
  | { readonly kind: "refused"; readonly message: string };

function say(message: PreparationMessage): void {
  parentPort?.postMessage(message);
}

const request = workerData as PreparationRequest;
try {
  const units = await extractUnits(request);
  for (const [index, unit] of units.entries()) {
    say({ kind: "compiled", index, unit: await compileUnit(unit, request.cacheFolder) });
  }
  if (request.layout) {
    say({ kind: "measured", layout: await checkLayout(request) });
  }
} catch (error) {
  if (!(error instanceof TreeError || error instanceof CompileError)) {
    throw error;
  }
  say({ kind: "refused", message: error.message });
}
