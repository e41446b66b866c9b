/**
 * Stack switching for images: operations that can stop at a yield and continue later. A pass of Binaryen rewrites the
 * module so that a function can unwind its frames into memory and rewind them.
 *
 * @see https://github.com/WebAssembly/binaryen/blob/main/src/passes/Asyncify.cpp
 */
import { createRequire } from "node:module";
import type Binaryen from "binaryen";
import { CompileError } from "../../compile/clang.ts";

/** Functions of the host in which an operation can stop, as module and name. */
const STOPPING = ["image.yield", "image.wait"];

/** Asyncify alone stores every local variable at every call: these passes remove what is not needed. */
const PASSES = [
  "asyncify",
  "simplify-locals",
  "coalesce-locals",
  "reorder-locals",
  "vacuum",
  "remove-unused-brs",
  "merge-blocks",
];

/**
 * Returns everything besides the module that the result of withStackSwitching() depends on.
 *
 * @throws CompileError when the package is not installed
 */
export function stackSwitchingVersion(): readonly string[] {
  return [installedVersion(), "with names", ...STOPPING, ...PASSES];
}

function installedVersion(): string {
  try {
    return (createRequire(import.meta.url)("binaryen/package.json") as { readonly version: string }).version;
  } catch {
    throw notInstalled();
  }
}

let binaryen: typeof Binaryen | undefined;

/**
 * Loads Binaryen, which takes a second. Required before withStackSwitching() in every thread.
 *
 * @throws CompileError when the package is not installed
 */
export async function loadBinaryen(): Promise<void> {
  try {
    binaryen ??= (await import("binaryen")).default;
  } catch {
    throw notInstalled();
  }
}

function notInstalled(): CompileError {
  return new CompileError(
    "the optional dependency binaryen is not installed, which races with preemptions require; install it with npm install binaryen",
  );
}

/**
 * Rewrites a module. Takes about 10 s for an image.
 *
 * @throws Error unless Binaryen is loaded
 */
export function withStackSwitching(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  if (binaryen === undefined) {
    throw new Error("withStackSwitching() requires loadBinaryen() before");
  }
  // Reports name functions of the stack.
  binaryen.setDebugInfo(true);
  const module = binaryen.readBinary(bytes);
  try {
    const { BulkMemory, BulkMemoryOpt, MutableGlobals, SignExt, SIMD128, Memory64, NontrappingFPToInt } =
      binaryen.Features;
    // Not all that Binaryen knows, which Node.js need not support.
    module.setFeatures(BulkMemory | BulkMemoryOpt | MutableGlobals | SignExt | SIMD128 | Memory64 | NontrappingFPToInt);
    binaryen.setPassArgument("asyncify-imports", STOPPING.join(","));
    module.runPasses(PASSES);
    return new Uint8Array(module.emitBinary());
  } finally {
    module.dispose();
  }
}
