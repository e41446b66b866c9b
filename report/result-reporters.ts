/** Reporters of test results, for CI systems: the same for every kind of report. */
import { junit } from "./junit/junit.ts";
import { kcidb } from "./kcidb/kcidb.ts";
import { ktap } from "./ktap/ktap.ts";
import type { TestResults } from "./results/test-results.ts";
import { squadMetrics, squadTests } from "./squad/squad.ts";

/** Names of the reporters. */
export type ResultReporterName = "junit" | "ktap" | "kcidb" | "squad" | "squad-metrics";

/** Returns the reporters by name. @param resultsOf returns the test cases of a report */
export function resultReporters<R>(resultsOf: (report: R) => TestResults): {
  readonly [N in ResultReporterName]: (report: R) => string;
} {
  return {
    junit: (report) => junit(resultsOf(report)),
    ktap: (report) => ktap(resultsOf(report)),
    kcidb: (report) => kcidb(resultsOf(report)),
    squad: (report) => squadTests(resultsOf(report)),
    "squad-metrics": (report) => squadMetrics(resultsOf(report)),
  };
}
