/** The base of a change under the gate: which findings it has, too, and which only it has. */

import type { CompiledSubject, Job } from "../../verify/job/job.ts";
import type { RunReport } from "../../verify/report/report.ts";
import type { BaseUnit } from "../preparation/base-unit.ts";
import type { CompiledUnit } from "../preparation/compile-unit.ts";
import { type Finding, findingsOf, followUp } from "./findings.ts";
import { runName } from "./optimisations.ts";
import { type GateOutcome, isComplete } from "./outcome.ts";
import { signatureOf } from "./signature.ts";

/** Runs jobs, and reports them in their order. */
export type RunJobs = (jobs: readonly Job[]) => Promise<readonly RunReport[]>;

/** A run of the tree: its job, the job of a profile that it followed from, and what it came to. */
export interface TreeRun {
  readonly origin: Job;
  readonly report: RunReport;
  readonly findings: readonly Finding[];
}

/** Runs of the base that begin with one job of a profile. */
interface Chain {
  next: Job | undefined;
  readonly outcomes: GateOutcome[];
  readonly findings: Finding[];
}

/**
 * The base of one configuration. It is run only where its result can matter: not where its code is that of the tree,
 * and not for a run of the tree that reached no changed function, which does in the base what it does in the tree.
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

  /** The base. */
  get unit(): BaseUnit {
    return this.#base;
  }

  /**
   * Runs the base from the jobs of these runs on, until it is known of each of their findings whether the base has it.
   */
  async decide(runs: readonly TreeRun[]): Promise<void> {
    for (;;) {
      const undecided = runs.filter((each) => each.findings.some((finding) => !this.has(finding, each)));
      if (!(await this.#advance(undecided))) {
        return;
      }
    }
  }

  /** Runs the base from the jobs of these runs on, until there is nothing more to find. */
  async exhaust(runs: readonly TreeRun[]): Promise<void> {
    while (await this.#advance(runs)) {
      // The next one of each.
    }
  }

  /** Whether the base is known to have a finding of a run of the tree, in the same run. */
  has(finding: Finding, { origin, report }: TreeRun): boolean {
    switch (this.#base.kind) {
      case "same":
        return true;
      case "compiled": {
        // A base that has it with one optimisation has it, whatever the other one makes of it.
        const signature = signatureOf(withoutOther(finding));
        return !this.#mayDiffer(report) || this.#chain(origin).findings.some((each) => signatureOf(each) === signature);
      }
      case "absent":
      case "refused":
        return false;
    }
  }

  /**
   * Findings that the base has and the tree has not. A property that the tree violates in another way is not among
   * them, nor one that a run of the tree left open.
   *
   * @param outcomes those of the tree in this configuration
   */
  cured(outcomes: readonly GateOutcome[], findings: readonly Finding[]): Finding[] {
    return this.#findings().filter(({ property, mode }) => {
      const isFound = findings.some((each) => each.property === property && each.mode === mode);
      const isOpen = outcomes.some(
        (each) =>
          modeOf(each.job) === mode && !isComplete(each) && each.report.properties.some(({ id }) => id === property),
      );
      return !isFound && !isOpen;
    });
  }

  /** The runs of the base. */
  outcomes(): GateOutcome[] {
    return [...this.#chains.values()].flatMap(({ outcomes }) => outcomes);
  }

  #findings(): Finding[] {
    return [...this.#chains.values()].flatMap(({ findings }) => findings);
  }

  /** Takes one more run of each chain; false when none has any. */
  async #advance(runs: readonly TreeRun[]): Promise<boolean> {
    const chains = new Set(
      runs.filter(({ report }) => this.#mayDiffer(report)).map(({ origin }) => this.#chain(origin)),
    );
    const due = [...chains].flatMap((chain) => (chain.next === undefined ? [] : [{ chain, job: chain.next }]));
    const reports = await this.#run(due.map(({ job }) => job));
    for (const [index, { chain, job }] of due.entries()) {
      const report = reports[index] as RunReport;
      const found = findingsOf(job, report);
      // Whatever the base has, the search goes on without it: nothing of it is new.
      chain.next = report.stopped === undefined ? followUp(job, found, () => true) : undefined;
      chain.outcomes.push({ job, report, followed: chain.next !== undefined });
      chain.findings.push(...found);
    }
    return due.length > 0;
  }

  #chain(origin: Job): Chain {
    const key = JSON.stringify([runName(origin), origin.optimisation]);
    const known = this.#chains.get(key) ?? { next: this.#jobOnBase(origin), outcomes: [], findings: [] };
    this.#chains.set(key, known);
    return known;
  }

  #jobOnBase(origin: Job): Job | undefined {
    return this.#base.kind === "compiled"
      ? { ...origin, compiled: { ...(origin.compiled as CompiledSubject), unit: this.#base.unit } }
      : undefined;
  }

  /** Whether a run of the tree may be another one in the base: it reached something that has changed. */
  #mayDiffer({ reached = [] }: RunReport): boolean {
    if (this.#base.kind !== "compiled") {
      return false;
    }
    const { functions, harnessFunctions } = this.#unit.fast.unit;
    const base = this.#base.unit.fast.unit;
    const changed = functions.flatMap(({ name, status }) => (status === "changed" || status === "new" ? [name] : []));
    // What has not changed as a function, or takes part in every call, may show in any run.
    const isEverywhere =
      changed.length === 0 ||
      missingIn(functions) !== missingIn(base.functions) ||
      changed.some((name) => harnessFunctions.includes(name) || base.harnessFunctions.includes(name));
    return isEverywhere || changed.some((name) => reached.includes(name));
  }
}

function withoutOther({ heldBy: _, ...finding }: Finding): Finding {
  return finding;
}

function modeOf({ compiled }: Job): CompiledSubject["mode"] {
  return (compiled as CompiledSubject).mode;
}

function missingIn(functions: readonly { readonly name: string; readonly status: string }[]): string {
  return functions.flatMap(({ name, status }) => (status === "missing" ? [name] : [])).join();
}
