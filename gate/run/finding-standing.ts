/** How a finding of the gate stands to what is known already. */
import type { GateFindingReport } from "../../verify/report/report.ts";

/** `new`: it fails the gate. `accepted`: by the baseline. `in base`: the base has it, too. */
export type FindingStanding = "new" | "accepted" | "in base";

/** The standings, in the order in which findings are reported. */
export const STANDINGS: readonly FindingStanding[] = ["new", "accepted", "in base"];

/** How a finding stands. */
export function standingOf({ accepted, inBase }: GateFindingReport): FindingStanding {
  return accepted !== undefined ? "accepted" : inBase === true ? "in base" : "new";
}

/** The findings that stand so. */
export function findingsThatAre(
  standing: FindingStanding,
  findings: readonly GateFindingReport[],
): readonly GateFindingReport[] {
  return findings.filter((each) => standingOf(each) === standing);
}
