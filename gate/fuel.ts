/**
 * C code that never returns: a module is given fuel. Every call of an operation begins with a full tank, and every turn of
 * a loop takes one unit; a call that has used all of it traps. What is changed is the finished module, not its text: every
 * loop that is still one counts, whether it was written with `for`, with `goto`, or by a macro.
 */
import { Op, withInsertions } from "./module-code.ts";
import { contentOf, exportedFunctions, functionNames, importedFunctions, ValueType } from "./module-functions.ts";
import { joined, leb128, readLeb128, Section, sectionsOf, withSections } from "./module-sections.ts";

/**
 * Turns of loops that one call may take: enough to walk thirty times through the pages of the largest folio. The compiler may
 * have made one turn of several, so that is the least.
 */
export const MOST_TURNS = 1_000_000;

/** The export whose value is what is left; 0 after a call that used all of it. */
export const FUEL = "gate_fuel";

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
  const required = (id: number): Uint8Array => {
    const content = contentOf(sections, id);
    if (content === undefined) {
      throw new Error(`a module of the gate has no section ${id}`);
    }
    return content;
  };
  const fuel = readLeb128(required(Section.global), 0).value;
  const imported = importedFunctions(sections).length;
  const positions = (indexes: Iterable<number>): ReadonlySet<number> =>
    new Set([...indexes].map((index) => index - imported));
  const exported = positions(exportedFunctions(sections).values());
  const except = positions(
    [...functionNames(sections)].flatMap(([index, each]) => (uncounted.includes(each) ? [index] : [])),
  );
  const name = new TextEncoder().encode(FUEL);
  const changed: Readonly<Record<number, () => Uint8Array>> = {
    [Section.global]: () => withEntry(required(Section.global), [ValueType.i32, 1, ...FULL, Op.end]),
    [Section.export]: () =>
      withEntry(required(Section.export), [...leb128(name.length), ...name, EXPORTED_GLOBAL, ...leb128(fuel)]),
    [Section.code]: () => countingTurns(required(Section.code), fuel, exported, except),
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
