/** What the gate says of a change that it did not look at. */
import type { GateReport } from "../verify/report.ts";

/** What follows the verdict when it says nothing about the change; else nothing. */
export function changeRemark({ change, verdict }: GateReport): string {
  if (change === undefined || change.isLookedAt) {
    return "";
  }
  return `, ${verdict === "holds" ? "but" : "and"} nothing that is changed was looked at`;
}
