/**
 * A limit for C code that never returns. Every call of an operation starts with a fixed amount of fuel, every iteration
 * of a loop consumes one unit, and a call without fuel traps. The finished module is rewritten, not its source: every
 * loop that the compiler left counts, whether it was written with `for`, with `goto`, or by a macro.
 */
import { Op, withInsertions } from "./code.ts";
import { exportedFunctions, functionNames, importedFunctions } from "./functions.ts";
import { required, withGlobal } from "./globals.ts";
import { leb128, Section, sectionsOf, signedLeb128, withSections } from "./sections.ts";

/**
 * Maximum number of loop iterations in a call: enough for thirty iterations over the pages of the largest folio, or
 * more if the compiler unrolled loops.
 */
export const MOST_ITERATIONS = 1_000_000;

/** Name of the exported variable with the remaining fuel; 0 after a call that used all. */
export const FUEL = "gate_fuel";

const NO_RESULT = 0x40;

const FULL: readonly number[] = [Op.i32Const, ...signedLeb128(MOST_ITERATIONS)];

/**
 * Rewrites a module so that exported functions set the fuel, and loops consume it.
 *
 * @param uncounted names of functions whose loops consume none, because they are known to terminate
 */
export function withFuel(module: Uint8Array<ArrayBuffer>, uncounted: readonly string[] = []): Uint8Array<ArrayBuffer> {
  const { sections, index: fuel } = withGlobal(sectionsOf(module), FUEL, MOST_ITERATIONS);
  const imported = importedFunctions(sections).length;
  const positions = (indexes: Iterable<number>): ReadonlySet<number> =>
    new Set([...indexes].map((index) => index - imported));
  const exported = positions(exportedFunctions(sections).values());
  const except = positions(
    [...functionNames(sections)].flatMap(([index, each]) => (uncounted.includes(each) ? [index] : [])),
  );
  const code = countingIterations(required(sections, Section.code), fuel, exported, except);
  return withSections(
    module,
    sections.map(({ id, content }) => ({ id, content: id === Section.code ? code : content })),
  );
}

function countingIterations(
  section: Uint8Array,
  fuel: number,
  exported: ReadonlySet<number>,
  except: ReadonlySet<number>,
): Uint8Array {
  const index = [...leb128(fuel)];
  const fill = Uint8Array.of(...FULL, Op.globalSet, ...index);
  const consume = Uint8Array.of(
    ...[Op.globalGet, ...index, Op.i32Const, 1, Op.i32Sub, Op.globalSet, ...index],
    ...[Op.globalGet, ...index, Op.i32Eqz, Op.if, NO_RESULT, Op.unreachable, Op.end],
  );
  return withInsertions(section, {
    atStart: (position) => (exported.has(position) ? fill : undefined),
    // Every iteration executes the code after the loop instruction.
    after: new Map([[Op.loop, consume]]),
    except,
  });
}
