/**
 * Numbers and truth values of JavaScript that are not known. A number is a term of a fixed width, which is exact: every
 * value carries the largest magnitude that it can have, and an operation whose result might not fit is refused. So what
 * a term says is what the engine computes, for its numbers are exact up to 2^53.
 */

import { sameTruth } from "../logic.ts";
import { NotExecutable } from "../symbolic/not-executable.ts";
import { add, choose, constant, equal, lessSigned, not, subtract, type Term, truth } from "../symbolic/term.ts";
import { INTEGER_BITS, TERMS } from "../symbolic/terms-logic.ts";

/** A value that is not known. */
export class Symbolic {
  /** Of a truth value, width 0. */
  readonly term: Term;
  /** The largest magnitude of a number. */
  readonly most: number;

  constructor(term: Term, most: number) {
    this.term = term;
    this.most = most;
  }

  get isNumber(): boolean {
    return this.term.width > 0;
  }
}

/** Magnitudes below it fit a term. */
const LIMIT = 2 ** (INTEGER_BITS - 1);

/** An int: 32 bits, with a sign. */
export function symbolicInt(term: Term): Symbolic {
  return new Symbolic(term, 2 ** 31);
}

/** A truth value. */
export function symbolicTruth(term: Term): Symbolic {
  return new Symbolic(term, 0);
}

function numberOf(term: Term, most: number): Symbolic {
  if (most >= LIMIT) {
    throw new NotExecutable(`a number that may have more than ${INTEGER_BITS} bits`);
  }
  return new Symbolic(term, most);
}

/** A number, known or not. @throws NotExecutable for a value of another type, and for a fraction */
export function asNumber(value: unknown): Symbolic {
  if (value instanceof Symbolic && value.isNumber) {
    return value;
  }
  if (typeof value !== "number" || !Number.isInteger(value)) {
    throw new NotExecutable(`arithmetic with ${nameOf(value)}`);
  }
  return numberOf(constant(value, INTEGER_BITS), Math.abs(value));
}

/** A truth value, known or not; undefined for a value of another type. */
export function asTruth(value: unknown): Term | undefined {
  return typeof value === "boolean"
    ? truth(value)
    : value instanceof Symbolic && !value.isNumber
      ? value.term
      : undefined;
}

/** The value of a term: known where the term is a constant. */
export function concretised(value: Symbolic): unknown {
  const { term } = value;
  switch (term.op) {
    case "const":
      return Number(BigInt.asIntN(term.width, term.value));
    case "true":
      return true;
    default:
      return term.op === "not" && term.args[0]?.op === "true" ? false : value;
  }
}

function nameOf(value: unknown): string {
  return value instanceof Symbolic
    ? "a truth value"
    : value === undefined || typeof value === "number"
      ? String(value)
      : `a value of type ${typeof value}`;
}

type Binary = (one: unknown, other: unknown) => Symbolic;

const arithmetic =
  (operation: (one: Term, other: Term) => Term): Binary =>
  (one, other) => {
    const [first, second] = [asNumber(one), asNumber(other)];
    return numberOf(operation(first.term, second.term), first.most + second.most);
  };

const comparison =
  (operation: (one: Term, other: Term) => Term): Binary =>
  (one, other) =>
    symbolicTruth(operation(asNumber(one).term, asNumber(other).term));

/** Numbers are compared with numbers, truth values with truth values. */
function same(one: unknown, other: unknown): Term {
  const [first, second] = [asTruth(one), asTruth(other)];
  return first !== undefined && second !== undefined
    ? sameTruth(TERMS, first, second)
    : equal(asNumber(one).term, asNumber(other).term);
}

/** The operators of which an operand may be unknown. */
export const OPERATORS: { readonly [operator: string]: Binary } = {
  "+": arithmetic(add),
  "-": arithmetic(subtract),
  "<": comparison(lessSigned),
  ">": comparison((one, other) => lessSigned(other, one)),
  "<=": comparison((one, other) => not(lessSigned(other, one))),
  ">=": comparison((one, other) => not(lessSigned(one, other))),
  "===": (one, other) => symbolicTruth(same(one, other)),
  "!==": (one, other) => symbolicTruth(not(same(one, other))),
};

/** `!value`. */
export function negated(value: Symbolic): Symbolic {
  return symbolicTruth(not(conditionOf(value)));
}

/** The term of a condition. @throws NotExecutable for a number: in a condition it stands for "not 0" */
export function conditionOf(value: Symbolic): Term {
  if (value.isNumber) {
    throw new NotExecutable("a number as a condition");
  }
  return value.term;
}

const choosing =
  (isFirst: (one: Term, other: Term) => Term): Binary =>
  (one, other) => {
    const [first, second] = [asNumber(one), asNumber(other)];
    const term = choose(isFirst(first.term, second.term), first.term, second.term);
    return new Symbolic(term, Math.max(first.most, second.most));
  };

/** `Math.min()` of two numbers. */
export const smaller: Binary = choosing(lessSigned);

/** `Math.max()` of two numbers. */
export const larger: Binary = choosing((one, other) => lessSigned(other, one));
