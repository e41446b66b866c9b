/**
 * Search report as JUnit XML, for CI systems: a test suite for each run, a test case for each property and each proof.
 */

import type { PropertyReport, RunReport, SearchReport } from "../../verify/report/report.ts";
import { runsOf } from "../text/findings.ts";
import { notCheckedText } from "../text/not-checked.ts";
import { PrintedTraces } from "../text/printed-traces.ts";
import { formatBounds, formatSubject, labelledCalls } from "../text/subject.ts";
import { LOST_BEHAVIOUR, VACUOUS } from "../text/verdict.ts";
import { formatViolation } from "../trace/trace.ts";
import { type CaseOutcome, junitCounts } from "./counts.ts";
import { proofOutcomes, proofTestSuite } from "./suite-proofs.ts";
import { element, escapeXml } from "./xml.ts";

/** Formats a report. */
export function junit(report: SearchReport): string {
  const runs = runsOf(report);
  const proofs = report.command === "verify" && report.proofs.length > 0 ? report : undefined;
  const suites = [...runs.map(testSuite), ...(proofs === undefined ? [] : [proofTestSuite(proofs)])];
  const outcomes = [
    ...runs.flatMap(({ properties }) => properties.map(outcomeOf)),
    ...proofOutcomes(proofs?.proofs ?? []),
  ];
  const root = element(
    "testsuites",
    { name: "foliocheck", ...junitCounts(outcomes), time: report.seconds.toFixed(3) },
    suites.flatMap((suite) => ["\n", suite]).concat("\n"),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`;
}

function outcomeOf({ verdict }: PropertyReport): CaseOutcome {
  switch (verdict) {
    case "violated":
    case "unreached":
      return "failed";
    case "incomplete":
      return "skipped";
    case "holds":
    case "reached":
      return "passed";
  }
}

function testSuite(run: RunReport): string {
  const properties: readonly (readonly [name: string, value: string | number])[] = [
    ["machine", run.machine],
    ["kernel", run.kernel],
    ...(run.against === undefined ? [] : [["against", run.against] as const]),
    ["config", run.config],
    ["bounds", formatBounds(run.bounds)],
    ...(run.calls === undefined ? [] : labelledCalls(run.calls)),
    ...(run.interleaving ?? []).map((sentence) => ["interleaved", sentence] as const),
    ["states", run.states],
    ["transitions", run.transitions],
    ["depth", run.depth],
    ["symmetry", String(run.symmetry)],
    ["mode", run.mode],
  ];
  const printed = new PrintedTraces();
  const lines = [
    element(
      "properties",
      {},
      properties.map(([name, value]) => element("property", { name, value })),
    ),
    ...run.properties.map((property) => testCase(run, property, printed)),
    ...(run.notChecked.length === 0
      ? []
      : [element("system-out", {}, [escapeXml(`Not checked: ${run.notChecked.map(notCheckedText).join("; ")}`)])]),
  ];
  return element(
    "testsuite",
    { name: formatSubject(run), ...junitCounts(run.properties.map(outcomeOf)), time: run.seconds.toFixed(3) },
    lines.flatMap((line) => ["\n  ", line]).concat("\n"),
  );
}

/**
 * Returns the case of a property. A run checks all its properties together: each case has an equal share of its time.
 */
function testCase(run: RunReport, property: PropertyReport, printed: PrintedTraces): string {
  // CI systems split class names at dots.
  const classname = `foliocheck.${formatSubject(run).replaceAll(".", "_")}`;
  const time = (run.seconds / run.properties.length).toFixed(3);
  return element(
    "testcase",
    { classname, name: `${property.id}: ${property.claim}`, time },
    content(property, printed),
  );
}

function content({ verdict, vacuous, claim, trace }: PropertyReport, printed: PrintedTraces): string[] {
  switch (verdict) {
    case "violated": {
      const text = trace === null ? "no trace" : formatViolation(trace, printed);
      return [element("failure", { type: verdict, message: claim }, [escapeXml(`\n${text}`)])];
    }
    case "unreached":
      return [element("failure", { type: verdict, message: `unreached: ${LOST_BEHAVIOUR}` })];
    case "incomplete":
      return [element("skipped", { message: "incomplete: the search ended before every state was visited" })];
    case "holds":
    case "reached":
      return vacuous ? [element("system-out", {}, [escapeXml(VACUOUS)])] : [];
  }
}
