/**
 * Test results and measurements as SQUAD takes them, the system behind LKFT: two files.
 *
 * @source SQUAD's documentation, “Input file formats”
 */
import { identifiedSuites } from "../results/identifiers.ts";
import type { CaseOutcome, TestCase, TestResults } from "../results/test-results.ts";
import { PrintedTraces } from "../text/printed-traces.ts";

/** SQUAD reads anything but `pass` and `fail` as skipped. */
const RESULTS: { readonly [O in CaseOutcome]: "pass" | "fail" | "skip" } = {
  passed: "pass",
  failed: "fail",
  unknown: "skip",
  skipped: "skip",
};

/** Formats the tests. A failed or undecided one has its reason and its counterexample as log. */
export function squadTests(results: TestResults): string {
  return object(
    identifiedSuites(results).flatMap(({ id: suite, cases }) => {
      const printed = new PrintedTraces();
      return cases.map(({ id, testCase }) => {
        const result = RESULTS[testCase.outcome];
        const log = logOf(testCase, printed);
        return [name(results, suite, id), log === "" ? result : { result, log }];
      });
    }),
  );
}

/** Formats the measurements: states, transitions, seconds … of each suite. */
export function squadMetrics(results: TestResults): string {
  return object(
    identifiedSuites(results).flatMap(({ id: suiteId, suite: { metrics = [] } }) =>
      metrics.map(({ name: metric, value, unit }) => [
        name(results, suiteId, metric),
        unit === undefined ? value : { value, unit },
      ]),
    ),
  );
}

/** Returns the name of a test or metric. SQUAD takes the part before the slash as the suite. */
function name({ command }: TestResults, suite: string, id: string): string {
  return `foliocheck-${command}/${suite}.${id}`;
}

function logOf({ reason = "", counterexample }: TestCase, printed: PrintedTraces): string {
  return [reason, counterexample?.(printed).trimEnd() ?? ""].filter((each) => each !== "").join("\n");
}

function object(entries: readonly (readonly [name: string, value: unknown])[]): string {
  return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`;
}
