/** Jobs that explore an mm image: whole files of a kernel tree. */
import { imageMachine } from "../gate/image/image-machine.ts";
import type { ImageModule } from "../gate/image/image-module.ts";
import { parseConfig } from "../model/config.ts";
import { DEFAULT_KERNEL } from "../model/variants/index.ts";
import { boundsWithin, type Job, type ResolvedJob } from "./job.ts";
import { kernelOf } from "./kernel-choice.ts";

/** Name of the kernel in reports. */
const TREE = "tree";

/** The part of a job that the user chooses. */
export type ImageJobRequest = Pick<Job, "config" | "bounds" | "budget"> & { readonly allViolations?: boolean };

/**
 * A job that explores an image.
 *
 * @throws UsageError for a bound out of range
 */
export function imageJob(image: ImageModule, { bounds, ...request }: ImageJobRequest): Job {
  const machine = imageMachine(image);
  return {
    machine: machine.name,
    kernel: TREE,
    bounds: boundsWithin(machine, bounds),
    symmetry: false,
    image,
    ...request,
  };
}

/** The job with its machine. */
export function resolveImage(job: Job, image: ImageModule): ResolvedJob {
  const config = parseConfig(job.config);
  return { job, definition: imageMachine(image), config, kernel: kernelOf(DEFAULT_KERNEL, config) };
}
