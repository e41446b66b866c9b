/** Any state of owner tracking in terms, and the names of its symbols. */
import type { StoredFolio, Truth } from "../tracked-state.ts";
import { constant, equal, FALSE, not, shiftLeft, signExtend, type Term, TRUE, variable } from "./term.ts";
import { INTEGER_BITS, TERMS } from "./terms-logic.ts";

/** The names of the symbols. */
export const SYMBOLS = {
  order: "order",
  largeMapcount: "large_mapcount",
  id0: "mm_id[0]",
  id1: "mm_id[1]",
  count0: "mm_id_mapcount[0]",
  count1: "mm_id_mapcount[1]",
  shared: "shared",
  locked: "locked",
  diff: "diff",
  pages: "pages of the diff",
  actorId: "mm_id of the actor",
  mappings: "T",
  ofOwner0: "m(owner of slot 0)",
  ofOwner1: "m(owner of slot 1)",
  ofActor: "m(actor)",
  ofOthers: "m(others)",
  some: "others map it",
  many: "two others map it",
  exact: "premise of C2",
} as const;

/** A variable as an int of C. */
export const int = (name: string): Term => variable(name, 32);

const integer = (name: string): Term => variable(name, INTEGER_BITS);
const condition = (name: string): Term => variable(name, 0);

/** An int of C as an integer of the logic. */
export function asInteger(term: Term): Term {
  return signExtend(term, INTEGER_BITS);
}

export function isNotZero(term: Term): Term {
  return not(equal(term, constant(0, term.width)));
}

/** Pages of a folio of an order. */
export function pagesOf(order: Term): Term {
  return asInteger(shiftLeft(constant(1, 32), order));
}

/** Any truth. */
export function anyTruth({ slots: [slot0, slot1] }: StoredFolio<Term, Term>, actor: Term): Truth<Term, Term> {
  return {
    mappings: integer(SYMBOLS.mappings),
    mms: [
      { id: slot0.id, mappings: integer(SYMBOLS.ofOwner0) },
      { id: slot1.id, mappings: integer(SYMBOLS.ofOwner1) },
      { id: actor, mappings: integer(SYMBOLS.ofActor) },
    ],
    others: {
      mappings: integer(SYMBOLS.ofOthers),
      some: condition(SYMBOLS.some),
      many: condition(SYMBOLS.many),
    },
    exact: condition(SYMBOLS.exact),
  };
}

/** The truth of a folio that nothing maps. */
export function unmappedTruth(): Truth<Term, Term> {
  const zero = TERMS.constant(0);
  const nobody = { id: zero, mappings: zero };
  return {
    mappings: zero,
    mms: [nobody, nobody, nobody],
    others: { mappings: zero, some: FALSE, many: FALSE },
    exact: TRUE,
  };
}
