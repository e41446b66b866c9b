/**
 * Proof by enumeration: the functions are executed from every state that satisfies the invariant at small sizes, whether an
 * execution reaches it or not, with the MMs in roles. That covers any number of MMs at those sizes, without a solver.
 */
import { checkObligations, type EnumeratedObligation, type NumberState, type NumberStep } from "./check-obligations.ts";
import type { ExecutedFunctions } from "./executed-functions.ts";
import { NUMBERS } from "./logic.ts";
import { mayBeCalled, OPERATIONS, truthAfter } from "./operations.ts";
import { type Invariant, type PartName, satisfies } from "./theory.ts";
import type { Limits, StoredFolio } from "./tracked-state.ts";
import { TRACKING } from "./tracking-theory.ts";

/** Bounds of an enumeration. */
export interface EnumerationBounds {
  /** Pages of the folio: an operation adds or removes up to as many mappings. */
  readonly pages: number;
  /** Mappings of one MM. */
  readonly mappings: number;
  /** Mappings of all others together. */
  readonly others: number;
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
export function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
}

/**
 * States among which are all that satisfy the invariant. Where it has part `sum` or `free`, values that these rule out are
 * not tried.
 */
function* candidates({ parts }: Invariant, bounds: EnumerationBounds, limits: Limits): Generator<NumberState> {
  const has = (name: PartName): boolean => parts.some((part) => part.name === name);
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

/** Checks every obligation of an invariant on every state within bounds. */
export function enumerate(
  functions: ExecutedFunctions,
  invariant: Invariant,
  bounds: EnumerationBounds,
  states: readonly NumberState[] = statesOf(invariant, bounds, functions.limits),
): Enumeration {
  const { limits, verdict } = functions;
  const { pages } = bounds;
  const checked = checkObligations(TRACKING, invariant, {
    limits,
    fresh: FRESH,
    states,
    pagesOf: () => pages,
    verdict: (state) => verdict(state, pages),
    stepsFrom: (before) => stepsFrom(functions, before, pages),
  });
  return { bounds, states: states.length, ...checked };
}

/** Executes every operation that may be called in a state. */
function* stepsFrom(
  functions: ExecutedFunctions,
  before: NumberState,
  pages: number,
): Generator<NumberStep<"tracking">> {
  for (const operation of OPERATIONS) {
    for (const diff of range(1, pages)) {
      const call = { operation, before, diff, nrPages: pages };
      if (mayBeCalled(NUMBERS, call)) {
        const { after, result, warning } = functions.run(operation, before, pages, diff, before.mms[2].id);
        const state = { ...after, ...truthAfter(NUMBERS, call, functions.limits) };
        yield { ...call, after: state, result, warned: warning !== undefined, warning };
      }
    }
  }
}

/** A state without the ghost, as text: the same for states that differ in nothing else. */
export function classOf({ exact: _, ...state }: NumberState & Partial<StoredFolio<boolean, number>>): string {
  const { largeMapcount, slots, shared, locked, mms, others } = state;
  return JSON.stringify([largeMapcount, slots, shared, locked, mms, others]);
}
