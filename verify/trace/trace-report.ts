/** Construction of trace reports. */

import { MachineError } from "../../explore/model/errors.ts";
import { type Interpreter, interpret } from "../../explore/model/interpreter.ts";
import { type ActionCall, formatCall } from "../../explore/model/model.ts";
import { revised } from "../../explore/search/revised.ts";
import { execute } from "../../explore/search/trace.ts";
import type { TracedState } from "../../gate/image/world/visible-state.ts";
import type { Fault } from "../../invariants/fault.ts";
import type { AnyModel } from "../../machines/machine.ts";
import type { StepCalls } from "../../model/kernel/call-node.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { recording } from "../../model/kernel/recording.ts";
import type { StepAccess } from "../../model/race/step-access.ts";
import { modelOf, type ResolvedJob, type StepRecording, type TracedJob } from "../job/job.ts";
import type { Diagnostic } from "../report/diagnostic.ts";
import { TRACE_VERSION, type TraceReport, type TraceReportStep } from "../report/report.ts";
import { diagnosticOf } from "./execution.ts";
import { withCommands } from "./image-commands.ts";

/** Property that a trace violates or reaches. */
export interface TracedProperty {
  readonly id: string;
  readonly claim: string;
  readonly source: string;
  /** Code of the warning, if it is a property of warnings. */
  readonly warning?: number;
  /** The warning, or the fault of a query, as the search reported it. */
  readonly diagnostic?: Diagnostic;
  /** Whether the trace ends at the first step that decides it: a refined execution may continue beyond that step. */
  readonly endsTrace?: boolean;
}

/** Diagnostic for C code whose re-execution has another outcome than the search. */
export const NOT_REPEATABLE: Diagnostic = { kind: "not-repeatable" };

/** Re-executes calls on immutable states, with kernels that record their calls, and reports every step. */
export function traceReport(
  resolved: ResolvedJob,
  decided: TracedProperty,
  initial: number,
  calls: readonly ActionCall[],
): TraceReport {
  const traced = resolved.traced?.() ?? withRecording(resolved);
  const [ownRecording, otherRecording] = traced.recordings;
  const model = modelOf({
    ...traced.resolved,
    ...(ownRecording === undefined ? {} : { kernel: ownRecording.kernel }),
    ...(otherRecording === undefined ? {} : { against: otherRecording.kernel }),
  });
  return withCommands(
    revised(model, (current) => tracedOn(current, traced, resolved, decided, { initial, calls })).result,
  );
}

function tracedOn(
  model: AnyModel,
  { recordings, queries: takeQueries, tracedState }: TracedJob,
  resolved: ResolvedJob,
  decided: TracedProperty,
  { initial, calls }: { readonly initial: number; readonly calls: readonly ActionCall[] },
): TraceReport {
  const { machine, kernel, against, config, bounds, optimisation, calls: fixed } = resolved.job;
  const interpreter = interpret(model);
  const start = execute(interpreter, initial, []);
  takeCalls(recordings);
  const reported = (state: unknown): unknown => model.reported?.(state as never) ?? state;
  const steps: TraceReportStep[] = [];
  const tracedIn = (state: unknown): Partial<TracedState> => tracedState?.(state) ?? {};
  const tracedAtStart = tracedIn(start.initial);
  let before: unknown;
  let last: StepResult = { state: start.initial };
  const property = model.properties.findIndex(({ id }) => id === decided.id);
  const isDecided = (): boolean => {
    const definition = model.properties[property];
    return definition?.kind === "warning"
      ? last.warning !== undefined && definition.codes.includes(last.warning)
      : interpreter.decides(property, before, last.state);
  };
  for (const call of calls) {
    before = last.state;
    last = takeStep(interpreter, before, call, resolved.traced !== undefined);
    const accesses = model.stepDetails?.(before as never, call) as readonly StepAccess[] | undefined;
    steps.push({
      ...call,
      call: formatCall(call),
      functions: takeCalls(recordings),
      ...(accesses === undefined ? {} : { accesses }),
      state: reported(last.state),
      ...tracedIn(last.state),
    });
    if (decided.endsTrace === true && isDecided()) {
      break;
    }
  }
  const decides = interpreter.decides(property, before, last.state);
  const isReproduced =
    decided.warning === undefined ? decides : last.impossible !== undefined || last.warning === decided.warning;
  // A C function's tracing build reports more than the search's, except for values that no immutable state can
  // represent.
  const warning = decided.endsTrace === true ? last.warning : decided.warning;
  const diagnostic = diagnosticOf(model, warning) ?? last.impossible ?? decided.diagnostic;
  const reportedWarning = resolved.traced === undefined || isReproduced ? diagnostic : NOT_REPEATABLE;
  const queries = takeQueries?.() ?? [];
  const faults = (
    decides && last.impossible === undefined ? interpreter.faults(property, last.state) : []
  ) as readonly Fault[];
  return {
    format: "foliocheck-trace",
    version: TRACE_VERSION,
    machine,
    kernel,
    ...(against === undefined ? {} : { against }),
    config,
    bounds,
    ...(optimisation === undefined ? {} : { optimisation }),
    ...(fixed === undefined ? {} : { calls: fixed }),
    property: decided.id,
    claim: decided.claim,
    source: decided.source,
    ...(reportedWarning === undefined ? {} : { warning: reportedWarning }),
    ...(queries.length === 0 ? {} : { queries }),
    ...(faults.length === 0 ? {} : { faults }),
    initial,
    state: reported(start.initial),
    ...tracedAtStart,
    steps,
  };
}

/** Result of a step. */
interface StepResult {
  readonly state: unknown;
  /** Code of the warning that it raised. */
  readonly warning?: number;
  readonly impossible?: Diagnostic;
}

/**
 * Takes a step. C code can store a value that no state can represent: then the result has the state before the step.
 */
function takeStep(
  interpreter: Interpreter<unknown>,
  state: unknown,
  call: ActionCall,
  isCompiled: boolean,
): StepResult {
  try {
    const outcome = interpreter.attempt(state, call);
    if (!outcome.enabled) {
      throw new MachineError("bad-action", `${formatCall(call)} is not enabled in this state`);
    }
    return outcome;
  } catch (error) {
    if (isCompiled && error instanceof MachineError && error.place.range !== undefined) {
      return { state, impossible: { kind: "impossible", value: { kind: "out-of-range", ...error.place.range } } };
    }
    throw error;
  }
}

/**
 * Returns a job with kernels that record their calls. For threads none are recorded: the recording itself could read
 * shared memory.
 */
function withRecording(resolved: ResolvedJob): TracedJob {
  const { kernel, against, definition } = resolved;
  if (definition.interleaving !== undefined) {
    return { resolved, recordings: [] };
  }
  return {
    resolved,
    recordings: [recordingSteps(kernel), ...(against === undefined ? [] : [recordingSteps(against)])],
  };
}

function recordingSteps(recorded: Kernel): StepRecording {
  const { kernel, take } = recording(recorded);
  return { kernel, take: () => ({ calls: take() }) };
}

/** Takes the recorded calls: one entry if they are the same under every kernel, else one for each kernel. */
function takeCalls(recordings: readonly StepRecording[]): StepCalls[] {
  const byKernel = recordings.map(({ kernel, take }) => ({ kernel: kernel.name, ...take() }));
  const [first, ...others] = byKernel.map(({ kernel: _, ...calls }) => calls);
  if (first !== undefined && others.every((each) => JSON.stringify(each) === JSON.stringify(first))) {
    return first.calls.length === 0 && first.isCut === undefined ? [] : [first];
  }
  return byKernel;
}
