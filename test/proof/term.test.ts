/** Simplification keeps the meaning of terms: every way to make a term is compared with arithmetic on numbers. */

import { describe, expect, test } from "vitest";
import {
  add,
  and,
  bitwise,
  choose,
  concat,
  constant,
  equal,
  evaluator,
  extract,
  lessSigned,
  lessUnsigned,
  multiply,
  not,
  or,
  shiftLeft,
  shiftRight,
  shiftRightSigned,
  signExtend,
  signed,
  subtract,
  type Term,
  variable,
} from "../../proof/symbolic/term.ts";
import * as fc from "../fast-check.ts";

const WIDTH = 8;
const MASK = 255n;

/** A term and the number that it must have. */
interface Pair {
  readonly term: Term;
  readonly value: bigint;
}

const VALUES: Readonly<Record<string, bigint>> = { a: 0n, b: 1n, c: 0x80n, d: 0xffn, e: 0x5an };
const { evaluate } = { evaluate: evaluator((name) => VALUES[name] ?? 0n) };

const leaf: fc.Arbitrary<Pair> = fc.oneof(
  fc.constantFrom(...Object.keys(VALUES)).map((name) => ({
    term: variable(name, WIDTH),
    value: VALUES[name] as bigint,
  })),
  fc.constantFrom(0, 1, 2, 7, 8, 0x0f, 0x7f, 0x80, 0xf0, 0xff).map((value) => ({
    term: constant(value, WIDTH),
    value: BigInt(value),
  })),
);

type Make = (one: Pair, other: Pair, low: number) => Pair;

const pair = (term: Term, value: bigint): Pair => ({ term, value: value & MASK });
const asSigned = ({ value }: Pair): bigint => signed(value, WIDTH);
const shift = ({ value }: Pair): bigint => (value > 8n ? 8n : value);

const MAKERS: Readonly<Record<string, Make>> = {
  add: (one, other) => pair(add(one.term, other.term), one.value + other.value),
  subtract: (one, other) => pair(subtract(one.term, other.term), one.value - other.value),
  multiply: (one, other) => pair(multiply(one.term, other.term), one.value * other.value),
  and: (one, other) => pair(bitwise("and", one.term, other.term), one.value & other.value),
  or: (one, other) => pair(bitwise("or", one.term, other.term), one.value | other.value),
  xor: (one, other) => pair(bitwise("xor", one.term, other.term), one.value ^ other.value),
  shiftLeft: (one, other) => pair(shiftLeft(one.term, other.term), one.value << shift(other)),
  shiftRight: (one, other) => pair(shiftRight(one.term, other.term), one.value >> shift(other)),
  shiftRightSigned: (one, other) => pair(shiftRightSigned(one.term, other.term), asSigned(one) >> shift(other)),
  /** The low bits of one below the high bits of the other. */
  splice: (one, other, low) =>
    pair(
      low === 0 ? one.term : concat(extract(one.term, low, WIDTH - low), extract(other.term, 0, low)),
      low === 0 ? one.value : ((one.value >> BigInt(low)) << BigInt(low)) | (other.value & ((1n << BigInt(low)) - 1n)),
    ),
  /** Two pieces of one, most often not side by side in it, and one of the other. */
  gather: (one, other, low) => {
    const from = low % 4;
    return pair(
      concat(concat(extract(one.term, 6, 2), extract(one.term, from, 3)), extract(other.term, 0, 3)),
      ((one.value >> 6n) << 6n) | (((one.value >> BigInt(from)) & 7n) << 3n) | (other.value & 7n),
    );
  },
  signExtend: (one, _, low) => {
    const width = WIDTH - low;
    return pair(signExtend(extract(one.term, 0, width), WIDTH), BigInt.asIntN(width, one.value));
  },
};

const pairs: fc.Arbitrary<Pair> = fc.letrec<{ tree: Pair; condition: Pair }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, depthIdentifier: "term" },
    leaf,
    fc
      .tuple(fc.constantFrom(...Object.keys(MAKERS)), tie("tree"), tie("tree"), fc.integer({ min: 0, max: WIDTH - 1 }))
      .map(([name, one, other, low]) => (MAKERS[name] as Make)(one, other, low)),
    fc
      .tuple(tie("condition"), tie("tree"), tie("tree"))
      .map(([condition, one, other]) =>
        pair(choose(condition.term, one.term, other.term), condition.value === 1n ? one.value : other.value),
      ),
  ),
  condition: fc.oneof(
    { maxDepth: 4, depthIdentifier: "term" },
    fc.tuple(leaf, leaf).map(([one, other]) => ofTruth(equal(one.term, other.term), one.value === other.value)),
    fc
      .tuple(tie("tree"), tie("tree"))
      .map(([one, other]) => ofTruth(equal(one.term, other.term), one.value === other.value)),
    fc
      .tuple(tie("tree"), tie("tree"))
      .map(([one, other]) => ofTruth(lessUnsigned(one.term, other.term), one.value < other.value)),
    fc
      .tuple(tie("tree"), tie("tree"))
      .map(([one, other]) => ofTruth(lessSigned(one.term, other.term), asSigned(one) < asSigned(other))),
    tie("condition").map((one) => ofTruth(not(one.term), one.value === 0n)),
    fc
      .tuple(tie("condition"), tie("condition"), tie("condition"))
      .map(([one, other, third]) =>
        ofTruth(and(one.term, other.term, third.term), one.value + other.value + third.value === 3n),
      ),
    fc
      .tuple(tie("condition"), tie("condition"), tie("condition"))
      .map(([one, other, third]) =>
        ofTruth(or(one.term, and(other.term, third.term)), one.value === 1n || other.value + third.value === 2n),
      ),
  ),
})).tree;

function ofTruth(term: Term, value: boolean): Pair {
  return { term, value: value ? 1n : 0n };
}

describe("a term", () => {
  test("has the value of the arithmetic that it stands for", () => {
    fc.assert(
      fc.property(pairs, ({ term, value }) => {
        expect(evaluate(term)).toBe(value);
      }),
      { numRuns: 20_000 },
    );
  });

  test("is one object with every equal term", () => {
    expect(add(variable("x", 8), constant(3, 8))).toBe(add(constant(3, 8), variable("x", 8)));
  });

  test("that was stored as bytes is loaded as itself", () => {
    const value = variable("x", 32);
    const bytes = [0, 8, 16, 24].map((low) => extract(value, low, 8));
    expect(bytes.reduce((low, high) => concat(high, low))).toBe(value);
  });
});
