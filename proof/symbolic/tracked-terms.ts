/**
 * Owner tracking in terms: any state, and what each operation makes of it. C code and the model's functions are
 * executed to these.
 */
import type { OperationName, Step } from "../operations.ts";
import type { Limits, StoredFolio, TrackedState, Truth } from "../tracked-state.ts";
import { constant, equal, not, shiftLeft, signExtend, type Term, variable } from "./term.ts";
import { INTEGER_BITS } from "./terms-logic.ts";

/** A state in terms. */
export type TermState = TrackedState<Term, Term>;

/** A step in terms. */
export interface TermStep extends Step<Term, Term> {
  /** Number of the kernel assertion that failed; 0 for none. */
  readonly site: Term;
  /** Whether the execution is stopped: by a trap of WebAssembly, or an exception. */
  readonly trapped: Term;
}

/** The functions under proof, executed with symbols. */
export interface TermFunctions {
  readonly limits: Limits;
  /** Any state; assumptions about it are for the queries. */
  readonly before: TermState;
  /** Order of the folio, 32 bits, and its number of pages. */
  readonly order: Term;
  readonly nrPages: Term;
  readonly steps: { readonly [operation in OperationName]: TermStep };
  /** The values of a folio that prep_compound_head() made out of any memory. */
  readonly fresh: StoredFolio<Term, Term> & { readonly warned: Term };
  /** folio_maybe_mapped_shared() in the state before; whether a kernel assertion fails in it. */
  readonly verdict: Term;
  readonly verdictWarned: Term;
  /** Time of the execution. */
  readonly milliseconds: number;
}

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
