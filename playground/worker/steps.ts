/** Execution of a path under one kernel. */
import type { ActionCall } from "../../explore/model/model.ts";
import { attemptStep } from "../../verify/trace/execution.ts";
import { callNamed, type ModelUnder } from "./model-under.ts";

/** State with the code of the warning that the step to it raised. */
export interface Visited {
  readonly state: unknown;
  readonly warning?: number;
}

/** Steps that a kernel takes. */
export interface Steps {
  readonly calls: readonly ActionCall[];
  /** The initial state, and the state after each step. */
  readonly states: readonly Visited[];
  /** First step that it cannot take. */
  readonly obstacle?: { readonly step: number; readonly message: string };
}

/** Executes a path up to the first step that is impossible. */
export function takeSteps({ model, interpreter }: ModelUnder, path: readonly string[]): Steps {
  const calls: ActionCall[] = [];
  const states: Visited[] = [{ state: interpreter.initialStates[0] }];
  for (const [index, short] of path.entries()) {
    const call = callNamed(model, short);
    const attempt = call && attemptStep(model, interpreter, states.at(-1)?.state, call);
    if (call === undefined || attempt === undefined || !attempt.enabled) {
      const message = attempt?.enabled === false ? attempt.obstacle.message : `the machine has no call ${short}`;
      return { calls, states, obstacle: { step: index + 1, message } };
    }
    const { state, warning } = attempt;
    calls.push(call);
    states.push({ state, ...(warning === undefined ? {} : { warning }) });
  }
  return { calls, states };
}
