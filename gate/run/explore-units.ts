/** Runs the gate on a tree's units, until there is nothing more to find. */

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
import { checkSomethingIsAsked, gateJobs, isOfSmallestProfile } from "./plan.ts";
import type { GateRequest } from "./request.ts";

/** What all runs of a gate came to. */
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
  /** The base; undefined when an interrupt came before it was known. */
  readonly base: BaseUnit | undefined;
  readonly outcomes: readonly GateOutcome[];
  /** Findings that it has and the tree has not. */
  readonly cured: readonly Finding[];
}

/**
 * Explores every machine of the profile in every configuration, beginning with those that are compiled. A run that
 * stops at a function that differs is run again without looking at that function, and one that stops at a claim whose
 * violation is accepted, or that the base violates alike, without judging by that: so that one finding does not hide
 * another.
 *
 * @param isAccepted whether a finding is known and accepted
 * @param bases the base of each unit
 * @throws UsageError for an unknown profile or machine, and when there is nothing to explore
 */
export async function runGate(
  units: readonly (CompiledUnit | Promise<CompiledUnit>)[],
  request: GateRequest,
  run: RunJobs,
  isAccepted: (finding: Finding) => boolean = () => false,
  bases?: readonly (BaseUnit | Promise<BaseUnit>)[],
): Promise<GateRunResult> {
  const results = await Promise.all(
    units.map(async (unit, index) => explored(await unit, request, run, isAccepted, bases?.[index])),
  );
  const done = results.map(({ unit }) => unit);
  checkSomethingIsAsked(
    done.map(({ fast }) => gateConfig(fast.unit.configuration)),
    request,
  );
  return {
    units: done,
    outcomes: results.flatMap(({ outcomes }) => outcomes),
    findings: results.flatMap(({ findings }) => findings),
    ...(bases === undefined ? {} : { base: results.flatMap(({ base }) => base ?? []) }),
  };
}

/** Results of one configuration. */
interface Explored extends Omit<GateRunResult, "units" | "base"> {
  readonly unit: CompiledUnit;
  readonly base: ConfiguredBaseResult | undefined;
}

async function explored(
  unit: CompiledUnit,
  request: GateRequest,
  run: RunJobs,
  isAccepted: (finding: Finding) => boolean,
  baseUnit: BaseUnit | Promise<BaseUnit> | undefined,
): Promise<Explored> {
  const outcomes: GateOutcome[] = [];
  const findings: Finding[] = [];
  const treeRuns: TreeRun[] = [];
  let base: GateBase | undefined;
  let isInterrupted = false;
  let jobs = gateJobs(unit, request).map((job) => ({ job, origin: job }));
  const config = formatConfig(gateConfig(unit.fast.unit.configuration));
  while (jobs.length > 0) {
    const reports = await run(jobs.map(({ job }) => job));
    const reported = jobs.map(({ job, origin }, index) => ({ job, origin, report: reports[index] as RunReport }));
    const all = [...treeRuns, ...reported];
    const runs = reported.map((each): TreeRun & { readonly job: Job } => ({
      ...each,
      findings: findingsOf(each.job, each.report).map((finding) => comparedWithOther(finding, each, all)),
    }));
    treeRuns.push(...runs);
    isInterrupted ||= reports.some(({ stopped }) => stopped === "interrupted");
    const open = runs
      .map((each) => ({ ...each, findings: each.findings.filter((finding) => !isAccepted(finding)) }))
      .filter((each) => each.findings.length > 0);
    if (open.length > 0 && !isInterrupted && baseUnit !== undefined) {
      base ??= new GateBase(unit, await baseUnit, run);
      await base.decide(open);
    }
    const next: typeof jobs = [];
    for (const each of runs) {
      const { job, origin, report, findings: found } = each;
      const isInBase = (finding: Finding): boolean => base?.has(finding, each) === true;
      const isKnown = (finding: Finding): boolean => isAccepted(finding) || isInBase(finding);
      const again = report.stopped === undefined ? followUp(job, found, isKnown) : undefined;
      outcomes.push({ job, report, followed: again !== undefined });
      findings.push(...found.map((finding) => (isInBase(finding) ? { ...finding, inBase: true } : finding)));
      if (again !== undefined) {
        next.push({ job: again, origin });
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
