/** Runs the gate on the mm images of a tree, until there is nothing more to find. */
import type { GateConfiguration } from "../gate/compiled-kernel.ts";
import type { ImageModule } from "../gate/image/image-module.ts";
import type { RunJobs } from "./gate-base.ts";
import { type Finding, findingsOf, followUp } from "./gate-findings.ts";
import { imageJobs } from "./gate-image-plan.ts";
import type { GateOutcome } from "./gate-outcome.ts";
import type { GateRequest } from "./gate-plan.ts";
import { signatureOf } from "./gate-signature.ts";
import type { Job } from "./job.ts";
import type { RunReport } from "./report.ts";

/** A tree's image in one configuration. */
export interface ConfiguredImage {
  readonly configuration: GateConfiguration;
  readonly module: Promise<ImageModule>;
  /** That of the base; built when a finding asks for it. Absent without a base. */
  readonly base?: () => Promise<ImageModule | undefined>;
}

/** What all runs of images came to. */
export interface GateImageResult {
  readonly outcomes: readonly GateOutcome[];
  readonly findings: readonly Finding[];
  /** Runs of the base. */
  readonly baseOutcomes: readonly GateOutcome[];
}

/**
 * Explores every run of the profile in every configuration, beginning with those that are built. A run that stops at a violation
 * that is accepted, or that the base has, too, is run again without judging by it.
 *
 * @param isAccepted whether a finding is known and accepted
 * @param isInterrupted settled when there was an interrupt: images that are not built by then are left out
 */
export async function runGateImages(
  images: readonly ConfiguredImage[],
  request: GateRequest,
  run: RunJobs,
  isAccepted: (finding: Finding) => boolean,
  isInterrupted: Promise<undefined>,
): Promise<GateImageResult> {
  const results = await Promise.all(
    images.map(async (image) => {
      const module = await Promise.race([image.module, isInterrupted]);
      const jobs = module === undefined ? [] : imageJobs(module, image.configuration, request);
      return Promise.all(jobs.map((job) => explored(job, image, run, isAccepted)));
    }),
  );
  const all = results.flat();
  return {
    outcomes: all.flatMap(({ outcomes }) => outcomes),
    findings: all.flatMap(({ findings }) => findings),
    baseOutcomes: all.flatMap(({ baseOutcomes }) => baseOutcomes),
  };
}

async function explored(
  first: Job,
  image: ConfiguredImage,
  run: RunJobs,
  isAccepted: (finding: Finding) => boolean,
): Promise<GateImageResult> {
  const outcomes: GateOutcome[] = [];
  const findings: Finding[] = [];
  let base: Omit<GateImageResult, "baseOutcomes"> | undefined;
  for (let job: Job | undefined = first; job !== undefined; ) {
    const [report] = (await run([job])) as [RunReport];
    const found = findingsOf(job, report);
    const isOpen = found.some((each) => !isAccepted(each)) && report.stopped !== "interrupted";
    if (isOpen && base === undefined) {
      const baseModule = await image.base?.();
      base = baseModule && (await exploredBase(first, baseModule, run));
    }
    const inBase = new Set(base?.findings.map(signatureOf));
    const isKnown = (finding: Finding): boolean => isAccepted(finding) || inBase.has(signatureOf(finding));
    const next: Job | undefined = report.stopped === undefined ? followUp(job, found, isKnown) : undefined;
    outcomes.push({ job, report, followed: next !== undefined });
    findings.push(...found.map((each) => (inBase.has(signatureOf(each)) ? { ...each, inBase: true } : each)));
    job = next;
  }
  return { outcomes, findings, baseOutcomes: base?.outcomes ?? [] };
}

/** What the base has, at the same bounds: every violation, whatever the tree has. */
async function exploredBase(
  first: Job,
  module: ImageModule,
  run: RunJobs,
): Promise<Omit<GateImageResult, "baseOutcomes">> {
  const outcomes: GateOutcome[] = [];
  const findings: Finding[] = [];
  for (let job: Job | undefined = { ...first, image: { module } }; job !== undefined; ) {
    const [report] = (await run([job])) as [RunReport];
    const found = findingsOf(job, report);
    const next: Job | undefined = report.stopped === undefined ? followUp(job, found, () => true) : undefined;
    outcomes.push({ job, report, followed: next !== undefined });
    findings.push(...found);
    job = next;
  }
  return { outcomes, findings };
}
