/** Entries of a baseline that match no finding. */
import type { GateReport } from "../../verify/report/report.ts";

/** Formats each entry: its signature, the configurations in which no finding matches it, and its reason. */
export function unmatchedTexts({ unmatched = [] }: GateReport): string[] {
  return unmatched.map(({ finding, configs, reason }) => `${finding} (in ${configs.join("; ")}; accepted: ${reason})`);
}
