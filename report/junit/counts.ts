/** Totals of test cases, as JUnit XML has them on suites. */

/** Attributes of a suite. No case ends in an error: what cannot be checked is skipped. */
export interface JunitCounts {
  readonly tests: number;
  readonly failures: number;
  readonly errors: 0;
  readonly skipped: number;
}

/** What came of a test case. */
export type CaseOutcome = "passed" | "failed" | "skipped";

/** The totals. */
export function junitCounts(outcomes: readonly CaseOutcome[]): JunitCounts & { readonly [name: string]: number } {
  const count = (outcome: CaseOutcome): number => outcomes.filter((each) => each === outcome).length;
  return { tests: outcomes.length, failures: count("failed"), errors: 0, skipped: count("skipped") };
}
