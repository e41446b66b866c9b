/**
 * A model on immutable states: the public API for single steps. States are frozen plain objects that share unchanged
 * parts. The explorer runs the same recipes on packed states; tests compare the two.
 */
import { freeze, produce } from "immer";
import { type ActionCall, formatCall, type Parameters } from "./action-call.ts";
import { inAction, inPart, inProperty, MachineError, notBoolean } from "./errors.ts";
import { initialValue, validate } from "./json.ts";
import { isWitness } from "./machine.ts";
import type { Action, DeepReadonly, Model, Property } from "./model.ts";
import { requireWellFormed } from "./well-formed.ts";

/** Result of an action. */
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
   * Tries an action; reports whether it was enabled, and a warning if it raised one.
   *
   * @throws MachineError (`bad-action`) when the model has no such action
   */
  attempt(state: S, call: ActionCall): StepOutcome<S>;
  /**
   * Whether the property at this index in the model is decided ("violated", or for `sometimes` "reached") by the state,
   * or by the step from `before` to it. Freezes the states.
   *
   * @throws MachineError, naming the property, when it writes to a state, returns no boolean, or throws
   */
  decides(property: number, before: S | undefined, state: S): boolean;
  /**
   * The value of the property at this index in a state, or of the step from `before` to it: undefined if its premise is
   * false, if it is about steps and there is none, and for warnings, which `attempt` reports. Freezes the states.
   *
   * @throws MachineError, naming the property, when it writes to a state, returns no boolean, or throws
   */
  value(property: number, before: S | undefined, state: S): boolean | undefined;
  /** Locations of the violation in a state, as data of the property at this index. */
  faults(index: number, state: S): readonly object[];
}

function isSame(a: Parameters, b: Parameters): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length && names.every((name) => JSON.stringify(a[name]) === JSON.stringify(b[name]))
  );
}

/**
 * Runs a model on immutable states.
 *
 * @throws MachineError (`bad-model`) when names are ambiguous
 */
export function interpret<S, C, V>(model: Model<S, C, V>): Interpreter<S> {
  requireWellFormed(model);
  const { schema, context } = model;
  const log = model.warnings?.log ?? { first: 0 };

  const find = (call: ActionCall): { action: Action<S, C>; parameters: Parameters } => {
    const action = model.actions.find((each) => each.name === call.action);
    if (action === undefined) {
      const names = model.actions.map((each) => each.name).join(", ");
      throw new MachineError("bad-action", `machine ${model.name} has no action "${call.action}"; it has ${names}`);
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

  const change = (state: S, action: Action<S, C>, parameters: Parameters): { enabled: boolean; next: S } => {
    let answer: unknown;
    const next = produce(state, (draft: unknown) => {
      answer = action.recipe(draft as S, context, parameters as never);
    });
    if (answer !== true && answer !== false) {
      throw notBoolean("the recipe", answer);
    }
    if (answer) {
      validate(schema, next);
    } else if (next !== state) {
      throw new MachineError(
        "disabled-but-changed",
        "the recipe changed the state and then returned false; decide before changing anything",
      );
    }
    return { enabled: answer, next };
  };

  const run = (state: S, action: Action<S, C>, parameters: Parameters): StepOutcome<S> => {
    log.first = 0;
    try {
      const { enabled, next } = change(state, action, parameters);
      return enabled ? { enabled, state: next, ...(log.first === 0 ? {} : { warning: log.first }) } : { enabled };
    } catch (error) {
      throw inAction(error, { action: action.name, parameters });
    } finally {
      log.first = 0;
    }
  };

  const initialState = (prepare: (state: S, context: C) => void, index: number): S => {
    try {
      const state = produce(initialValue(schema), (draft: unknown) => {
        prepare(draft as S, context);
      });
      validate(schema, state);
      return state;
    } catch (error) {
      throw inPart(error, `initial state ${index}`);
    }
  };

  const viewOf = (state: S): DeepReadonly<V> => {
    try {
      return model.view(freeze(state, true) as DeepReadonly<S>, context) as DeepReadonly<V>;
    } catch (error) {
      throw inPart(error, "the view");
    }
  };

  const value = (index: number, before: S | undefined, state: S): boolean | undefined => {
    const property = model.properties[index];
    if (property === undefined) {
      return undefined;
    }
    try {
      return evaluated(property, before === undefined ? undefined : viewOf(before), viewOf(state));
    } catch (error) {
      throw inProperty(error, property.id);
    }
  };

  return {
    initialStates: (model.initial ?? [() => {}]).map(initialState),
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
      const kind = model.properties[index]?.kind;
      return kind !== undefined && value(index, before, state) === isWitness(kind);
    },
    value,
    faults: (index, state) => {
      const property = model.properties[index];
      return property?.kind === "always" ? (property.faults?.(viewOf(state)) ?? []) : [];
    },
  };
}

/** Evaluates a property. */
function evaluated<V>(
  property: Property<V>,
  before: DeepReadonly<V> | undefined,
  after: DeepReadonly<V>,
): boolean | undefined {
  switch (property.kind) {
    case "always":
      return holds(property.holds(after));
    case "sometimes":
      return reached(property.reached(after));
    case "always-step":
      return before === undefined ? undefined : holds(property.holds(before, after));
    case "sometimes-step":
      return before === undefined ? undefined : reached(property.reached(before, after));
    case "warning":
      return undefined;
  }
}

function holds(answer: unknown): boolean | undefined {
  if (answer !== true && answer !== false && answer !== undefined) {
    throw notBoolean("holds()", answer);
  }
  return answer;
}

function reached(answer: unknown): boolean {
  if (answer !== true && answer !== false) {
    throw notBoolean("reached()", answer);
  }
  return answer;
}
