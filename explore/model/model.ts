/**
 * How a machine is written down: a schema, actions whose recipes mutate a draft, and properties. The same recipes run on
 * immutable states (interpreter.ts) and on packed ones (compile.ts).
 */

import type { ActionCall, Parameters, ParameterValue } from "./action-call.ts";
import { notBoolean } from "./errors.ts";
import type { Learned, Repetition, WarningLog } from "./machine.ts";
import type { PackedMemory } from "./packed-memory.ts";
import type { StructField } from "./schema.ts";

export { type ActionCall, formatCall, type Parameters, type ParameterValue } from "./action-call.ts";

/**
 * A type whose fields, and those of the records in it, cannot be written: what properties and views see of a state. Typed
 * arrays stay as they are.
 */
export type DeepReadonly<T> = T extends ArrayBufferView | ((...values: never[]) => unknown)
  ? T
  : { readonly [K in keyof T]: DeepReadonly<T[K]> };

/** An action: its name, its parameters' domains, and a recipe. `S` is the state, `C` the context (a kernel, say). */
export interface Action<S, C> {
  readonly name: string;
  /** Every choice of parameters. */
  readonly choices: readonly Parameters[];
  /**
   * Changes the draft and returns true, or returns false before it changed anything: the action is not enabled.
   * It must depend on nothing but its arguments.
   */
  readonly recipe: (state: S, context: C, parameters: never) => boolean;
  /**
   * A condition that holds wherever an instance with a value of the first parameter is enabled. A search evaluates it once for
   * each run of choices with one value, and tries none of them where it is false.
   */
  readonly guard?: (state: S, context: C, first: ParameterValue) => boolean;
  /**
   * Makes a faster implementation of the recipe for packed states, which does the same: some of its steps are compared with
   * those of the recipe.
   *
   * @returns the recipe, by the position of its parameters in `choices`, on the current state; undefined where there is none
   */
  readonly packed?: (state: PackedMemory<S>) => ((instance: number) => boolean) | undefined;
}

/**
 * Declares an action.
 *
 * @param domains for each parameter the values it ranges over; the instances are all combinations
 * @param options.where leaves out combinations that are never meant
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
  let choices: Parameters[] = [{}];
  for (const [parameter, values] of Object.entries<readonly ParameterValue[]>(domains)) {
    choices = choices.flatMap((choice) => values.map((value) => ({ ...choice, [parameter]: value })));
  }
  const { where, guard, packed } = options;
  return {
    name,
    ...(guard === undefined ? {} : { guard }),
    ...(packed === undefined ? {} : { packed }),
    choices:
      where === undefined
        ? choices
        : choices.filter((choice) =>
            checked(where(choice as P), (answer) => notBoolean(`action ${name}: where()`, answer)),
          ),
    recipe: recipe as Action<S, C>["recipe"],
  };
}

/** @throws what `error` makes of an answer that is no boolean */
function checked(answer: unknown, error: (answer: unknown) => unknown): boolean {
  if (answer !== true && answer !== false) {
    throw error(answer);
  }
  return answer;
}

/** The words that identify a property in reports. */
export interface PropertyText {
  /** Stable id, such as a claim's. */
  readonly id: string;
  /** The property as one sentence. */
  readonly claim: string;
  /** Where the claim comes from. */
  readonly source: string;
}

/** A property of the states that a machine reaches, seen through a view `V` of the state. */
export type Property<V> = PropertyText &
  (
    | {
        readonly kind: "always";
        /** Undefined where the claim says nothing; a claim that never says anything is reported as vacuous. */
        readonly holds: (state: DeepReadonly<V>) => boolean | undefined;
        /** The premise that `holds` evaluates, if it has one: properties that share the function evaluate it once for each state. */
        readonly premise?: (state: DeepReadonly<V>) => boolean;
        /**
         * Whether `holds` may read the field at a path: it is not evaluated after steps that change no such field. Any field,
         * when absent.
         */
        readonly reads?: (path: string) => boolean;
        /** Where a state violates it, as data for reports. Called for such states only, and never by a search. */
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
         * Recipes count in `WarningLog.asked` how often they asked; the claim is vacuous when they never did. Otherwise
         * every step counts as asking.
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
 * @param property.when the premise: where the claim says something. Everywhere, when absent.
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
  return checked(answer, (value) => notBoolean("when()", value));
}

/** A property that some reachable state must have; reaching it gives a witness. */
export function sometimes<V>(property: PropertyOf<V, "sometimes">): Property<V> {
  return { kind: "sometimes", ...property };
}

/**
 * The same property, which is about every state, with the fields that it reads.
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
 * @param property.when the premise: where the claim says something. Everywhere, when absent.
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

/** A machine as its author writes it. */
export interface Model<S, C, V = DeepReadonly<S>> {
  readonly name: string;
  readonly schema: StructField<S>;
  /** What recipes and views may use besides the state. It must not change while the machine runs. */
  readonly context: C;
  /** Turns the schema's initial values into the initial states; one state, unchanged, when absent. */
  readonly initial?: readonly ((state: S, context: C) => void)[];
  readonly actions: readonly Action<S, C>[];
  /** Makes what properties see of a state, which is read-only. */
  readonly view: (state: DeepReadonly<S>, context: C) => V;
  /**
   * Called with a view when its state was replaced. A view with `refresh` is made once and reads the state when it is
   * asked; one without is made for each state, unless it is the state itself.
   */
  readonly refresh?: (view: V) => void;
  readonly properties: readonly Property<V>[];
  /** Warnings that recipes raise: the log they write to, and each code as text, or as data for reports. */
  readonly warnings?: {
    readonly log: WarningLog;
    readonly text?: (code: number) => string;
    readonly data?: (code: number) => object | undefined;
  };
  /**
   * Which states may have no enabled action. `allowed` (the default): all; `error`: none, every such state is a deadlock; a
   * predicate: the legal ends, where it is true, as SPIN's end labels and TLA+'s termination have them.
   */
  readonly deadlock?: "allowed" | "error" | ((state: DeepReadonly<V>) => boolean);
  /**
   * Told how steps are taken again, to see whether they do the same, and undefined when that is over. For recipes that keep
   * results of earlier steps: where a step is taken anew, those must not stand in for it.
   */
  readonly onRepetition?: (how: Repetition | undefined) => void;
  /** For recipes that learn from earlier steps, where states refer to what they learned. */
  readonly learned?: Learned;
  /** A model of the same type to search after an assumption failed, without that assumption. */
  readonly revise?: () => object;
  /**
   * Whether an assumption failed since the model was made: then what a search found is void. A recipe may go on with such a
   * search, to find more that fails, and throw AssumptionFailed later.
   */
  readonly isVoid?: () => boolean;
  /** The largest number of steps of an execution: a bound, within which every state is visited. Absent: any number. */
  readonly maxSteps?: number;
  /** Bytes that states take elsewhere, where a state is the number of something that its recipes keep. It only grows. */
  readonly stateBytes?: () => number;
  /** Symmetry of states that are such numbers; with any other state, the schema declares it. */
  readonly symmetry?: ModelSymmetry<S>;
  /** The same execution in more, smaller steps, on a machine with other bounds. */
  readonly refine?: (initial: number, calls: readonly ActionCall[]) => Refinement;
  /** Effects of a step, in order, as data for reports: by the state before it and the call. */
  readonly stepDetails?: (before: DeepReadonly<S>, call: ActionCall) => readonly object[];
  /** A state as reports and trace files have it: without fields whose values depend on the order of a search. */
  readonly reported?: (state: DeepReadonly<S>) => object;
}

/** Symmetry that the schema does not show. */
export interface ModelSymmetry<S> {
  /** Replaces a state by the one that stands for all those which differ from it in names of interchangeable elements only. */
  readonly canonicalize: (state: S) => void;
  /** Renames interchangeable elements, in a way that the seed chooses: what is declared as symmetric is tried out. */
  readonly rename: (state: S, seed: number) => void;
  /** Called with whether recipes are to lead to canonical states. Until the first call they do not. */
  readonly inSteps: (isOn: boolean) => void;
}

/** An execution in more, smaller steps. */
export interface Refinement {
  readonly calls: readonly ActionCall[];
  /** Bounds of the machine whose steps they are, where they differ. */
  readonly bounds: { readonly [name: string]: number };
}
