/** The proof of executable functions by enumeration, with what shows that it means something. */
import type { EnumeratedObligation, NumbersOf } from "./check-obligations.ts";
import type { Enumeration, EnumerationBounds } from "./enumerate.ts";
import type { EnumerationCoverage, EnumerationResult, ObligationResult } from "./proof-result.ts";
import type { Coverage } from "./reachable.ts";
import { type Invariant, type Topic, without } from "./theory.ts";

/** The functions of a topic, for enumerations. */
export interface Enumerable<T extends Topic> {
  /** Bounds at which every part of the invariant is needed. */
  readonly neededBounds: EnumerationBounds;
  /** MMs whose reachable states are compared with the enumerated ones. */
  readonly coveredMms: number;
  /** Every state within bounds that satisfies an invariant. */
  readonly statesOf: (invariant: Invariant<T>, bounds: EnumerationBounds) => readonly NumbersOf<T>[];
  /** Checks every obligation on them. */
  readonly enumerate: (
    invariant: Invariant<T>,
    bounds: EnumerationBounds,
    states: readonly NumbersOf<T>[],
  ) => Enumeration;
  /** Compares them with the states that MMs reach. */
  readonly coverage: (
    mms: number,
    invariant: Invariant<T>,
    bounds: EnumerationBounds,
    states: readonly NumbersOf<T>[],
  ) => Coverage<NumbersOf<T>>;
}

/** The form of the invariant that is proved, or the first form, and the result. */
export interface ProvedByEnumeration<T extends Topic> {
  readonly invariant: Invariant<T>;
  readonly result: EnumerationResult;
}

/** Options of a proof by enumeration. */
export interface EnumerationOptions {
  readonly bounds: EnumerationBounds;
  /** Whether to show besides that reachable states are among those of the invariant, and that each of its parts is needed. */
  readonly evidence: boolean;
}

/** Proves the first form of the invariant that can be. */
export function proveByEnumeration<T extends Topic>(
  functions: Enumerable<T>,
  [first, ...weaker]: readonly [Invariant<T>, ...Invariant<T>[]],
  options: EnumerationOptions,
): ProvedByEnumeration<T> {
  const strongest = { invariant: first, result: resultFor(functions, first, options) };
  if (isProved(strongest.result)) {
    return strongest;
  }
  for (const invariant of weaker) {
    const result = resultFor(functions, invariant, options);
    if (isProved(result)) {
      return { invariant, result };
    }
  }
  return strongest;
}

/** Whether every obligation is proved. */
function isProved({ obligations }: EnumerationResult): boolean {
  return obligations.every(({ verdict }) => verdict === "proved");
}

/** Proves one form of the invariant. */
export function resultFor<T extends Topic>(
  functions: Enumerable<T>,
  invariant: Invariant<T>,
  { bounds, evidence }: EnumerationOptions,
): EnumerationResult {
  const started = performance.now();
  const states = functions.statesOf(invariant, bounds);
  const { steps, obligations } = functions.enumerate(invariant, bounds, states);
  const result = { bounds, states: states.length, steps, obligations: obligations.map(obligationResult) };
  const proved = obligations.every(({ counterexample }) => counterexample === undefined);
  const more =
    proved && evidence
      ? { coverage: covered(functions, invariant, bounds, states), needed: neededIn(functions, invariant) }
      : {};
  return { ...result, ...more, seconds: (performance.now() - started) / 1000 };
}

function obligationResult({ from, to, sentence, counterexample }: EnumeratedObligation): ObligationResult {
  return counterexample === undefined
    ? { from, to, sentence, verdict: "proved" }
    : { from, to, sentence, verdict: "refuted", counterexample };
}

function covered<T extends Topic>(
  functions: Enumerable<T>,
  invariant: Invariant<T>,
  bounds: EnumerationBounds,
  states: readonly NumbersOf<T>[],
): EnumerationCoverage {
  const { coveredMms: mms } = functions;
  const { reached, missing, unreached } = functions.coverage(mms, invariant, bounds, states);
  return { mms, reached, missing: missing.length, unreached };
}

function neededIn<T extends Topic>(
  functions: Enumerable<T>,
  invariant: Invariant<T>,
): NonNullable<EnumerationResult["needed"]> {
  const { neededBounds } = functions;
  return invariant.parts.map(({ name }) => {
    const weakened = without(invariant, name);
    const { obligations } = functions.enumerate(weakened, neededBounds, functions.statesOf(weakened, neededBounds));
    const fails = obligations.filter(({ counterexample }) => counterexample !== undefined);
    return { part: name, fails: fails.map(({ from, to }) => ({ from, to })) };
  });
}
