/**
 * C code that never returns: a module is given fuel. Every call of an operation begins with a full tank, and every turn of
 * a loop takes one unit; a call that has used all of it traps. What is changed is the finished module, not its text: every
 * loop that is still one counts, whether it was written with `for`, with `goto`, or by a macro.
 */
import { Op, withInsertions } from "./code.ts";
import { exportedFunctions, functionNames, importedFunctions } from "./functions.ts";
import { required, withGlobal } from "./globals.ts";
import { leb128, Section, sectionsOf, signedLeb128, withSections } from "./sections.ts";

/**
 * Turns of loops that one call may take: enough to walk thirty times through the pages of the largest folio. The compiler may
 * have made one turn of several, so that is the least.
 */
export const MOST_TURNS = 1_000_000;

/** The export whose value is what is left; 0 after a call that used all of it. */
export const FUEL = "gate_fuel";

const NO_RESULT = 0x40;

const FULL: readonly number[] = [Op.i32Const, ...signedLeb128(MOST_TURNS)];

/**
 * The module, whose exported functions begin with a full tank, and whose loops use it up.
 *
 * @param uncounted names of functions whose loops do not: those that are known to end
 */
export function withFuel(module: Uint8Array<ArrayBuffer>, uncounted: readonly string[] = []): Uint8Array<ArrayBuffer> {
  const { sections, index: fuel } = withGlobal(sectionsOf(module), FUEL, MOST_TURNS);
  const imported = importedFunctions(sections).length;
  const positions = (indexes: Iterable<number>): ReadonlySet<number> =>
    new Set([...indexes].map((index) => index - imported));
  const exported = positions(exportedFunctions(sections).values());
  const except = positions(
    [...functionNames(sections)].flatMap(([index, each]) => (uncounted.includes(each) ? [index] : [])),
  );
  const code = countingTurns(required(sections, Section.code), fuel, exported, except);
  return withSections(
    module,
    sections.map(({ id, content }) => ({ id, content: id === Section.code ? code : content })),
  );
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
