/**
 * Proof by enumeration: the functions are executed from every state that satisfies the invariant at small sizes, whether an
 * execution reaches it or not, with the MMs in roles. That covers any number of MMs at those sizes, without a solver.
 */
import type { ExecutedFunctions, Outcome } from "./executed-functions.ts";
import { type Invariant, type Part, satisfies } from "./invariant.ts";
import { NUMBERS } from "./logic.ts";
import { mayBeCalled, OPERATIONS, type OperationName, STEP_PROPERTIES, truthAfter } from "./operations.ts";
import { STATE_CLAIMS } from "./state-claims.ts";
import type { Limits, StoredFolio, TrackedState } from "./tracked-state.ts";

/** A state with numbers. */
export type NumberState = TrackedState<boolean, number>;

/** Bounds of an enumeration. */
export interface EnumerationBounds {
  /** Pages of the folio: an operation adds or removes up to as many mappings. */
  readonly pages: number;
  /** Mappings of one MM. */
  readonly mappings: number;
  /** Mappings of all others together. */
  readonly others: number;
}

/** An operation from a state that satisfies the invariant, after which something does not hold. */
export interface FailedStep {
  readonly kind: "step";
  readonly operation: OperationName;
  readonly diff: number;
  readonly nrPages: number;
  readonly before: NumberState;
  readonly after: NumberState;
  readonly outcome: Pick<Outcome, "result" | "warning">;
}

/** A state that satisfies the invariant, in which a claim does not hold. */
export interface FailedState {
  readonly kind: "state";
  readonly state: NumberState;
  readonly nrPages: number;
  readonly verdict: boolean;
}

/** Identifies an obligation: `fresh folio` or an operation, and a part or property; or a claim. */
export interface ObligationId {
  readonly from: "fresh folio" | OperationName | "claim";
  /** Name of the part of the invariant or of the property of the step, or ids of the claims. */
  readonly to: string;
}

/** Outcome of one obligation. */
export interface EnumeratedObligation extends ObligationId {
  readonly sentence: string;
  /** In how many states or steps it was evaluated. */
  readonly checked: number;
  /** The smallest counterexample, in mappings of the folio; absent where it holds. */
  readonly counterexample?: FailedStep | FailedState;
}

/** The result of an enumeration. */
export interface Enumeration {
  readonly bounds: EnumerationBounds;
  /** States that satisfy the invariant. */
  readonly states: number;
  readonly steps: number;
  readonly obligations: readonly EnumeratedObligation[];
}

/** Ids of the MMs by role. An id says nothing but which MM it is. */
const OWNER_IDS = [1, 2] as const;
const STRANGER_ID = 3;

/** A folio that nothing maps and nothing ever mapped. */
export const FRESH: NumberState = {
  largeMapcount: -1,
  slots: [
    { id: 0, count: -1 },
    { id: 0, count: -1 },
  ],
  shared: false,
  locked: false,
  mappings: 0,
  mms: [
    { id: 0, mappings: 0 },
    { id: 0, mappings: 0 },
    { id: STRANGER_ID, mappings: 0 },
  ],
  others: { mappings: 0, some: false, many: false },
  exact: true,
};

/** Every state within bounds that satisfies an invariant, by growing number of mappings. */
export function statesOf(invariant: Invariant, bounds: EnumerationBounds, limits: Limits): readonly NumberState[] {
  const found: NumberState[] = [];
  for (const state of candidates(invariant, bounds, limits)) {
    if (satisfies(NUMBERS, invariant, state, limits)) {
      found.push(state);
    }
  }
  return found.sort((one, other) => one.mappings - other.mappings);
}

/** Whole numbers from `first` to `last`. */
function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
}

/**
 * States among which are all that satisfy the invariant. Where it has part `sum` or `free`, values that these rule out are
 * not tried.
 */
function* candidates({ parts }: Invariant, bounds: EnumerationBounds, limits: Limits): Generator<NumberState> {
  const has = (name: Part["name"]): boolean => parts.some((part) => part.name === name);
  const most = 3 * bounds.mappings + bounds.others;
  const countMax = Math.min(bounds.mappings, limits.slotMax);
  const counts = (taken: boolean): number[] =>
    has("free") ? (taken ? range(0, countMax) : [-1]) : range(-2, countMax);
  for (const truth of truths(bounds, has("distinct"))) {
    const [owner0, owner1] = truth.mms;
    const largeMapcounts = has("sum") ? [truth.mappings - 1] : range(-2, most);
    for (const count0 of counts(owner0.id !== 0)) {
      for (const count1 of counts(owner1.id !== 0)) {
        for (const largeMapcount of largeMapcounts) {
          for (const shared of [false, true]) {
            for (const locked of has("free") ? [false] : [false, true]) {
              const slots = [
                { id: owner0.id, count: count0 },
                { id: owner1.id, count: count1 },
              ] as const;
              yield { ...truth, largeMapcount, slots: [...slots], shared, locked };
            }
          }
        }
      }
    }
  }
}

/** Whether others with so many mappings may be more than one MM: more than one has them where one cannot. */
function mayBeMany(ofOthers: number, mappings: number): boolean[] {
  return [...(ofOthers <= mappings ? [false] : []), ...(ofOthers > 1 ? [true] : [])];
}

type Truth = Pick<NumberState, "mappings" | "mms" | "others" | "exact">;

/** Every well-formed truth within bounds. @param distinct whether two slots have different owners */
function* truths({ mappings, others }: EnumerationBounds, distinct: boolean): Generator<Truth> {
  const [id0, id1] = OWNER_IDS;
  const owners = [0, id0].flatMap((first) =>
    [0, id1, ...(distinct || first === 0 ? [] : [id0])].map((second) => [first, second]),
  );
  for (const [first = 0, second = 0] of owners) {
    const isOnce = second !== 0 && second !== first;
    for (const actor of new Set([...[first, second].filter((id) => id !== 0), STRANGER_ID])) {
      for (const ofFirst of first === 0 ? [0] : range(0, mappings)) {
        for (const ofSecond of isOnce ? range(0, mappings) : [0]) {
          for (const ofActor of actor === STRANGER_ID ? range(0, mappings) : [0]) {
            for (const ofOthers of range(0, others)) {
              for (const many of mayBeMany(ofOthers, mappings)) {
                for (const exact of [false, true]) {
                  yield {
                    mappings: ofFirst + ofSecond + ofActor + ofOthers,
                    mms: [
                      { id: first, mappings: ofFirst },
                      { id: second, mappings: ofSecond },
                      { id: actor, mappings: ofActor },
                    ],
                    others: { mappings: ofOthers, some: ofOthers > 0, many },
                    exact,
                  };
                }
              }
            }
          }
        }
      }
    }
  }
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

/** Checks every obligation of an invariant on every state within bounds. */
export function enumerate(
  functions: ExecutedFunctions,
  invariant: Invariant,
  bounds: EnumerationBounds,
  states: readonly NumberState[] = statesOf(invariant, bounds, functions.limits),
): Enumeration {
  const { limits } = functions;
  const { pages } = bounds;
  const fresh = invariant.parts.map(({ name, sentence, holds }) => {
    const tally = new Tally({ from: "fresh folio", to: name, sentence });
    const failed = (): FailedState => ({ kind: "state", state: FRESH, nrPages: pages, verdict: false });
    tally.add(holds(NUMBERS, FRESH, limits), failed);
    return tally;
  });
  const claims = STATE_CLAIMS.map((claim) => {
    const tally = new Tally({ from: "claim", to: claim.ids.join(" "), sentence: claim.sentence });
    return { claim, tally };
  });
  const operations = OPERATIONS.map((operation) => ({
    operation,
    parts: invariant.parts.map((part) => ({ part, tally: new Tally({ from: operation, to: part.name, ...part }) })),
    properties: STEP_PROPERTIES.map((property) => ({
      property,
      tally: new Tally({ from: operation, to: property.name, sentence: property.sentence }),
    })),
  }));
  let steps = 0;
  for (const before of states) {
    const verdict = functions.verdict(before, pages);
    for (const { claim, tally } of claims) {
      tally.add(claim.holds(NUMBERS, before, verdict), () => ({
        kind: "state",
        state: before,
        nrPages: pages,
        verdict,
      }));
    }
    for (const { operation, parts, properties } of operations) {
      for (const diff of range(1, pages)) {
        const call = { operation, before, diff, nrPages: pages };
        if (!mayBeCalled(NUMBERS, call)) {
          continue;
        }
        steps += 1;
        const [, , actor] = before.mms;
        const { after: stored, result, warning } = functions.run(operation, before, pages, diff, actor.id);
        const after = { ...stored, ...truthAfter(NUMBERS, call, limits) };
        const failed = (): FailedStep => ({ kind: "step", ...call, after, outcome: { result, warning } });
        for (const { part, tally } of parts) {
          tally.add(part.holds(NUMBERS, after, limits), failed);
        }
        const step = { ...call, after, result, warned: warning !== undefined };
        for (const { property, tally } of properties) {
          tally.add(property.holds(NUMBERS, step, limits), failed);
        }
      }
    }
  }
  const tallies = [
    ...fresh,
    ...operations.flatMap(({ parts, properties }) => [...parts, ...properties].map(({ tally }) => tally)),
    ...claims.map(({ tally }) => tally),
  ];
  return {
    bounds,
    states: states.length,
    steps,
    obligations: tallies.map(({ obligation }) => obligation),
  };
}

/** A state without the ghost, as text: the same for states that differ in nothing else. */
export function classOf({ exact: _, ...state }: NumberState & Partial<StoredFolio<boolean, number>>): string {
  const { largeMapcount, slots, shared, locked, mms, others } = state;
  return JSON.stringify([largeMapcount, slots, shared, locked, mms, others]);
}
