/** Exit codes are an interface: scripts and CI rely on them. */
import type { RunVerdict } from "../verify/report/report.ts";

/** What the process exits with. */
export const ExitCode = {
  /** Everything is as expected. */
  expected: 0,
  /** A property failed: a claim is violated, or a witness is unreached. */
  failed: 1,
  /** Bad usage or input. */
  usage: 2,
  /** The search ended before it had visited every state, and nothing failed until then. */
  incomplete: 3,
  /** An internal error: a machine broke the explorer's rules, or foliocheck has a bug. */
  internal: 70,
} as const;

/** The exit code of a verdict. */
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
