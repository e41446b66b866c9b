/** Texts, marks and colours of verdicts. */
import type { Verdict } from "../../explore/search/search.ts";
import { type Role, type Span, span } from "./styled-text.ts";

/** Meaning of an unreached witness. */
export const LOST_BEHAVIOUR = "the model lost behaviour it must have";

/** Meaning of a vacuous property. */
export const VACUOUS = "vacuous: its premise was never true within these bounds, so it says nothing";

/** Returns the mark of a verdict: ✓ as expected, ✗ failed, … incomplete. */
export function markOf(verdict: Verdict): string {
  switch (verdict) {
    case "holds":
    case "reached":
      return "✓";
    case "violated":
    case "unreached":
      return "✗";
    case "incomplete":
      return "…";
  }
}

/** Whether a verdict fails a run. `incomplete` is neither a success nor a failure. */
export function isFailure(verdict: Verdict): boolean {
  return markOf(verdict) === "✗";
}

/** Returns the colour role of a verdict. */
export function roleOf(verdict: Verdict): Role {
  switch (markOf(verdict)) {
    case "✓":
      return "good";
    case "✗":
      return "bad";
    default:
      return "warn";
  }
}

/** Formats a verdict with its mark: `✓ holds`. */
export function verdictSpan(verdict: Verdict): Span {
  return span(`${markOf(verdict)} ${verdict}`, roleOf(verdict));
}
