/** Adds exported global variables to a WebAssembly module. */
import { Op } from "./code.ts";
import { contentOf, ValueType } from "./functions.ts";
import { joined, leb128, type ModuleSection, readLeb128, Section, signedLeb128 } from "./sections.ts";

const EXPORTED_GLOBAL = 3;
const IS_MUTABLE = 1;

/** A module with an added variable. */
export interface WithGlobal {
  readonly sections: readonly ModuleSection[];
  /** Index of the variable. */
  readonly index: number;
}

/**
 * Adds an exported 32-bit variable. The module must already have variables and exports.
 *
 * @param value initial value
 */
export function withGlobal(sections: readonly ModuleSection[], name: string, value: number): WithGlobal {
  const index = readLeb128(required(sections, Section.global), 0).value;
  const title = new TextEncoder().encode(name);
  const entries: Readonly<Record<number, readonly number[]>> = {
    [Section.global]: [ValueType.i32, IS_MUTABLE, Op.i32Const, ...signedLeb128(value), Op.end],
    [Section.export]: [...leb128(title.length), ...title, EXPORTED_GLOBAL, ...leb128(index)],
  };
  required(sections, Section.export);
  return {
    index,
    sections: sections.map(({ id, content }) => {
      const entry = entries[id];
      return { id, content: entry === undefined ? content : withEntry(content, entry) };
    }),
  };
}

/** Returns the content of a section. @throws Error if the module does not have it */
export function required(sections: readonly ModuleSection[], id: number): Uint8Array {
  const content = contentOf(sections, id);
  if (content === undefined) {
    throw new Error(`a module of the gate has no section ${id}`);
  }
  return content;
}

/** Appends an entry to a vector. */
function withEntry(vector: Uint8Array, entry: readonly number[]): Uint8Array {
  const { value, next } = readLeb128(vector, 0);
  return joined([leb128(value + 1), vector.subarray(next), Uint8Array.from(entry)]);
}
