/** WebAssembly with 64-bit addresses, also in versions of Node.js that have it behind a flag. */
import { setFlagsFromString } from "node:v8";
import { Op, withInsertions } from "./code.ts";
import { readLeb128, Section, sectionsOf, withSections } from "./sections.ts";

/** First version of Node.js with 64-bit memories by default. */
const ON_BY_DEFAULT = 24;

let enabled = false;

/** Enables 64-bit memories. Must be called before the process compiles the first module that has one. */
export function enableMemory64(): void {
  if (!enabled && Number(process.versions.node.split(".")[0]) < ON_BY_DEFAULT) {
    setFlagsFromString("--experimental-wasm-memory64");
  }
  enabled = true;
}

/** Flag in the limits of a table: 64-bit indexes. */
const IS_TABLE64 = 4;

/**
 * Returns the module with 32-bit tables. The linker marks the table of a 64-bit module as 64-bit, but Node.js 20 and 22
 * support 64-bit memories only. A table of function pointers is small: its indexes fit into 32 bits.
 */
export function withoutTable64(module: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const sections = sectionsOf(module.slice());
  const table = sections.find(({ id }) => id === Section.table)?.content;
  // Number of tables, type of the elements, limits.
  const limits = table === undefined ? 0 : readLeb128(table, 0).next + 1;
  if (table === undefined || ((table[limits] as number) & IS_TABLE64) === 0) {
    return module;
  }
  table[limits] = (table[limits] as number) & ~IS_TABLE64;
  const narrowed: Readonly<Record<number, (content: Uint8Array) => Uint8Array>> = {
    [Section.element]: withoutOffset64,
    [Section.code]: (code) =>
      withInsertions(code, { before: new Map([[Op.callIndirect, Uint8Array.of(Op.i32WrapI64)]]) }),
  };
  return withSections(
    module,
    sections.map(({ id, content }) => ({ id, content: narrowed[id]?.(content) ?? content })),
  );
}

/**
 * Makes the offset of the element segment 32-bit. The linker writes one segment, of kind 0, with a small offset, whose
 * encoding is the same in both widths.
 */
function withoutOffset64(elements: Uint8Array): Uint8Array {
  const kind = readLeb128(elements, 0).next;
  if (elements[kind] === 0 && elements[kind + 1] === Op.i64Const) {
    elements[kind + 1] = Op.i32Const;
  }
  return elements;
}
