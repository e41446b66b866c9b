/** Values of terms as numbers. */
import type { NumberState } from "../check-obligations.ts";
import type { Slot, StoredFolio, TrackedMm } from "../tracked-state.ts";
import { signed, type Term } from "./term.ts";
import type { TermState } from "./term-functions.ts";

/** The value of a term, under some assignment. */
export type Evaluate = (term: Term) => bigint;

/** A signed number. */
export function numberOf(term: Term, evaluate: Evaluate): number {
  return Number(signed(evaluate(term), term.width));
}

/** Stored values in numbers. */
export function storedNumbers(stored: StoredFolio<Term, Term>, evaluate: Evaluate): StoredFolio<boolean, number> {
  const [slot0, slot1] = stored.slots.map(({ id, count }) => ({
    id: numberOf(id, evaluate),
    count: numberOf(count, evaluate),
  })) as [Slot<number>, Slot<number>];
  return {
    largeMapcount: numberOf(stored.largeMapcount, evaluate),
    slots: [slot0, slot1],
    shared: evaluate(stored.shared) === 1n,
    locked: evaluate(stored.locked) === 1n,
  };
}

/** A state in numbers. */
export function numbersOf(state: TermState, evaluate: Evaluate): NumberState {
  const { others, mappings, exact } = state;
  const [owner0, owner1, actor] = state.mms.map((mm) => ({
    id: numberOf(mm.id, evaluate),
    mappings: numberOf(mm.mappings, evaluate),
  })) as [TrackedMm<number>, TrackedMm<number>, TrackedMm<number>];
  return {
    ...storedNumbers(state, evaluate),
    mappings: numberOf(mappings, evaluate),
    mms: [owner0, owner1, actor],
    others: {
      mappings: numberOf(others.mappings, evaluate),
      some: evaluate(others.some) === 1n,
      many: evaluate(others.many) === 1n,
    },
    exact: evaluate(exact) === 1n,
  };
}
