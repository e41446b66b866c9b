/** Status of a finding with respect to the baseline and the base. */
import type { GateFindingReport } from "../../verify/report/report.ts";

/** `new`: fails the gate. `accepted`: the baseline accepts it. `in base`: the base also has it. */
export type FindingStatus = "new" | "accepted" | "in base";

/** All statuses, in the order of reports. */
export const FINDING_STATUSES: readonly FindingStatus[] = ["new", "accepted", "in base"];

/** Returns the status of a finding. */
export function statusOf({ accepted, inBase }: GateFindingReport): FindingStatus {
  return accepted !== undefined ? "accepted" : inBase === true ? "in base" : "new";
}

/** Returns the findings with a status. */
export function findingsWithStatus(
  status: FindingStatus,
  findings: readonly GateFindingReport[],
): readonly GateFindingReport[] {
  return findings.filter((each) => statusOf(each) === status);
}
