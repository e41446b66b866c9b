/**
 * Models: a schema, actions whose recipes mutate a draft, and properties. The same recipes run on immutable states
 * (interpreter.ts) and on packed ones (compile.ts).
 */

import type { ActionCall, Parameters, ParameterValue } from "./action-call.ts";
import { notBoolean } from "./errors.ts";
import type { Learned, Repetition, WarningLog } from "./machine.ts";
import type { PackedMemory } from "./packed-memory.ts";
import type { StructField } from "./schema.ts";

export { type ActionCall, formatCall, type Parameters, type ParameterValue } from "./action-call.ts";

/**
 * A type whose fields, recursively, cannot be written: the type of states in properties and views. Typed arrays are
 * left as they are.
 */
export type DeepReadonly<T> = T extends ArrayBufferView | ((...values: never[]) => unknown)
  ? T
  : { readonly [K in keyof T]: DeepReadonly<T[K]> };

/**
 * An action: its name, its parameters' domains, and a recipe. `S` is the state, `C` the context (a kernel, for
 * instance).
 */
export interface Action<S, C> {
  readonly name: string;
  /** All combinations of parameters. */
  readonly choices: readonly Parameters[];
  /**
   * Changes the draft and returns true, or returns false before any change: the action is not enabled. It must depend
   * on nothing but its arguments.
   */
  readonly recipe: (state: S, context: C, parameters: never) => boolean;
  /**
   * A necessary condition for any instance with this value of the first parameter to be enabled. A search evaluates it
   * once for each run of choices with one value, and skips the run if it is false.
   */
  readonly guard?: (state: S, context: C, first: ParameterValue) => boolean;
  /**
   * Makes a faster implementation of the recipe on packed states. It must be equivalent: some of its steps are compared
   * with the recipe's.
   *
   * @returns the recipe on the current state, by index in `choices`; undefined if there is none
   */
  readonly packed?: (state: PackedMemory<S>) => ((instance: number) => boolean) | undefined;
}

/**
 * Declares an action.
 *
 * @param domains the values of each parameter; the instances are all combinations
 * @param options.where excludes combinations that are not meaningful
 * @param options.guard see Action
 */
export function action<S, C, P extends Parameters>(
  name: string,
  domains: { readonly [K in keyof P]: readonly P[K][] },
  recipe: (state: S, context: C, parameters: P) => boolean,
  options: {
    readonly where?: (parameters: P) => boolean;
    readonly guard?: NonNullable<Action<S, C>["guard"]>;
    readonly packed?: NonNullable<Action<S, C>["packed"]>;
  } = {},
): Action<S, C> {
  const choices = combinationsOf(domains);
  const { where, guard, packed } = options;
  return {
    name,
    ...(guard === undefined ? {} : { guard }),
    ...(packed === undefined ? {} : { packed }),
    choices:
      where === undefined
        ? choices
        : choices.filter((choice) =>
            requireBoolean(where(choice as P), (answer) => notBoolean(`action ${name}: where()`, answer)),
          ),
    recipe: recipe as Action<S, C>["recipe"],
  };
}

/** Returns all combinations of the values of parameters; the last parameter varies first. */
export function combinationsOf(domains: {
  readonly [parameter: string]: readonly ParameterValue[];
}): readonly Parameters[] {
  let choices: readonly Parameters[] = [{}];
  for (const [parameter, values] of Object.entries(domains)) {
    choices = choices.flatMap((choice) => values.map((value) => ({ ...choice, [parameter]: value })));
  }
  return choices;
}

/** @throws the result of `error` for a value that is no boolean */
function requireBoolean(answer: unknown, error: (answer: unknown) => unknown): boolean {
  if (answer !== true && answer !== false) {
    throw error(answer);
  }
  return answer;
}

/** The texts that identify a property in reports. */
export interface PropertyText {
  /** Stable id, such as a claim's. */
  readonly id: string;
  /** The property as one sentence. */
  readonly claim: string;
  /** Origin of the claim. */
  readonly source: string;
}

/** A property of the reachable states of a machine, evaluated on a view `V` of the state. */
export type Property<V> = PropertyText &
  (
    | {
        readonly kind: "always";
        /** Undefined if the premise is false; a claim that is undefined throughout a search is reported as vacuous. */
        readonly holds: (state: DeepReadonly<V>) => boolean | undefined;
        /**
         * The premise that `holds` evaluates, if any: properties that share the function evaluate it once for each
         * state.
         */
        readonly premise?: (state: DeepReadonly<V>) => boolean;
        /**
         * Whether `holds` may read the field at a path: it is not evaluated after steps that change no such field.
         * Absent: it may read any field.
         */
        readonly reads?: (path: string) => boolean;
        /** Locations of the violation, as data for reports. Called for violating states only, and never by a search. */
        readonly faults?: (state: DeepReadonly<V>) => readonly object[];
      }
    | { readonly kind: "sometimes"; readonly reached: (state: DeepReadonly<V>) => boolean }
    | {
        readonly kind: "always-step";
        readonly holds: (before: DeepReadonly<V>, after: DeepReadonly<V>) => boolean | undefined;
      }
    | {
        readonly kind: "sometimes-step";
        readonly reached: (before: DeepReadonly<V>, after: DeepReadonly<V>) => boolean;
      }
    | {
        readonly kind: "warning";
        /** The warnings, by code, that must not be raised. */
        readonly codes: readonly number[];
        /**
         * Whether recipes count evaluations of the condition in `WarningLog.evaluations`; the claim is vacuous if there
         * are none. Otherwise every step counts as an evaluation.
         */
        readonly counted?: boolean;
      }
  );

type PropertyOf<V, K extends Property<V>["kind"]> = Omit<
  Extract<Property<V>, { kind: K }>,
  "kind" | "premise" | "reads"
>;

/**
 * A property of every reachable state; a violation has a counterexample.
 *
 * @param property.when the premise. Absent: it is always true.
 */
export function always<V>(
  property: PropertyOf<V, "always"> & { readonly when?: (state: DeepReadonly<V>) => boolean },
): Property<V> {
  const { id, claim, source, when, holds, faults } = property;
  return {
    kind: "always",
    id,
    claim,
    source,
    ...(faults === undefined ? {} : { faults }),
    ...(when === undefined
      ? { holds }
      : { holds: (state: DeepReadonly<V>) => (isPremise(when(state)) ? holds(state) : undefined), premise: when }),
  };
}

function isPremise(answer: unknown): boolean {
  return requireBoolean(answer, (value) => notBoolean("when()", value));
}

/** A property that some reachable state must have; the first such state gives a witness. */
export function sometimes<V>(property: PropertyOf<V, "sometimes">): Property<V> {
  return { kind: "sometimes", ...property };
}

/**
 * A property of every reachable state, with the fields that it reads.
 *
 * @param reads whether it may read the field at a path
 */
export function alwaysReading<V>(
  reads: (path: string) => boolean,
  property: Omit<PropertyOf<V, "always">, "holds"> & { readonly holds: (state: DeepReadonly<V>) => boolean },
): Property<V> {
  return { ...property, kind: "always", reads };
}

/**
 * A property of every step between reachable states.
 *
 * @param property.when the premise. Absent: it is always true.
 */
export function alwaysStep<V>(
  property: PropertyOf<V, "always-step"> & {
    readonly when?: (before: DeepReadonly<V>, after: DeepReadonly<V>) => boolean;
  },
): Property<V> {
  const { id, claim, source, when, holds } = property;
  return {
    kind: "always-step",
    id,
    claim,
    source,
    holds:
      when === undefined
        ? holds
        : (before, after) => (isPremise(when(before, after)) ? holds(before, after) : undefined),
  };
}

/** A step that some execution must take. */
export function sometimesStep<V>(property: PropertyOf<V, "sometimes-step">): Property<V> {
  return { kind: "sometimes-step", ...property };
}

/** Warnings that no recipe may raise. */
export function noWarning<V>(property: PropertyOf<V, "warning">): Property<V> {
  return { kind: "warning", ...property };
}

/** A model as its author writes it. */
export interface Model<S, C, V = DeepReadonly<S>> {
  readonly name: string;
  readonly schema: StructField<S>;
  /** Input of recipes and views besides the state. It must not change during a search. */
  readonly context: C;
  /** Functions that turn the schema's initial values into the initial states. Absent: one state, with these values. */
  readonly initial?: readonly ((state: S, context: C) => void)[];
  readonly actions: readonly Action<S, C>[];
  /** Makes the read-only view of a state that properties receive. */
  readonly view: (state: DeepReadonly<S>, context: C) => V;
  /**
   * Called with a view after its state was replaced. With `refresh`, a view is made once and reads the state lazily;
   * without, one is made for each state, unless the view is the state itself.
   */
  readonly refresh?: (view: V) => void;
  readonly properties: readonly Property<V>[];
  /** Warnings of recipes: the log that they write to, and each code as text, or as data for reports. */
  readonly warnings?: {
    readonly log: WarningLog;
    readonly text?: (code: number) => string;
    readonly data?: (code: number) => object | undefined;
  };
  /**
   * The states that may have no enabled action. `allowed` (the default): all; `error`: none, every such state is a
   * deadlock; a predicate: true for the legal ends, like SPIN's end labels and termination in TLA+.
   */
  readonly deadlock?: "allowed" | "error" | ((state: DeepReadonly<V>) => boolean);
  /**
   * Called with the mode before steps are repeated for the determinism check, with undefined after. For recipes that
   * cache results of earlier steps: in the mode "anew" they must not use the cache.
   */
  readonly onRepetition?: (how: Repetition | undefined) => void;
  /** For recipes that derive data from earlier steps, to which states refer. */
  readonly learned?: Learned;
  /** Returns a model of the same type without the failed assumption, to be searched next. */
  readonly revise?: () => object;
  /**
   * Whether an assumption has failed since the model was made, which makes the results of the search void. A recipe may
   * continue in such a search, to collect more failures, and throw AssumptionFailed later.
   */
  readonly isVoid?: () => boolean;
  /** The largest number of steps of an execution: a bound, within which every state is visited. Absent: no bound. */
  readonly maxSteps?: number;
  /** Bytes outside the state store, for models whose state is an index into data of the recipes. It never decreases. */
  readonly stateBytes?: () => number;
  /** Symmetry of states that are such indices; for all other states the schema declares it. */
  readonly symmetry?: ModelSymmetry<S>;
  /** Refines an execution to more, smaller steps, of a machine with other bounds. */
  readonly refine?: (initial: number, calls: readonly ActionCall[]) => Refinement;
  /** Effects of a step, in order, as data for reports; computed from the state before it and the call. */
  readonly stepDetails?: (before: DeepReadonly<S>, call: ActionCall) => readonly object[];
  /** The form of a state in reports and trace files: without fields whose values depend on the order of the search. */
  readonly reported?: (state: DeepReadonly<S>) => object;
}

/** Symmetry that the schema does not express. */
export interface ModelSymmetry<S> {
  /** Replaces a state by the representative of its orbit under renaming of interchangeable elements. */
  readonly canonicalize: (state: S) => void;
  /** Renames interchangeable elements by a permutation from the seed, to test the declared symmetry. */
  readonly rename: (state: S, seed: number) => void;
  /** Called with whether recipes must lead to canonical states. Initially they need not. */
  readonly inSteps: (isOn: boolean) => void;
}

/** An execution in more, smaller steps. */
export interface Refinement {
  readonly calls: readonly ActionCall[];
  /** Bounds of the refined machine, if they differ. */
  readonly bounds: { readonly [name: string]: number };
}
