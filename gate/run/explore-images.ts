/** Runs the gate on the mm images of a tree, until there is nothing more to find. */

import { formatConfig } from "../../model/kernel/config.ts";
import type { ImageModule } from "../image/module/image-module.ts";
import type { GateConfiguration } from "../tree/configuration.ts";
import { gateConfig } from "../unit/configurations.ts";
import type { RunJobs } from "./base.ts";
import type { Finding } from "./findings.ts";
import { type BaseImage, exploreJob, ImageBase, type ImageBaseResult } from "./image-base.ts";
import { imageRuns } from "./image-plan.ts";
import type { GateOutcome } from "./outcome.ts";
import type { GateRequest } from "./request.ts";

/** A tree's image in one configuration. */
export interface ConfiguredImage {
  readonly configuration: GateConfiguration;
  readonly module: Promise<ImageModule>;
  /** That of the base. Absent without a base. */
  readonly base?: () => Promise<BaseImage>;
}

/** What all runs of images came to. */
export interface GateImageResult {
  readonly outcomes: readonly GateOutcome[];
  readonly findings: readonly Finding[];
  /** Of each configuration that has a base. */
  readonly base: readonly ImageBaseResult[];
}

/**
 * Explores every run of the profile in every configuration, beginning with those that are built. A run that stops at a
 * violation that is accepted, or that the base has, too, is run again without judging by it. When the tree is explored,
 * the base is.
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
      const { configuration } = image;
      const base = image.base && new ImageBase(formatConfig(gateConfig(configuration)), image.base, run);
      const runs = module === undefined ? [] : imageRuns(module, configuration, request);
      const explored = await Promise.all(
        runs.map(async (each) => {
          const inBase = base && ((open: readonly Finding[]) => base.inBase(each, open));
          return { run: each, ...(await exploreJob(each.job, run, isAccepted, inBase)) };
        }),
      );
      const outcomes = explored.flatMap((each) => each.outcomes);
      const wasInterrupted = module === undefined || outcomes.some(({ report }) => report.stopped === "interrupted");
      const findings = explored.flatMap((each) => each.findings);
      return { outcomes, findings, base: base === undefined ? [] : [await base.result(explored, wasInterrupted)] };
    }),
  );
  return {
    outcomes: results.flatMap(({ outcomes }) => outcomes),
    findings: results.flatMap(({ findings }) => findings),
    base: results.flatMap(({ base }) => base),
  };
}
