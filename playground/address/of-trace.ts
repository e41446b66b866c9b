/** Traces as explorations. */
import { KERNEL_NAMES } from "../../model/kernels/index.ts";
import type { TraceReport } from "../../verify/report/report.ts";
import { UsageError } from "../../verify/request/usage-error.ts";
import { requireModelled } from "../../verify/trace/modelled-trace.ts";
import type { Exploration } from "./exploration.ts";
import { PLAYGROUND_MACHINES } from "./machines.ts";
import { shortCall } from "./short-call.ts";

/**
 * Returns the exploration that takes the steps of a trace.
 *
 * @throws UsageError for a trace whose kernel is not in the model, or whose machine is not in the playground
 */
export function explorationOfTrace(trace: TraceReport): Exploration {
  const { machine, kernel, against, config, bounds, steps } = trace;
  requireModelled(trace, kernel);
  if (!PLAYGROUND_MACHINES.some(({ name }) => name === machine)) {
    throw new UsageError(
      `the trace is of machine ${machine}; the playground has ${PLAYGROUND_MACHINES.map(({ name }) => name).join(", ")}`,
    );
  }
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
    path: steps.map(shortCall),
  };
}
