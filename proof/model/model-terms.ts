/**
 * The functions of a kernel of the model in terms: executed on symbols by their own text, once for each operation and
 * path.
 */
import { at } from "../../explore/model/schema.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import * as largeMapcount from "../../model/kernel/large-mapcount.ts";
import * as locks from "../../model/kernel/locks.ts";
import * as mm from "../../model/kernel/mm.ts";
import * as pageAlloc from "../../model/kernel/page-alloc.ts";
import { Warning } from "../../model/kernel/warnings.ts";
import * as structs from "../../model/state/structs.ts";
import { limitsOf } from "../executed-functions.ts";
import { type Call, OPERATIONS, type OperationName, truthAfter } from "../operations.ts";
import { NotExecutable } from "../symbolic/not-executable.ts";
import {
  and,
  choose,
  constant,
  equal,
  FALSE,
  forgetTerms,
  not,
  or,
  type Term,
  TRUE,
  truth,
  variable,
} from "../symbolic/term.ts";
import { INTEGER_BITS, TERMS } from "../symbolic/terms-logic.ts";
import {
  anyTruth,
  asInteger,
  int,
  isNotZero,
  pagesOf,
  SYMBOLS,
  type TermFunctions,
  type TermState,
  type TermStep,
} from "../symbolic/tracked-terms.ts";
import type { Slot, StoredFolio } from "../tracked-state.ts";
import { Interpreter, type Surroundings, Thrown } from "./interpreter.ts";
import { allPaths, type Path, type Paths } from "./paths.ts";
import { asNumber, asTruth, larger, type Symbolic, smaller, symbolicInt, symbolicTruth } from "./symbolic-value.ts";

/** Imports of the functions of the model. */
const SURROUNDINGS: Surroundings = {
  exported: exportsOf([mm, largeMapcount, locks, pageAlloc, structs, { Warning, at, Math }]),
  natives: new Map<unknown, (...parameters: readonly unknown[]) => unknown>([
    [at, elementAt],
    [Math.min, (...numbers) => numbers.reduce(smaller)],
    [Math.max, (...numbers) => numbers.reduce(larger)],
  ]),
};

/** @throws RangeError when two modules export one name */
function exportsOf(modules: readonly object[]): ReadonlyMap<string, unknown> {
  const all = modules.flatMap((module) => Object.entries(module));
  const exported = new Map(all);
  if (exported.size < all.length) {
    throw new RangeError("cannot tell exports apart: two modules have one of the same name");
  }
  return exported;
}

/** `at()`, whose exception is one of the function that calls it. */
function elementAt(items: unknown, index: unknown): unknown {
  if (!Array.isArray(items) || typeof index !== "number") {
    throw new NotExecutable("an element whose index depends on a value");
  }
  if (items[index] === undefined) {
    throw new Thrown(`no element ${index}`);
  }
  return items[index];
}

/** The end of a path on which the function returns. */
interface Returned {
  readonly kind: "returned";
  readonly value: unknown;
  readonly folio: StoredFolio<Term, Term>;
  /** The first kernel assertion that failed; 0 for none. */
  readonly site: Term;
}

type End = Returned | { readonly kind: "threw" };

/**
 * Executes the functions. Terms of an earlier execution must not be used any more.
 *
 * @throws NotExecutable when one of them does what cannot be executed with symbols
 */
export function modelTerms(kernel: Kernel): TermFunctions {
  const started = performance.now();
  forgetTerms();
  if (kernel.vmWarnOn !== mm.vmWarnOn) {
    throw new NotExecutable("a vmWarnOn() of its own");
  }
  const limits = limitsOf(kernel);
  const order = int(SYMBOLS.order);
  const nrPages = pagesOf(order);
  const stored: StoredFolio<Term, Term> = {
    largeMapcount: asInteger(int(SYMBOLS.largeMapcount)),
    slots: [
      { id: asInteger(int(SYMBOLS.id0)), count: asInteger(int(SYMBOLS.count0)) },
      { id: asInteger(int(SYMBOLS.id1)), count: asInteger(int(SYMBOLS.count1)) },
    ],
    shared: isNotZero(variable(SYMBOLS.shared, 1)),
    locked: FALSE,
  };
  const diff = asInteger(int(SYMBOLS.diff));
  const actorId = asInteger(int(SYMBOLS.actorId));
  const before: TermState = { ...stored, ...anyTruth(stored, actorId) };
  const acting = { idNumber: symbolicInt(actorId), hasId: true, hasPinned: false };
  const executed = (name: keyof Kernel, ...parameters: readonly unknown[]): Paths<End> =>
    allPaths((path) => endOf(path, kernel, name, stored, nrPages, parameters));
  const stepOf = (operation: OperationName): TermStep => {
    const paths = executed(KERNEL_FUNCTION[operation], symbolicInt(diff), acting);
    const call: Call<Term, Term> = { operation, before, diff, nrPages };
    const site = chosen(paths, (end) => end.site);
    return {
      ...call,
      after: { ...folioAfter(paths), ...truthAfter(TERMS, call, limits) },
      result: operation === "set" ? undefined : chosen(paths, ({ value }) => asNumber(value).term),
      warned: isNotZero(site),
      site,
      trapped: threw(paths),
    };
  };
  const made = executed("prepCompoundHead");
  const asked = executed("folioMaybeMappedShared");
  const [set, add, sub] = OPERATIONS.map(stepOf) as [TermStep, TermStep, TermStep];
  return {
    limits,
    before,
    order,
    nrPages,
    steps: { set, add, sub },
    fresh: { ...folioAfter(made), warned: hasFailed(made) },
    verdict: when(asked, (end) => (end.kind === "threw" ? FALSE : truthOf(end.value))),
    verdictWarned: hasFailed(asked),
    milliseconds: performance.now() - started,
  };
}

const KERNEL_FUNCTION: { readonly [operation in OperationName]: keyof Kernel } = {
  set: "folioSetLargeMapcount",
  add: "folioAddReturnLargeMapcount",
  sub: "folioSubReturnLargeMapcount",
};

/** Executes a function of a kernel on a folio, on one path. */
function endOf(
  path: Path,
  kernel: Kernel,
  name: keyof Kernel,
  { largeMapcount, slots, shared }: StoredFolio<Term, Term>,
  nrPages: Term,
  parameters: readonly unknown[],
): End {
  let site = constant(0, INTEGER_BITS);
  // Machines collect warnings in the same way: the first one counts.
  const warn = (condition: unknown, warning: unknown): void => {
    const first = and(equal(site, constant(0, INTEGER_BITS)), truthOf(condition));
    site = choose(first, asNumber(warning).term, site);
  };
  const reporting = { ...kernel, vmWarnOn: warn };
  const natives = new Map([...SURROUNDINGS.natives, [warn, warn as (...parameters: readonly unknown[]) => unknown]]);
  const slotOf = ({ id, count }: Slot<Term>): SymbolicSlot => ({ mmId: symbolicInt(id), mapcount: symbolicInt(count) });
  const folio: SymbolicFolio = {
    nrPages: symbolicInt(nrPages),
    largeMapcount: symbolicInt(largeMapcount),
    mmIdsShared: symbolicTruth(shared),
    slots: [slotOf(slots[0]), slotOf(slots[1])],
    pages: [],
  };
  const interpreter = new Interpreter({ ...SURROUNDINGS, natives }, path);
  try {
    const returned = interpreter.call(kernel[name], reporting, [folio, ...parameters]);
    return { kind: "returned", value: returned, folio: storedIn(folio), site };
  } catch (error) {
    if (error instanceof Thrown) {
      return { kind: "threw" };
    }
    throw error;
  }
}

/** A folio whose values are symbols until something is stored. */
interface SymbolicFolio {
  readonly nrPages: Symbolic;
  readonly largeMapcount: unknown;
  readonly mmIdsShared: unknown;
  readonly slots: readonly [SymbolicSlot, SymbolicSlot];
  /** Owner tracking is about no page. */
  readonly pages: readonly never[];
}

interface SymbolicSlot {
  readonly mmId: unknown;
  readonly mapcount: unknown;
}

function storedIn({ largeMapcount, slots, mmIdsShared }: SymbolicFolio): StoredFolio<Term, Term> {
  const slotOf = ({ mmId, mapcount }: SymbolicSlot): Slot<Term> => ({
    id: asNumber(mmId).term,
    count: asNumber(mapcount).term,
  });
  return {
    largeMapcount: asNumber(largeMapcount).term,
    slots: [slotOf(slots[0]), slotOf(slots[1])],
    shared: truthOf(mmIdsShared),
    locked: FALSE,
  };
}

/** @throws NotExecutable for what is no truth value */
function truthOf(value: unknown): Term {
  const term = asTruth(value);
  if (term === undefined) {
    throw new NotExecutable("a condition that is no truth value");
  }
  return term;
}

/** A term of all paths that return: chosen by their branches. @throws NotExecutable when none returns */
function chosen(paths: Paths<End>, termOf: (end: Returned) => Term): Term {
  const term = chosenIn(paths, termOf);
  if (term === undefined) {
    throw new NotExecutable("a function that never returns");
  }
  return term;
}

function chosenIn(paths: Paths<End>, termOf: (end: Returned) => Term): Term | undefined {
  if (paths.kind === "end") {
    return paths.result.kind === "threw" ? undefined : termOf(paths.result);
  }
  const [one, other] = [chosenIn(paths.ifTrue, termOf), chosenIn(paths.ifFalse, termOf)];
  return one === undefined || other === undefined ? (one ?? other) : choose(paths.condition, one, other);
}

/** When a condition holds at the end of the path. */
function when(paths: Paths<End>, holds: (end: End) => Term): Term {
  if (paths.kind === "end") {
    return holds(paths.result);
  }
  const { condition } = paths;
  return or(and(condition, when(paths.ifTrue, holds)), and(not(condition), when(paths.ifFalse, holds)));
}

const threw = (paths: Paths<End>): Term => when(paths, ({ kind }) => truth(kind === "threw"));

/** When the function throws, or a kernel assertion fails. */
function hasFailed(paths: Paths<End>): Term {
  return when(paths, (end) => (end.kind === "threw" ? TRUE : isNotZero(end.site)));
}

function folioAfter(paths: Paths<End>): StoredFolio<Term, Term> {
  const number = (of: (folio: StoredFolio<Term, Term>) => Term): Term => chosen(paths, ({ folio }) => of(folio));
  return {
    largeMapcount: number(({ largeMapcount }) => largeMapcount),
    slots: [
      { id: number(({ slots }) => slots[0].id), count: number(({ slots }) => slots[0].count) },
      { id: number(({ slots }) => slots[1].id), count: number(({ slots }) => slots[1].count) },
    ],
    shared: when(paths, (end) => (end.kind === "threw" ? FALSE : end.folio.shared)),
    locked: FALSE,
  };
}
