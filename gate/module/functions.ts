/** The functions of a WebAssembly module: names, types, imports and exports. */
import { type ModuleSection, readLeb128, Section } from "./sections.ts";

/** Types of values: the integers. */
export const ValueType = { i32: 0x7f, i64: 0x7e } as const;

/** The type of a function. */
export interface FunctionType {
  readonly parameters: readonly number[];
  readonly results: readonly number[];
}

/** Kinds of imports and exports. */
const EXTERNAL = { function: 0, table: 1, memory: 2, global: 3 } as const;

/** Name of the custom section with names of functions. */
const NAMES = "name";

/** Id of the subsection of `name` with the names of functions. */
const FUNCTION_NAMES = 1;

/** Returns the content of the only section with an id; undefined if the module has none. */
export function contentOf(sections: readonly ModuleSection[], id: number): Uint8Array | undefined {
  return sections.find((section) => section.id === id)?.content;
}

/** Returns the content of a custom section, after its name; undefined if the module has none. */
export function customContent(sections: readonly ModuleSection[], title: string): Uint8Array | undefined {
  for (const { id, content } of sections) {
    const named = id === Section.custom ? readName(content, 0) : undefined;
    if (named?.value === title) {
      return content.subarray(named.next);
    }
  }
  return undefined;
}

/** Removes the custom sections, except the one with names: stack traces of errors show them. */
export function withoutDebugSections(sections: readonly ModuleSection[]): readonly ModuleSection[] {
  return sections.filter(({ id, content }) => id !== Section.custom || readName(content, 0).value === NAMES);
}

/** Flag in the limits of a memory: 64-bit addresses. */
const IS_MEMORY64 = 4;

/** Whether the module's memory has 64-bit addresses. */
export function hasMemory64(sections: readonly ModuleSection[]): boolean {
  const content = contentOf(sections, Section.memory);
  // Number of memories, limits.
  return content !== undefined && ((content[readLeb128(content, 0).next] as number) & IS_MEMORY64) !== 0;
}

/**
 * Returns the names of the imported functions, in their order. Their indexes come before those of all other functions.
 */
export function importedFunctions(sections: readonly ModuleSection[]): readonly string[] {
  const content = contentOf(sections, Section.import);
  const names: string[] = [];
  let { value: left, next: at } = content === undefined ? { value: 0, next: 0 } : readLeb128(content, 0);
  for (; content !== undefined && left > 0; left--) {
    const field = readName(content, readName(content, at).next);
    if (content[field.next] !== EXTERNAL.function) {
      throw new Error("cannot read a module of the gate: it may import functions only");
    }
    names.push(field.value);
    at = readLeb128(content, field.next + 1).next;
  }
  return names;
}

/** Returns the indexes of the exported functions, by name. */
export function exportedFunctions(sections: readonly ModuleSection[]): ReadonlyMap<string, number> {
  const content = contentOf(sections, Section.export);
  const functions = new Map<string, number>();
  let { value: left, next: at } = content === undefined ? { value: 0, next: 0 } : readLeb128(content, 0);
  for (; content !== undefined && left > 0; left--) {
    const name = readName(content, at);
    const index = readLeb128(content, name.next + 1);
    if (content[name.next] === EXTERNAL.function) {
      functions.set(name.value, index.value);
    }
    at = index.next;
  }
  return functions;
}

/** Returns the names of functions by index; none without a section of names. */
export function functionNames(sections: readonly ModuleSection[]): ReadonlyMap<number, string> {
  const content = customContent(sections, NAMES);
  const names = new Map<number, string>();
  for (let at = 0; content !== undefined && at < content.length; ) {
    const size = readLeb128(content, at + 1);
    if (content[at] === FUNCTION_NAMES) {
      let { value: left, next } = readLeb128(content, size.next);
      for (; left > 0; left--) {
        const index = readLeb128(content, next);
        const name = readName(content, index.next);
        names.set(index.value, name.value);
        next = name.next;
      }
    }
    at = size.next + size.value;
  }
  return names;
}

/** Returns the types of the functions of the code section, in their order. */
export function functionTypes(sections: readonly ModuleSection[]): readonly FunctionType[] {
  const types = typesOf(contentOf(sections, Section.type) ?? Uint8Array.of(0));
  const content = contentOf(sections, Section.function) ?? Uint8Array.of(0);
  const result: FunctionType[] = [];
  let { value: left, next } = readLeb128(content, 0);
  for (; left > 0; left--) {
    const type = readLeb128(content, next);
    result.push(types[type.value] as FunctionType);
    next = type.next;
  }
  return result;
}

function typesOf(content: Uint8Array): readonly FunctionType[] {
  const types: FunctionType[] = [];
  let { value: left, next: at } = readLeb128(content, 0);
  for (; left > 0; left--) {
    // Skips the form 0x60, a function.
    const parameters = readLeb128(content, at + 1);
    const results = readLeb128(content, parameters.next + parameters.value);
    at = results.next + results.value;
    types.push({
      parameters: [...content.subarray(parameters.next, parameters.next + parameters.value)],
      results: [...content.subarray(results.next, at)],
    });
  }
  return types;
}

function readName(bytes: Uint8Array, start: number): { value: string; next: number } {
  const { value: length, next } = readLeb128(bytes, start);
  return { value: new TextDecoder().decode(bytes.subarray(next, next + length)), next: next + length };
}
