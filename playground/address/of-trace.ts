/** Traces as explorations. */
import { formatOperation, type RaceCalls } from "../../model/race/race-calls.ts";
import { resolve } from "../../verify/job/job.ts";
import type { TraceReport } from "../../verify/report/report.ts";
import { requireModelled } from "../../verify/trace/modelled-trace.ts";
import type { Exploration } from "./exploration.ts";
import { shortCall } from "./short-call.ts";

/**
 * Returns the exploration that takes the steps of a trace.
 *
 * @throws UsageError for a trace whose kernel, machine or bounds do not exist here
 */
export function explorationOfTrace(trace: TraceReport): Exploration {
  const { machine, kernel, against, config, bounds, calls, steps } = trace;
  requireModelled(trace, kernel);
  const others = { ...(against === undefined ? {} : { against }), ...(calls === undefined ? {} : { calls }) };
  resolve({ machine, kernel, config, bounds, ...others });
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
