/** Status of a finding with respect to the baseline and the base. */
import type { GateFindingReport } from "../../verify/report/report.ts";

/**
 * `new`: fails the gate. `unproved`: makes the gate incomplete. `accepted`: the baseline accepts it. `in base`: the
 * base also has it.
 */
export type FindingStatus = "new" | "unproved" | "accepted" | "in base";

/** All statuses, in the order of reports. */
export const FINDING_STATUSES: readonly FindingStatus[] = ["new", "unproved", "accepted", "in base"];

/** Returns the status of a finding. */
export function statusOf({ accepted, inBase, verdict }: GateFindingReport): FindingStatus {
  if (accepted !== undefined) {
    return "accepted";
  }
  if (inBase === true) {
    return "in base";
  }
  return verdict === "unproved" ? "unproved" : "new";
}

/** Returns the findings with a status. */
export function findingsWithStatus(
  status: FindingStatus,
  findings: readonly GateFindingReport[],
): readonly GateFindingReport[] {
  return findings.filter((each) => statusOf(each) === status);
}
