/** The proof of executable functions by enumeration, with what shows that it means something. */
import {
  type EnumeratedObligation,
  type EnumerationBounds,
  enumerate,
  type NumberState,
  statesOf,
} from "./enumerate.ts";
import type { ExecutedFunctions } from "./executed-functions.ts";
import { type Invariant, STRONG, WEAK, without } from "./invariant.ts";
import type { EnumerationResult, ObligationResult } from "./proof-result.ts";
import { coverage } from "./reachable.ts";

/** MMs whose reachable states are compared with the enumerated ones. */
const COVERED_MMS = 3;

/** At these bounds every part of the invariant is needed. */
const NEEDED_BOUNDS: EnumerationBounds = { pages: 2, mappings: 2, others: 2 };

/** The form of the invariant that is proved, or the strong form, and the result. */
export interface ProvedByEnumeration {
  readonly invariant: Invariant;
  readonly result: EnumerationResult;
}

/** Options of a proof by enumeration. */
export interface EnumerationOptions {
  readonly bounds: EnumerationBounds;
  /** Whether to show besides that reachable states are among those of the invariant, and that each of its parts is needed. */
  readonly evidence: boolean;
}

/** Proves the strong form of the invariant, else the weak form. */
export function proveByEnumeration(functions: ExecutedFunctions, options: EnumerationOptions): ProvedByEnumeration {
  const strong = resultFor(functions, STRONG, options);
  if (isProved(strong)) {
    return { invariant: STRONG, result: strong };
  }
  const weak = resultFor(functions, WEAK, options);
  return isProved(weak) ? { invariant: WEAK, result: weak } : { invariant: STRONG, result: strong };
}

/** Whether every obligation is proved. */
function isProved({ obligations }: EnumerationResult): boolean {
  return obligations.every(({ verdict }) => verdict === "proved");
}

/** Proves one form of the invariant. */
export function resultFor(
  functions: ExecutedFunctions,
  invariant: Invariant,
  { bounds, evidence }: EnumerationOptions,
): EnumerationResult {
  const started = performance.now();
  const states = statesOf(invariant, bounds, functions.limits);
  const { steps, obligations } = enumerate(functions, invariant, bounds, states);
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

function covered(
  functions: ExecutedFunctions,
  invariant: Invariant,
  bounds: EnumerationBounds,
  states: readonly NumberState[],
): NonNullable<EnumerationResult["coverage"]> {
  const { reached, missing } = coverage(functions, COVERED_MMS, invariant, bounds, states);
  return { mms: COVERED_MMS, reached, missing: missing.length };
}

function neededIn(functions: ExecutedFunctions, invariant: Invariant): NonNullable<EnumerationResult["needed"]> {
  return invariant.parts.map(({ name }) => {
    const { obligations } = enumerate(functions, without(invariant, name), NEEDED_BOUNDS);
    const fails = obligations.filter(({ counterexample }) => counterexample !== undefined);
    return { part: name, fails: fails.map(({ from, to }) => ({ from, to })) };
  });
}
