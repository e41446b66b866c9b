/**
 * Owner tracking of a kernel of the model in terms: its functions executed on symbols by their own text, once for each
 * operation and path.
 */
import type { Kernel } from "../../model/kernel/kernel.ts";
import { limitsOf } from "../executed-functions.ts";
import { type Call, OPERATIONS, type OperationName, truthAfter } from "../operations.ts";
import { FALSE, forgetTerms, type Term, variable } from "../symbolic/term.ts";
import type { TermFunctions, TermState, TermStep } from "../symbolic/term-functions.ts";
import { TERMS } from "../symbolic/terms-logic.ts";
import { anyTruth, asInteger, int, isNotZero, pagesOf, SYMBOLS, unmappedTruth } from "../symbolic/tracked-terms.ts";
import type { StoredFolio } from "../tracked-state.ts";
import { type ExecutedPaths, executedPaths, truthOf } from "./executed-paths.ts";
import { storedTerms, symbolicFolio } from "./symbolic-folio.ts";
import { asNumber, symbolicInt } from "./symbolic-value.ts";

/** A value that a function returned, and the folio after it. */
interface Returned {
  readonly value: unknown;
  readonly folio: StoredFolio<Term, Term>;
}

/**
 * Executes the functions. Terms of an earlier execution must not be used any more.
 *
 * @throws NotExecutable when one of them does what cannot be executed with symbols
 */
export function modelTerms(kernel: Kernel): TermFunctions {
  const started = performance.now();
  forgetTerms();
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
  const executed = (name: keyof Kernel, ...parameters: readonly unknown[]): ExecutedPaths<Returned> =>
    executedPaths(kernel, name, () => {
      const folio = symbolicFolio(stored, nrPages);
      return { parameters: [folio, ...parameters], read: (value) => ({ value, folio: storedTerms(folio) }) };
    });
  const stepOf = (operation: OperationName): TermStep => {
    const paths = executed(KERNEL_FUNCTION[operation], symbolicInt(diff), actingMm(actorId));
    const call: Call<Term, Term> = { operation, before, diff, nrPages };
    const { site } = paths;
    return {
      ...call,
      after: { ...folioAfter(paths), ...truthAfter(TERMS, call, limits) },
      result: operation === "set" ? undefined : paths.chosen(({ value }) => asNumber(value).term),
      warned: isNotZero(site),
      site,
      trapped: paths.threw,
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
    fresh: { state: { ...folioAfter(made), ...unmappedTruth() }, warned: made.failed },
    verdict: asked.when(({ value }) => truthOf(value)),
    verdictWarned: asked.failed,
    milliseconds: performance.now() - started,
  };
}

/** The MM that acts, as functions of the model take it. */
export function actingMm(id: Term): object {
  return { idNumber: symbolicInt(id), hasId: true, hasPinned: false };
}

const KERNEL_FUNCTION: { readonly [operation in OperationName]: keyof Kernel } = {
  set: "folioSetLargeMapcount",
  add: "folioAddReturnLargeMapcount",
  sub: "folioSubReturnLargeMapcount",
};

/** The values of owner tracking after a function. */
export function folioAfter(paths: ExecutedPaths<{ readonly folio: StoredFolio<Term, Term> }>): StoredFolio<Term, Term> {
  const number = (of: (folio: StoredFolio<Term, Term>) => Term): Term => paths.chosen(({ folio }) => of(folio));
  return {
    largeMapcount: number(({ largeMapcount }) => largeMapcount),
    slots: [
      { id: number(({ slots }) => slots[0].id), count: number(({ slots }) => slots[0].count) },
      { id: number(({ slots }) => slots[1].id), count: number(({ slots }) => slots[1].count) },
    ],
    shared: paths.when(({ folio }) => folio.shared),
    locked: FALSE,
  };
}
