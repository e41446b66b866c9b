/** Traces as explorations. */
import { KERNEL_NAMES } from "../../model/kernels/index.ts";
import { formatOperation, type RaceCalls } from "../../model/race/race-calls.ts";
import type { TraceReport } from "../../verify/report/report.ts";
import { UsageError } from "../../verify/request/usage-error.ts";
import { requireModelled } from "../../verify/trace/modelled-trace.ts";
import type { Exploration } from "./exploration.ts";
import { shortCall } from "./short-call.ts";

/**
 * Returns the exploration that takes the steps of a trace.
 *
 * @throws UsageError for a trace whose kernel is not in the model
 */
export function explorationOfTrace(trace: TraceReport): Exploration {
  const { machine, kernel, against, config, bounds, calls, steps } = trace;
  requireModelled(trace, kernel);
  const unknown = [kernel, against ?? kernel].find((name) => !KERNEL_NAMES.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`the trace is of kernel ${unknown}, which is not in this foliocheck`);
  }
  return {
    machine,
    kernel,
    ...(against === undefined ? {} : { against }),
    config,
    bounds,
    ...(calls === undefined ? {} : { calls: { start: textOf([calls.start]), cpus: textOf(calls.cpus) } }),
    path: steps.map(shortCall),
  };
}

/** Formats calls in the syntax of `foliocheck race`. */
function textOf(columns: RaceCalls["cpus"]): string {
  return columns.map((calls) => calls.map(formatOperation).join("; ")).join(" | ");
}
