/**
 * C code that never returns: a module is given fuel. Every call of an operation begins with a full tank, and every turn of
 * a loop takes one unit; a call that has used all of it traps. What is changed is the finished module, not its text: every
 * loop that is still one counts, whether it was written with `for`, with `goto`, or by a macro.
 */
import { Op, withInsertions } from "./module-code.ts";
import {
  joined,
  leb128,
  type ModuleSection,
  readLeb128,
  Section,
  sectionsOf,
  withSections,
} from "./module-sections.ts";

/**
 * Turns of loops that one call may take: enough to walk thirty times through the pages of the largest folio. The compiler may
 * have made one turn of several, so that is the least.
 */
export const MOST_TURNS = 1_000_000;

/** The export whose value is what is left; 0 after a call that used all of it. */
export const FUEL = "gate_fuel";

const I32 = 0x7f;
const EXPORTED_FUNCTION = 0;
const EXPORTED_GLOBAL = 3;

const NO_RESULT = 0x40;

/** Constants are signed. MOST_TURNS has the bytes of an unsigned number, since the highest bit of its last seven is clear. */
const FULL: readonly number[] = [Op.i32Const, ...leb128(MOST_TURNS)];

/**
 * The module, whose exported functions begin with a full tank, and whose loops use it up.
 *
 * @param uncounted names of functions whose loops do not: those that are known to end
 */
export function withFuel(module: Uint8Array<ArrayBuffer>, uncounted: readonly string[] = []): Uint8Array<ArrayBuffer> {
  const sections = sectionsOf(module);
  const contentOf = (wanted: number): Uint8Array => {
    const found = sections.find(({ id }) => id === wanted);
    if (found === undefined) {
      throw new Error(`a module of the gate has no section ${wanted}`);
    }
    return found.content;
  };
  const fuel = readLeb128(contentOf(Section.global), 0).value;
  const exported = exportedFunctions(contentOf(Section.export));
  const name = new TextEncoder().encode(FUEL);
  const changed: Readonly<Record<number, () => Uint8Array>> = {
    [Section.global]: () => withEntry(contentOf(Section.global), [I32, 1, ...FULL, Op.end]),
    [Section.export]: () =>
      withEntry(contentOf(Section.export), [...leb128(name.length), ...name, EXPORTED_GLOBAL, ...leb128(fuel)]),
    [Section.code]: () => countingTurns(contentOf(Section.code), fuel, exported, functionsNamed(sections, uncounted)),
  };
  return withSections(
    module,
    sections.map(({ id, content }) => ({ id, content: changed[id]?.() ?? content })),
  );
}

/** A vector with one entry more. */
function withEntry(vector: Uint8Array, entry: readonly number[]): Uint8Array {
  const { value, next } = readLeb128(vector, 0);
  return joined([leb128(value + 1), vector.subarray(next), Uint8Array.from(entry)]);
}

/** Indexes of functions that are exported. No function is imported: their numbers are those of the code section. */
function exportedFunctions(section: Uint8Array): ReadonlySet<number> {
  const functions = new Set<number>();
  const { value: count, next } = readLeb128(section, 0);
  let position = next;
  for (let i = 0; i < count; i++) {
    const name = readLeb128(section, position);
    const kind = name.next + name.value;
    const index = readLeb128(section, kind + 1);
    if (section[kind] === EXPORTED_FUNCTION) {
      functions.add(index.value);
    }
    position = index.next;
  }
  return functions;
}

/** Of these sections the one with the names of functions is `name`, and in it the part 1. */
const FUNCTION_NAMES = 1;

/** Indexes of functions, by their names; a module without names has none. */
function functionsNamed(sections: readonly ModuleSection[], names: readonly string[]): ReadonlySet<number> {
  const functions = new Set<number>();
  for (const { id, content } of sections) {
    const title = id === Section.custom ? text(content, 0) : undefined;
    let position = title?.next ?? content.length;
    while (title?.value === "name" && position < content.length) {
      const size = readLeb128(content, position + 1);
      if (content[position] === FUNCTION_NAMES) {
        const { value: count, next } = readLeb128(content, size.next);
        let at = next;
        for (let i = 0; i < count; i++) {
          const index = readLeb128(content, at);
          const name = text(content, index.next);
          if (names.includes(name.value)) {
            functions.add(index.value);
          }
          at = name.next;
        }
      }
      position = size.next + size.value;
    }
  }
  return functions;
}

function text(bytes: Uint8Array, start: number): { value: string; next: number } {
  const { value: length, next } = readLeb128(bytes, start);
  return { value: new TextDecoder().decode(bytes.subarray(next, next + length)), next: next + length };
}

function countingTurns(
  section: Uint8Array,
  fuel: number,
  exported: ReadonlySet<number>,
  except: ReadonlySet<number>,
): Uint8Array {
  const index = [...leb128(fuel)];
  const fill = Uint8Array.of(...FULL, Op.globalSet, ...index);
  const useUp = Uint8Array.of(
    ...[Op.globalGet, ...index, Op.i32Const, 1, Op.i32Sub, Op.globalSet, ...index],
    ...[Op.globalGet, ...index, Op.i32Eqz, Op.if, NO_RESULT, Op.unreachable, Op.end],
  );
  return withInsertions(section, {
    atStart: (position) => (exported.has(position) ? fill : undefined),
    // Every turn comes by there.
    after: new Map([[Op.loop, useUp]]),
    except,
  });
}
