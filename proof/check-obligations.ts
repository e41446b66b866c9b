/** Evaluates the obligations of a proof on states and on the steps from them, which are executed. */
import type { AccountedState } from "./accounting/accounted-state.ts";
import type { FailedAssertion } from "./executed-functions.ts";
import { NUMBERS } from "./logic.ts";
import type { Invariant, ObligationId, OperationOf, Theory, Topic, Topics } from "./theory.ts";
import type { Limits, TrackedState } from "./tracked-state.ts";

/** A state of owner tracking with numbers. */
export type NumberState = TrackedState<boolean, number>;

/** A state of accounting with numbers. */
export type AccountedNumbers = AccountedState<boolean, number>;

/** The state of a topic with numbers. */
export type NumbersOf<T extends Topic> = Topics<boolean, number>[T]["state"];

/** A step with numbers, and the first kernel assertion that failed in it. */
export type NumberStep<T extends Topic> = Topics<boolean, number>[T]["step"] & {
  readonly result?: number | undefined;
  readonly warning: FailedAssertion | undefined;
};

/** An operation from a state that satisfies the invariant, after which something does not hold. */
export interface FailedStep {
  readonly kind: "step";
  readonly operation: OperationOf<Topic>;
  readonly diff: number;
  readonly nrPages: number;
  readonly before: NumberState | AccountedNumbers;
  readonly after: NumberState | AccountedNumbers;
  readonly outcome: { readonly result: number | undefined; readonly warning: FailedAssertion | undefined };
}

/** A state that satisfies the invariant, in which a claim does not hold. */
export interface FailedState {
  readonly kind: "state";
  readonly state: NumberState | AccountedNumbers;
  readonly nrPages: number;
  readonly verdict: boolean;
}

/** Outcome of one obligation. */
export interface EnumeratedObligation extends ObligationId {
  readonly sentence: string;
  /** In how many states or steps it was evaluated. */
  readonly checked: number;
  /** The smallest counterexample, in mappings of the folio; absent where it holds. */
  readonly counterexample?: FailedStep | FailedState;
}

/** States and steps of which obligations are checked. */
export interface CheckedStates<T extends Topic> {
  readonly limits: Limits;
  /** A folio that nothing maps and nothing ever mapped, and its number of pages. */
  readonly fresh: NumbersOf<T>;
  readonly states: readonly NumbersOf<T>[];
  readonly pagesOf: (state: NumbersOf<T>) => number;
  /** folio_maybe_mapped_shared(). */
  readonly verdict: (state: NumbersOf<T>) => boolean;
  /** Executes every operation that may be called in a state. */
  readonly stepsFrom: (state: NumbersOf<T>) => Iterable<NumberStep<T>>;
}

/** Counts evaluations of one obligation, and keeps its first counterexample. */
class Tally {
  readonly id: ObligationId & { readonly sentence: string };
  checked = 0;
  counterexample: FailedStep | FailedState | undefined;

  constructor(id: ObligationId & { readonly sentence: string }) {
    this.id = id;
  }

  add(holds: boolean, failed: () => FailedStep | FailedState): void {
    this.checked += 1;
    if (!holds && this.counterexample === undefined) {
      this.counterexample = failed();
    }
  }

  get obligation(): EnumeratedObligation {
    const { id, checked, counterexample } = this;
    return { ...id, checked, ...(counterexample === undefined ? {} : { counterexample }) };
  }
}

/** The obligations of a topic, checked on states and steps; and the number of steps. */
export function checkObligations<T extends Topic>(
  { operations, claims, stepProperties }: Pick<Theory<T>, "operations" | "claims" | "stepProperties">,
  { parts }: Invariant<T>,
  { limits, fresh, states, pagesOf, verdict, stepsFrom }: CheckedStates<T>,
): { readonly steps: number; readonly obligations: readonly EnumeratedObligation[] } {
  const failedIn = (state: NumbersOf<T>, answer: boolean): FailedState => ({
    kind: "state",
    state,
    nrPages: pagesOf(state),
    verdict: answer,
  });
  const ofFresh = parts.map(({ name, sentence, holds }) => {
    const tally = new Tally({ from: "fresh folio", to: name, sentence });
    tally.add(holds(NUMBERS, fresh, limits), () => failedIn(fresh, false));
    return tally;
  });
  const ofClaims = claims.map((claim) => {
    const tally = new Tally({ from: "claim", to: claim.ids.join(" "), sentence: claim.sentence });
    return { claim, tally };
  });
  const ofOperations = operations.map((operation) => ({
    operation,
    parts: parts.map((part) => ({
      part,
      tally: new Tally({ from: operation, to: part.name, sentence: part.sentence }),
    })),
    properties: stepProperties.map((property) => ({
      property,
      tally: new Tally({ from: operation, to: property.name, sentence: property.sentence }),
    })),
  }));
  const byOperation = new Map(ofOperations.map((each) => [each.operation, each]));
  let steps = 0;
  for (const state of states) {
    const answer = verdict(state);
    for (const { claim, tally } of ofClaims) {
      tally.add(claim.holds(NUMBERS, state, answer), () => failedIn(state, answer));
    }
    for (const step of stepsFrom(state)) {
      const of = byOperation.get(step.operation as OperationOf<T>);
      if (of === undefined) {
        continue;
      }
      steps += 1;
      for (const { part, tally } of of.parts) {
        tally.add(part.holds(NUMBERS, step.after, limits), () => failedStep(step));
      }
      for (const { property, tally } of of.properties) {
        tally.add(property.holds(NUMBERS, step, limits), () => failedStep(step));
      }
    }
  }
  const tallies = [
    ...ofFresh,
    ...ofOperations.flatMap(({ parts: each, properties }) => [...each, ...properties].map(({ tally }) => tally)),
    ...ofClaims.map(({ tally }) => tally),
  ];
  return { steps, obligations: tallies.map(({ obligation }) => obligation) };
}

/** A step as a counterexample. */
export function failedStep<T extends Topic>({
  operation,
  diff,
  nrPages,
  before,
  after,
  result,
  warning,
}: NumberStep<T>): FailedStep {
  return { kind: "step", operation, diff, nrPages, before, after, outcome: { result, warning } };
}
