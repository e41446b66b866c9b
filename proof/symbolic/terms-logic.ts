/** The logic of the invariant with terms. */
import type { Logic } from "../logic.ts";
import { add, and, choose, constant, equal, lessSigned, not, or, subtract, type Term } from "./term.ts";

/**
 * Bits of an integer of the logic. Assumptions bound what the invariant adds up: nothing in it is beyond ±2^35, as T is at most
 * 2^31 − 1, and so is each of the up to four numbers that are added.
 */
export const INTEGER_BITS = 36;

/** Makes formulas. */
export const TERMS: Logic<Term, Term> = {
  constant: (value) => constant(value, INTEGER_BITS),
  add,
  subtract,
  equal,
  atMost: (one, other) => not(lessSigned(other, one)),
  not,
  and,
  or,
  choose,
};
