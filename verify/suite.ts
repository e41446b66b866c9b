/** Suite: plans the runs of a profile, and combines their reports. */
import { isDeepStrictEqual } from "node:util";
import type { Budget } from "../explore/search/budget.ts";
import type { Verdict } from "../explore/search/search.ts";
import { CLAIMS, claimOf } from "../invariants/catalogue.ts";
import { type NotChecked, notChecked, skipped } from "../invariants/not-checked.ts";
import { MACHINES } from "../machines/index.ts";
import { DEFAULT_KERNEL } from "../model/kernels/index.ts";
import { type Job, type JobRequest, modelOf, resolve } from "./job/job.ts";
import { type Profile, profileNamed } from "./profiles.ts";
import { type ClaimReport, REPORT_VERSION, type RunReport, type SuiteReport } from "./report/report.ts";
import type { SuiteProof } from "./report/suite-proof.ts";
import { configOf, hasConfig } from "./request/kernel-choice.ts";
import { oneOf, UsageError } from "./request/usage-error.ts";
import { claimVerdict, worst } from "./run-verdict.ts";
import { runVerdictOf } from "./suite-proofs.ts";

/** Request for a suite. */
export interface SuiteRequest {
  /** Name of the profile. */
  readonly profile: string;
  /** Id of a claim, or name of a machine, to which the suite is restricted. */
  readonly only?: string;
  /** Name of the kernel; v7.1 when absent. */
  readonly kernel?: string;
  /** Limits for each run. */
  readonly budget?: Budget;
}

/** A suite that is ready to run. */
export interface SuitePlan {
  readonly profile: Profile;
  readonly kernel: string;
  readonly only?: string;
  readonly jobs: readonly Job[];
  /** Configurations of the profile that the kernel does not have. */
  readonly missingConfigs: readonly string[];
}

/**
 * Plans a suite.
 *
 * @throws UsageError for an unknown profile, kernel, claim or machine
 */
export function planSuite(request: SuiteRequest): SuitePlan {
  const profile = profileNamed(request.profile);
  const kernel = request.kernel ?? DEFAULT_KERNEL;
  const { only } = request;
  const machines = MACHINES.map((each) => each.name);
  const claims = CLAIMS.map((each) => each.id);
  if (only !== undefined && !machines.includes(only) && !claims.includes(only)) {
    throw new UsageError(`unknown claim or machine "${only}"; want ${oneOf([...machines, ...claims])}`);
  }
  const claim = only !== undefined && claims.includes(only) ? { claims: [only] } : {};
  const budget = request.budget ?? {};
  configOf(kernel, "");
  const runs = profile.runs.filter((run) => concerns(run, kernel));
  const resolved = runs
    .filter((run) => only === undefined || "claims" in claim || run.machine === only)
    .map((run) => ({ kernel, ...run, ...claim, budget }))
    .filter((run) => hasConfig(run.kernel, run.config ?? ""))
    .map(resolve)
    .filter((run) => modelOf(run).properties.some(({ id }) => !("claims" in claim) || claimOf(id) === only));
  if (resolved.length === 0) {
    throw new UsageError(`profile ${profile.name} has no run that checks ${only}`);
  }
  return {
    profile,
    kernel,
    ...(only === undefined ? {} : { only }),
    jobs: distinct(resolved.map(({ job }) => job)),
    missingConfigs: distinct(runs.map(({ config = "" }) => config).filter((config) => !hasConfig(kernel, config))),
  };
}

/** Whether a run is part of a kernel's suite. A run that names a kernel is part of that kernel's and the default's. */
function concerns(run: JobRequest, kernel: string): boolean {
  return run.kernel === undefined || run.kernel === kernel || kernel === DEFAULT_KERNEL;
}

/** Removes duplicates: two configurations may be the same for a kernel that lacks an option. */
function distinct<T>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}

/** Parts of a suite's plan that its report contains. */
export type SuiteFrame = Pick<SuitePlan, "kernel" | "only" | "missingConfigs"> & {
  readonly profile: Pick<Profile, "name">;
};

/**
 * Combines the runs and proofs of a suite.
 *
 * @param others the runs that are not here, for one shard of a suite
 */
export function suiteReport(
  plan: SuiteFrame,
  runs: readonly RunReport[],
  seconds: number,
  proofs: readonly SuiteProof[] = [],
  others?: NotChecked,
): SuiteReport {
  const claims = CLAIMS.filter(({ id }) => plan.only === undefined || plan.only === id || !isClaim(plan.only)).map(
    (claim) => claimReport(claim, runs),
  );
  const checked = claims.filter((claim) => claim.runs.length > 0);
  return {
    format: "foliocheck-report",
    version: REPORT_VERSION,
    command: "verify",
    verdict: worst([...runs.map((run) => run.verdict), ...proofs.map(runVerdictOf)]),
    profile: plan.profile.name,
    kernel: plan.kernel,
    runs,
    claims: checked,
    proofs,
    states: sum(runs, (run) => run.states),
    transitions: sum(runs, (run) => run.transitions),
    seconds,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    notChecked: [
      ...(others === undefined ? [] : [others]),
      ...(plan.only === undefined ? [] : [skipped(`Anything but ${plan.only}`, "not asked for")]),
      ...plan.missingConfigs.map((config) =>
        skipped(`Configuration ${config}`, `kernel ${plan.kernel} does not have it`),
      ),
      ...claims
        .filter((claim) => claim.runs.length === 0 && others === undefined)
        .map(({ id }) => notChecked({ property: id }, "no run of this profile applies")),
      ...commonOf(runs.map((run) => run.notChecked)),
    ],
  };
}

function isClaim(name: string): boolean {
  return CLAIMS.some(({ id }) => id === name);
}

function claimReport(claim: (typeof CLAIMS)[number], runs: readonly RunReport[]): ClaimReport {
  const verdicts: Verdict[] = [];
  const checkedIn: number[] = [];
  runs.forEach((run, index) => {
    const own = run.properties.filter(({ id }) => claimOf(id) === claim.id);
    if (own.length > 0) {
      checkedIn.push(index);
      verdicts.push(...own.map((each) => each.verdict));
    }
  });
  // A reached exception does not stop its claim from holding.
  return { ...claim, verdict: claimVerdict(verdicts), runs: checkedIn };
}

function sum(runs: readonly RunReport[], of: (run: RunReport) => number): number {
  return runs.reduce((total, run) => total + of(run), 0);
}

/** Returns the entries that all lists contain. */
function commonOf(lists: readonly (readonly NotChecked[])[]): NotChecked[] {
  const [first = [], ...rest] = lists;
  return first.filter((each) => rest.every((list) => list.some((other) => isDeepStrictEqual(other, each))));
}
