/** Jobs that explore an mm image: whole files of a kernel tree, compiled to one module. */

import { withoutKnown } from "../../gate/adapter/known-violations.ts";
import { imageMachine } from "../../gate/image/machine/image-machine.ts";
import type { ImageModule } from "../../gate/image/module/image-module.ts";
import { isInLockstep } from "../../gate/image/world/image-bounds.ts";
import { type NotChecked, notChecked } from "../../invariants/not-checked.ts";
import type { MachineDefinition } from "../../machines/machine.ts";
import { parseConfig } from "../../model/kernel/config.ts";
import { DEFAULT_KERNEL } from "../../model/kernels/index.ts";
import { kernelOf } from "../request/kernel-choice.ts";
import { imageCalls } from "./image-calls.ts";
import type { ImageSubject } from "./job.ts";
import { boundsWithin, type Job, type PlainJob, type ResolvedJob } from "./job.ts";
import { TREE } from "./tree-kernel.ts";

/** Request to explore an image. */
export type ImageJobRequest = Pick<Job, "config" | "bounds" | "budget"> & {
  /** Default: true. */
  readonly symmetry?: boolean;
  readonly allViolations?: boolean;
};

/**
 * Returns the job that explores an image.
 *
 * @throws UsageError for a bound out of range
 */
export function imageJob(image: ImageModule, { bounds: given, ...request }: ImageJobRequest): Job {
  const machine = imageMachine(image);
  const bounds = boundsWithin(machine, given);
  return {
    machine: machine.name,
    kernel: TREE,
    ...(isInLockstep(bounds) ? { against: image.modelKernel } : {}),
    bounds,
    symmetry: true,
    image: { module: image },
    ...request,
  };
}

/** Reports the faults that the symmetry of processes may hide. */
function hiddenBySymmetry({ symmetry, bounds: { mms = 1 } }: Job): readonly NotChecked[] {
  return symmetry && mms > 1
    ? [
        notChecked(
          "code that distinguishes MMs by their ids or addresses, where only some orders of them show it",
          "states are up to the order of processes",
        ),
      ]
    : [];
}

/** Resolves a job with an image. */
export function resolveImage(job: Job, { module, known = [] }: ImageSubject): ResolvedJob {
  const config = parseConfig(job.config);
  const machine = imageMachine(module);
  const resolve = (definition: MachineDefinition): PlainJob => ({
    job,
    definition: {
      ...definition,
      notChecked: (...parameters) => [...definition.notChecked(...parameters), ...hiddenBySymmetry(job)],
      build: (...parameters) => {
        const model = definition.build(...parameters);
        return known.length === 0 ? model : withoutKnown(model, known);
      },
    },
    config,
    kernel: kernelOf(job.against ?? DEFAULT_KERNEL, config),
  });
  return {
    ...resolve(machine),
    notices: machine.notices,
    traced: () => {
      const traced = machine.traced();
      const resolved = resolve(traced);
      return {
        resolved,
        recordings: [{ kernel: resolved.kernel, take: () => imageCalls(traced.take()) }],
        tracedState: traced.tracedStates(),
      };
    },
    reached: () => [...new Set(machine.reached().functions.map(({ name }) => name))],
    coverage: () => machine.reached().files,
    lockstep: machine.compared,
  };
}
