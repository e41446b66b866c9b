/** Verdicts in words, marks and colours. */
import type { Verdict } from "../../explore/search/search.ts";
import { type Role, type Span, span } from "./styled-text.ts";

/** What an unreached witness means. */
export const LOST_BEHAVIOUR = "the model lost behaviour it must have";

/** What a vacuous property means. */
export const VACUOUS = "vacuous: its premise was never true within these bounds, so it says nothing";

/** ✓ as expected, ✗ failed, … not known. */
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

/** Whether the verdict fails a run. Incomplete is neither a success nor a failure. */
export function isFailure(verdict: Verdict): boolean {
  return markOf(verdict) === "✗";
}

/** The colour of a verdict. */
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

/** The verdict with its mark: `✓ holds`. */
export function verdictSpan(verdict: Verdict): Span {
  return span(`${markOf(verdict)} ${verdict}`, roleOf(verdict));
}
