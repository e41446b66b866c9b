/** Search report as SARIF: a result for each failed property. */
import type { RunReport, SearchReport } from "../../verify/report/report.ts";
import { type Failure, failureLines, failuresOf, runsOf } from "../text/findings.ts";
import { notCheckedText } from "../text/not-checked.ts";
import { sarifLog } from "./log.ts";
import { flowOf } from "./thread-flows.ts";

const HELP =
  "The model of the kernel reaches a state that violates the claim, or, of a witness, none that it must reach. The " +
  "code flow is a shortest execution that leads there.";

/** Formats a report. */
export function sarif(report: SearchReport): string {
  const runs = runsOf(report);
  return sarifLog({
    results: failuresOf(report).map((failure) => {
      const { property, trace } = failure;
      const { id, claim, source } = property;
      return {
        rule: { id, claim, source, help: HELP },
        level: "error",
        message: failureLines(failure, report).join("\n"),
        places: [],
        flow: flowOf(trace),
        fingerprint: fingerprintOf(failure, runs),
      };
    }),
    notifications: [...new Set(runs.flatMap(({ notChecked }) => notChecked.map(notCheckedText)))],
    isComplete: report.verdict !== "incomplete",
    ...(report.provenance === undefined ? {} : { provenance: report.provenance }),
  });
}

/** Identifies a failure at any bounds: by property, and the first of its machines and kernels. */
function fingerprintOf({ property, runs: indices }: Failure, runs: readonly RunReport[]): string {
  const run = runs[indices[0] ?? 0];
  return [property.id, run?.machine, run?.kernel, run?.config].join(" ");
}
