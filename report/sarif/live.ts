/** A walk on a running kernel as SARIF: a result for each difference from the model, or from the trace. */
import { formatCall } from "../../explore/model/model.ts";
import type { LiveReport } from "../../live/run/report.ts";
import { claimOf, differenceText, referenceOf } from "../text/live.ts";
import { notCheckedText } from "../text/not-checked.ts";
import { sarifLog } from "./log.ts";
import { plainFlow } from "./thread-flows.ts";

const HELP = "After the last step of the code flow, the running kernel shows another value than is expected.";

/** Formats a report. */
export function liveSarif(report: LiveReport): string {
  const { differences, notChecked, provenance, verdict, walk } = report;
  const claim = claimOf(report);
  return sarifLog({
    results: differences.map((difference) => ({
      rule: { id: "live", claim, help: HELP },
      level: "error",
      message: `${claim}: no\n${differenceText(difference, referenceOf(walk))}`,
      places: [],
      flow: plainFlow(difference.trace.steps.map(formatCall)),
    })),
    notifications: notChecked.map(notCheckedText),
    isComplete: verdict !== "incomplete",
    ...(provenance === undefined ? {} : { provenance }),
  });
}
