/** Traces as they are reported and saved. */
import { MachineError } from "../explore/errors.ts";
import { type Interpreter, interpret } from "../explore/interpreter.ts";
import { type ActionCall, formatCall } from "../explore/model.ts";
import { execute } from "../explore/trace.ts";
import { type Recording, recording } from "../model/kernel/recording.ts";
import { modelOf, type ResolvedJob, type TracedJob } from "./job.ts";
import { REPORT_VERSION, type TraceReport, type TraceReportStep } from "./report.ts";

/** What a trace decides. */
export interface Decided {
  readonly id: string;
  readonly claim: string;
  readonly source: string;
  readonly warning?: number;
}

/** Executes the calls once more, on immutable states and with kernels that take notes, and reports every step. */
export function traceReport(
  resolved: ResolvedJob,
  decided: Decided,
  initial: number,
  calls: readonly ActionCall[],
): TraceReport {
  const { machine, kernel, against, config, bounds } = resolved.job;
  const { resolved: traced, recordings, asked } = resolved.traced?.() ?? recorded(resolved);
  const [notes, otherNotes] = recordings;
  const model = modelOf({
    ...traced,
    ...(notes === undefined ? {} : { kernel: notes.kernel }),
    ...(otherNotes === undefined ? {} : { against: otherNotes.kernel }),
  });
  const interpreter = interpret(model);
  const start = execute(interpreter, initial, []);
  functionsIn(recordings);
  const steps: TraceReportStep[] = [];
  let before: unknown;
  let state = start.initial;
  let impossible: string | undefined;
  for (const call of calls) {
    before = state;
    const after = stateAfter(interpreter, state, call, resolved.traced !== undefined);
    state = after.state;
    impossible = after.impossible;
    steps.push({ ...call, call: formatCall(call), functions: functionsIn(recordings), state });
  }
  const property = model.properties.findIndex(({ id }) => id === decided.id);
  interpreter.decides(property, before, state);
  const questions = asked?.() ?? [];
  return {
    format: "foliocheck-trace",
    version: REPORT_VERSION,
    machine,
    kernel,
    ...(against === undefined ? {} : { against }),
    config,
    bounds,
    property: decided.id,
    claim: decided.claim,
    source: decided.source,
    ...(decided.warning === undefined ? {} : { warning: model.warnings?.text(decided.warning) || impossible || "" }),
    ...(questions.length === 0 ? {} : { asked: questions }),
    initial,
    state: start.initial,
    steps,
  };
}

/** C code can leave a value that no state can have: then the state before it is the last that can be shown. */
function stateAfter(
  interpreter: Interpreter<unknown>,
  state: unknown,
  call: ActionCall,
  isCompiled: boolean,
): { readonly state: unknown; readonly impossible?: string } {
  try {
    return { state: interpreter.step(state, call) };
  } catch (error) {
    if (isCompiled && error instanceof MachineError && error.code === "field-range") {
      return { state, impossible: `it leaves what cannot be: ${error.message}` };
    }
    throw error;
  }
}

function recorded(resolved: ResolvedJob): TracedJob {
  const { kernel, against } = resolved;
  return { resolved, recordings: [recording(kernel), ...(against === undefined ? [] : [recording(against)])] };
}

/** The functions that ran since the last time: once when they are the same under every kernel, else kernel by kernel. */
function functionsIn(recordings: readonly Recording[]): string[] {
  const taken = recordings.map(({ kernel, take }) => ({ name: kernel.name, lines: take() }));
  const [first] = taken;
  if (first !== undefined && taken.every(({ lines }) => lines.join() === first.lines.join())) {
    return first.lines;
  }
  return taken.flatMap(({ name, lines }) => [`under ${name}:`, ...lines.map((line) => `  ${line}`)]);
}
