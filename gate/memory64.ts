/** WebAssembly with 64-bit addresses, on versions of Node.js that have it behind a flag. */
import { setFlagsFromString } from "node:v8";

/** Node.js 24 has it switched on. */
const ON_BY_DEFAULT = 24;

let enabled = false;

/** Switches 64-bit memories on. It has to happen before the process compiles the first module that has one. */
export function enableMemory64(): void {
  if (!enabled && Number(process.versions.node.split(".")[0]) < ON_BY_DEFAULT) {
    setFlagsFromString("--experimental-wasm-memory64");
  }
  enabled = true;
}

const HEADER_BYTES = 8;
const TABLE_SECTION = 4;
/** In the limits of a table: its indexes are 64 bits wide. */
const IS_TABLE64 = 4;

/**
 * The module with 32-bit tables. The linker marks the table of a 64-bit module as 64-bit; Node.js 20 and 22 know 64-bit
 * memories but no such tables. A table of function pointers is small, and code that calls through it wraps the index.
 */
export function withoutTable64(module: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const bytes = module.slice();
  let position = HEADER_BYTES;
  while (position < bytes.length) {
    const section = bytes[position];
    const size = readLeb128(bytes, position + 1);
    if (section === TABLE_SECTION) {
      // Number of tables, type of the elements, limits.
      const count = readLeb128(bytes, size.next);
      const limits = count.next + 1;
      bytes[limits] = (bytes[limits] as number) & ~IS_TABLE64;
    }
    position = size.next + size.value;
  }
  return bytes;
}

function readLeb128(bytes: Uint8Array, start: number): { value: number; next: number } {
  let value = 0;
  let shift = 0;
  let next = start;
  for (;;) {
    const byte = bytes[next] as number;
    next += 1;
    value |= (byte & 0x7f) << shift;
    if ((byte & 0x80) === 0) {
      return { value: value >>> 0, next };
    }
    shift += 7;
  }
}
