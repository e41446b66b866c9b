/** Owner tracking as a subject of a proof by formulas. */
import type { NumberStep } from "../check-obligations.ts";
import type { ExecutedFunctions, FailedAssertion } from "../executed-functions.ts";
import { TRACKING } from "../tracking-theory.ts";
import { agreement } from "./agreement.ts";
import { type Evaluate, numberOf, numbersOf } from "./numbers.ts";
import { NOT_EXECUTED, type SymbolicSubject } from "./prove-by-formulas.ts";
import type { TermFunctions, TermStep } from "./term-functions.ts";
import { possibilities } from "./tracking-possibilities.ts";

/**
 * Functions of owner tracking.
 *
 * @param terms executes them with symbols
 * @param executed executes counterexamples, to see that they are some
 * @param assertionOf the kernel assertion with a number
 */
export function trackingSubject(
  terms: () => TermFunctions,
  executed: ExecutedFunctions,
  assertionOf: (site: number) => FailedAssertion | undefined,
): SymbolicSubject<"tracking"> {
  return {
    theory: TRACKING,
    terms,
    agreement: (functions) => agreement(functions, executed),
    possibilities,
    numbersOf,
    numbersOfStep: (step, evaluate) => numbersOfStep(step, evaluate, assertionOf),
    refusalOf: (step) => (isExecuted(executed, step) ? undefined : NOT_EXECUTED),
  };
}

function numbersOfStep(
  { operation, before, after, diff, nrPages, result, site }: TermStep,
  evaluate: Evaluate,
  assertionOf: (site: number) => FailedAssertion | undefined,
): NumberStep<"tracking"> {
  const warning = assertionOf(Number(evaluate(site)));
  return {
    operation,
    diff: numberOf(diff, evaluate),
    nrPages: numberOf(nrPages, evaluate),
    before: numbersOf(before, evaluate),
    after: numbersOf(after, evaluate),
    result: result && numberOf(result, evaluate),
    warned: warning !== undefined,
    warning,
  };
}

/** Executes the step on numbers. What C code that reads more than owner tracking does may depend on the rest of memory. */
function isExecuted(
  { run }: ExecutedFunctions,
  { operation, before, after, diff, nrPages, result, warning }: NumberStep<"tracking">,
): boolean {
  const executed = run(operation, before, nrPages, diff, before.mms[2].id);
  const { largeMapcount, slots, shared, locked } = after;
  return (
    JSON.stringify(executed.after) === JSON.stringify({ largeMapcount, slots, shared, locked }) &&
    executed.result === result &&
    JSON.stringify(executed.warning) === JSON.stringify(warning)
  );
}
