/** Traces as they are reported and saved. */
import { interpret } from "../explore/interpreter.ts";
import { type ActionCall, formatCall } from "../explore/model.ts";
import { execute } from "../explore/trace.ts";
import { recording } from "../model/kernel/recording.ts";
import { warningText } from "../model/kernel/warnings.ts";
import { modelOf, type ResolvedJob } from "./job.ts";
import { REPORT_VERSION, type TraceReport, type TraceReportStep } from "./report.ts";

/** What a trace decides. */
export interface Decided {
  readonly id: string;
  readonly claim: string;
  readonly source: string;
  readonly warning?: number;
}

/** Executes the calls once more, on immutable states and with a kernel that takes notes, and reports every step. */
export function traceReport(
  resolved: ResolvedJob,
  decided: Decided,
  initial: number,
  calls: readonly ActionCall[],
): TraceReport {
  const notes = recording(resolved.kernel);
  const interpreter = interpret(modelOf(resolved, notes.kernel));
  const { machine, kernel, config, bounds } = resolved.job;
  const start = execute(interpreter, initial, []);
  notes.take();
  const steps: TraceReportStep[] = [];
  let state = start.initial;
  for (const call of calls) {
    state = interpreter.step(state, call);
    steps.push({ ...call, call: formatCall(call), functions: notes.take(), state });
  }
  return {
    format: "foliocheck-trace",
    version: REPORT_VERSION,
    machine,
    kernel,
    config,
    bounds,
    property: decided.id,
    claim: decided.claim,
    source: decided.source,
    ...(decided.warning === undefined ? {} : { warning: warningText(decided.warning) }),
    initial,
    state: start.initial,
    steps,
  };
}
