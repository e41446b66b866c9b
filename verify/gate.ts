/** Runs the gate on a tree's units, until there is nothing more to find. */
import type { CompiledUnit } from "../gate/compile.ts";
import { gateConfig } from "../gate/configurations.ts";
import { type Finding, findingsOf, followUp } from "./gate-findings.ts";
import type { GateOutcome } from "./gate-outcome.ts";
import { checkSomethingIsAsked, type GateRequest, gateJobs } from "./gate-plan.ts";
import type { Job } from "./job.ts";
import type { RunReport } from "./report.ts";

/** What all runs of a gate came to. */
export interface GateRunResult {
  readonly units: readonly CompiledUnit[];
  readonly outcomes: readonly GateOutcome[];
  readonly findings: readonly Finding[];
}

/** Runs jobs, and reports them in their order. */
type RunJobs = (jobs: readonly Job[]) => Promise<readonly RunReport[]>;

/**
 * Explores every machine of the profile in every configuration, beginning with those that are compiled. A run that stops at a
 * function that differs is run again without looking at that function, and one that stops at a claim whose violation is accepted,
 * without judging by that: so that one finding does not hide another.
 *
 * @param isAccepted whether a finding is known and accepted
 * @throws UsageError for an unknown profile or machine, and when there is nothing to explore
 */
export async function runGate(
  units: readonly (CompiledUnit | Promise<CompiledUnit>)[],
  request: GateRequest,
  run: RunJobs,
  isAccepted: (finding: Finding) => boolean = () => false,
): Promise<GateRunResult> {
  const results = await Promise.all(units.map(async (unit) => explored(await unit, request, run, isAccepted)));
  const done = results.flatMap((each) => each.units);
  checkSomethingIsAsked(
    done.map(({ fast }) => gateConfig(fast.unit.configuration)),
    request,
  );
  return {
    units: done,
    outcomes: results.flatMap(({ outcomes }) => outcomes),
    findings: results.flatMap(({ findings }) => findings),
  };
}

async function explored(
  unit: CompiledUnit,
  request: GateRequest,
  run: RunJobs,
  isAccepted: (finding: Finding) => boolean,
): Promise<GateRunResult> {
  const outcomes: GateOutcome[] = [];
  const findings: Finding[] = [];
  let jobs: readonly Job[] = gateJobs(unit, request);
  while (jobs.length > 0) {
    const reports = await run(jobs);
    const next: Job[] = [];
    for (const [index, job] of jobs.entries()) {
      const report = reports[index] as RunReport;
      const found = findingsOf(job, report);
      const again = report.stopped === undefined ? followUp(job, found, isAccepted) : undefined;
      outcomes.push({ job, report, followed: again !== undefined });
      findings.push(...found);
      if (again !== undefined) {
        next.push(again);
      }
    }
    jobs = next;
  }
  return { units: [unit], outcomes, findings };
}
