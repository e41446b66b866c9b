/** Traces as they are reported and saved. */

import { MachineError } from "../../explore/model/errors.ts";
import { type Interpreter, interpret } from "../../explore/model/interpreter.ts";
import { type ActionCall, formatCall } from "../../explore/model/model.ts";
import { revised } from "../../explore/search/revised.ts";
import { execute } from "../../explore/search/trace.ts";
import type { VisibleState } from "../../gate/image/world/visible-state.ts";
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

/** What a trace decides. */
export interface Decided {
  readonly id: string;
  readonly claim: string;
  readonly source: string;
  readonly warning?: number;
  /** The warning, or the fault of a query, as the search found it. */
  readonly found?: Diagnostic;
  /** Whether the trace ends with the first step that decides it: a refined execution may do so before its last one. */
  readonly endsTrace?: boolean;
}

/** Reported where C code does not do a second time what it was found to do. */
export const NOT_REPEATABLE: Diagnostic = { kind: "not-repeatable" };

/** Executes the calls once more, on immutable states and with kernels that take notes, and reports every step. */
export function traceReport(
  resolved: ResolvedJob,
  decided: Decided,
  initial: number,
  calls: readonly ActionCall[],
): TraceReport {
  const traced = resolved.traced?.() ?? recorded(resolved);
  const [notes, otherNotes] = traced.recordings;
  const model = modelOf({
    ...traced.resolved,
    ...(notes === undefined ? {} : { kernel: notes.kernel }),
    ...(otherNotes === undefined ? {} : { against: otherNotes.kernel }),
  });
  return withCommands(
    revised(model, (current) => tracedOn(current, traced, resolved, decided, { initial, calls })).result,
  );
}

function tracedOn(
  model: AnyModel,
  { recordings, asked, visible }: TracedJob,
  resolved: ResolvedJob,
  decided: Decided,
  { initial, calls }: { readonly initial: number; readonly calls: readonly ActionCall[] },
): TraceReport {
  const { machine, kernel, against, config, bounds, optimisation, calls: fixed } = resolved.job;
  const interpreter = interpret(model);
  const start = execute(interpreter, initial, []);
  functionsIn(recordings);
  const reported = (state: unknown): unknown => model.reported?.(state as never) ?? state;
  const steps: TraceReportStep[] = [];
  const visibleIn = (state: unknown): { readonly visible?: VisibleState } => {
    const seen = visible?.(state);
    return seen === undefined ? {} : { visible: seen };
  };
  const visibleAtStart = visibleIn(start.initial);
  let before: unknown;
  let last: Taken = { state: start.initial };
  const property = model.properties.findIndex(({ id }) => id === decided.id);
  const isDecided = (): boolean => {
    const owner = model.properties[property];
    return owner?.kind === "warning"
      ? last.warning !== undefined && owner.codes.includes(last.warning)
      : interpreter.decides(property, before, last.state);
  };
  for (const call of calls) {
    before = last.state;
    last = taken(interpreter, before, call, resolved.traced !== undefined);
    const accesses = model.stepDetails?.(before as never, call) as readonly StepAccess[] | undefined;
    steps.push({
      ...call,
      call: formatCall(call),
      functions: functionsIn(recordings),
      ...(accesses === undefined ? {} : { accesses }),
      state: reported(last.state),
      ...visibleIn(last.state),
    });
    if (decided.endsTrace === true && isDecided()) {
      break;
    }
  }
  const decides = interpreter.decides(property, before, last.state);
  const isSeenAgain =
    decided.warning === undefined ? decides : last.impossible !== undefined || last.warning === decided.warning;
  // Here more is known of C code than the search knew, but for values that no immutable state can have.
  const warning = decided.endsTrace === true ? last.warning : decided.warning;
  const known = diagnosticOf(model, warning) ?? last.impossible ?? decided.found;
  const reportedWarning = resolved.traced === undefined || isSeenAgain ? known : NOT_REPEATABLE;
  const questions = asked?.() ?? [];
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
    ...(questions.length === 0 ? {} : { asked: questions }),
    ...(faults.length === 0 ? {} : { faults }),
    initial,
    state: reported(start.initial),
    ...visibleAtStart,
    steps,
  };
}

/** A step that was taken. */
interface Taken {
  readonly state: unknown;
  /** Code of the warning that it raised. */
  readonly warning?: number;
  readonly impossible?: Diagnostic;
}

/** C code can leave a value that no state can have: then the state before it is the last that can be shown. */
function taken(interpreter: Interpreter<unknown>, state: unknown, call: ActionCall, isCompiled: boolean): Taken {
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

/** The job with kernels that record calls. Of threads, a call that is recorded could read what they share: none are. */
function recorded(resolved: ResolvedJob): TracedJob {
  const { kernel, against, definition } = resolved;
  if (definition.interleaving !== undefined) {
    return { resolved, recordings: [] };
  }
  return {
    resolved,
    recordings: [recordingSteps(kernel), ...(against === undefined ? [] : [recordingSteps(against)])],
  };
}

function recordingSteps(own: Kernel): StepRecording {
  const { kernel, take } = recording(own);
  return { kernel, take: () => ({ calls: take() }) };
}

/** The functions that ran since the last time: once when they are the same under every kernel, else kernel by kernel. */
function functionsIn(recordings: readonly StepRecording[]): StepCalls[] {
  const taken = recordings.map(({ kernel, take }) => ({ kernel: kernel.name, ...take() }));
  const [first, ...others] = taken.map(({ kernel: _, ...calls }) => calls);
  if (first !== undefined && others.every((each) => JSON.stringify(each) === JSON.stringify(first))) {
    return first.calls.length === 0 && first.isCut === undefined ? [] : [first];
  }
  return taken;
}
