/** Exit codes, on which scripts and CI rely. */
import type { RunVerdict } from "../verify/report/report.ts";

/** Exit codes by meaning. */
export const ExitCode = {
  /** Everything is as expected. */
  expected: 0,
  /** A property failed: a claim is violated, or a witness is unreached. */
  failed: 1,
  /** Bad usage or input. */
  usage: 2,
  /** The search ended before it had visited every state, without a failed property. */
  incomplete: 3,
  /** Internal error: a model breaks the explorer's rules, or foliocheck has a bug. */
  internal: 70,
} as const;

/** Returns the exit code of a verdict. */
export function exitCodeOf(verdict: RunVerdict): number {
  switch (verdict) {
    case "holds":
      return ExitCode.expected;
    case "violated":
    case "unreached":
      return ExitCode.failed;
    case "incomplete":
      return ExitCode.incomplete;
  }
}
