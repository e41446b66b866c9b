/** Replays a trace, under the kernel that it was found with or under another one. */
import { MachineError } from "../explore/errors.ts";
import { type Interpreter, interpret } from "../explore/interpreter.ts";
import type { AnyModel } from "../invariants/machines.ts";
import { modelOf, type ResolvedJob, resolve } from "./job.ts";
import type { TraceReport } from "./report.ts";
import { traceReport } from "./trace-report.ts";
import { requireClaim, requireModelled } from "./tree-trace.ts";
import { UsageError } from "./usage-error.ts";

/** A property that the replayed execution decides. */
export interface ReplayFinding {
  readonly id: string;
  readonly claim: string;
  readonly source: string;
  /** `violated`, or `reached` for a witness. */
  readonly verdict: "violated" | "reached";
  /** The step after which, or in which, it was decided; 0 is the initial state. */
  readonly step: number;
  /** What the kernel warned of. */
  readonly warning?: string;
}

/** The outcome of a replay. */
export interface ReplayReport {
  readonly format: "foliocheck-replay";
  readonly version: number;
  readonly property: string;
  readonly kernel: string;
  /** Whether the property of the trace is decided again: violated again, or, for a witness, reached again. */
  readonly reproduced: boolean;
  /** Whether the property of the trace is a witness: something that must be reachable. */
  readonly witness: boolean;
  /** Everything that the execution decides. */
  readonly findings: readonly ReplayFinding[];
  /** The first step that this kernel cannot take, when there is one: the execution ends before it. */
  readonly divergesAt?: number;
  /** The execution under this kernel. */
  readonly trace: TraceReport;
}

/**
 * Executes a trace again.
 *
 * @param kernel name of another kernel to replay it under
 * @throws UsageError when the trace's machine, bounds, property or actions do not exist here
 */
export function replay(trace: TraceReport, kernel: string = trace.kernel): ReplayReport {
  const { machine, config, bounds, against } = trace;
  requireModelled(trace, kernel);
  requireClaim(trace);
  const resolved = resolve({ machine, config, bounds, kernel, ...(against === undefined ? {} : { against }) });
  const model = modelOf(resolved);
  const owner = model.properties.find((each) => each.id === trace.property);
  if (owner === undefined) {
    throw new UsageError(`the trace is about property ${trace.property}, which machine ${machine} does not check here`);
  }
  const { findings, taken } = decide(trace, model, interpret(model));
  const decided = findings.find((each) => each.id === trace.property);
  const steps = trace.steps.slice(0, taken);
  const shown = { id: owner.id, claim: owner.claim, source: owner.source };
  return {
    format: "foliocheck-replay",
    version: trace.version,
    property: trace.property,
    kernel,
    reproduced: decided !== undefined,
    witness: owner.kind === "sometimes" || owner.kind === "sometimes-step",
    findings,
    ...(taken < trace.steps.length ? { divergesAt: taken + 1 } : {}),
    trace: replayedTrace(resolved, shown, trace.initial, steps, decided?.warning),
  };
}

function replayedTrace(
  resolved: ResolvedJob,
  decided: { id: string; claim: string; source: string },
  initial: number,
  steps: TraceReport["steps"],
  warning: string | undefined,
): TraceReport {
  const executed = traceReport(resolved, decided, initial, steps);
  return warning === undefined ? executed : { ...executed, warning };
}

/** Takes the steps one by one, as far as the kernel can, and asks every property about each state and step. */
function decide(
  trace: TraceReport,
  model: AnyModel,
  interpreter: Interpreter<unknown>,
): { findings: ReplayFinding[]; taken: number } {
  const findings: ReplayFinding[] = [];
  let state = interpreter.initialStates[trace.initial];
  if (trace.initial >= interpreter.initialStates.length) {
    throw new UsageError(
      `the trace starts in initial state ${trace.initial}, which machine ${trace.machine} does not have`,
    );
  }
  const look = (step: number, before: unknown, warning: number | undefined): void => {
    model.properties.forEach((property, index) => {
      const { id, claim, source, kind } = property;
      const warned = kind === "warning" && warning !== undefined && property.codes.includes(warning);
      if ((warned || interpreter.decides(index, before, state)) && !findings.some((each) => each.id === id)) {
        const verdict = kind === "sometimes" || kind === "sometimes-step" ? "reached" : "violated";
        const text = warned ? { warning: model.warnings?.text(warning) ?? "" } : {};
        findings.push({ id, claim, source, verdict, step, ...text });
      }
    });
  };
  look(0, undefined, undefined);
  for (const [index, { action, parameters }] of trace.steps.entries()) {
    const before = state;
    try {
      const outcome = interpreter.attempt(state, { action, parameters });
      if (!outcome.enabled) {
        return { findings, taken: index };
      }
      state = outcome.state;
      look(index + 1, before, outcome.warning);
    } catch (error) {
      if (error instanceof MachineError && error.code === "bad-action") {
        throw new UsageError(`step ${index + 1}: ${error.message}`);
      }
      throw error;
    }
  }
  return { findings, taken: trace.steps.length };
}
