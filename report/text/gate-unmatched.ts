/** Entries of a baseline that match no finding. */
import type { GateReport } from "../../verify/report/report.ts";

/** One text for each: the signature, the configurations in which nothing matches it, and the reason that was given. */
export function unmatchedTexts({ unmatched = [] }: GateReport): string[] {
  return unmatched.map(({ finding, configs, reason }) => `${finding} (in ${configs.join("; ")}; accepted: ${reason})`);
}
