/**
 * The interface between the explorer and its subject: a state of a fixed number of words in a small memory, action
 * tables that change it in place, and property checks that read it.
 */
import type { ActionCall } from "./action-call.ts";

/** All instances of one action. */
export interface ActionTable {
  readonly name: string;
  /** Number of instances: one for each choice of parameters. */
  readonly instances: number;
  /**
   * Applies one instance to the current state, in place.
   *
   * @returns whether the action was enabled; the state is unchanged if it was not
   * @throws MachineError, naming the call, when the recipe breaks a rule or throws
   */
  apply(instance: number): boolean;
  /** The same step by the recipe: present if `apply` is another implementation, which is checked against it. */
  readonly applyRecipe?: (instance: number) => boolean;
  /** The instance as a call with its arguments. */
  call(instance: number): ActionCall;
  /** Groups of instances that share a condition. Absent: there is no such condition. */
  readonly groups?: InstanceGroups;
}

/** Consecutive instances of an action, each group with a necessary condition for its instances to be enabled. */
export interface InstanceGroups {
  /** Index after the last instance of each group. */
  readonly ends: readonly number[];
  /** Whether instances of a group can be enabled in the current state. */
  mayBeEnabled(group: number): boolean;
  /** Whether any group passes its condition. The same function object for all actions with one condition. */
  readonly mayAnyBeEnabled: () => boolean;
}

/** Kinds of properties, named by their failing direction: `always` has counterexamples, `sometimes` has witnesses. */
export type PropertyKind = "always" | "sometimes" | "always-step" | "sometimes-step" | "warning";

/** Whether a property of this kind must be reached, rather than never be violated. */
export function isWitness(kind: PropertyKind): boolean {
  return kind === "sometimes" || kind === "sometimes-step";
}

/** A property in the explorer: a predicate on the current state, or on the last step. */
export interface PropertyCheck {
  readonly id: string;
  readonly kind: PropertyKind;
  /**
   * True if the property holds (`always`) or is witnessed (`sometimes`); undefined if its premise is false. A property
   * that is undefined throughout a search is vacuous. Not called for a `warning`.
   *
   * @throws MachineError, naming the property, when the property breaks a rule or throws
   */
  readonly evaluate: () => boolean | undefined;
  /**
   * If it is false, `evaluate` returns undefined. The same function object for all properties with one premise. Absent:
   * no premise.
   */
  readonly premise?: () => boolean;
  /** The bits of the state that `evaluate` reads, by word. Absent: it may read any. */
  readonly reads?: Int32Array;
  /** For a `warning` whose premises recipes count: the codes of the counters. */
  readonly counted?: readonly number[];
}

/** Receives warnings of recipes: the first code since it was last cleared, 0 when there was none. */
export interface WarningLog {
  first: number;
  /**
   * For each code, the number of times a recipe evaluated the condition of the warning, failing or not:
   * `log.evaluations[code] += 1`. Only for codes of properties with `counted`. A search replaces this array: read the field every time.
   */
  evaluations?: Float64Array;
}

/**
 * Data that recipes have derived in earlier steps and that states refer to. Stored in checkpoints and restored first.
 */
export interface Learned {
  /** @returns JSON */
  readonly save: () => unknown;
  /**
   * Called before the first step.
   *
   * @returns whether the recipes derive the same data now
   */
  readonly restore: (saved: unknown) => boolean;
}

/**
 * Modes of repeating a step for a check, outside all counts: as the search took it, or without results of earlier
 * steps.
 */
export type Repetition = "as before" | "anew";

/** A system that the explorer can explore. */
export interface Machine {
  readonly name: string;
  /** Length of a state in 32-bit words. */
  readonly words: number;
  /** Meaning of each bit of a state, as a text that is equal for machines with equal layouts. */
  readonly layout: string;
  /** The current state in [0, words); the state before the last step in [words, 2 × words). */
  readonly memory: Int32Array;
  readonly initialStates: number;
  /** Writes initial state `index` to the current state. */
  loadInitial(index: number): void;
  readonly actions: readonly ActionTable[];
  readonly properties: readonly PropertyCheck[];
  /** Called after the current state was replaced, before properties are evaluated. */
  refresh(): void;
  /** Called after the state before the step was replaced. */
  refreshBefore(): void;
  readonly warnings: WarningLog;
  /** Index in `properties` of the `warning` property that a code belongs to. */
  propertyOfWarning(code: number): number;
  /** Whether the current state, which has no enabled action, is a legal end. Absent: every state is. */
  readonly mayEnd?: () => boolean;
  /** The largest number of steps of an execution: see Model. */
  readonly maxSteps?: number;
  /** Bytes that states take elsewhere: see Model. */
  readonly stateBytes?: () => number;
  /** Called before and after steps are repeated: see Model. */
  readonly onRepetition?: (how: Repetition | undefined) => void;
  /** Data that recipes have derived: see Model. */
  readonly learned?: Learned;
  /** Rewrites the current state to the representative of its orbit. Absent: the machine declares no symmetry. */
  readonly canonicalize?: () => void;
  /** Renames interchangeable elements of the current state by a permutation from the seed. With `canonicalize` only. */
  readonly rename?: (seed: number) => void;
  /** Lets actions lead to canonical states directly, which saves canonicalization, or not. Absent: they never do. */
  readonly canonicalizeInSteps?: (isOn: boolean) => void;
  /**
   * Undoes changes by recipes and properties to arrays of records themselves; only fields of their elements may be
   * written. Absent: such changes are impossible.
   *
   * @param thoroughly also detects added non-element fields of the array, which takes longer; those are not undone
   * @returns path of a changed array, if there is one
   */
  readonly restoreArrays?: (thoroughly: boolean) => string | undefined;
  /** Path of the first field in which the current state differs from `other`, for error messages. */
  firstDifference(other: Int32Array): string;
}
