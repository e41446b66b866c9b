/** Exploration of the translation units of a tree and its base. */

import { formatConfig } from "../../model/kernel/config.ts";
import type { Job } from "../../verify/job/job.ts";
import type { RunReport } from "../../verify/report/report.ts";
import type { BaseUnit } from "../preparation/base-unit.ts";
import type { CompiledUnit } from "../preparation/compile-unit.ts";
import { gateConfig } from "../unit/configurations.ts";
import { GateBase, type RunJobs, type TreeRun } from "./base.ts";
import { type Finding, findingsOf, followUp } from "./findings.ts";
import { comparedWithOther } from "./optimisations.ts";
import type { GateOutcome } from "./outcome.ts";
import { gateJobs, isOfSmallestProfile, requireJobs } from "./plan.ts";
import type { GateRequest } from "./request.ts";

/** Results of all runs of a gate on units. */
export interface GateRunResult {
  readonly units: readonly CompiledUnit[];
  readonly outcomes: readonly GateOutcome[];
  readonly findings: readonly Finding[];
  /** Results of the base; absent without one. */
  readonly base?: readonly ConfiguredBaseResult[];
}

/** Results of the base in one configuration. */
export interface ConfiguredBaseResult {
  readonly config: string;
  /** The base; undefined if an interrupt came before it was compiled. */
  readonly base: BaseUnit | undefined;
  readonly outcomes: readonly GateOutcome[];
  /** Findings of the base that the tree does not have. */
  readonly cured: readonly Finding[];
}

/**
 * Explores every machine of the profile in every configuration, as units are compiled. So that one finding does not
 * hide another, a run that stops at a function which differs is repeated without comparing that function, and one that
 * stops at a violation which is accepted, or which the base also has, without that violation.
 *
 * @param isAccepted whether the baseline accepts a finding
 * @param bases the base of each unit
 * @throws UsageError for an unknown profile or machine, and if there is no run
 */
export async function runGate(
  units: readonly (CompiledUnit | Promise<CompiledUnit>)[],
  request: GateRequest,
  run: RunJobs,
  isAccepted: (finding: Finding) => boolean = () => false,
  bases?: readonly (BaseUnit | Promise<BaseUnit>)[],
): Promise<GateRunResult> {
  const results = await Promise.all(
    units.map(async (unit, index) => exploreUnit(await unit, request, run, isAccepted, bases?.[index])),
  );
  const compiledUnits = results.map(({ unit }) => unit);
  requireJobs(
    compiledUnits.map(({ fast }) => gateConfig(fast.unit.configuration)),
    request,
  );
  return {
    units: compiledUnits,
    outcomes: results.flatMap(({ outcomes }) => outcomes),
    findings: results.flatMap(({ findings }) => findings),
    ...(bases === undefined ? {} : { base: results.flatMap(({ base }) => base ?? []) }),
  };
}

/** Results of one configuration. */
interface UnitResult extends Omit<GateRunResult, "units" | "base"> {
  readonly unit: CompiledUnit;
  readonly base: ConfiguredBaseResult | undefined;
}

async function exploreUnit(
  unit: CompiledUnit,
  request: GateRequest,
  run: RunJobs,
  isAccepted: (finding: Finding) => boolean,
  baseUnit: BaseUnit | Promise<BaseUnit> | undefined,
): Promise<UnitResult> {
  const outcomes: GateOutcome[] = [];
  const findings: Finding[] = [];
  const treeRuns: TreeRun[] = [];
  let base: GateBase | undefined;
  let isInterrupted = false;
  let jobs = gateJobs(unit, request).map((job) => ({ job, origin: job }));
  const config = formatConfig(gateConfig(unit.fast.unit.configuration));
  while (jobs.length > 0) {
    const reports = await run(jobs.map(({ job }) => job));
    const newRuns = jobs.map(({ job, origin }, index) => ({ job, origin, report: reports[index] as RunReport }));
    const all = [...treeRuns, ...newRuns];
    const runs = newRuns.map((each): TreeRun & { readonly job: Job } => ({
      ...each,
      findings: findingsOf(each.job, each.report).map((finding) => comparedWithOther(finding, each, all)),
    }));
    treeRuns.push(...runs);
    isInterrupted ||= reports.some(({ stopped }) => stopped === "interrupted");
    const undecided = runs
      .map((each) => ({ ...each, findings: each.findings.filter((finding) => !isAccepted(finding)) }))
      .filter((each) => each.findings.length > 0);
    if (undecided.length > 0 && !isInterrupted && baseUnit !== undefined) {
      base ??= new GateBase(unit, await baseUnit, run);
      await base.decide(undecided);
    }
    const next: typeof jobs = [];
    for (const each of runs) {
      const { job, origin, report, findings: runFindings } = each;
      const isInBase = (finding: Finding): boolean => base?.has(finding, each) === true;
      const isKnown = (finding: Finding): boolean => isAccepted(finding) || isInBase(finding);
      const nextJob = report.stopped === undefined ? followUp(job, runFindings, isKnown) : undefined;
      outcomes.push({ job, report, hasFollowUp: nextJob !== undefined });
      findings.push(...runFindings.map((finding) => (isInBase(finding) ? { ...finding, inBase: true } : finding)));
      if (nextJob !== undefined) {
        next.push({ job: nextJob, origin });
      }
    }
    jobs = next;
  }
  if (!isInterrupted && baseUnit !== undefined) {
    base ??= new GateBase(unit, await baseUnit, run);
    await base.exhaust(treeRuns.filter(({ origin }) => isOfSmallestProfile(origin)));
  }
  return {
    unit,
    outcomes,
    findings,
    base:
      baseUnit === undefined
        ? undefined
        : { config, base: base?.unit, outcomes: base?.outcomes() ?? [], cured: base?.cured(outcomes, findings) ?? [] },
  };
}
