/** The same races of C code that clang compiled in two ways: what only one of them shows. */

import type { CompiledSubject, Job } from "../../verify/job/job.ts";
import type { RunReport } from "../../verify/report/report.ts";
import type { Optimisation } from "../compile/clang.ts";
import type { Finding } from "./findings.ts";

/** A run, with the job of a profile that it followed from. */
interface OptimisedRun {
  readonly origin: Job;
  readonly report: RunReport;
}

/** Name of a run of a profile, whatever clang makes of the code. */
export function runName({ machine, bounds, symmetry, calls, compiled }: Job): string {
  return JSON.stringify([machine, bounds, symmetry, calls, (compiled as CompiledSubject).mode]);
}

/**
 * The finding of a run, with the other optimisation where its code was explored in the same run and does not show it: a
 * verdict that depends on the compiler.
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
  // A run that ended at another violation knows nothing of this one.
  const isHeld = verdicts.length > 0 && verdicts.every((each) => each === "holds" || each === "reached");
  return isHeld && heldBy !== undefined ? { ...finding, heldBy } : finding;
}

/** How clang compiled the code that shows findings, and the one whose code shows none of them, if that is known. */
export function optimisationsIn(findings: readonly Pick<Finding, "optimisation" | "heldBy">[]): {
  readonly optimisations?: readonly Optimisation[];
  readonly heldBy?: Optimisation;
} {
  const optimisations = [...new Set(findings.flatMap(({ optimisation }) => optimisation ?? []))].sort();
  const [first] = findings;
  const heldBy = findings.every((each) => each.heldBy === first?.heldBy) ? first?.heldBy : undefined;
  return optimisations.length === 0 ? {} : { optimisations, ...(heldBy === undefined ? {} : { heldBy }) };
}
