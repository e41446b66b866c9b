/** The result of a proof, as data. */

import type { FailedState, FailedStep } from "./check-obligations.ts";
import type { CountingBounds } from "./counting-machine.ts";
import type { EnumerationBounds } from "./enumerate.ts";
import type { Invariant, ObligationId, PartName, Topic } from "./theory.ts";

/**
 * `proved`: for any number of MMs, and with formulas for any size. `refuted`: there is a counterexample to induction.
 */
export type ProofVerdict = "proved" | "refuted" | "unknown";

/**
 * The verdict on a kernel. `refuted`: besides, an execution reaches a failure. `not inductive`: none is known to, and
 * so the invariant may be too weak for this code.
 */
export type SubjectVerdict = ProofVerdict | "not inductive";

/** Outcome of one obligation. */
export interface ObligationResult extends ObligationId {
  readonly sentence: string;
  readonly verdict: ProofVerdict;
  /** Why it is unknown. */
  readonly why?: string;
  /** The smallest counterexample that was found. */
  readonly counterexample?: FailedStep | FailedState;
}

/** Comparison of the enumerated states with those that an exploration reaches. */
export interface EnumerationCoverage {
  readonly mms: number;
  /** States that these MMs reach within the bounds; those of them that were not enumerated. */
  readonly reached: number;
  readonly missing: number;
  /** Enumerated states that these MMs do not reach. */
  readonly unreached: number;
}

/** A proof by enumeration. */
export interface EnumerationResult {
  readonly bounds: EnumerationBounds;
  /** States that satisfy the invariant within the bounds, and operations that were executed in them. */
  readonly states: number;
  readonly steps: number;
  readonly obligations: readonly ObligationResult[];
  /** The states that a number of MMs reach within the bounds. Absent where the invariant is not proved. */
  readonly coverage?: EnumerationCoverage;
  /** For each part of the invariant, obligations that fail without it. Absent where the invariant is not proved. */
  readonly needed?: readonly { readonly part: PartName; readonly fails: readonly ObligationId[] }[];
  readonly seconds: number;
}

/** A solver that answered. */
export interface SolverResult {
  readonly name: string;
  readonly version: string;
  /** Seconds of all its answers together, those from the cache as they were computed. */
  readonly seconds: number;
  readonly fromCache: number;
}

/** A proof by formulas about the code. */
export interface FormulaResult {
  readonly solvers: readonly SolverResult[];
  /** Questions to a solver, and the size of their text. */
  readonly queries: number;
  readonly bytes: number;
  /** Obligations; those that simplification decided are no queries. */
  readonly obligations: readonly ObligationResult[];
  /**
   * Combinations of roles, and calls of each operation, that were shown to be possible, and those that were not:
   * assumptions that contradict each other prove everything.
   */
  readonly possible: number;
  readonly notPossible: readonly string[];
  /**
   * Situations that the documentation of owner tracking has, and parts of the invariant without which a proof fails:
   * how many were shown, and those that were not. Other code may do without them.
   */
  readonly shown: number;
  readonly notShown: readonly string[];
  /** Executions of the code that do what the formulas say: all that were compared. */
  readonly executions: number;
  /** Seconds of the symbolic execution, and of everything. */
  readonly executionSeconds: number;
  readonly seconds: number;
}

/** An execution that ends in a failure, in calls of the machine on which it was found. */
export interface ReachedResult {
  readonly bounds: CountingBounds;
  readonly fails: string;
  readonly calls: readonly string[];
}

/** Whether a failure is reached. */
export type Reachability =
  | { readonly kind: "reached"; readonly execution: ReachedResult }
  | { readonly kind: "not reached"; readonly within: readonly CountingBounds[] };

/** The kernel that is proved. */
export type ProofSubject =
  | { readonly kind: "model"; readonly kernel: string; readonly config: string }
  | {
      readonly kind: "tree";
      readonly config: string;
      /** SHA-256 of the module. */
      readonly digest: string;
      /** Other configurations for which the compiler made the same module. */
      readonly also: readonly string[];
    };

/** The proof of one topic of one kernel in one configuration. */
export interface SubjectResult {
  readonly topic: Topic;
  readonly subject: ProofSubject;
  readonly invariant: Invariant["name"];
  readonly verdict: SubjectVerdict;
  /** Claims that follow from the invariant, when it is proved. */
  readonly claims: readonly string[];
  readonly enumeration: EnumerationResult;
  /** Absent where functions were enumerated alone. */
  readonly formulas?: FormulaResult;
  /** Why there are no formulas: there is no solver, or the code cannot be executed with symbols. */
  readonly withoutFormulas?: string;
  /** Whether what is refuted is reached. Absent where nothing is. */
  readonly reachability?: Reachability;
}

/** Verdicts, the worst first. */
const WORST: readonly SubjectVerdict[] = ["refuted", "not inductive", "unknown"];

/** The worst of several verdicts. */
export function worstOf<V extends SubjectVerdict>(verdicts: readonly V[]): V | "proved" {
  return verdicts.toSorted((one, other) => rankOf(one) - rankOf(other))[0] ?? "proved";
}

function rankOf(verdict: SubjectVerdict): number {
  const rank = WORST.indexOf(verdict);
  return rank < 0 ? WORST.length : rank;
}
