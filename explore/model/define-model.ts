/** A short way to write a model down: the state's type comes from its schema, and there is nothing besides the state. */
import type { Parameters } from "./action-call.ts";
import { type Action, action, always, type DeepReadonly, type Model, type Property, sometimes } from "./model.ts";
import type { StructField } from "./schema.ts";

/** What an action does: changes the state and returns true, or returns false before it changed anything. */
export type Step<S> = ((state: S) => boolean) | ParametricStep<S>;

/** A step with parameters. */
export interface ParametricStep<S> {
  readonly domains: { readonly [parameter: string]: readonly (number | boolean | string)[] };
  readonly take: (state: S, parameters: never) => boolean;
}

/**
 * Makes a step with parameters, which is taken for every combination of their values.
 *
 * @param domains for each parameter the values it ranges over
 */
export type Each<S> = <P extends Parameters>(
  domains: { readonly [K in keyof P]: readonly P[K][] },
  take: (state: S, parameters: P) => boolean,
) => ParametricStep<S>;

/** Steps by the names of their actions. */
export type Steps<S> = { readonly [name: string]: Step<S> };

/** What is claimed of states: a function for what holds in all of them. */
export type Claim<S> =
  | ((state: DeepReadonly<S>) => boolean)
  | { readonly when: (state: DeepReadonly<S>) => boolean; readonly holds: (state: DeepReadonly<S>) => boolean }
  | { readonly reached: (state: DeepReadonly<S>) => boolean };

/** A model as defineModel() takes it. */
export interface Definition<S> {
  /** Name in messages; `model` when absent. */
  readonly name?: string;
  readonly schema: StructField<S>;
  /** Makes an initial state of the schema's values, which are one by themselves. */
  readonly initial?: (state: S) => void;
  /** The steps; or, where some have parameters, a function that makes them. */
  readonly actions: Steps<S> | ((each: Each<S>) => Steps<S>);
  /** By sentence: what holds of every state, or `{ reached }` of some state, or `{ when, holds }`. */
  readonly properties: { readonly [sentence: string]: Claim<S> };
  /** Which states may have no enabled action: see Model. */
  readonly deadlock?: Model<S, null>["deadlock"];
}

/** A model whose recipes and properties see nothing but the state. */
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
