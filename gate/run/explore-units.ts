/** Exploration of the translation units of a tree and its base. */

import type { Job } from "../../verify/job/job.ts";
import type { RunReport } from "../../verify/report/report.ts";
import type { BaseUnit } from "../preparation/base-unit.ts";
import type { CompiledUnit } from "../preparation/compile-unit.ts";
import { gateConfig } from "../unit/configurations.ts";
import { GateBase, type RunJobs, type TreeRun } from "./base.ts";
import { type Finding, findingsOf, followUp } from "./findings.ts";
import { comparedWithOther } from "./optimisations.ts";
import { modeOf } from "./outcome.ts";
import { gateJobs, isOfSmallestProfile, requireJobs } from "./plan.ts";
import type { GateRequest } from "./request.ts";
import { reportedUnit, type UnitPart, type UnitResults, type UnitRun, unitResults } from "./unit-part.ts";

/** Results of all runs of a gate on units, and the units. */
export interface GateRunResult extends UnitResults {
  readonly units: readonly CompiledUnit[];
  /** The base of each unit; undefined where an interrupt came before it was compiled. Absent without a base. */
  readonly bases?: readonly (BaseUnit | undefined)[];
  /** The results in each configuration. */
  readonly parts: readonly UnitPart[];
}

/** Whether a shard has a run. @param unit index of the unit @param position position of the run in the profile */
export type HasRun = (unit: number, position: number) => boolean;

/**
 * Explores every machine of the profile in every configuration, as units are compiled. So that one finding does not
 * hide another, a run that stops at a function which differs is repeated without comparing that function, and one that
 * stops at a violation which is accepted, or which the base also has, without that violation.
 *
 * @param isAccepted whether the baseline accepts a finding
 * @param bases the base of each unit
 * @param hasRun the runs of a shard; all without it
 * @throws UsageError for an unknown profile or machine, and if there is no run
 */
export async function runGate(
  units: readonly (CompiledUnit | Promise<CompiledUnit>)[],
  request: GateRequest,
  run: RunJobs,
  isAccepted: (finding: Finding) => boolean = () => false,
  bases?: readonly (BaseUnit | Promise<BaseUnit>)[],
  hasRun: HasRun = () => true,
): Promise<GateRunResult> {
  const results = await Promise.all(
    units.map(async (unit, index) => {
      const jobs = gateJobs(await unit, request).flatMap((job, position) =>
        hasRun(index, position) ? [{ job, origin: job, position }] : [],
      );
      return exploreUnit(await unit, jobs, run, isAccepted, bases?.[index]);
    }),
  );
  const compiledUnits = results.map(({ unit }) => unit);
  requireJobs(
    compiledUnits.map(({ fast }) => gateConfig(fast.unit.configuration)),
    request,
  );
  const parts = results.map(({ part }) => part);
  return {
    units: compiledUnits,
    ...(bases === undefined ? {} : { bases: results.map(({ base }) => base) }),
    parts,
    ...unitResults(parts),
  };
}

/** Results of one configuration. */
interface UnitResult {
  readonly unit: CompiledUnit;
  /** The base, if it was compiled. */
  readonly base: BaseUnit | undefined;
  readonly part: UnitPart;
}

/** A job of a profile, or one that continues it. */
interface PlacedJob extends Pick<TreeRun, "origin" | "position"> {
  readonly job: Job;
}

async function exploreUnit(
  unit: CompiledUnit,
  first: readonly PlacedJob[],
  run: RunJobs,
  isAccepted: (finding: Finding) => boolean,
  baseUnit: BaseUnit | Promise<BaseUnit> | undefined,
): Promise<UnitResult> {
  const unitRuns: UnitRun[] = [];
  const treeRuns: TreeRun[] = [];
  let compiledBase: BaseUnit | undefined;
  let base: GateBase | undefined;
  const openBase = async (of: BaseUnit | Promise<BaseUnit>): Promise<GateBase> => {
    compiledBase = await of;
    return new GateBase(unit, compiledBase, run);
  };
  let isInterrupted = false;
  let jobs = first;
  for (let round = 0; jobs.length > 0; round += 1) {
    const reports = await run(jobs.map(({ job }) => job));
    const newRuns = jobs.map((each, index) => ({ ...each, report: reports[index] as RunReport }));
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
      base ??= await openBase(baseUnit);
      await base.decide(undecided);
    }
    const next: PlacedJob[] = [];
    for (const each of runs) {
      const { job, origin, position, report, findings: runFindings } = each;
      const isInBase = (finding: Finding): boolean => base?.has(finding, each) === true;
      const isKnown = (finding: Finding): boolean => isAccepted(finding) || isInBase(finding);
      const nextJob = report.stopped === undefined ? followUp(job, runFindings, isKnown) : undefined;
      unitRuns.push({
        round,
        position,
        outcome: { mode: modeOf(job), report, hasFollowUp: nextJob !== undefined },
        findings: runFindings.map((finding) => (isInBase(finding) ? { ...finding, inBase: true } : finding)),
      });
      if (nextJob !== undefined) {
        next.push({ job: nextJob, origin, position });
      }
    }
    jobs = next;
  }
  if (!isInterrupted && baseUnit !== undefined) {
    base ??= await openBase(baseUnit);
    await base.exhaust(treeRuns.filter(({ origin }) => isOfSmallestProfile(origin)));
  }
  return {
    unit,
    base: compiledBase,
    part: {
      unit: reportedUnit(unit.fast.unit),
      runs: unitRuns,
      ...(baseUnit === undefined
        ? {}
        : { base: { ...(base === undefined ? {} : { unit: base.unit }), runs: base?.runs() ?? [] } }),
    },
  };
}
