/** Runs of the base of a change: findings of both tree and base. */

import type { CompiledSubject, Job } from "../../verify/job/job.ts";
import type { RunReport } from "../../verify/report/report.ts";
import type { BaseUnit } from "../preparation/base-unit.ts";
import type { CompiledUnit } from "../preparation/compile-unit.ts";
import { type Finding, findingsOf, followUp } from "./findings.ts";
import { runName } from "./optimisations.ts";
import { type GateOutcome, modeOf } from "./outcome.ts";
import { signatureOf } from "./signature.ts";
import type { BaseRuns, ReportedBase } from "./unit-part.ts";

/** Runs jobs, and returns their reports in the same order. */
export type RunJobs = (jobs: readonly Job[]) => Promise<readonly RunReport[]>;

/** Run of the tree: the job of a profile from which it or its predecessors started, its report and its findings. */
export interface TreeRun {
  readonly origin: Job;
  /** Position of that job in the profile. */
  readonly position: number;
  readonly report: RunReport;
  readonly findings: readonly Finding[];
}

/** Runs of the base that start from one job of a profile, each continuing past the findings of the previous one. */
interface Chain {
  readonly position: number;
  next: Job | undefined;
  readonly outcomes: GateOutcome[];
  readonly findings: Finding[];
}

/**
 * The base in one configuration. Its runs are limited to those that may differ from the tree's: none if its code is
 * that of the tree, and none for a run of the tree that reached no changed function.
 */
export class GateBase {
  readonly #unit: CompiledUnit;
  readonly #base: BaseUnit;
  readonly #run: RunJobs;
  readonly #chains = new Map<string, Chain>();

  constructor(unit: CompiledUnit, base: BaseUnit, run: RunJobs) {
    this.#unit = unit;
    this.#base = base;
    this.#run = run;
  }

  /** The base without its code. */
  get unit(): ReportedBase {
    const base = this.#base;
    return base.kind === "refused" ? base : { kind: base.kind };
  }

  /** Runs the base until every finding of the given runs is reproduced, or until nothing is left to run. */
  async decide(runs: readonly TreeRun[]): Promise<void> {
    for (;;) {
      const undecided = runs.filter((each) => each.findings.some((finding) => !this.has(finding, each)));
      if (!(await this.#advance(undecided))) {
        return;
      }
    }
  }

  /** Runs the base until nothing is left to run for the given runs. */
  async exhaust(runs: readonly TreeRun[]): Promise<void> {
    while (await this.#advance(runs)) {
      // #advance() takes one run of each chain.
    }
  }

  /** Whether the runs so far show that the base has a finding of a run of the tree, in the same run. */
  has(finding: Finding, run: TreeRun): boolean {
    switch (this.#base.kind) {
      case "same":
        return true;
      case "compiled": {
        // Without heldBy: a base that has the finding at one optimisation level has it, whatever the other level shows.
        const signature = signatureOf(withoutHeldBy(finding));
        return (
          !this.#mayDiffer(run.report) || this.#chain(run).findings.some((each) => signatureOf(each) === signature)
        );
      }
      case "absent":
      case "refused":
        return false;
    }
  }

  /** Returns the runs of the base so far. */
  runs(): BaseRuns[] {
    return [...this.#chains.values()].map(({ position, outcomes, findings }) => ({ position, outcomes, findings }));
  }

  /** Takes the next run of each chain. Returns false if there is none. */
  async #advance(runs: readonly TreeRun[]): Promise<boolean> {
    const chains = new Set(runs.filter(({ report }) => this.#mayDiffer(report)).map((each) => this.#chain(each)));
    const next = [...chains].flatMap((chain) => (chain.next === undefined ? [] : [{ chain, job: chain.next }]));
    const reports = await this.#run(next.map(({ job }) => job));
    for (const [index, { chain, job }] of next.entries()) {
      const report = reports[index] as RunReport;
      const findings = findingsOf(job, report);
      // The search continues past every finding of the base, since none of them is new.
      chain.next = report.stopped === undefined ? followUp(job, findings, () => true) : undefined;
      chain.outcomes.push({ mode: modeOf(job), report, hasFollowUp: chain.next !== undefined });
      chain.findings.push(...findings);
    }
    return next.length > 0;
  }

  #chain({ origin, position }: Pick<TreeRun, "origin" | "position">): Chain {
    const key = JSON.stringify([runName(origin), origin.optimisation]);
    const chain = this.#chains.get(key) ?? { position, next: this.#jobOnBase(origin), outcomes: [], findings: [] };
    this.#chains.set(key, chain);
    return chain;
  }

  #jobOnBase(origin: Job): Job | undefined {
    return this.#base.kind === "compiled"
      ? { ...origin, compiled: { ...(origin.compiled as CompiledSubject), unit: this.#base.unit } }
      : undefined;
  }

  /** Whether a run of the tree may have other results on the base, because it reached a changed function. */
  #mayDiffer({ reached = [] }: RunReport): boolean {
    if (this.#base.kind !== "compiled") {
      return false;
    }
    const { functions, harnessFunctions } = this.#unit.fast.unit;
    const base = this.#base.unit.fast.unit;
    const changed = functions.flatMap(({ name, status }) => (status === "changed" || status === "new" ? [name] : []));
    // A change outside of functions, of the set of missing functions, or of a function that the harness calls may
    // affect any run.
    const isEverywhere =
      changed.length === 0 ||
      missingIn(functions) !== missingIn(base.functions) ||
      changed.some((name) => harnessFunctions.includes(name) || base.harnessFunctions.includes(name));
    return isEverywhere || changed.some((name) => reached.includes(name));
  }
}

function withoutHeldBy({ heldBy: _, ...finding }: Finding): Finding {
  return finding;
}

function missingIn(functions: readonly { readonly name: string; readonly status: string }[]): string {
  return functions.flatMap(({ name, status }) => (status === "missing" ? [name] : [])).join();
}
