/** Compiles a model to a machine: packed memory, one action table per action, properties bound to drafts. */
import type { ActionCall } from "../model/action-call.ts";
import { inAction, inPart, inProperty, MachineError, notBoolean } from "../model/errors.ts";
import type { ActionTable, Machine, PropertyCheck } from "../model/machine.ts";
import type { Action, DeepReadonly, Model, Parameters, ParameterValue, Property } from "../model/model.ts";
import type { PackedMemory } from "../model/packed-memory.ts";
import { requireWellFormed } from "../model/well-formed.ts";
import { describeLayout, placesOf, type StructLayout } from "../packed/layout.ts";
import { type PackedState, packedState } from "../packed/packed.ts";
import { canonicalizer, renamer } from "../symmetry/symmetry.ts";

/**
 * Compiles a model for the explorer.
 *
 * @throws MachineError (`bad-model`) for ambiguous names, and any error of the function that makes the view
 */
export function compile<S, C, V>(model: Model<S, C, V>): Machine {
  requireWellFormed(model);
  const { schema, context, warnings } = model;
  const packed = packedState(schema);
  const { memory, words, draft, layout } = packed;
  writeInitialValues(memory, layout);
  const fresh = memory.slice(0, words);
  memory.set(fresh, words);
  // Views may read their state when they are made: both states have the schema's initial values here.
  const after = viewOf(model, packed.after);
  const before = viewOf(model, packed.before);
  const initial = model.initial ?? [() => {}];
  const symmetry = symmetryOf(model, packed);
  const warningOwner = new Map<number, number>();
  model.properties.forEach((property, index) => {
    if (property.kind === "warning") {
      for (const code of property.codes) {
        warningOwner.set(code, index);
        if (property.counted === true && !(code < (warnings?.log.evaluations?.length ?? 0))) {
          throw new MachineError(
            "bad-model",
            `property ${property.id} counts warning ${code}, for which the log has no counter in "evaluations"`,
          );
        }
      }
    }
  });
  return {
    name: model.name,
    words,
    layout: describeLayout(layout),
    memory,
    initialStates: initial.length,
    loadInitial(index) {
      memory.set(fresh);
      try {
        initial[index]?.(draft, context);
      } catch (error) {
        throw inPart(error, `initial state ${index}`);
      }
    },
    actions: actionTables(model.actions, memoryOf(packed), context),
    properties: bindAll(model.properties, before, after, layout),
    refresh: after.refresh,
    refreshBefore: before.refresh,
    warnings: warnings?.log ?? { first: 0 },
    propertyOfWarning(code) {
      const owner = warningOwner.get(code);
      if (owner === undefined) {
        const text = warnings?.text?.(code);
        const named = text === undefined ? `warning ${code}` : `warning ${code} (${text})`;
        throw new MachineError(
          "bad-model",
          `${named} belongs to no property of machine ${model.name}; forbid it in one`,
        );
      }
      return owner;
    },
    ...mayEndOf(model, after),
    ...(model.maxSteps === undefined ? {} : { maxSteps: model.maxSteps }),
    ...(model.stateBytes === undefined ? {} : { stateBytes: model.stateBytes }),
    ...(model.onRepetition === undefined ? {} : { onRepetition: model.onRepetition }),
    ...(model.learned === undefined ? {} : { learned: model.learned }),
    ...symmetry,
    restoreArrays: packed.restoreArrays,
    firstDifference(other) {
      const changed = placesOf(layout).leaves.find((leaf) => {
        const mask = 2 ** leaf.bits - 1;
        const read = (words: Int32Array): number => ((words[leaf.at >> 5] as number) >>> (leaf.at & 31)) & mask;
        return read(memory) !== read(other);
      });
      return changed?.path ?? "none";
    },
  };
}

/** @throws MachineError (`bad-model`) for a model that declares symmetry twice */
function symmetryOf<S, C, V>(
  { name, symmetry }: Model<S, C, V>,
  { draft, layout, memory, words }: PackedState<S>,
): Pick<Machine, "canonicalize" | "rename" | "canonicalizeInSteps"> {
  const canonicalize = canonicalizer(layout, memory, words);
  if (symmetry === undefined) {
    return canonicalize === undefined ? {} : { canonicalize, rename: renamer(layout, memory) };
  }
  if (canonicalize !== undefined) {
    throw new MachineError("bad-model", `model ${JSON.stringify(name)} declares symmetry, and its schema does, too`);
  }
  return {
    canonicalize: () => symmetry.canonicalize(draft),
    rename: (seed) => symmetry.rename(draft, seed),
    canonicalizeInSteps: symmetry.inSteps,
  };
}

function writeInitialValues(memory: Int32Array, layout: StructLayout): void {
  for (const leaf of placesOf(layout).leaves) {
    const word = leaf.at >> 5;
    memory[word] = (memory[word] as number) | ((leaf.initial - leaf.min) << (leaf.at & 31));
  }
}

function memoryOf<S>({ memory, draft, layout }: PackedState<S>): PackedMemory<S> {
  const places = placesOf(layout).leaves.filter(({ bits }) => bits > 0);
  return {
    memory,
    draft,
    places: new Map(places.map(({ path, at, bits, min }) => [path, { word: at >> 5, shift: at & 31, bits, min }])),
  };
}

function actionTables<S, C>(actions: readonly Action<S, C>[], state: PackedMemory<S>, context: C): ActionTable[] {
  const conditions: Condition[] = [];
  return actions.map((each) => actionTable(each, state, context, conditions));
}

/** @param conditions conditions of the preceding actions */
function actionTable<S, C>(
  action: Action<S, C>,
  state: PackedMemory<S>,
  context: C,
  conditions: Condition[],
): ActionTable {
  const { draft } = state;
  // Built alike, so that all share one hidden class: reading a parameter is the first operation of every recipe.
  const choices = action.choices.map((choice): Parameters => Object.fromEntries(Object.entries(choice)));
  const call = (instance: number): ActionCall => ({ action: action.name, parameters: choices[instance] ?? {} });
  const applyRecipe = bindRecipe(action.recipe, draft, context, choices, call);
  const packed = action.packed?.(state);
  return {
    name: action.name,
    instances: choices.length,
    apply: applyRecipe,
    ...(packed === undefined ? {} : { apply: bindPacked(packed, call), applyRecipe }),
    call,
    ...groupsOf(action, draft, context, call, conditions),
  };
}

/** A guard with its values of the first parameter. */
interface Condition {
  readonly guard: unknown;
  readonly values: readonly ParameterValue[];
  readonly mayAnyBeEnabled: () => boolean;
}

/** The groups of an action with a guard: runs of choices with one value of the first parameter. */
function groupsOf<S, C>(
  { guard, choices }: Action<S, C>,
  draft: S,
  context: C,
  call: (instance: number) => ActionCall,
  conditions: Condition[],
): Pick<ActionTable, "groups"> {
  if (guard === undefined) {
    return {};
  }
  const first = choices.map((choice) => Object.values(choice)[0] as ParameterValue);
  const ends = first.flatMap((value, i) => (i + 1 < first.length && first[i + 1] === value ? [] : [i + 1]));
  const values = ends.map((end) => first[end - 1] as ParameterValue);
  const mayBeEnabled = (group: number): boolean => {
    let answer: unknown;
    try {
      answer = guard(draft, context, values[group] as ParameterValue);
    } catch (error) {
      throw inAction(error, call((ends[group] as number) - 1));
    }
    if (answer !== true && answer !== false) {
      throw inAction(notBoolean("the guard", answer), call((ends[group] as number) - 1));
    }
    return answer;
  };
  let condition = conditions.find((each) => each.guard === guard && isSame(each.values, values));
  if (condition === undefined) {
    const mayAnyBeEnabled = (): boolean => {
      for (let group = 0; group < values.length; group++) {
        if (mayBeEnabled(group)) {
          return true;
        }
      }
      return false;
    };
    condition = { guard, values, mayAnyBeEnabled };
    conditions.push(condition);
  }
  return { groups: { ends, mayBeEnabled, mayAnyBeEnabled: condition.mayAnyBeEnabled } };
}

function isSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((value, i) => value === other[i]);
}

/** Binds an implementation on packed states. Generated, for the reason given at `bindRecipe`. */
function bindPacked(
  apply: (instance: number) => boolean,
  call: (instance: number) => ActionCall,
): (instance: number) => boolean {
  const failed = (error: unknown, instance: number): never => {
    throw inAction(error, call(instance));
  };
  const source = `
    const { apply, failed } = given;
    return (instance) => {
      try {
        return apply(instance);
      } catch (error) {
        failed(error, instance);
      }
    };`;
  return new Function("given", source)({ apply, failed }) as (instance: number) => boolean;
}

/**
 * Binds a recipe to its arguments. Generated, so that each action has a separate function: closures made by one
 * expression share V8's type feedback, and V8 then inlines none of the recipes.
 */
function bindRecipe<S, C>(
  recipe: Action<S, C>["recipe"],
  draft: S,
  context: C,
  choices: readonly Parameters[],
  call: (instance: number) => ActionCall,
): (instance: number) => boolean {
  const failed = (error: unknown, instance: number): never => {
    throw inAction(error, call(instance));
  };
  const refuse = (answer: unknown, instance: number): never => failed(notBoolean("the recipe", answer), instance);
  const source = `
    const { recipe, draft, context, choices, failed, refuse } = given;
    return (instance) => {
      let enabled;
      try {
        enabled = recipe(draft, context, choices[instance]);
      } catch (error) {
        failed(error, instance);
      }
      if (enabled !== true && enabled !== false) refuse(enabled, instance);
      return enabled;
    };`;
  return new Function("given", source)({ recipe, draft, context, choices, failed, refuse }) as (
    instance: number,
  ) => boolean;
}

/** A view of a state, and its update after the state was replaced. */
interface BoundView<V> {
  current: V;
  /** Whether `current` is always the same object: it is the state itself, or can be refreshed. */
  readonly isLasting: boolean;
  readonly refresh: () => void;
}

/** The predicate of legal ends, unless every state is one. */
function mayEndOf<S, C, V>(
  { deadlock = "allowed" }: Model<S, C, V>,
  view: BoundView<DeepReadonly<V>>,
): Pick<Machine, "mayEnd"> {
  if (deadlock === "allowed") {
    return {};
  }
  if (deadlock === "error") {
    return { mayEnd: () => false };
  }
  const name = "the predicate of legal ends";
  return {
    mayEnd: () => {
      let answer: unknown;
      try {
        answer = deadlock(view.current);
      } catch (error) {
        throw inPart(error, name);
      }
      if (typeof answer !== "boolean") {
        throw notBoolean(`${name}: deadlock()`, answer);
      }
      return answer;
    },
  };
}

/** Makes the view of a state. A view without `refresh` may be a copy: it is remade for each state. */
function viewOf<S, C, V>({ view, refresh, context }: Model<S, C, V>, state: S): BoundView<DeepReadonly<V>> {
  const guarded = <T>(run: () => T): T => {
    try {
      return run();
    } catch (error) {
      throw inPart(error, "the view");
    }
  };
  const make = (): V => guarded(() => view(state as DeepReadonly<S>, context));
  const first = make();
  const current = first as DeepReadonly<V>;
  if (refresh !== undefined) {
    return { current, isLasting: true, refresh: () => guarded(() => refresh(first)) };
  }
  if (Object.is(first, state)) {
    return { current, isLasting: true, refresh: () => {} };
  }
  const bound: BoundView<DeepReadonly<V>> = {
    current,
    isLasting: false,
    refresh: () => {
      bound.current = make() as DeepReadonly<V>;
    },
  };
  return bound;
}

/** Binds a predicate to its views. Generated, for the reason given at `bindRecipe`. */
function bindPredicate<V>(
  id: string,
  name: "holds" | "reached" | "when",
  predicate: (...views: V[]) => boolean | undefined,
  ...views: BoundView<V>[]
): () => boolean | undefined {
  const failed = (error: unknown): never => {
    throw inProperty(error, id);
  };
  const refuse = (answer: unknown): never => failed(notBoolean(`${name}()`, answer));
  const isLasting = views.every((each) => each.isLasting);
  const source = `
    const { predicate, views, failed, refuse } = given;
    ${views.map((_, i) => `const view${i} = views[${i}]${isLasting ? ".current" : ""};`).join(" ")}
    return () => {
      let answer;
      try {
        answer = predicate(${views.map((_, i) => `view${i}${isLasting ? "" : ".current"}`).join(", ")});
      } catch (error) {
        failed(error);
      }
      if (answer !== true && answer !== false${name === "holds" ? " && answer !== undefined" : ""}) refuse(answer);
      return answer;
    };`;
  return new Function("given", source)({ predicate, views, failed, refuse }) as () => boolean | undefined;
}

/** Binds properties to views. Properties with one premise share its binding. */
function bindAll<V>(
  properties: readonly Property<V>[],
  before: BoundView<DeepReadonly<V>>,
  after: BoundView<DeepReadonly<V>>,
  layout: StructLayout,
): PropertyCheck[] {
  const premises = new Map<unknown, () => boolean>();
  return properties.map((property) => {
    const check = bind(property, before, after);
    if (property.kind !== "always") {
      return check;
    }
    const { id, premise, reads } = property;
    if (premise === undefined) {
      return reads === undefined ? check : { ...check, reads: bitsOf(layout, reads) };
    }
    const bound = premises.get(premise) ?? (bindPredicate(id, "when", premise, after) as () => boolean);
    premises.set(premise, bound);
    return { ...check, premise: bound };
  });
}

/** The bits of the selected fields, by word. */
function bitsOf(layout: StructLayout, selects: (path: string) => boolean): Int32Array {
  const { leaves } = placesOf(layout);
  const words = new Int32Array(Math.max(1, Math.ceil(layout.size / 32)));
  for (const { at, bits } of leaves.filter(({ path }) => selects(path))) {
    words[at >> 5] = (words[at >> 5] as number) | ((2 ** bits - 1) << (at & 31));
  }
  return words;
}

function bind<V>(
  property: Property<V>,
  before: BoundView<DeepReadonly<V>>,
  after: BoundView<DeepReadonly<V>>,
): PropertyCheck {
  const { id, kind } = property;
  switch (kind) {
    case "always":
      return { id, kind, evaluate: bindPredicate(id, "holds", property.holds, after) };
    case "sometimes":
      return { id, kind, evaluate: bindPredicate(id, "reached", property.reached, after) };
    case "always-step":
      return { id, kind, evaluate: bindPredicate(id, "holds", property.holds, before, after) };
    case "sometimes-step":
      return { id, kind, evaluate: bindPredicate(id, "reached", property.reached, before, after) };
    case "warning": {
      const { codes, counted } = property;
      return { id, kind, evaluate: () => true, ...(counted === true ? { counted: codes } : {}) };
    }
  }
}
