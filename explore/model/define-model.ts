/** A short way to define a model: the state's type is inferred from its schema, and there is no context. */
import type { Parameters } from "./action-call.ts";
import { type Action, action, always, type DeepReadonly, type Model, type Property, sometimes } from "./model.ts";
import type { StructField } from "./schema.ts";

/** The effect of an action: changes the state and returns true, or returns false before any change. */
export type Step<S> = ((state: S) => boolean) | ParametricStep<S>;

/** A step with parameters. */
export interface ParametricStep<S> {
  readonly domains: { readonly [parameter: string]: readonly (number | boolean | string)[] };
  readonly take: (state: S, parameters: never) => boolean;
}

/**
 * Makes a step with parameters. It is taken for every combination of their values.
 *
 * @param domains for each parameter the values it ranges over
 */
export type Each<S> = <P extends Parameters>(
  domains: { readonly [K in keyof P]: readonly P[K][] },
  take: (state: S, parameters: P) => boolean,
) => ParametricStep<S>;

/** Steps by action name. */
export type Steps<S> = { readonly [name: string]: Step<S> };

/** A property of states. A bare function is a condition that must hold in all of them. */
export type Claim<S> =
  | ((state: DeepReadonly<S>) => boolean)
  | { readonly when: (state: DeepReadonly<S>) => boolean; readonly holds: (state: DeepReadonly<S>) => boolean }
  | { readonly reached: (state: DeepReadonly<S>) => boolean };

/** The argument of defineModel(). */
export interface Definition<S> {
  /** Name in messages; `model` when absent. */
  readonly name?: string;
  readonly schema: StructField<S>;
  /** Turns the schema's initial values into the initial state. Absent: the initial values are the initial state. */
  readonly initial?: (state: S) => void;
  /** The steps; or, if some have parameters, a function that makes them. */
  readonly actions: Steps<S> | ((each: Each<S>) => Steps<S>);
  /** By sentence: a condition on every state, or `{ reached }` for some state, or `{ when, holds }`. */
  readonly properties: { readonly [sentence: string]: Claim<S> };
  /** The states that may have no enabled action: see Model. */
  readonly deadlock?: Model<S, null>["deadlock"];
}

/** Makes a model whose recipes and properties depend on nothing but the state. */
export function defineModel<S>(definition: Definition<S>): Model<NoInfer<S>, null> {
  const { name = "model", schema, initial, actions, properties, deadlock } = definition;
  return {
    name,
    schema,
    context: null,
    view: (state) => state,
    ...(initial === undefined ? {} : { initial: [initial] }),
    ...(deadlock === undefined ? {} : { deadlock }),
    actions: Object.entries(typeof actions === "function" ? actions(parametric) : actions).map(([each, step]) =>
      actionOf(each, step),
    ),
    properties: Object.entries(properties).map(([sentence, claim]) => propertyOf<S>(sentence, claim)),
  };
}

function parametric<S, P extends Parameters>(
  domains: { readonly [K in keyof P]: readonly P[K][] },
  take: (state: S, parameters: P) => boolean,
): ParametricStep<S> {
  return { domains: domains as ParametricStep<S>["domains"], take: take as ParametricStep<S>["take"] };
}

function actionOf<S>(name: string, step: Step<S>): Action<S, null> {
  if (typeof step === "function") {
    return action(name, {}, (state: S) => step(state));
  }
  const take = step.take as (state: S, parameters: Parameters) => boolean;
  return action(name, step.domains, (state: S, _: null, parameters: Parameters) => take(state, parameters));
}

function propertyOf<S>(sentence: string, claim: Claim<S>): Property<DeepReadonly<S>> {
  const text = { id: sentence, claim: sentence, source: "" };
  const property: Property<S> =
    typeof claim === "function"
      ? always({ ...text, holds: claim })
      : "reached" in claim
        ? sometimes({ ...text, ...claim })
        : always({ ...text, ...claim });
  return property as Property<DeepReadonly<S>>;
}
