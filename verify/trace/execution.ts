/** Executes the steps of a trace under a kernel up to the first impossible step, and evaluates every property. */
import { BeyondBounds, MachineError } from "../../explore/model/errors.ts";
import { type Interpreter, interpret, type StepOutcome } from "../../explore/model/interpreter.ts";
import { type ActionCall, formatCall } from "../../explore/model/model.ts";
import { revised } from "../../explore/search/revised.ts";
import type { AnyModel } from "../../machines/machine.ts";
import type { Diagnostic } from "../report/diagnostic.ts";
import type { TraceReport } from "../report/report.ts";
import { UsageError } from "../request/usage-error.ts";
import { firstDifference, type StateDifference } from "./state-difference.ts";

/** Property that an execution violates or reaches. */
export interface ReplayFinding {
  readonly id: string;
  readonly claim: string;
  readonly source: string;
  /** `violated`, or `reached` for a witness. */
  readonly verdict: "violated" | "reached";
  /** The first step that violates or reaches it; 0 is the initial state. */
  readonly step: number;
  /** The kernel's warning. */
  readonly warning?: Diagnostic;
}

/** Step that a kernel cannot take: the execution ends before it. */
export interface Obstacle {
  /** Number of the step, from 1. */
  readonly step: number;
  /** The action with its arguments. */
  readonly call: string;
  /** `beyond-bounds`: no state of the machine represents the successor. */
  readonly reason: "not-enabled" | "unknown-action" | "unknown-parameters" | "beyond-bounds";
  /** The reason as a clause, such as `fork(parent: 0, child: 1) is not enabled`. */
  readonly message: string;
}

/** First state that differs from the trace file's. */
export interface Divergence extends StateDifference {
  /** The step that leads to the state; 0 is the initial state. */
  readonly step: number;
}

/** Outcome of the execution of a trace. */
export interface Execution {
  /** Each violated or reached property, once, at its first step. */
  readonly findings: readonly ReplayFinding[];
  /** Number of steps taken. */
  readonly taken: number;
  readonly obstacle?: Obstacle;
  /** Absent if all states equal those of the file. */
  readonly divergence?: Divergence;
}

/**
 * Executes a trace on a model.
 *
 * @throws UsageError when the model does not have the trace's initial state
 */
export function executeTrace(trace: TraceReport, model: AnyModel): Execution {
  return revised(model, (current) => execution(trace, current)).result;
}

function execution(trace: TraceReport, model: AnyModel): Execution {
  const interpreter = interpret(model) as Interpreter<unknown>;
  if (trace.initial >= interpreter.initialStates.length) {
    throw new UsageError(
      `the trace starts in initial state ${trace.initial}, which machine ${trace.machine} does not have`,
    );
  }
  const findings = new Map<string, ReplayFinding>();
  let divergence: Divergence | undefined;
  let state = interpreter.initialStates[trace.initial];
  const evaluate = (step: number, before: unknown, warning: number | undefined, recorded: unknown): void => {
    for (const each of decidedBy(model, interpreter, before, state, warning)) {
      if (!findings.has(each.id)) {
        findings.set(each.id, { ...each, step });
      }
    }
    const difference =
      divergence === undefined ? firstDifference(recorded, model.reported?.(state as never) ?? state) : undefined;
    divergence ??= difference && { step, ...difference };
  };
  const executionResult = (taken: number, obstacle?: Obstacle): Execution => ({
    findings: [...findings.values()],
    taken,
    ...(obstacle && { obstacle }),
    ...(divergence && { divergence }),
  });
  evaluate(0, undefined, undefined, trace.state);
  for (const [index, { action, parameters, state: recorded }] of trace.steps.entries()) {
    const before = state;
    const attempt = attemptStep(model, interpreter, before, { action, parameters });
    if (!attempt.enabled) {
      return executionResult(index, { step: index + 1, ...attempt.obstacle });
    }
    state = attempt.state;
    evaluate(index + 1, before, attempt.warning, recorded);
  }
  return executionResult(trace.steps.length);
}

/** Returns the properties that a step or the state after it violates or reaches. */
function decidedBy(
  model: AnyModel,
  interpreter: Interpreter<unknown>,
  before: unknown,
  state: unknown,
  warning: number | undefined,
): Omit<ReplayFinding, "step">[] {
  return model.properties.flatMap((property, index) => {
    const { id, claim, source, kind } = property;
    if (kind === "warning" && warning !== undefined && property.codes.includes(warning)) {
      const data = diagnosticOf(model, warning);
      return [{ id, claim, source, verdict: "violated", ...(data === undefined ? {} : { warning: data }) }];
    }
    const verdict = kind === "sometimes" || kind === "sometimes-step" ? "reached" : "violated";
    return interpreter.decides(index, before, state) ? [{ id, claim, source, verdict }] : [];
  });
}

/** Returns a model's warning with a code, as data. */
export function diagnosticOf({ warnings }: AnyModel, code: number | undefined): Diagnostic | undefined {
  return code === undefined ? undefined : (warnings?.data?.(code) as Diagnostic | undefined);
}

/** Result of a step, or the reason why it is impossible. */
export type Attempt =
  | Extract<StepOutcome<unknown>, { enabled: true }>
  | { readonly enabled: false; readonly obstacle: Omit<Obstacle, "step"> };

/** Takes a step of an execution. */
export function attemptStep(
  model: AnyModel,
  interpreter: Interpreter<unknown>,
  state: unknown,
  { action, parameters }: ActionCall,
): Attempt {
  const call = formatCall({ action, parameters });
  const refusal = (reason: Obstacle["reason"], message: string): Attempt => ({
    enabled: false,
    obstacle: { call, reason, message },
  });
  try {
    const outcome = interpreter.attempt(state, { action, parameters });
    return outcome.enabled ? outcome : refusal("not-enabled", `${call} is not enabled`);
  } catch (error) {
    if (error instanceof MachineError && error.code === "bad-action") {
      const hasAction = model.actions.some(({ name }) => name === action);
      return refusal(hasAction ? "unknown-parameters" : "unknown-action", error.message);
    }
    if (error instanceof BeyondBounds || (error instanceof MachineError && error.code === "field-range")) {
      return refusal("beyond-bounds", error.message);
    }
    throw error;
  }
}
