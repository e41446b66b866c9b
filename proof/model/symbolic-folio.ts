/** Folios of the model whose values are symbols until something is stored. */
import { FALSE, type Term } from "../symbolic/term.ts";
import type { Slot, StoredFolio } from "../tracked-state.ts";
import { truthOf } from "./executed-paths.ts";
import { asNumber, type Symbolic, symbolicInt, symbolicTruth } from "./symbolic-value.ts";

/** The fields that owner tracking uses. */
export interface SymbolicFolio {
  readonly nrPages: Symbolic;
  readonly largeMapcount: unknown;
  readonly mmIdsShared: unknown;
  readonly slots: readonly [SymbolicSlot, SymbolicSlot];
  /** No function under proof is about single pages. */
  readonly pages: readonly never[];
}

interface SymbolicSlot {
  readonly mmId: unknown;
  readonly mapcount: unknown;
}

/** A folio with these values. */
export function symbolicFolio({ largeMapcount, slots, shared }: StoredFolio<Term, Term>, nrPages: Term): SymbolicFolio {
  const slotOf = ({ id, count }: Slot<Term>): SymbolicSlot => ({ mmId: symbolicInt(id), mapcount: symbolicInt(count) });
  return {
    nrPages: symbolicInt(nrPages),
    largeMapcount: symbolicInt(largeMapcount),
    mmIdsShared: symbolicTruth(shared),
    slots: [slotOf(slots[0]), slotOf(slots[1])],
    pages: [],
  };
}

/** The values that a folio stores. The lock is held only while a function executes. */
export function storedTerms({ largeMapcount, slots, mmIdsShared }: SymbolicFolio): StoredFolio<Term, Term> {
  const slotOf = ({ mmId, mapcount }: SymbolicSlot): Slot<Term> => ({
    id: asNumber(mmId).term,
    count: asNumber(mapcount).term,
  });
  return {
    largeMapcount: asNumber(largeMapcount).term,
    slots: [slotOf(slots[0]), slotOf(slots[1])],
    shared: truthOf(mmIdsShared),
    locked: FALSE,
  };
}
