/** Bounds of the gate's runs on mm images, by profile. */

import type { Bounds } from "../../machines/machine.ts";
import { formatConfig } from "../../model/kernel/config.ts";
import { imageJob } from "../../verify/job/image-job.ts";
import { boundsWithin, type Job } from "../../verify/job/job.ts";
import type { ImageModule } from "../image/module/image-module.ts";
import { IMAGE_BOUNDS, IMAGE_MACHINE } from "../image/world/image-bounds.ts";
import type { GateConfiguration } from "../tree/configuration.ts";
import { gateConfig } from "../unit/configurations.ts";
import type { GateRequest } from "./request.ts";

/** Group of operations that are explored together. */
interface Group {
  readonly bounds: Bounds;
  /**
   * Largest number of operations in an execution, by profile; 0 means unlimited. A profile without an entry does not
   * explore the group.
   */
  readonly steps: Readonly<Record<string, number>>;
}

/** Groups are small because a violation ends a run, so that one fault does not hide another. */
const GROUPS: readonly Group[] = [
  { bounds: { mms: 1 }, steps: { quick: 0, ci: 0, deep: 0 } },
  { bounds: { mms: 2, split: 1 }, steps: { quick: 5, ci: 6, deep: 7 } },
  { bounds: { mms: 2, migrate: 1 }, steps: { quick: 5, ci: 6, deep: 7 } },
  { bounds: { mms: 2, split: 1, migrate: 1 }, steps: { ci: 5, deep: 6 } },
  { bounds: { mms: 2, free: 1 }, steps: { quick: 5, ci: 6, deep: 7 } },
  { bounds: { mms: 2, protect: 1, unmap: 1, dontfork: 1 }, steps: { quick: 4, ci: 5, deep: 6 } },
  { bounds: { mms: 2, protect: 1, migrate: 1 }, steps: { quick: 4, ci: 5, deep: 6 } },
  // An entry beyond a page table takes four operations, which are too many with a VMA of two page tables.
  { bounds: { mms: 1, move: 1, free: 1, hint: 1 }, steps: { quick: 4, ci: 5, deep: 6 } },
  { bounds: { mms: 1, pages: 16, move: 1, unmap: 1, free: 1, hint: 1 }, steps: { quick: 3, ci: 4, deep: 5 } },
  { bounds: { mms: 3, split: 1, migrate: 1, free: 1 }, steps: { quick: 4, ci: 5, deep: 6 } },
  { bounds: { mms: 2, softdirty: 1 }, steps: { quick: 4, ci: 5, deep: 6 } },
  { bounds: { mms: 1, softdirty: 1, migrate: 1 }, steps: { deep: 6 } },
  { bounds: { mms: 2, swap: 1 }, steps: { quick: 4, ci: 6, deep: 7 } },
  { bounds: { mms: 2, swap: 2 }, steps: { quick: 4, ci: 6, deep: 7 } },
  { bounds: { mms: 1, swap: 1, slots: 3 }, steps: { ci: 6, deep: 8 } },
  { bounds: { mms: 2, swap: 2, protect: 1, unmap: 1, free: 1 }, steps: { quick: 3, ci: 4, deep: 5 } },
  { bounds: { mms: 2, swap: 1, split: 1, migrate: 1, move: 1 }, steps: { ci: 4, deep: 5 } },
  { bounds: { mms: 1, swap: 2, softdirty: 1 }, steps: { ci: 5, deep: 6 } },
  { bounds: { mms: 2, uffd: 1 }, steps: { quick: 4, ci: 5, deep: 6 } },
  { bounds: { mms: 1, pages: 16, uffd: 1 }, steps: { quick: 3, ci: 4, deep: 5 } },
  { bounds: { mms: 2, uffd: 1, swap: 1 }, steps: { quick: 4, ci: 5, deep: 6 } },
  { bounds: { mms: 2, collapse: 1 }, steps: { quick: 4, ci: 5, deep: 6 } },
  { bounds: { mms: 2, swap: 2, free: 1, collapse: 1 }, steps: { quick: 4, ci: 5, deep: 6 } },
  { bounds: { mms: 1, pages: 16, move: 1, hint: 1, collapse: 1 }, steps: { quick: 3, ci: 4, deep: 5 } },
  {
    bounds: { mms: 2, protect: 1, unmap: 1, split: 1, migrate: 1, collapse: 1 },
    steps: { quick: 3, ci: 4, deep: 5 },
  },
  { bounds: { mms: 2, file: 1 }, steps: { quick: 4, ci: 5, deep: 6 } },
  { bounds: { mms: 2, unmap: 1, file: 2 }, steps: { quick: 3, ci: 4, deep: 5 } },
  { bounds: { mms: 1, swap: 2, file: 3 }, steps: { quick: 3, ci: 4, deep: 5 } },
  { bounds: { mms: 1, split: 1, migrate: 1, file: 1 }, steps: { quick: 3, ci: 4, deep: 5 } },
  { bounds: { mms: 2, swap: 1, split: 1, file: 3 }, steps: { ci: 3, deep: 4 } },
  { bounds: { mms: 2, gup: 1 }, steps: { quick: 3, ci: 4, deep: 5 } },
  { bounds: { mms: 1, gup: 1, split: 1, migrate: 1 }, steps: { quick: 3, ci: 4, deep: 5 } },
  { bounds: { mms: 2, gup: 1, protect: 1, unmap: 1, free: 1 }, steps: { ci: 3, deep: 4 } },
  { bounds: { mms: 1, gup: 1, swap: 2 }, steps: { ci: 4, deep: 5 } },
  { bounds: { mms: 1, gup: 2, pages: 16, move: 1 }, steps: { ci: 3, deep: 4 } },
  // Races: the last step of an execution, but for one group.
  { bounds: { mms: 1, split: 1, migrate: 1, race: 1 }, steps: { quick: 3, ci: 4, deep: 5 } },
  { bounds: { mms: 2, split: 1, migrate: 1, race: 2 }, steps: { ci: 3, deep: 4 } },
  { bounds: { mms: 2, free: 1, race: 2 }, steps: { ci: 3, deep: 4 } },
  { bounds: { mms: 2, protect: 1, unmap: 1, dontfork: 1, race: 2 }, steps: { ci: 2, deep: 3 } },
  { bounds: { mms: 1, softdirty: 1, race: 2 }, steps: { deep: 3 } },
  { bounds: { mms: 1, swap: 1, race: 1 }, steps: { ci: 3, deep: 4 } },
  { bounds: { mms: 1, swap: 2, split: 1, free: 1, race: 2 }, steps: { deep: 3 } },
  { bounds: { mms: 1, uffd: 1, race: 2 }, steps: { ci: 3, deep: 4 } },
  { bounds: { mms: 1, pages: 16, uffd: 1, migrate: 1, race: 2 }, steps: { ci: 2, deep: 3 } },
  { bounds: { mms: 1, gup: 1, race: 2 }, steps: { ci: 2, deep: 3 } },
  { bounds: { mms: 2, gup: 1, race: 2 }, steps: { deep: 2 } },
  { bounds: { mms: 1, gup: 1, free: 1, race: 1 }, steps: { deep: 3 } },
  { bounds: { mms: 1, file: 1, race: 1 }, steps: { ci: 2, deep: 3 } },
  { bounds: { mms: 1, swap: 2, file: 3, race: 1 }, steps: { deep: 2 } },
  { bounds: { mms: 1, move: 1, unmap: 1, free: 1, hint: 1, race: 2 }, steps: { ci: 2, deep: 3 } },
  { bounds: { mms: 1, move: 1, spans: 1, race: 2 }, steps: { deep: 3 } },
  { bounds: { mms: 1, collapse: 1, race: 1 }, steps: { ci: 3, deep: 4 } },
  { bounds: { mms: 2, unmap: 1, move: 1, collapse: 1, race: 2 }, steps: { deep: 2 } },
  { bounds: { mms: 2, split: 1, migrate: 1, free: 1, race: 3, afterrace: 1 }, steps: { deep: 2 } },
  // With several preemptions, and operations that wait for each other.
  { bounds: { mms: 1, split: 1, migrate: 1, free: 1, race: 1, preemptions: 2 }, steps: { ci: 3, deep: 4 } },
  { bounds: { mms: 2, split: 1, migrate: 1, race: 2, preemptions: 2 }, steps: { deep: 2 } },
  { bounds: { mms: 1, swap: 1, race: 1, preemptions: 2 }, steps: { deep: 3 } },
  { bounds: { mms: 1, collapse: 1, race: 1, preemptions: 2 }, steps: { deep: 2 } },
  { bounds: { mms: 1, protect: 1, unmap: 1, move: 1, dontfork: 1, race: 1, preemptions: 2 }, steps: { deep: 3 } },
];

/**
 * State limit of a run with unlimited operations: a hundred times its usual number of states. Without it, a run would
 * not terminate if a change lets a counter drift.
 */
const MOST_STATES = 100_000;

/** Whether a requested gate explores images. */
export function includesImages({ only, judge, image }: Pick<GateRequest, "only" | "judge" | "image">): boolean {
  return image !== false && judge !== "conformance" && (only === undefined || only === IMAGE_MACHINE);
}

/**
 * Whether images of a configuration are explored: without mm-id there are no transparent huge pages, and so no large
 * folios.
 */
export function hasImage({ mmId }: GateConfiguration): boolean {
  return mmId;
}

/** Run on the image of a tree. */
export interface ImageRun {
  readonly job: Job;
  /** Job with the same operations at the bounds of profile `quick`; undefined if `quick` does not explore the group. */
  readonly quick: Job | undefined;
}

/** Returns the bounds of the runs on the image of a configuration. */
export function imageBounds({ profile }: Pick<GateRequest, "profile">): Bounds[] {
  return GROUPS.flatMap(({ bounds, steps: { [profile]: steps } }) =>
    steps === undefined ? [] : [boundsWithin({ name: IMAGE_MACHINE, bounds: IMAGE_BOUNDS }, { ...bounds, steps })],
  );
}

/** Returns the runs on the image of one configuration. */
export function imageRuns(module: ImageModule, configuration: GateConfiguration, request: GateRequest): ImageRun[] {
  const config = formatConfig(gateConfig(configuration));
  const { profile, budget } = request;
  // Claims detect what a change breaks; lockstep with the model takes a fifth more time.
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
