/** The WebAssembly instructions that write to memory. */
import type { Instruction } from "./code.ts";
import { ValueType } from "./functions.ts";
import { readLeb128 } from "./sections.ts";

/** A store instruction. */
export interface Store {
  /** Number of bytes written. */
  readonly bytes: number;
  /** Type of the value on the stack. */
  readonly type: number;
}

/**
 * Stores by opcode, without floating point, which the kernel does not use.
 *
 * @source the WebAssembly specification, Binary Format, Instructions
 */
export const STORES: ReadonlyMap<number, Store> = new Map([
  [0x36, { bytes: 4, type: ValueType.i32 }],
  [0x37, { bytes: 8, type: ValueType.i64 }],
  [0x3a, { bytes: 1, type: ValueType.i32 }],
  [0x3b, { bytes: 2, type: ValueType.i32 }],
  [0x3c, { bytes: 1, type: ValueType.i64 }],
  [0x3d, { bytes: 2, type: ValueType.i64 }],
  [0x3e, { bytes: 4, type: ValueType.i64 }],
]);

/** Prefix of the bulk memory instructions, and two of them. */
export const BULK = 0xfc;
export const BULK_COPY = 10;
export const BULK_FILL = 11;

/** Returns the constant offset of a load or store, which follows the alignment. */
export function immediateOf({ bytes }: Instruction): number {
  return readLeb128(bytes, readLeb128(bytes, 1).next).value;
}
