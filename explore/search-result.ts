/** What a search tells, while it runs and when it ends. */
import type { StopReason } from "./budget.ts";
import type { PropertyKind } from "./machine.ts";

/** What is known while a search runs. */
export interface Progress {
  /** Depth of the states being expanded: steps from an initial state. */
  readonly depth: number;
  readonly states: number;
  readonly transitions: number;
  /** States found and not expanded yet. */
  readonly frontier: number;
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

/** How often an action could be taken. */
export interface ActionCoverage {
  readonly name: string;
  /** Transitions by this action. */
  readonly enabled: number;
  /** States found first by this action. */
  readonly newStates: number;
}

/** One step of a path: an action and which of its instances. */
export interface PathStep {
  readonly action: number;
  readonly instance: number;
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
}

/** The outcome of a search. */
export interface SearchResult {
  /** `exhausted`: every reachable state was visited. */
  readonly outcome: "exhausted" | "violated" | "incomplete";
  readonly stopped?: StopReason;
  /** What a step would have needed that the machine cannot follow, for `beyond-bounds`. */
  readonly beyond?: string;
  readonly states: number;
  readonly transitions: number;
  /** Most steps needed to reach any visited state. */
  readonly depth: number;
  /** States found and not expanded when the search ended: 0 when exhausted. */
  readonly frontier: number;
  readonly symmetry: boolean;
  readonly properties: readonly PropertyOutcome[];
  readonly actions: readonly ActionCoverage[];
  /** The counterexamples, all found in the same state or step; no execution that fails is shorter. */
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
