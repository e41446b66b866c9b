/** Rmap accounting as a subject of a proof by formulas. */
import { executedStep } from "../accounting/accounted-steps.ts";
import { ACCOUNTING } from "../accounting/accounting-theory.ts";
import type { ExecutedAccounting } from "../accounting/executed-accounting.ts";
import type { AccountedNumbers, NumberStep } from "../check-obligations.ts";
import type { FailedAssertion } from "../executed-functions.ts";
import { accountedNumbersOf } from "./accounted-numbers.ts";
import { accountingAgreement } from "./accounting-agreement.ts";
import { accountingPossibilities } from "./accounting-possibilities.ts";
import { type Evaluate, numberOf, storedNumbers } from "./numbers.ts";
import { NOT_EXECUTED, type SymbolicSubject } from "./prove-by-formulas.ts";
import type { TermFunctions, TermStep } from "./term-functions.ts";

/**
 * Rmap functions.
 *
 * @param terms executes them with symbols
 * @param executed executes counterexamples, to see that they are some
 * @param assertionOf the kernel assertion with a number
 */
export function accountingSubject(
  terms: () => TermFunctions<"accounting">,
  executed: ExecutedAccounting,
  assertionOf: (site: number) => FailedAssertion | undefined,
): SymbolicSubject<"accounting"> {
  return {
    theory: ACCOUNTING,
    terms,
    agreement: (functions) => accountingAgreement(functions, executed),
    possibilities: accountingPossibilities,
    numbersOf: accountedNumbersOf,
    numbersOfStep: (step, evaluate) => numbersOfStep(step, evaluate, assertionOf),
    refusalOf: (step) => refusalOf(executed, step),
  };
}

function numbersOfStep(
  { operation, before, after, tracked, diff, page, nrPages, changesOthers, site }: TermStep<"accounting">,
  evaluate: Evaluate,
  assertionOf: (site: number) => FailedAssertion | undefined,
): NumberStep<"accounting"> {
  const warning = assertionOf(Number(evaluate(site)));
  return {
    operation,
    diff: numberOf(diff, evaluate),
    page: numberOf(page, evaluate),
    nrPages: numberOf(nrPages, evaluate),
    before: accountedNumbersOf(before, evaluate),
    after: accountedNumbersOf(after, evaluate),
    tracked: storedNumbers(tracked, evaluate),
    changesOthers: evaluate(changesOthers) === 1n,
    warned: warning !== undefined,
    warning,
  };
}

/** Executes a step, if there are enough struct pages. */
function refusalOf(executed: ExecutedAccounting, step: NumberStep<"accounting">): string | undefined {
  if (step.nrPages > executed.mostPages) {
    return `its counterexample has ${step.nrPages} pages, and only folios of up to ${executed.mostPages} can be executed`;
  }
  return isSame(step, executedStep(executed, step)) ? undefined : NOT_EXECUTED;
}

/** Whether two steps end alike. */
function isSame(one: NumberStep<"accounting">, other: NumberStep<"accounting">): boolean {
  const valuesOf = ({ after, tracked, changesOthers, warning }: NumberStep<"accounting">): string =>
    JSON.stringify([sorted(after), tracked, changesOthers, warning]);
  return valuesOf(one) === valuesOf(other);
}

/** The values by name, in one order. */
function sorted(state: AccountedNumbers): readonly (readonly [string, unknown])[] {
  return Object.entries(state).toSorted(([one], [other]) => (one < other ? -1 : 1));
}
