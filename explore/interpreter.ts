/**
 * A model on immutable states: the public way to look at it, step by step. States are frozen plain objects that share
 * what did not change. The explorer runs the same recipes on packed states; tests hold the two against each other.
 */
import { produce } from "immer";
import { FieldRangeError, MachineError } from "./errors.ts";
import { initialValue, validate } from "./json.ts";
import { type Action, type ActionCall, formatCall, type Model, type Parameters } from "./model.ts";

/** What an action did. */
export type StepOutcome<S> =
  | { readonly enabled: false }
  | {
      readonly enabled: true;
      readonly state: S;
      /** Code of the first warning that the recipe raised. */
      readonly warning?: number;
    };

/** A model as a state machine on immutable states. */
export interface Interpreter<S> {
  /** The initial states, frozen. */
  readonly initialStates: readonly S[];
  /** Every action call that is enabled in the state, in the order of the model. */
  enabledActions(state: S): ActionCall[];
  /**
   * The state after an action.
   *
   * @throws MachineError (`bad-action`) when the model has no such action or it is not enabled
   */
  step(state: S, call: ActionCall): S;
  /**
   * Tries an action, and tells whether it was enabled and whether it raised a warning.
   *
   * @throws MachineError (`bad-action`) when the model has no such action
   */
  attempt(state: S, call: ActionCall): StepOutcome<S>;
  /**
   * Whether the property with this index in the model says "violated" (or, for `sometimes`, "reached") of the state, or
   * of the step that led to it.
   */
  decides(property: number, before: S | undefined, state: S): boolean;
}

function isSame(a: Parameters, b: Parameters): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length && names.every((name) => JSON.stringify(a[name]) === JSON.stringify(b[name]))
  );
}

/** Runs a model on immutable states. */
export function interpret<S, C, V>(model: Model<S, C, V>): Interpreter<S> {
  const { schema, context } = model;
  const log = model.warnings?.log ?? { first: 0 };

  const find = (call: ActionCall): { action: Action<S, C>; parameters: Parameters } => {
    const action = model.actions.find((each) => each.name === call.action);
    if (action === undefined) {
      const known = model.actions.map((each) => each.name).join(", ");
      throw new MachineError("bad-action", `machine ${model.name} has no action "${call.action}"; it has ${known}`);
    }
    const parameters = action.choices.find((each) => isSame(each, call.parameters));
    if (parameters === undefined) {
      throw new MachineError(
        "bad-action",
        `${formatCall(call)}: no such parameters within the bounds of machine ${model.name}`,
      );
    }
    return { action, parameters };
  };

  const run = (state: S, action: Action<S, C>, parameters: Parameters): StepOutcome<S> => {
    const label = formatCall({ action: action.name, parameters });
    let enabled = false;
    log.first = 0;
    const next = produce(state, (draft: unknown) => {
      enabled = action.recipe(draft as S, context, parameters as never);
    });
    const warning = log.first;
    log.first = 0;
    if (!enabled) {
      if (next !== state) {
        throw new MachineError(
          "disabled-but-changed",
          `action ${label} changed the state and then said that it is not enabled; decide before changing anything`,
        );
      }
      return { enabled };
    }
    try {
      validate(schema, next);
    } catch (error) {
      throw error instanceof FieldRangeError ? error.during(label) : error;
    }
    return { enabled, state: next, ...(warning === 0 ? {} : { warning }) };
  };

  return {
    initialStates: (model.initial ?? [() => {}]).map((prepare) => {
      const state = produce(initialValue(schema), (draft: unknown) => {
        prepare(draft as S, context);
      });
      validate(schema, state);
      return state;
    }),
    enabledActions: (state) =>
      model.actions.flatMap((action) =>
        action.choices
          .filter((parameters) => run(state, action, parameters).enabled)
          .map((parameters) => ({ action: action.name, parameters })),
      ),
    attempt: (state, call) => {
      const { action, parameters } = find(call);
      return run(state, action, parameters);
    },
    step: (state, call) => {
      const { action, parameters } = find(call);
      const outcome = run(state, action, parameters);
      if (!outcome.enabled) {
        throw new MachineError("bad-action", `${formatCall(call)} is not enabled in this state`);
      }
      return outcome.state;
    },
    decides: (index, before, state) => {
      const property = model.properties[index];
      const view = (each: S): V => model.view(each, context);
      switch (property?.kind) {
        case "always":
          return property.holds(view(state)) === false;
        case "sometimes":
          return property.reached(view(state));
        case "always-step":
          return before !== undefined && property.holds(view(before), view(state)) === false;
        case "sometimes-step":
          return before !== undefined && property.reached(view(before), view(state));
        case "warning":
        case undefined:
          return false;
      }
    },
  };
}
