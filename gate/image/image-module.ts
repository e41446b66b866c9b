/** An image as it can be run. */
import { withFuel } from "../fuel.ts";
import { withoutTable64 } from "../memory64.ts";
import { type WasmModule, wasm } from "../web-assembly.ts";
import { type ImageLayout, STACK_BYTES } from "./build/link-flags.ts";
import { OWN_FOLDER } from "./build/source-layers.ts";
import type { CoverageMap } from "./coverage.ts";
import { withCoverageMarks } from "./coverage-marks.ts";

/**
 * Address of the data of an image: a word that lies in the memory of its objects is a pointer, and no other word is so large.
 */
const DATA_START = 0x2a00_0000;

/** Address of the marks of what was reached: between the stack and the data, where nothing else is. */
const MARKS_START = 2 * STACK_BYTES;

/** For the data, and two copies of it: far more than they take. */
const DATA_BYTES = 16 << 20;

/** How an image is linked that is to be explored. */
export const EXPLORED_LAYOUT: ImageLayout = {
  dataStart: DATA_START,
  exports: [],
  memoryBytes: DATA_START + DATA_BYTES,
};

/** A compiled image. It can be sent to a worker. */
export interface ImageModule {
  readonly module: WasmModule;
  /** Address of the first byte of data. */
  readonly dataStart: number;
  readonly coverage: CoverageMap;
}

/** Functions of the harness whose loops are known to end: the canonical form, and what claims read. */
const ENDING: readonly string[] = [
  "canonicalize",
  "canonical_setup",
  "scan",
  "renamed",
  "found_slot",
  "write_block",
  "write_lru",
  "compare",
  "used_in_both",
  "image_read_world",
  "read_entry",
];

/** Compiles an image. Operations that loop without end are stopped. @param bytes as linked with EXPLORED_LAYOUT */
export async function compileImage(bytes: Uint8Array<ArrayBuffer>): Promise<ImageModule> {
  // First, as long as instructions are where the debug information has them.
  const marked = withCoverageMarks(bytes, MARKS_START, isOfTree);
  return {
    module: await wasm.compile(withFuel(withoutTable64(marked.bytes), ENDING)),
    dataStart: DATA_START,
    coverage: marked.map,
  };
}

/** Whether a file is the tree's, and not ours. */
function isOfTree(file: string): boolean {
  return file !== "" && !file.startsWith(`${OWN_FOLDER}/`);
}
