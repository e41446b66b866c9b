/** Totals of test cases, as attributes of JUnit suites. */

/** Attributes of a suite. No case is an error: unchecked cases are skipped. */
export interface JunitCounts {
  readonly tests: number;
  readonly failures: number;
  readonly errors: 0;
  readonly skipped: number;
}

/** Outcome of a test case. */
export type CaseOutcome = "passed" | "failed" | "skipped";

/** Counts the outcomes. */
export function junitCounts(outcomes: readonly CaseOutcome[]): JunitCounts & { readonly [name: string]: number } {
  const count = (outcome: CaseOutcome): number => outcomes.filter((each) => each === outcome).length;
  return { tests: outcomes.length, failures: count("failed"), errors: 0, skipped: count("skipped") };
}
