/** Search report as SARIF: a result for each failed property. */
import type { SearchReport } from "../../verify/report/report.ts";
import { diagnosticText } from "../text/diagnostic.ts";
import { failuresOf, runsOf } from "../text/findings.ts";
import { notCheckedText } from "../text/not-checked.ts";
import { formatSubject } from "../text/subject.ts";
import { LOST_BEHAVIOUR } from "../text/verdict.ts";
import { callLines } from "../trace/call-lines.ts";
import { sarifLog } from "./log.ts";

/** Formats a report. */
export function sarif(report: SearchReport): string {
  const runs = runsOf(report);
  return sarifLog({
    results: failuresOf(report).map(({ property, trace, runs: indices }) => {
      const { id, claim, source, verdict } = property;
      const subjects = indices.flatMap((index) => runs[index] ?? []).map((run) => `Run: ${formatSubject(run)}`);
      const warning = trace?.warning === undefined ? [] : [`Warning: ${diagnosticText(trace.warning)}`];
      const lost = verdict === "unreached" ? [`Unreached: ${LOST_BEHAVIOUR}`] : [];
      return {
        rule: id,
        claim,
        level: "error",
        message: [...lost, claim, `Source: ${source}`, ...subjects, ...warning].join("\n"),
        places: [],
        steps: trace === null ? [] : callLines(trace),
      };
    }),
    notifications: [...new Set(runs.flatMap(({ notChecked }) => notChecked.map(notCheckedText)))],
    isComplete: report.verdict !== "incomplete",
    ...(report.provenance === undefined ? {} : { provenance: report.provenance }),
  });
}
