/** Comparison of the same races at two optimisation levels: findings that only one level has. */

import type { CompiledSubject, Job } from "../../verify/job/job.ts";
import type { RunReport } from "../../verify/report/report.ts";
import type { Optimisation } from "../compile/clang.ts";
import type { Finding } from "./findings.ts";

/** A run, with the job of a profile from which it or its predecessors started. */
interface OptimisedRun {
  readonly origin: Job;
  readonly report: RunReport;
}

/** Returns the identity of a run of a profile, independent of the optimisation level. */
export function runName({ machine, bounds, symmetry, calls, compiled }: Job): string {
  return JSON.stringify([machine, bounds, symmetry, calls, (compiled as CompiledSubject).mode]);
}

/**
 * Adds `heldBy` to a finding that the same run at the other optimisation level does not have: its verdict depends on
 * the compiler.
 *
 *
 * @param runs all runs so far
 */
export function comparedWithOther(
  finding: Finding,
  { origin }: Pick<OptimisedRun, "origin">,
  runs: readonly OptimisedRun[],
): Finding {
  const name = runName(origin);
  const others = runs.filter(
    (each) => each.origin.optimisation !== origin.optimisation && runName(each.origin) === name,
  );
  const verdicts = others.flatMap(({ report }) =>
    report.properties.flatMap(({ id, verdict }) => (id === finding.property ? [verdict] : [])),
  );
  const heldBy = others[0]?.origin.optimisation;
  // A run that ended at another violation decides nothing about this one.
  const isHeld = verdicts.length > 0 && verdicts.every((each) => each === "holds" || each === "reached");
  return isHeld && heldBy !== undefined ? { ...finding, heldBy } : finding;
}

/** Returns the optimisation levels of findings, and the level that is known to have none of them, if there is one. */
export function optimisationsIn(findings: readonly Pick<Finding, "optimisation" | "heldBy">[]): {
  readonly optimisations?: readonly Optimisation[];
  readonly heldBy?: Optimisation;
} {
  const optimisations = [...new Set(findings.flatMap(({ optimisation }) => optimisation ?? []))].sort();
  const [first] = findings;
  const heldBy = findings.every((each) => each.heldBy === first?.heldBy) ? first?.heldBy : undefined;
  return optimisations.length === 0 ? {} : { optimisations, ...(heldBy === undefined ? {} : { heldBy }) };
}
