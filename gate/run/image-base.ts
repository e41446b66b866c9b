/** The base of a change in whole files: which findings its mm image has, too, and which only it has. */

import type { Job } from "../../verify/job/job.ts";
import type { RunReport } from "../../verify/report/report.ts";
import type { ImageModule } from "../image/module/image-module.ts";
import type { RunJobs } from "./base.ts";
import { type Finding, findingsOf, followUp } from "./findings.ts";
import type { ImageRun } from "./image-plan.ts";
import { type GateOutcome, isComplete } from "./outcome.ts";
import { signatureOf } from "./signature.ts";

/** The image of a base in one configuration. */
export type BaseImage =
  | { readonly kind: "compiled"; readonly module: ImageModule }
  | { readonly kind: "same" }
  | { readonly kind: "refused"; readonly why: string };

/** What came of a base, in one configuration. */
export interface ImageBaseResult {
  readonly config: string;
  /** Why there is no image of it, where one was asked for. */
  readonly refusal?: string;
  readonly outcomes: readonly GateOutcome[];
  /** Findings of the base that the tree does not have. */
  readonly cured: readonly Finding[];
}

/** What one run of a tree came to, with the runs that followed it. */
export interface ExploredRun {
  readonly run: ImageRun;
  readonly outcomes: readonly GateOutcome[];
  readonly findings: readonly Finding[];
}

/**
 * Explores a job, and then goes on past each violation that is accepted, or that the base has, too.
 *
 * @param inBaseOf the findings of these that the base has
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
    const found = findingsOf(job, report);
    const open = report.stopped === "interrupted" ? [] : found.filter((each) => !isAccepted(each));
    const inBase = open.length === 0 ? undefined : await inBaseOf?.(open);
    const isKnown = (finding: Finding): boolean => isAccepted(finding) || inBase?.has(finding) === true;
    const next: Job | undefined = report.stopped === undefined ? followUp(job, found, isKnown) : undefined;
    outcomes.push({ job, report, followed: next !== undefined });
    findings.push(...found.map((each) => (inBase?.has(each) ? { ...each, inBase: true } : each)));
    job = next;
  }
  return { outcomes, findings };
}

/** The base of one image. It is built when it is asked for. */
export class ImageBase {
  readonly #config: string;
  readonly #build: () => Promise<BaseImage>;
  readonly #run: RunJobs;
  readonly #explored = new Map<string, Promise<Omit<ExploredRun, "run">>>();
  #image: Promise<BaseImage> | undefined;

  constructor(config: string, build: () => Promise<BaseImage>, run: RunJobs) {
    this.#config = config;
    this.#build = build;
    this.#run = run;
  }

  /**
   * The findings of a run of the tree that the base has, too, at the same bounds: every one where its image is the
   * same.
   */
  async inBase({ job }: ImageRun, findings: readonly Finding[]): Promise<ReadonlySet<Finding>> {
    if ((await this.#built()).kind === "same") {
      return new Set(findings);
    }
    const has = new Set((await this.#explore(job)).findings.map(signatureOf));
    return new Set(findings.filter((each) => has.has(signatureOf(each))));
  }

  /**
   * What the base has and the tree has not, by the runs of the base that inBase() asked for, and those of profile
   * `quick`. A property that the tree violates in another way is not cured, nor is one that a run of the tree left
   * open.
   */
  async result(runs: readonly ExploredRun[], isInterrupted: boolean): Promise<ImageBaseResult> {
    const cured: Finding[] = [];
    for (const { run, outcomes, findings } of isInterrupted ? [] : runs) {
      const job = this.#explored.has(keyOf(run.job)) ? run.job : run.quick;
      if ((await this.#built()).kind !== "compiled" || job === undefined) {
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
    const explored = await Promise.all(this.#explored.values());
    return {
      config: this.#config,
      ...(image?.kind === "refused" ? { refusal: image.why } : {}),
      outcomes: explored.flatMap((each) => each.outcomes),
      cured,
    };
  }

  #built(): Promise<BaseImage> {
    this.#image ??= this.#build();
    return this.#image;
  }

  /** Explores the base at the bounds of a job, once. */
  #explore(job: Job): Promise<Omit<ExploredRun, "run">> {
    const key = keyOf(job);
    const known = this.#explored.get(key) ?? this.#exploreOnce(job);
    this.#explored.set(key, known);
    return known;
  }

  async #exploreOnce(job: Job): Promise<Omit<ExploredRun, "run">> {
    const image = await this.#built();
    if (image.kind !== "compiled") {
      return { outcomes: [], findings: [] };
    }
    const { module } = image;
    const against = job.against === undefined ? {} : { against: module.modelKernel };
    // Whatever the base has, the search goes on without it.
    return exploreJob({ ...job, ...against, image: { module } }, this.#run, () => true);
  }
}

function keyOf({ bounds }: Job): string {
  return JSON.stringify(bounds);
}
