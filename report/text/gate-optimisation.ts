/** Optimisation levels of a race as text. */
import type { GateExceptionReport, GateFindingReport } from "../../verify/report/report.ts";

/** Formats the optimisation levels of a finding: `-O0 and -O2`, or one with a remark; undefined if it is no race. */
export function optimisationText({
  optimisations,
  heldBy,
}: Pick<GateFindingReport | GateExceptionReport, "optimisations"> & Pick<GateFindingReport, "heldBy">):
  | string
  | undefined {
  const levels = optimisations?.join(" and ");
  return levels === undefined || heldBy === undefined
    ? levels
    : `${levels} only: the verdict depends on the compiler, as with ${heldBy} it holds at the same bounds`;
}
