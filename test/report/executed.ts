/** Traces executed by tests: patched kernels outside of the catalogue, on given calls. */
import { interpret } from "../../explore/model/interpreter.ts";
import type { ActionCall } from "../../explore/model/model.ts";
import type { KernelPatch } from "../../model/kernel/kernel.ts";
import { type Job, modelOf, type ResolvedJob, resolve } from "../../verify/job/job.ts";
import type { TraceReport } from "../../verify/report/report.ts";
import { traceReport } from "../../verify/trace/trace-report.ts";

/** Execution to report. */
export interface Execution {
  readonly machine: string;
  readonly bounds: Job["bounds"];
  readonly config?: string;
  /** Name of the patched kernel, and the functions that it replaces. */
  readonly kernel: string;
  readonly overrides: KernelPatch;
  /** Name of the kernel that it is compared with. */
  readonly against?: string;
  /** Id of the property that the trace violates or reaches. */
  readonly property: string;
  readonly calls: readonly ActionCall[];
}

/**
 * Returns the trace of an execution.
 *
 * @throws Error when its property does not fail, or fails before the end
 */
export function executed(execution: Execution): TraceReport {
  const { machine, bounds, config = "", kernel, overrides, against, property, calls } = execution;
  const requested = resolve({ machine, bounds, config, ...(against === undefined ? {} : { against }) });
  const resolved: ResolvedJob = {
    ...requested,
    job: { ...requested.job, kernel },
    kernel: { ...requested.kernel, ...overrides, name: kernel },
  };
  const model = modelOf(resolved);
  const index = model.properties.findIndex(({ id }) => id === property);
  const { id, claim, source } = model.properties[index] as (typeof model.properties)[number];
  const trace = traceReport(resolved, { id, claim, source }, 0, calls);
  const states = [trace.state, ...trace.steps.map(({ state }) => state)];
  const fails = states.map((state, i) => interpret(model).decides(index, states[i - 1], state));
  if (fails.indexOf(true) !== calls.length) {
    throw new Error(`${property} fails in state ${fails.indexOf(true)}, not after the last step`);
  }
  return trace;
}

/** Parses a call in the syntax of traces. */
export function call(action: string, parameters: ActionCall["parameters"]): ActionCall {
  return { action, parameters };
}
