/** A walk on a running kernel as test results: one case. */
import type { LiveReport } from "../../live/run/report.ts";
import { claimOf, differenceText, factsOf, referenceOf } from "../text/live.ts";
import type { TestCase, TestResults } from "./test-results.ts";

/** Returns the test case of a report. */
export function liveResults(report: LiveReport): TestResults {
  const { scope, host, config, seconds, steps, stepsPerSecond, provenance } = report;
  return {
    command: "live",
    name: "foliocheck",
    code: { name: `the running kernel ${host.release}`, release: host.release },
    suites: [
      {
        id: scope,
        name: `live ${scope}`,
        className: `foliocheck.live.${scope}`,
        config,
        properties: Object.entries(factsOf(report)),
        cases: [walkCase(report)],
        metrics: [
          { name: "steps", value: steps },
          { name: "steps-per-second", value: stepsPerSecond },
        ],
        seconds,
      },
    ],
    seconds,
    ...(provenance === undefined ? {} : { provenance }),
  };
}

function walkCase(report: LiveReport): TestCase {
  const { scope, verdict, walk, differences } = report;
  const claim = claimOf(report);
  const about = { id: scope, name: claim };
  switch (verdict) {
    case "holds":
      return { ...about, outcome: "passed" };
    case "incomplete":
      return { ...about, outcome: "unknown", reason: "incomplete: the walk ended before it was done" };
    case "violated":
      return {
        ...about,
        outcome: "failed",
        failure: verdict,
        reason: claim,
        counterexample: () => `${differences.map((each) => differenceText(each, referenceOf(walk))).join("\n")}\n`,
      };
  }
}
