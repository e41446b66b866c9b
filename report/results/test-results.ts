/** Any report as test cases in suites: the common ground of the formats of CI systems. */
import type { Provenance } from "../../verify/report/report.ts";
import type { PrintedTraces } from "../text/printed-traces.ts";

/**
 * Outcome of a test case. `unknown`: it was not decided, because a search is incomplete, an obligation is not proved or
 * no run reached the code. `skipped`: it does not apply, or its failure is accepted.
 */
export type CaseOutcome = "passed" | "failed" | "unknown" | "skipped";

/** A test case. */
export interface TestCase {
  /** Its id among the cases of the suite, without times, lines and verdicts: `C1`, or `folio_mapcount()`. */
  readonly id: string;
  /** Its name for readers, also without verdicts, because CI systems identify a case by its name. */
  readonly name: string;
  readonly outcome: CaseOutcome;
  /** Kind of a failure: `violated`, or the property of the first finding. */
  readonly failure?: string;
  /** Reason for an outcome that is not `passed`; of several findings, a line each. */
  readonly reason?: string;
  /** Remark on a case that passes. */
  readonly remark?: string;
  /** Returns the counterexample as text, with references to traces that the same suite already has. */
  readonly counterexample?: (printed: PrintedTraces) => string;
  /** Place in the tree. */
  readonly place?: { readonly file: string; readonly line: number };
  /** Seconds; absent if not measured. */
  readonly seconds?: number;
}

/** A measurement. */
export interface Metric {
  readonly name: string;
  readonly value: number;
  /** Absent for a number of things. */
  readonly unit?: string;
}

/** Test cases with a common subject, such as a run or a configuration. */
export interface TestSuite {
  /** Its name without what is the same in all suites of such a command, such as bounds that are 0. */
  readonly id: string;
  readonly name: string;
  /** Name of the cases' class in JUnit. */
  readonly className: string;
  /** The kernel configuration of all its cases, if they have one. */
  readonly config?: string;
  /** Facts about the subject by name. */
  readonly properties?: readonly (readonly [name: string, value: string | number])[];
  readonly cases: readonly TestCase[];
  /** Remark on all its cases. */
  readonly remark?: string;
  readonly metrics?: readonly Metric[];
  /** Seconds; absent if not measured. */
  readonly seconds?: number;
}

/** The source code that was checked. */
export interface CheckedCode {
  /** In words: `the tree linux`, or `the model of v7.1`. */
  readonly name: string;
  /** Name of a release, if the code is one. */
  readonly release?: string;
}

/** Test cases of a report. */
export interface TestResults {
  readonly command: "check" | "verify" | "gate" | "prove" | "live";
  /** Name of the report in JUnit. */
  readonly name: string;
  readonly code: CheckedCode;
  readonly suites: readonly TestSuite[];
  readonly seconds: number;
  readonly provenance?: Provenance;
}

/** Numbers of cases by outcome. */
export type OutcomeCounts = { readonly [O in CaseOutcome]: number } & { readonly all: number };

/** Counts the outcomes of cases. */
export function countOutcomes(cases: readonly TestCase[]): OutcomeCounts {
  const count = (outcome: CaseOutcome): number => cases.filter((each) => each.outcome === outcome).length;
  return {
    all: cases.length,
    passed: count("passed"),
    failed: count("failed"),
    unknown: count("unknown"),
    skipped: count("skipped"),
  };
}
