/** Search report as SARIF: a result for each failed property. */
import type { SearchReport } from "../../verify/report/report.ts";
import { failureLines, failuresOf, runsOf } from "../text/findings.ts";
import { notCheckedText } from "../text/not-checked.ts";
import { callLines } from "../trace/call-lines.ts";
import { sarifLog } from "./log.ts";

/** Formats a report. */
export function sarif(report: SearchReport): string {
  const runs = runsOf(report);
  return sarifLog({
    results: failuresOf(report).map((failure) => {
      const { property, trace } = failure;
      return {
        rule: property.id,
        claim: property.claim,
        level: "error",
        message: failureLines(failure, report).join("\n"),
        places: [],
        steps: trace === null ? [] : callLines(trace),
      };
    }),
    notifications: [...new Set(runs.flatMap(({ notChecked }) => notChecked.map(notCheckedText)))],
    isComplete: report.verdict !== "incomplete",
    ...(report.provenance === undefined ? {} : { provenance: report.provenance }),
  });
}
