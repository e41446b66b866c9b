/** What the gate explores of the mm image: bounds, by profile. */

import type { Bounds } from "../../machines/machine.ts";
import { formatConfig } from "../../model/kernel/config.ts";
import { imageJob } from "../../verify/job/image-job.ts";
import type { Job } from "../../verify/job/job.ts";
import type { ImageModule } from "../image/module/image-module.ts";
import { IMAGE_MACHINE } from "../image/world/image-bounds.ts";
import type { GateConfiguration } from "../tree/configuration.ts";
import { gateConfig } from "../unit/configurations.ts";
import type { GateRequest } from "./request.ts";

/** Operations that are explored together. */
interface Group {
  readonly bounds: Bounds;
  /**
   * The largest number of operations of an execution, by profile; 0 is any number. A profile without one leaves the
   * group out.
   */
  readonly steps: Readonly<Record<string, number>>;
}

/** A violation ends a run: groups are small, so that one fault does not hide another. */
const GROUPS: readonly Group[] = [
  { bounds: { mms: 1 }, steps: { quick: 0, ci: 0, deep: 0 } },
  { bounds: { mms: 2, split: 1 }, steps: { quick: 5, ci: 6, deep: 7 } },
  { bounds: { mms: 2, migrate: 1 }, steps: { quick: 5, ci: 6, deep: 7 } },
  { bounds: { mms: 2, split: 1, migrate: 1 }, steps: { ci: 5, deep: 6 } },
  { bounds: { mms: 2, free: 1 }, steps: { quick: 5, ci: 6, deep: 7 } },
  { bounds: { mms: 2, protect: 1, unmap: 1, dontfork: 1 }, steps: { quick: 4, ci: 5, deep: 6 } },
  { bounds: { mms: 2, protect: 1, migrate: 1 }, steps: { quick: 4, ci: 5, deep: 6 } },
  // An entry beyond a page table takes four operations: two page tables of the VMA make them too many.
  { bounds: { mms: 1, move: 1, free: 1, hint: 1 }, steps: { quick: 4, ci: 5, deep: 6 } },
  { bounds: { mms: 1, pages: 16, move: 1, unmap: 1, free: 1, hint: 1 }, steps: { quick: 3, ci: 4, deep: 5 } },
  { bounds: { mms: 3, split: 1, migrate: 1, free: 1 }, steps: { quick: 4, ci: 5, deep: 6 } },
  { bounds: { mms: 2, softdirty: 1 }, steps: { quick: 4, ci: 5, deep: 6 } },
  { bounds: { mms: 1, softdirty: 1, migrate: 1 }, steps: { deep: 6 } },
];

/**
 * Of a run that ends by itself: a hundred times as many as it has. Where a change lets a counter drift, it would go on
 * for ever.
 */
const MOST_STATES = 100_000;

/** Whether a gate that is asked for explores images. */
export function asksForImage({ only, judge, image }: Pick<GateRequest, "only" | "judge" | "image">): boolean {
  return image !== false && judge !== "conformance" && (only === undefined || only === IMAGE_MACHINE);
}

/**
 * Whether images of a configuration are explored: without mm-id there are no transparent huge pages, and so no large
 * folios.
 */
export function hasImage({ mmId }: GateConfiguration): boolean {
  return mmId;
}

/** A run on the image of a tree. */
export interface ImageRun {
  readonly job: Job;
  /** The same operations within the bounds of profile `quick`; undefined where it does not have them. */
  readonly quick: Job | undefined;
}

/** The runs on the image of one configuration. */
export function imageRuns(module: ImageModule, configuration: GateConfiguration, request: GateRequest): ImageRun[] {
  const config = formatConfig(gateConfig(configuration));
  const { profile, budget } = request;
  // Claims find what a change breaks; that the model says the same of it takes a fifth more time.
  const lockstep = profile === "deep" ? 1 : 0;
  const job = (bounds: Bounds): Job =>
    imageJob(module, {
      config,
      bounds,
      budget: bounds["steps"] === 0 ? { maxStates: MOST_STATES, ...budget } : budget,
    });
  return GROUPS.flatMap(({ bounds, steps: { [profile]: steps, quick } }) =>
    steps === undefined
      ? []
      : [
          {
            job: job({ ...bounds, steps, lockstep }),
            quick: quick === undefined ? undefined : job({ ...bounds, steps: quick, lockstep: 0 }),
          },
        ],
  );
}
