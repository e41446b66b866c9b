/** Search report as test results: a suite for each run, a case for each property and each proof. */
import type { PropertyReport, RunReport, SearchReport } from "../../verify/report/report.ts";
import { runsOf } from "../text/findings.ts";
import { notCheckedText } from "../text/not-checked.ts";
import { formatBounds, formatSubject, labelledCalls } from "../text/subject.ts";
import { LOST_BEHAVIOUR, VACUOUS } from "../text/verdict.ts";
import { formatViolation } from "../trace/trace.ts";
import { proofSuite } from "./suite-proofs.ts";
import type { TestCase, TestResults, TestSuite } from "./test-results.ts";

/** Returns the test cases of a report. */
export function searchResults(report: SearchReport): TestResults {
  return {
    command: report.command,
    name: "foliocheck",
    code: { name: `the model of ${report.kernel}` },
    suites: [
      ...runsOf(report).map(runSuite),
      ...(report.command === "verify" && report.proofs.length > 0 ? [proofSuite(report)] : []),
    ],
    seconds: report.seconds,
    ...(report.provenance === undefined ? {} : { provenance: report.provenance }),
  };
}

function runSuite(run: RunReport): TestSuite {
  const name = formatSubject(run);
  return {
    id: formatSubject({ ...run, bounds: nonzero(run.bounds) }),
    name,
    // CI systems split class names at dots.
    className: `foliocheck.${name.replaceAll(".", "_")}`,
    config: run.config,
    properties: [
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
    ],
    cases: run.properties.map((property) => propertyCase(property, run)),
    ...(run.notChecked.length === 0 ? {} : { remark: `Not checked: ${run.notChecked.map(notCheckedText).join("; ")}` }),
    metrics: [
      { name: "states", value: run.states },
      { name: "transitions", value: run.transitions },
      { name: "depth", value: run.depth },
      { name: "seconds", value: run.seconds, unit: "s" },
      { name: "table-bytes", value: run.tableBytes, unit: "B" },
    ],
    seconds: run.seconds,
  };
}

function nonzero(bounds: RunReport["bounds"]): RunReport["bounds"] {
  return Object.fromEntries(Object.entries(bounds).filter(([, value]) => value !== 0));
}

/** A run checks all its properties together: each case has an equal share of its time. */
function propertyCase(property: PropertyReport, run: RunReport): TestCase {
  const { id, claim, verdict, vacuous, trace } = property;
  const about = { id, name: `${id}: ${claim}`, seconds: run.seconds / run.properties.length };
  switch (verdict) {
    case "violated":
      return {
        ...about,
        outcome: "failed",
        failure: verdict,
        reason: claim,
        counterexample: (printed) => (trace === null ? "no trace" : formatViolation(trace, printed)),
      };
    case "unreached":
      return { ...about, outcome: "failed", failure: verdict, reason: `unreached: ${LOST_BEHAVIOUR}` };
    case "incomplete":
      return {
        ...about,
        outcome: "unknown",
        reason: "incomplete: the search ended before every state was visited",
      };
    case "holds":
    case "reached":
      return { ...about, outcome: "passed", ...(vacuous ? { remark: VACUOUS } : {}) };
  }
}
