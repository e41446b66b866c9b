/** Combines verdicts. */
import type { Verdict } from "../explore/search/search.ts";
import type { RunVerdict } from "./report/report.ts";

/** Returns the worst of several verdicts: `violated` before `unreached` before `incomplete` before `holds`. */
export function worst(verdicts: readonly (RunVerdict | "reached")[]): RunVerdict {
  const order: readonly RunVerdict[] = ["violated", "unreached", "incomplete"];
  return order.find((verdict) => verdicts.includes(verdict)) ?? "holds";
}

/** Combines the verdicts of a claim's properties: `reached` if all are, else the worst; `holds` for an empty list. */
export function claimVerdict(verdicts: readonly Verdict[]): Verdict {
  return verdicts.length > 0 && verdicts.every((each) => each === "reached") ? "reached" : worst(verdicts);
}
