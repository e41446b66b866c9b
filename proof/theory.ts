/**
 * The parts of a proof by induction, for each topic that is proved: owner tracking, and the accounting of mapped pages that
 * rests on it. They are written once, and evaluated with numbers or turned into formulas.
 */
import type { AccountedState } from "./accounting/accounted-state.ts";
import type { RmapCall, RmapOperation, RmapStep } from "./accounting/rmap-operations.ts";
import type { Logic } from "./logic.ts";
import type { Call, OperationName, Step } from "./operations.ts";
import type { Limits, TrackedState } from "./tracked-state.ts";

/** The states and steps of each topic. */
export interface Topics<B, N> {
  readonly tracking: {
    readonly operation: OperationName;
    readonly state: TrackedState<B, N>;
    readonly call: Call<B, N>;
    readonly step: Step<B, N>;
  };
  readonly accounting: {
    readonly operation: RmapOperation;
    readonly state: AccountedState<B, N>;
    readonly call: RmapCall<B, N>;
    readonly step: RmapStep<B, N>;
  };
}

/** A topic: `tracking` is MM owner tracking, `accounting` the statistics of mapped pages without page mapcounts. */
export type Topic = keyof Topics<never, never>;

/** An operation of a topic. */
export type OperationOf<T extends Topic> = Topics<never, never>[T]["operation"];

/** Names of the parts. */
export type PartName =
  | "sum"
  | "free"
  | "distinct"
  | "less"
  | "whole"
  | "exact"
  | "entire"
  | "mapped"
  | "pmd-mapped"
  | "queue";

/** One part of an invariant. */
export interface Part<T extends Topic = "tracking"> {
  readonly name: PartName;
  /** The part as one sentence. */
  readonly sentence: string;
  readonly holds: <B, N>(logic: Logic<B, N>, state: Topics<B, N>[T]["state"], limits: Limits) => B;
}

/** A form of an invariant: the conjunction of its parts. */
export interface Invariant<T extends Topic = "tracking"> {
  readonly name: "strong" | "weak";
  readonly parts: readonly Part<T>[];
  /** Parts that hold in addition, and are proved elsewhere. */
  readonly given?: readonly Part[];
}

/** A claim. `verdict` is the answer of folio_maybe_mapped_shared(). */
export interface StateClaim<T extends Topic = "tracking"> {
  /** Ids of the claims: those with the same formula go together. */
  readonly ids: readonly string[];
  readonly sentence: string;
  readonly holds: <B, N>(logic: Logic<B, N>, state: Topics<B, N>[T]["state"], verdict: B) => B;
}

/** A property of a step that is not one of the state after it. */
export interface StepProperty<T extends Topic = "tracking"> {
  readonly name:
    | "no warning"
    | "result"
    | "moves"
    | "takes"
    | "tracking"
    | "others"
    | "detects"
    | "marks only partial ones";
  readonly claim: string;
  readonly sentence: string;
  readonly holds: <B, N>(logic: Logic<B, N>, step: Topics<B, N>[T]["step"], limits: Limits) => B;
}

/** Identifies an obligation: `fresh folio` or an operation, and a part or property; or a claim. */
export interface ObligationId {
  readonly from: "fresh folio" | OperationOf<Topic> | "claim";
  /** Name of the part of the invariant or of the property of the step, or ids of the claims. */
  readonly to: string;
}

/** Obligations of a topic, besides the invariant. */
export interface Theory<T extends Topic> {
  readonly operations: readonly OperationOf<T>[];
  /** Premise of a step. */
  readonly mayBeCalled: <B, N>(logic: Logic<B, N>, call: Topics<B, N>[T]["call"]) => B;
  /** Conditions of every state, whatever the kernel does. */
  readonly isTruth: <B, N>(logic: Logic<B, N>, state: Topics<B, N>[T]["state"], limits: Limits) => B;
  readonly stepProperties: readonly StepProperty<T>[];
  readonly claims: readonly StateClaim<T>[];
  /** Without a part of the invariant, an obligation that cannot be proved any more: one for each part. */
  readonly neededFor: { readonly [part in PartName]?: ObligationId };
}

/** The same without a part: for showing that it is needed. */
export function without<T extends Topic>({ parts, ...form }: Invariant<T>, left: PartName): Invariant<T> {
  return { ...form, parts: parts.filter((part) => part.name !== left) };
}

/** Whether a state satisfies every part. */
export function satisfies<B, N, T extends Topic>(
  logic: Logic<B, N>,
  { parts, given = [] }: Invariant<T>,
  state: Topics<B, N>[T]["state"],
  limits: Limits,
): B {
  return logic.and(
    ...given.map(({ holds }) => holds(logic, state, limits)),
    ...parts.map(({ holds }) => holds(logic, state, limits)),
  );
}
