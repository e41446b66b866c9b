/** Part of a suite that one shard runs, and the suite that the parts of all shards make. */
import type { Job } from "../job/job.ts";
import type { RunReport, SuiteReport } from "../report/report.ts";
import type { SuiteProof } from "../report/suite-proof.ts";
import { type SuiteFrame, type SuitePlan, suiteReport } from "../suite.ts";
import { suiteProofs } from "../suite-proofs.ts";
import { costKey, costsOf } from "./costs.ts";
import { otherShards, type Shard, shardsOf } from "./shard.ts";
import { SUITE_COSTS, SUITE_PROOF_COST } from "./suite-costs.ts";

/** The runs of one shard. */
export interface SuitePart {
  readonly jobs: readonly Job[];
  /** Positions of the jobs in the suite, from 0. */
  readonly positions: readonly number[];
  /** Whether the shard has the proofs. */
  readonly proves: boolean;
}

/** Results of one shard, as JSON values. */
export interface SuitePartResult {
  readonly frame: SuiteFrame;
  readonly runs: readonly { readonly position: number; readonly report: RunReport }[];
  /** Present in the shard that has the proofs. */
  readonly proofs?: readonly SuiteProof[];
}

/** Returns the part of a shard; the whole suite without one. */
export function suitePart({ jobs }: SuitePlan, shard: Shard = { number: 1, count: 1 }): SuitePart {
  const costs = [...costsOf(jobs.map(costKey), SUITE_COSTS), SUITE_PROOF_COST];
  const shards = shardsOf(costs, shard.count);
  const positions = [...jobs.keys()].filter((position) => shards[position] === shard.number);
  return {
    jobs: positions.map((position) => jobs[position] as Job),
    positions,
    proves: shards[jobs.length] === shard.number,
  };
}

/** Collects the results of a part, with its proofs, which it makes now. */
export function suitePartResult(plan: SuitePlan, part: SuitePart, runs: readonly RunReport[]): SuitePartResult {
  const { profile, kernel, only, missingConfigs } = plan;
  return {
    frame: { profile: { name: profile.name }, kernel, ...(only === undefined ? {} : { only }), missingConfigs },
    runs: runs.map((report, i) => ({ position: part.positions[i] as number, report })),
    ...(part.proves ? { proofs: suiteProofs(plan.kernel, plan.only) } : {}),
  };
}

/**
 * Returns the suite that parts make, in the order of the suite.
 *
 * @param parts not empty
 * @param seconds wall-clock time
 * @param shard the shard, if there is only its part
 */
export function suiteOfParts(parts: readonly SuitePartResult[], seconds: number, shard?: Shard): SuiteReport {
  const [first] = parts as [SuitePartResult];
  const runs = parts.flatMap((part) => part.runs).sort((one, other) => one.position - other.position);
  const proofs = parts.flatMap((part) => part.proofs ?? []);
  const reports = runs.map(({ report }) => report);
  const others = shard === undefined || shard.count === 1 ? undefined : otherShards(shard);
  return suiteReport(first.frame, reports, seconds, proofs, others);
}
