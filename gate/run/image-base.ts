/** Runs of a base's mm image: findings of both tree and base, and findings of the base alone. */

import type { Job } from "../../verify/job/job.ts";
import type { RunReport } from "../../verify/report/report.ts";
import type { ImageModule } from "../image/module/image-module.ts";
import type { RunJobs } from "./base.ts";
import { type Finding, findingsOf, followUp } from "./findings.ts";
import type { ImageRun } from "./image-plan.ts";
import { type GateOutcome, isComplete } from "./outcome.ts";
import { signatureOf } from "./signature.ts";

/** Image of a base in one configuration. */
export type BaseImage =
  | { readonly kind: "compiled"; readonly module: ImageModule }
  | { readonly kind: "same" }
  | { readonly kind: "refused"; readonly why: string };

/** Results of a base in one configuration. */
export interface ImageBaseResult {
  readonly config: string;
  /** Reason for which its image could not be built, if it was needed. */
  readonly refusal?: string;
  readonly outcomes: readonly GateOutcome[];
  /** Findings of the base that the tree does not have. */
  readonly cured: readonly Finding[];
}

/** Results of one run of a tree and of its follow-up runs. */
export interface ExploredRun {
  readonly run: ImageRun;
  readonly outcomes: readonly GateOutcome[];
  readonly findings: readonly Finding[];
}

/**
 * Explores a job, and continues past each violation that is accepted or that the base also has.
 *
 * @param inBaseOf returns the findings among `open` that the base has
 */
export async function exploreJob(
  first: Job,
  run: RunJobs,
  isAccepted: (finding: Finding) => boolean,
  inBaseOf?: (open: readonly Finding[]) => Promise<ReadonlySet<Finding>>,
): Promise<Omit<ExploredRun, "run">> {
  const outcomes: GateOutcome[] = [];
  const findings: Finding[] = [];
  for (let job: Job | undefined = first; job !== undefined; ) {
    const [report] = (await run([job])) as [RunReport];
    const runFindings = findingsOf(job, report);
    const open = report.stopped === "interrupted" ? [] : runFindings.filter((each) => !isAccepted(each));
    const inBase = open.length === 0 ? undefined : await inBaseOf?.(open);
    const isKnown = (finding: Finding): boolean => isAccepted(finding) || inBase?.has(finding) === true;
    const next: Job | undefined = report.stopped === undefined ? followUp(job, runFindings, isKnown) : undefined;
    outcomes.push({ mode: "image", report, hasFollowUp: next !== undefined });
    findings.push(...runFindings.map((each) => (inBase?.has(each) ? { ...each, inBase: true } : each)));
    job = next;
  }
  return { outcomes, findings };
}

/** The base of one image, built on first use. */
export class ImageBase {
  readonly #config: string;
  readonly #build: () => Promise<BaseImage>;
  readonly #run: RunJobs;
  readonly #results = new Map<string, Promise<Omit<ExploredRun, "run">>>();
  #image: Promise<BaseImage> | undefined;

  constructor(config: string, build: () => Promise<BaseImage>, run: RunJobs) {
    this.#config = config;
    this.#build = build;
    this.#run = run;
  }

  /**
   * Returns the findings of a run of the tree that the base also has at the same bounds; all if the images are equal.
   */
  async inBase({ job }: ImageRun, findings: readonly Finding[]): Promise<ReadonlySet<Finding>> {
    if ((await this.#baseImage()).kind === "same") {
      return new Set(findings);
    }
    const has = new Set((await this.#explore(job)).findings.map(signatureOf));
    return new Set(findings.filter((each) => has.has(signatureOf(each))));
  }

  /**
   * Returns the findings of the base that the tree does not have, from the runs of inBase() and the runs of profile
   * `quick`. A property that the tree violates in another way is not cured, nor one that a run of the tree left
   * incomplete.
   */
  async result(runs: readonly ExploredRun[], isInterrupted: boolean): Promise<ImageBaseResult> {
    const cured: Finding[] = [];
    for (const { run, outcomes, findings } of isInterrupted ? [] : runs) {
      const job = this.#results.has(keyOf(run.job)) ? run.job : run.quick;
      if ((await this.#baseImage()).kind !== "compiled" || job === undefined) {
        continue;
      }
      const base = await this.#explore(job);
      cured.push(
        ...(outcomes.every(isComplete) ? base.findings : []).filter(
          ({ property }) => !findings.some((each) => each.property === property),
        ),
      );
    }
    const image = await this.#image;
    const results = await Promise.all(this.#results.values());
    return {
      config: this.#config,
      ...(image?.kind === "refused" ? { refusal: image.why } : {}),
      outcomes: results.flatMap((each) => each.outcomes),
      cured,
    };
  }

  #baseImage(): Promise<BaseImage> {
    this.#image ??= this.#build();
    return this.#image;
  }

  /** Explores the base at the bounds of a job, once. */
  #explore(job: Job): Promise<Omit<ExploredRun, "run">> {
    const key = keyOf(job);
    const result = this.#results.get(key) ?? this.#exploreOnce(job);
    this.#results.set(key, result);
    return result;
  }

  async #exploreOnce(job: Job): Promise<Omit<ExploredRun, "run">> {
    const image = await this.#baseImage();
    if (image.kind !== "compiled") {
      return { outcomes: [], findings: [] };
    }
    const { module } = image;
    const against = job.against === undefined ? {} : { against: module.modelKernel };
    // The search continues past every finding of the base.
    return exploreJob({ ...job, ...against, image: { module } }, this.#run, () => true);
  }
}

function keyOf({ bounds }: Job): string {
  return JSON.stringify(bounds);
}
