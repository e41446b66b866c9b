/**
 * The border between the explorer and what it explores. An explorer needs no more than this: a state of so many words in
 * a small memory, action tables that change it in place, and checks that look at it.
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
   * @returns whether the action was enabled; if it was not, the state is unchanged
   * @throws MachineError, naming the call, when the recipe breaks a rule or throws
   */
  apply(instance: number): boolean;
  /** Does the same, by the recipe itself: present where `apply` is another implementation, which is checked against it. */
  readonly applyRecipe?: (instance: number) => boolean;
  /** The instance as a call with its arguments. */
  call(instance: number): ActionCall;
  /** Instances that one condition rules out together. Absent: there is no such condition. */
  readonly groups?: InstanceGroups;
}

/** Runs of instances of an action, each with a condition that holds wherever one of them is enabled. */
export interface InstanceGroups {
  /** Index after the last instance of each group. */
  readonly ends: readonly number[];
  /** Whether instances of a group can be enabled in the current state. */
  mayBeEnabled(group: number): boolean;
  /** Whether instances of any group can be. One and the same function for actions with one condition. */
  readonly mayAnyBeEnabled: () => boolean;
}

/** What a property says. Words carry their failing direction: `always` has counterexamples, `sometimes` has witnesses. */
export type PropertyKind = "always" | "sometimes" | "always-step" | "sometimes-step" | "warning";

/** Whether a property of this kind asks for something to be reached, rather than for something never to happen. */
export function isWitness(kind: PropertyKind): boolean {
  return kind === "sometimes" || kind === "sometimes-step";
}

/** A property as the explorer sees it: a question about the current state, or about the last step. */
export interface PropertyCheck {
  readonly id: string;
  readonly kind: PropertyKind;
  /**
   * True where the property holds (`always`) or is witnessed (`sometimes`); undefined where it says nothing because its
   * premise is false. A property that never says anything is vacuous. Not called for a `warning`.
   *
   * @throws MachineError, naming the property, when it breaks a rule or throws
   */
  readonly evaluate: () => boolean | undefined;
  /**
   * Where it is false, `evaluate` says nothing. One and the same function for properties with one premise. Absent: there is
   * none.
   */
  readonly premise?: () => boolean;
  /** The bits of the state that `evaluate` reads, by word. Absent: any. */
  readonly reads?: Int32Array;
  /** For a `warning` whose premises recipes count: the codes they count under. */
  readonly counted?: readonly number[];
}

/** Where recipes leave a warning: the first code since it was last cleared, 0 when there was none. */
export interface WarningLog {
  first: number;
  /**
   * For each code, how often a recipe got to where it would warn if something were wrong: `log.asked[code] += 1`, failing
   * or not. Only for codes of properties that say so. A search puts counters of its own here, so look here every time.
   */
  asked?: Float64Array;
}

/** Knowledge that recipes have gathered in earlier steps and states refer to: a checkpoint stores it, and it is restored first. */
export interface Learned {
  /** @returns JSON */
  readonly save: () => unknown;
  /**
   * Called before any step is taken.
   *
   * @returns whether the recipes learn the same now
   */
  readonly restore: (saved: unknown) => boolean;
}

/** How steps that the search has taken are taken again, which counts no more: as it took them, or without results of earlier steps. */
export type Repetition = "as before" | "anew";

/** What can be explored. */
export interface Machine {
  readonly name: string;
  /** Length of a state in 32-bit words. */
  readonly words: number;
  /** What each bit of a state means, in a text that is the same for machines that agree in that. */
  readonly layout: string;
  /** The current state in [0, words); the state before the last step in [words, 2 × words). */
  readonly memory: Int32Array;
  readonly initialStates: number;
  /** Writes initial state `index` to the current state. */
  loadInitial(index: number): void;
  readonly actions: readonly ActionTable[];
  readonly properties: readonly PropertyCheck[];
  /** Called when the current state was replaced, before properties look at it. */
  refresh(): void;
  /** Called when the state before the step was replaced. */
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
  /** To be told when steps are taken again: see Model. */
  readonly onRepetition?: (how: Repetition | undefined) => void;
  /** Knowledge that recipes have gathered: see Model. */
  readonly learned?: Learned;
  /** Rewrites the current state to the representative of its orbit. Absent: the machine declares no symmetry. */
  readonly canonicalize?: () => void;
  /** Renames interchangeable elements of the current state, in a way that the seed chooses. With `canonicalize` only. */
  readonly rename?: (seed: number) => void;
  /** Lets actions lead to canonical states, which saves to canonicalize them, or not. Absent: they never do. */
  readonly canonicalizeInSteps?: (isOn: boolean) => void;
  /**
   * Undoes what recipes and properties did to arrays of records themselves, which only their elements' fields may be written
   * of. Absent: nothing of the kind is possible.
   *
   * @param thoroughly finds fields of the array too that are no elements, and takes longer; those are not undone
   * @returns path of an array that was changed, if there was one
   */
  readonly restoreArrays?: (thoroughly: boolean) => string | undefined;
  /** Names the first field in which the current state differs from `other`, for error messages. */
  firstDifference(other: Int32Array): string;
}
