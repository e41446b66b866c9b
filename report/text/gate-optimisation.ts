/** How clang compiled the code that shows a race, in words. */
import type { GateExceptionReport, GateFindingReport } from "../../verify/report/report.ts";

/** `-O0 and -O2`, or that only one of them shows it; undefined for what is no race. */
export function optimisationText({
  optimisations,
  heldBy,
}: Pick<GateFindingReport | GateExceptionReport, "optimisations"> & Pick<GateFindingReport, "heldBy">):
  | string
  | undefined {
  const shown = optimisations?.join(" and ");
  return shown === undefined || heldBy === undefined
    ? shown
    : `${shown} only: the verdict depends on the compiler, as with ${heldBy} it holds at the same bounds`;
}
