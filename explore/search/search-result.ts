/** Results and progress of a search. */

import type { LeftOut, PathStep } from "../checkpoint/position.ts";
import type { PropertyKind } from "../model/machine.ts";
import type { StopReason } from "./budget.ts";

/** Progress of a running search. */
export interface Progress {
  /** Depth of the states being expanded: steps from an initial state. */
  readonly depth: number;
  readonly states: number;
  readonly transitions: number;
  /** Number of states found but not expanded yet. */
  readonly frontier: number;
  /** Of a simulation: walks taken. */
  readonly walks?: number;
  /** Estimated number of all states; absent without enough data. */
  readonly estimatedStates?: number;
  readonly seconds: number;
  /** Bytes that the visited states and their tables take. */
  readonly tableBytes: number;
}

/** Verdict on a property. */
export type Verdict = "holds" | "violated" | "reached" | "unreached" | "incomplete";

/** One property's outcome. */
export interface PropertyOutcome {
  readonly id: string;
  readonly kind: PropertyKind;
  readonly verdict: Verdict;
  /**
   * Number of evaluations with a true premise: states, or steps for kinds about steps. For a `warning` whose premises
   * recipes count, the count of the recipes, in steps and in calls of actions that turned out not to be enabled.
   */
  readonly checked: number;
  /** Whether it holds only because its premise was never true. */
  readonly vacuous: boolean;
}

/** The random walks of a simulation. */
export interface SimulationOutcome {
  /** Number of walks; an interrupt or a limit may have cut the last one short. */
  readonly walks: number;
  readonly seed: number;
  /** Maximum number of steps of a walk. */
  readonly maxDepth: number;
  /** Whether `states` has every distinct state; false when the memory for counting them was used up. */
  readonly countsAll: boolean;
}

/** Coverage of an action. */
export interface ActionCoverage {
  readonly name: string;
  /** Transitions by this action. */
  readonly enabled: number;
  /** States found first by this action. */
  readonly newStates: number;
}

/**
 * An execution to the state, or through the step, that decided a property: an initial state and the actions from there.
 * Always real, with or without symmetry.
 */
export interface Path {
  readonly initial: number;
  readonly steps: readonly PathStep[];
}

/** A violation or a witness. */
export interface Finding {
  /** Index in the machine's properties; −1 for a deadlock. */
  readonly property: number;
  /** The warning's code, when a recipe raised one. */
  readonly warning?: number;
  readonly path: Path;
  /** Of a simulation: number of the walk, from 1, and its steps, before the path was shortened. */
  readonly walk?: { readonly number: number; readonly steps: number };
}

/** The outcome of a search. */
export interface SearchResult {
  /** `exhausted`: every reachable state was visited, and nothing is violated. */
  readonly outcome: "exhausted" | "violated" | "incomplete";
  readonly stopped?: StopReason;
  /**
   * Reason for `beyond-bounds`: the requirement of a step that the machine cannot meet. For `max-memory`, if states were to
   * be moved to disk: why they could not.
   */
  readonly beyond?: string;
  /** Distinct states that were visited. */
  readonly states: number;
  /** Steps that were taken. */
  readonly transitions: number;
  /** Depth of the deepest visited state; of a simulation, length of the longest walk. */
  readonly depth: number;
  /** Number of states found but not expanded at the end of the search: 0 when exhausted. */
  readonly frontier: number;
  /** Of a search that did not visit every state: an estimate of their number, if there is enough data. */
  readonly estimatedStates?: number;
  /** Omitted steps, of a search for all violations. */
  readonly leftOut?: LeftOut;
  /** Of a simulation: its random walks do not visit every state. */
  readonly simulation?: SimulationOutcome;
  readonly symmetry: boolean;
  readonly properties: readonly PropertyOutcome[];
  readonly actions: readonly ActionCoverage[];
  /**
   * The counterexamples. Of a search that ends at the first violation: all of the same state or step, and no failing
   * execution is shorter. Of a search for all violations: a shortest one for each property.
   */
  readonly violations: readonly Finding[];
  /** For each `sometimes` property that was reached, a shortest witness. */
  readonly witnesses: readonly Finding[];
  /** Wall-clock seconds, including those before the checkpoint from which the search was resumed. */
  readonly seconds: number;
  /** Progress at the checkpoint from which the search was resumed. */
  readonly resumedAt?: { readonly states: number; readonly transitions: number; readonly seconds: number };
  /** Largest size of the visited states and their tables, in bytes. */
  readonly tableBytes: number;
}
