/** Verdicts on several verdicts. */
import type { Verdict } from "../explore/search/search.ts";
import type { RunVerdict } from "./report/report.ts";

/** The verdict on several verdicts: a failure over an unreached witness over an incomplete search. */
export function worst(verdicts: readonly (RunVerdict | "reached")[]): RunVerdict {
  const order: readonly RunVerdict[] = ["violated", "unreached", "incomplete"];
  return order.find((verdict) => verdicts.includes(verdict)) ?? "holds";
}

/** The verdict on a claim by its properties: `reached` when nothing but that is said. Of no property, it holds. */
export function claimVerdict(verdicts: readonly Verdict[]): Verdict {
  return verdicts.length > 0 && verdicts.every((each) => each === "reached") ? "reached" : worst(verdicts);
}
