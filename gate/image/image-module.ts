/** An image as it can be run. */
import { withFuel } from "../fuel.ts";
import { type WasmModule, wasm } from "../web-assembly.ts";
import type { ImageLayout } from "./build/link-flags.ts";

/**
 * Address of the data of an image: a word that lies in the memory of its objects is a pointer, and no other word is so large.
 */
const DATA_START = 0x2a00_0000;

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
  return { module: await wasm.compile(withFuel(bytes, ENDING)), dataStart: DATA_START };
}
