/** Traces as data: a path of the search, executed on immutable states. */
import type { ActionCall } from "../model/action-call.ts";
import { type Execution, MachineError } from "../model/errors.ts";
import type { Interpreter, StepOutcome } from "../model/interpreter.ts";
import type { Model } from "../model/model.ts";
import type { Path } from "./search.ts";

/** One step of a trace. */
export interface TraceStep<S> {
  readonly call: ActionCall;
  /** The state after the step. */
  readonly state: S;
  /** Code of the warning that the step raised. */
  readonly warning?: number;
}

/** An execution. */
export interface Trace<S> {
  readonly initial: S;
  readonly steps: readonly TraceStep<S>[];
}

/** The action calls of a path. */
export function callsOf<S, C, V>(model: Model<S, C, V>, path: Path): ActionCall[] {
  return path.steps.map(({ action, instance }) => {
    const { name, choices } = model.actions[action] as Model<S, C, V>["actions"][number];
    return { action: name, parameters: choices[instance] ?? {} };
  });
}

/**
 * Executes calls from an initial state.
 *
 * @param initial index of the initial state
 * @throws MachineError (`bad-action`) for a call that does not exist or is not enabled; the message names the step. Its
 *   trace, like that of any error of a recipe, is the calls before that step
 */
export function execute<S>(interpreter: Interpreter<S>, initial: number, calls: readonly ActionCall[]): Trace<S> {
  if (!Number.isInteger(initial) || initial < 0 || initial >= interpreter.initialStates.length) {
    throw new MachineError("bad-state", `there is no initial state ${initial}`);
  }
  const first = interpreter.initialStates[initial] as S;
  const steps: TraceStep<S>[] = [];
  let state: S = first;
  for (const [index, call] of calls.entries()) {
    const outcome = attempt(interpreter, state, call, { initial, calls: calls.slice(0, index) });
    state = outcome.state;
    steps.push({ call, state, ...(outcome.warning === undefined ? {} : { warning: outcome.warning }) });
  }
  return { initial: first, steps };
}

function attempt<S>(
  interpreter: Interpreter<S>,
  state: S,
  call: ActionCall,
  trace: Execution,
): Extract<StepOutcome<S>, { enabled: true }> {
  try {
    const outcome = interpreter.attempt(state, call);
    if (!outcome.enabled) {
      throw new MachineError("bad-action", `step ${trace.calls.length + 1}: ${call.action} is not enabled there`);
    }
    return outcome;
  } catch (error) {
    throw error instanceof MachineError ? error.at({ trace }) : error;
  }
}
