/** Exploration of the mm images of a tree and its base. */

import { formatConfig } from "../../model/kernel/config.ts";
import type { ImageModule } from "../image/module/image-module.ts";
import type { GateConfiguration } from "../tree/configuration.ts";
import { gateConfig } from "../unit/configurations.ts";
import type { RunJobs } from "./base.ts";
import type { Finding } from "./findings.ts";
import { type BaseImage, exploreJob, ImageBase } from "./image-base.ts";
import { type ImagePart, type ImageResults, imageResults } from "./image-part.ts";
import { imageRuns } from "./image-plan.ts";
import type { GateRequest } from "./request.ts";

/** Image of a tree in one configuration. */
export interface ConfiguredImage {
  readonly configuration: GateConfiguration;
  readonly module: Promise<ImageModule>;
  /** Builds the image of the base; absent without a base. */
  readonly base?: () => Promise<BaseImage>;
}

/** Results of all runs of images. */
export interface GateImageResult extends ImageResults {
  /** The results in each configuration. */
  readonly parts: readonly ImagePart[];
}

/**
 * Explores every run of the profile in every configuration, as images are built. A run that stops at a violation which
 * is accepted, or which the base also has, is repeated without its property. The base is explored after the tree.
 *
 * @param isAccepted whether the baseline accepts a finding
 * @param isInterrupted resolves on an interrupt: images that are not yet built are left out
 */
export async function runGateImages(
  images: readonly ConfiguredImage[],
  request: GateRequest,
  run: RunJobs,
  isAccepted: (finding: Finding) => boolean,
  isInterrupted: Promise<undefined>,
): Promise<GateImageResult> {
  const parts = await Promise.all(
    images.map(async (image): Promise<ImagePart> => {
      const module = await Promise.race([image.module, isInterrupted]);
      const { configuration } = image;
      const config = formatConfig(gateConfig(configuration));
      const base = image.base && new ImageBase(config, image.base, run);
      const runs = module === undefined ? [] : imageRuns(module, configuration, request);
      const results = await Promise.all(
        runs.map(async (each) => {
          const inBase = base && ((open: readonly Finding[]) => base.inBase(each, open));
          return { run: each, ...(await exploreJob(each.job, run, isAccepted, inBase)) };
        }),
      );
      const outcomes = results.flatMap((each) => each.outcomes);
      const wasInterrupted = module === undefined || outcomes.some(({ report }) => report.stopped === "interrupted");
      const findings = results.flatMap((each) => each.findings);
      return {
        config,
        outcomes,
        findings,
        ...(base === undefined ? {} : { base: await base.result(results, wasInterrupted) }),
      };
    }),
  );
  return { parts, ...imageResults(parts) };
}
