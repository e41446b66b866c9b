/** What a search tells, while it runs and when it ends. */

import type { LeftOut, PathStep } from "../checkpoint/position.ts";
import type { PropertyKind } from "../model/machine.ts";
import type { StopReason } from "./budget.ts";

/** What is known while a search runs. */
export interface Progress {
  /** Depth of the states being expanded: steps from an initial state. */
  readonly depth: number;
  readonly states: number;
  readonly transitions: number;
  /** States found and not expanded yet. */
  readonly frontier: number;
  /** Of a simulation: walks taken. */
  readonly walks?: number;
  /** An estimate of the number of all states; absent while there is nothing to base one on. */
  readonly estimatedStates?: number;
  readonly seconds: number;
  /** Bytes that the visited states and their tables take. */
  readonly tableBytes: number;
}

/** What became of one property. */
export type Verdict = "holds" | "violated" | "reached" | "unreached" | "incomplete";

/** One property's outcome. */
export interface PropertyOutcome {
  readonly id: string;
  readonly kind: PropertyKind;
  readonly verdict: Verdict;
  /**
   * How often it was looked at with its premise true: states, or steps for the kinds that look at steps. For a `warning`
   * whose premises recipes count, how often they did, in steps and in actions that turned out not to be enabled.
   */
  readonly checked: number;
  /** It holds only because its premise was never true. */
  readonly vacuous: boolean;
}

/** The random walks of a simulation. */
export interface SimulationOutcome {
  /** Walks taken; an interrupt or a limit may have cut the last one short. */
  readonly walks: number;
  readonly seed: number;
  /** Most steps of a walk. */
  readonly maxDepth: number;
  /** Whether `states` has every distinct state; false when the memory for counting them was used up. */
  readonly countsAll: boolean;
}

/** How often an action could be taken. */
export interface ActionCoverage {
  readonly name: string;
  /** Transitions by this action. */
  readonly enabled: number;
  /** States found first by this action. */
  readonly newStates: number;
}

/**
 * How to get to the state, or through the step, that decided a property: an initial state and the actions from there.
 * Always a real execution, with or without symmetry.
 */
export interface Path {
  readonly initial: number;
  readonly steps: readonly PathStep[];
}

/** Why a property failed, or that it was reached. */
export interface Finding {
  /** Index in the machine's properties; −1 for a deadlock. */
  readonly property: number;
  /** The warning's code, when a recipe raised one. */
  readonly warning?: number;
  readonly path: Path;
  /** Of a simulation: number of the walk that found it, from 1, and its steps, before they were shortened to the path's. */
  readonly walk?: { readonly number: number; readonly steps: number };
}

/** The outcome of a search. */
export interface SearchResult {
  /** `exhausted`: every reachable state was visited, and nothing is violated. */
  readonly outcome: "exhausted" | "violated" | "incomplete";
  readonly stopped?: StopReason;
  /** What a step would have needed that the machine cannot follow, for `beyond-bounds`. */
  readonly beyond?: string;
  /** Distinct states that were visited. */
  readonly states: number;
  /** Steps that were taken. */
  readonly transitions: number;
  /** Most steps needed to reach any visited state; of a simulation, most steps of a walk. */
  readonly depth: number;
  /** States found and not expanded when the search ended: 0 when exhausted. */
  readonly frontier: number;
  /** Of a search that did not visit every state: an estimate of their number, where there is something to base one on. */
  readonly estimatedStates?: number;
  /** Of a search for all violations. */
  readonly leftOut?: LeftOut;
  /** Of a simulation: it takes random walks, and visits not every state. */
  readonly simulation?: SimulationOutcome;
  readonly symmetry: boolean;
  readonly properties: readonly PropertyOutcome[];
  readonly actions: readonly ActionCoverage[];
  /**
   * The counterexamples. Of a search that ends at the first violation: all found in the same state or step, and no execution
   * that fails is shorter. Of a search for all violations: one for each property, a shortest one.
   */
  readonly violations: readonly Finding[];
  /** For each `sometimes` property that was reached, a shortest witness. */
  readonly witnesses: readonly Finding[];
  /** Wall-clock seconds, including those before the checkpoint that the search went on from. */
  readonly seconds: number;
  /** What was done already when the search went on from a checkpoint. */
  readonly resumedAt?: { readonly states: number; readonly transitions: number; readonly seconds: number };
  /** Largest size of the visited states and their tables, in bytes. */
  readonly tableBytes: number;
}
