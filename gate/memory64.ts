/** WebAssembly with 64-bit addresses, on versions of Node.js that have it behind a flag. */
import { setFlagsFromString } from "node:v8";
import { readLeb128, Section, sectionsOf } from "./module-sections.ts";

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

/** In the limits of a table: its indexes are 64 bits wide. */
const IS_TABLE64 = 4;

/**
 * The module with 32-bit tables. The linker marks the table of a 64-bit module as 64-bit; Node.js 20 and 22 know 64-bit
 * memories but no such tables. A table of function pointers is small, and code that calls through it wraps the index.
 */
export function withoutTable64(module: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const bytes = module.slice();
  for (const { id, content } of sectionsOf(bytes)) {
    if (id === Section.table) {
      // Number of tables, type of the elements, limits.
      const limits = readLeb128(content, 0).next + 1;
      content[limits] = (content[limits] as number) & ~IS_TABLE64;
    }
  }
  return bytes;
}
