/** Traces of mm images, and their execution from user space on a running kernel. */
import { IMAGE_MACHINE } from "../../gate/image/world/image-bounds.ts";
import { type ImagePlan, planImage } from "../../live/image/image-plan.ts";
import { NotReproducible } from "../../live/walk/not-reproducible.ts";
import { parseConfig } from "../../model/kernel/config.ts";
import type { TraceReport } from "../report/report.ts";
import { UsageError } from "../request/usage-error.ts";

/** Whether a trace is a trace of an mm image. */
export function isImageTrace({ machine }: Pick<TraceReport, "machine">): boolean {
  return machine === IMAGE_MACHINE;
}

/** Returns the reason for which user space cannot take a trace's steps on a running kernel; undefined if it can. */
export function notOnRunningKernel(trace: TraceReport): string | undefined {
  try {
    planImage(trace, parseConfig(trace.config));
    return undefined;
  } catch (error) {
    if (error instanceof NotReproducible) {
      return error.message;
    }
    throw error;
  }
}

/**
 * Plans the execution of a trace on a running kernel.
 *
 * @throws UsageError if user space cannot take a step of the trace
 */
export function planImageTrace(trace: TraceReport): ImagePlan {
  try {
    return planImage(trace, parseConfig(trace.config));
  } catch (error) {
    throw error instanceof NotReproducible ? new UsageError(error.message) : error;
  }
}
