/** The functions of a WebAssembly module: their names, their types, and which of them are imported and exported. */
import { type ModuleSection, readLeb128, Section } from "./sections.ts";

/** Types of values. */
export const ValueType = { i32: 0x7f, i64: 0x7e } as const;

/** The type of a function. */
export interface FunctionType {
  readonly parameters: readonly number[];
  readonly results: readonly number[];
}

/** Kinds of what is imported and exported. */
const EXTERNAL = { function: 0, table: 1, memory: 2, global: 3 } as const;

/** Title of the custom section with names. */
const NAMES = "name";

/** Of the custom section `name`, the part with the names of functions. */
const FUNCTION_NAMES = 1;

/** The content of the only section with an id; undefined when the module has none. */
export function contentOf(sections: readonly ModuleSection[], id: number): Uint8Array | undefined {
  return sections.find((section) => section.id === id)?.content;
}

/** The content of a custom section, behind its title; undefined when the module has none. */
export function customContent(sections: readonly ModuleSection[], title: string): Uint8Array | undefined {
  for (const { id, content } of sections) {
    const named = id === Section.custom ? readName(content, 0) : undefined;
    if (named?.value === title) {
      return content.subarray(named.next);
    }
  }
  return undefined;
}

/** The sections without debug information: of those without meaning to the module, that with names, which stacks of errors show. */
export function withoutDebugSections(sections: readonly ModuleSection[]): readonly ModuleSection[] {
  return sections.filter(({ id, content }) => id !== Section.custom || readName(content, 0).value === NAMES);
}

/** In the limits of a memory: its addresses are 64 bits wide. */
const IS_MEMORY64 = 4;

/** Whether the module's memory has 64-bit addresses. */
export function hasMemory64(sections: readonly ModuleSection[]): boolean {
  const content = contentOf(sections, Section.memory);
  // Number of memories, limits.
  return content !== undefined && ((content[readLeb128(content, 0).next] as number) & IS_MEMORY64) !== 0;
}

/** Names of the functions that are imported, in their order: the indexes of all others come after theirs. */
export function importedFunctions(sections: readonly ModuleSection[]): readonly string[] {
  const content = contentOf(sections, Section.import);
  const names: string[] = [];
  let { value: left, next: at } = content === undefined ? { value: 0, next: 0 } : readLeb128(content, 0);
  for (; content !== undefined && left > 0; left--) {
    const field = readName(content, readName(content, at).next);
    if (content[field.next] !== EXTERNAL.function) {
      throw new Error("a module of the gate imports something else than functions");
    }
    names.push(field.value);
    at = readLeb128(content, field.next + 1).next;
  }
  return names;
}

/** Indexes of the functions that are exported, by name. */
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

/** Names of functions by index; a module without names has none. */
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

/** Types of the functions of the code section, in their order. */
export function functionTypes(sections: readonly ModuleSection[]): readonly FunctionType[] {
  const types = typesOf(contentOf(sections, Section.type) ?? Uint8Array.of(0));
  const content = contentOf(sections, Section.function) ?? Uint8Array.of(0);
  const found: FunctionType[] = [];
  let { value: left, next } = readLeb128(content, 0);
  for (; left > 0; left--) {
    const type = readLeb128(content, next);
    found.push(types[type.value] as FunctionType);
    next = type.next;
  }
  return found;
}

function typesOf(content: Uint8Array): readonly FunctionType[] {
  const types: FunctionType[] = [];
  let { value: left, next: at } = readLeb128(content, 0);
  for (; left > 0; left--) {
    // The form: 0x60, a function.
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
