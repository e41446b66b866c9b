/**
 * Terms over bit vectors. Equal terms are one object, and constants are folded as terms are made: so what an execution does with
 * known values, its addresses above all, stays known. Simplification keeps memory in order: a value that was stored as bytes is
 * loaded as the value, and masks and shifts by constants only move bits.
 */

/** Operations with a bit vector as result, and those with a truth value: their width is 0. */
export type Op =
  | "const"
  | "var"
  | "add"
  | "mul"
  | "and"
  | "or"
  | "xor"
  | "shl"
  | "lshr"
  | "ashr"
  | "extract"
  | "concat"
  | "sext"
  | "ite"
  | "eq"
  | "ult"
  | "slt"
  | "true"
  | "not"
  | "all";

/** A term. Made by the functions here only. */
export interface Term {
  readonly op: Op;
  /** Bits; 0 for a truth value. */
  readonly width: number;
  readonly args: readonly Term[];
  /** Of a constant. */
  readonly value: bigint;
  /** Of a variable. */
  readonly name: string;
  /** Of an extract, its lowest bit. */
  readonly low: number;
  /** In the order in which terms are made: those that a term contains come before it. */
  readonly id: number;
}

const known = new Map<string, Term>();

/**
 * Forgets every term but TRUE and FALSE: so that terms, and the text of queries, do not depend on what was made before. Terms that
 * are forgotten must not meet later ones.
 */
export function forgetTerms(): void {
  known.clear();
  for (const term of [TRUE, FALSE]) {
    known.set(keyOf(term), term);
  }
}

interface Parts {
  readonly args?: readonly Term[];
  readonly value?: bigint;
  readonly name?: string;
  readonly low?: number;
}

function make(op: Op, width: number, { args = [], value = 0n, name = "", low = 0 }: Parts): Term {
  const term = { op, width, args, value, name, low, id: known.size };
  const key = keyOf(term);
  const found = known.get(key);
  if (found !== undefined) {
    return found;
  }
  known.set(key, term);
  return term;
}

function keyOf({ op, width, args, value, name, low }: Term): string {
  return `${op} ${width} ${args.map(({ id }) => id).join(" ")} ${value} ${name} ${low}`;
}

const mask = (width: number): bigint => (1n << BigInt(width)) - 1n;

/** The value as a signed number. */
export function signed(value: bigint, width: number): bigint {
  return BigInt.asIntN(width, value);
}

/** A constant; of a negative value, its two's complement. */
export function constant(value: bigint | number, width: number): Term {
  return make("const", width, { value: BigInt(value) & mask(width) });
}

/** A variable. @param width bits; 0 for a truth value */
export function variable(name: string, width: number): Term {
  return make("var", width, { name });
}

export const TRUE: Term = make("true", 0, {});
export const FALSE: Term = make("not", 0, { args: [TRUE] });

function isConstant({ op }: Term): boolean {
  return op === "const";
}

export function add(one: Term, other: Term): Term {
  const { width } = one;
  if (isConstant(one)) {
    return isConstant(other) ? constant(one.value + other.value, width) : one.value === 0n ? other : add(other, one);
  }
  if (isConstant(other)) {
    const [inner, offset] = one.args as [Term, Term];
    return other.value === 0n
      ? one
      : one.op === "add" && isConstant(offset)
        ? add(inner, constant(offset.value + other.value, width))
        : make("add", width, { args: [one, other] });
  }
  return make("add", width, { args: inOrder(one, other) });
}

export function subtract(one: Term, other: Term): Term {
  return one === other ? constant(0, one.width) : add(one, negative(other));
}

function negative(term: Term): Term {
  return isConstant(term) ? constant(-term.value, term.width) : multiply(term, constant(-1, term.width));
}

export function multiply(one: Term, other: Term): Term {
  const { width } = one;
  if (isConstant(one)) {
    return isConstant(other) ? constant(one.value * other.value, width) : multiply(other, one);
  }
  if (isConstant(other) && other.value <= 1n) {
    return other.value === 0n ? other : one;
  }
  return make("mul", width, { args: [one, other] });
}

/** Operands of a commutative operation. */
function inOrder(one: Term, other: Term): [Term, Term] {
  return one.id < other.id ? [one, other] : [other, one];
}

type Bitwise = "and" | "or" | "xor";

const EVALUATE_BITS: { readonly [op in Bitwise]: (one: bigint, other: bigint) => bigint } = {
  and: (one, other) => one & other,
  or: (one, other) => one | other,
  xor: (one, other) => one ^ other,
};

/** An operation on each bit. */
export function bitwise(op: Bitwise, one: Term, other: Term): Term {
  const { width } = one;
  if (isConstant(one) && isConstant(other)) {
    return constant(EVALUATE_BITS[op](one.value, other.value), width);
  }
  if (isConstant(one)) {
    return bitwise(op, other, one);
  }
  if (one === other) {
    return op === "xor" ? constant(0, width) : one;
  }
  if (isConstant(other)) {
    return withMask(op, one, other);
  }
  const boundary = boundaryOf(one) ?? boundaryOf(other);
  return boundary === undefined
    ? make(op, width, { args: inOrder(one, other) })
    : concat(
        bitwise(op, extract(one, boundary, width - boundary), extract(other, boundary, width - boundary)),
        bitwise(op, extract(one, 0, boundary), extract(other, 0, boundary)),
      );
}

/** Bits of the low part of a concatenation. */
function boundaryOf({ op, args }: Term): number | undefined {
  return op === "concat" ? (args[1] as Term).width : undefined;
}

/** An operation with a constant, run of equal bits by run. */
function withMask(op: Bitwise, term: Term, bits: Term): Term {
  const { width } = term;
  const low = bits.value & 1n;
  let run = 1;
  while (run < width && ((bits.value >> BigInt(run)) & 1n) === low) {
    run += 1;
  }
  if (run < width) {
    return concat(
      withMask(op, extract(term, run, width - run), extract(bits, run, width - run)),
      withMask(op, extract(term, 0, run), extract(bits, 0, run)),
    );
  }
  const isOnes = low === 1n;
  switch (op) {
    case "and":
      return isOnes ? term : bits;
    case "or":
      return isOnes ? bits : term;
    case "xor":
      return isOnes ? make("xor", width, { args: [term, bits] }) : term;
  }
}

export function shiftLeft(term: Term, by: Term): Term {
  const { width } = term;
  if (!isConstant(by)) {
    return make("shl", width, { args: [term, by] });
  }
  const bits = Number(by.value);
  return bits === 0
    ? term
    : bits >= width
      ? constant(0, width)
      : concat(extract(term, 0, width - bits), constant(0, bits));
}

export function shiftRight(term: Term, by: Term): Term {
  const { width } = term;
  if (!isConstant(by)) {
    return make("lshr", width, { args: [term, by] });
  }
  const bits = Number(by.value);
  return bits === 0
    ? term
    : bits >= width
      ? constant(0, width)
      : concat(constant(0, bits), extract(term, bits, width - bits));
}

/** With copies of the sign. */
export function shiftRightSigned(term: Term, by: Term): Term {
  const { width } = term;
  if (!isConstant(by)) {
    return make("ashr", width, { args: [term, by] });
  }
  const bits = Math.min(Number(by.value), width - 1);
  return bits === 0 ? term : signExtend(extract(term, bits, width - bits), width);
}

/** `width` bits from bit `low` on. */
export function extract(term: Term, low: number, width: number): Term {
  if (low === 0 && width === term.width) {
    return term;
  }
  const [first, second] = term.args as [Term, Term];
  switch (term.op) {
    case "const":
      return constant(term.value >> BigInt(low), width);
    case "extract":
      return extract(first, term.low + low, width);
    case "concat":
      return low >= second.width
        ? extract(first, low - second.width, width)
        : low + width <= second.width
          ? extract(second, low, width)
          : concat(extract(first, 0, low + width - second.width), extract(second, low, second.width - low));
    case "sext":
      return low + width <= first.width ? extract(first, low, width) : make("extract", width, { args: [term], low });
    case "and":
    case "or":
    case "xor":
      return bitwise(term.op, extract(first, low, width), extract(second, low, width));
    case "ite": {
      const [, ifTrue, ifFalse] = term.args as [Term, Term, Term];
      return choose(first, extract(ifTrue, low, width), extract(ifFalse, low, width));
    }
    default:
      return make("extract", width, { args: [term], low });
  }
}

/** The bits of `high` above those of `low`. */
export function concat(high: Term, low: Term): Term {
  const width = high.width + low.width;
  if (isConstant(high) && isConstant(low)) {
    return constant((high.value << BigInt(low.width)) | low.value, width);
  }
  if (low.op === "concat") {
    const [upper, lower] = low.args as [Term, Term];
    const joined = joinedOf(high, upper);
    if (joined !== undefined) {
      return concat(joined, lower);
    }
  }
  return joinedOf(high, low) ?? make("concat", width, { args: [high, low] });
}

/** Two terms side by side as one that is no concatenation, if there is one. */
function joinedOf(high: Term, low: Term): Term | undefined {
  if (isConstant(high) && isConstant(low)) {
    return concat(high, low);
  }
  const [source] = high.args;
  if (high.op === "extract" && low.op === "extract" && source === low.args[0] && high.low === low.low + low.width) {
    return extract(source as Term, low.low, high.width + low.width);
  }
  if (high.op === "extract" && source === low && high.low === low.width) {
    return extract(source as Term, 0, high.low + high.width);
  }
  if (high.op === "ite" && low.op === "ite" && source === low.args[0]) {
    const [condition, high1, high2] = high.args as [Term, Term, Term];
    const [, low1, low2] = low.args as [Term, Term, Term];
    return choose(condition, concat(high1, low1), concat(high2, low2));
  }
  return undefined;
}

export function zeroExtend(term: Term, width: number): Term {
  return width === term.width ? term : concat(constant(0, width - term.width), term);
}

export function signExtend(term: Term, width: number): Term {
  if (width === term.width) {
    return term;
  }
  return isConstant(term) ? constant(signed(term.value, term.width), width) : make("sext", width, { args: [term] });
}

/** One of two bit vectors. */
export function choose(condition: Term, ifTrue: Term, ifFalse: Term): Term {
  if (condition === TRUE || ifTrue === ifFalse) {
    return ifTrue;
  }
  if (condition === FALSE) {
    return ifFalse;
  }
  if (condition.op === "not") {
    return choose(condition.args[0] as Term, ifFalse, ifTrue);
  }
  const first = ifTrue.op === "ite" && ifTrue.args[0] === condition ? (ifTrue.args[1] as Term) : ifTrue;
  const second = ifFalse.op === "ite" && ifFalse.args[0] === condition ? (ifFalse.args[2] as Term) : ifFalse;
  return first === second ? first : make("ite", ifTrue.width, { args: [condition, first, second] });
}

export function equal(one: Term, other: Term): Term {
  if (one === other) {
    return TRUE;
  }
  if (isConstant(one)) {
    return isConstant(other) ? FALSE : equal(other, one);
  }
  if (isConstant(other)) {
    const [first, second, third] = one.args as [Term, Term, Term];
    if (one.op === "ite" && (isConstant(second) || isConstant(third))) {
      return or(and(first, equal(second, other)), and(not(first), equal(third, other)));
    }
    if (one.op === "add" && isConstant(second)) {
      return equal(first, constant(other.value - second.value, one.width));
    }
    if (one.op === "concat") {
      return and(
        equal(first, extract(other, second.width, first.width)),
        equal(second, extract(other, 0, second.width)),
      );
    }
  }
  return make("eq", 0, { args: inOrder(one, other) });
}

/** Whether `one` is less than `other`, as unsigned numbers. */
export function lessUnsigned(one: Term, other: Term): Term {
  return isConstant(one) && isConstant(other)
    ? truth(one.value < other.value)
    : one === other
      ? FALSE
      : make("ult", 0, { args: [one, other] });
}

/** Whether `one` is less than `other`, as signed numbers. */
export function lessSigned(one: Term, other: Term): Term {
  return isConstant(one) && isConstant(other)
    ? truth(signed(one.value, one.width) < signed(other.value, other.width))
    : one === other
      ? FALSE
      : make("slt", 0, { args: [one, other] });
}

export function truth(value: boolean): Term {
  return value ? TRUE : FALSE;
}

export function not(term: Term): Term {
  return term.op === "not" ? (term.args[0] as Term) : make("not", 0, { args: [term] });
}

/** The conditions of a conjunction. */
export function conditionsOf(term: Term): readonly Term[] {
  return term.op === "all" ? term.args : term === TRUE ? [] : [term];
}

export function and(...terms: readonly Term[]): Term {
  const conditions = new Set(terms.flatMap(conditionsOf));
  for (const each of conditions) {
    if (conditions.has(not(each))) {
      return FALSE;
    }
  }
  conditions.delete(TRUE);
  const all = [...conditions].sort((one, other) => one.id - other.id);
  return all.includes(FALSE) ? FALSE : all.length < 2 ? (all[0] ?? TRUE) : make("all", 0, { args: all });
}

export function or(...terms: readonly Term[]): Term {
  return terms.reduce(eitherOf, FALSE);
}

/** A disjunction. What both sides demand is demanded once: so the paths that an `if` splits come together again as one. */
function eitherOf(one: Term, other: Term): Term {
  if (one === FALSE || other === TRUE || one === other) {
    return other;
  }
  if (other === FALSE || one === TRUE) {
    return one;
  }
  const first = conditionsOf(one);
  const second = conditionsOf(other);
  const common = first.filter((each) => second.includes(each));
  if (common.length > 0) {
    return and(...common, eitherOf(without(first, common), without(second, common)));
  }
  return not(and(not(one), not(other)));
}

/** The conjunction of those conditions that are not among `left`. */
export function without(conditions: readonly Term[], left: readonly Term[]): Term {
  return and(...conditions.filter((each) => !left.includes(each)));
}

/** The value of every variable; a truth value is 0 or 1. */
export type Assignment = (name: string, width: number) => bigint;

/** Evaluates terms. A truth value is 0 or 1. */
export function evaluator(assignment: Assignment): (term: Term) => bigint {
  const values = new Map<Term, bigint>();
  const evaluate = (term: Term): bigint => {
    const found = values.get(term);
    if (found !== undefined) {
      return found;
    }
    const value = compute(term, evaluate, assignment);
    values.set(term, value);
    return value;
  };
  return evaluate;
}

function compute(term: Term, evaluate: (term: Term) => bigint, assignment: Assignment): bigint {
  const { op, width, args, low } = term;
  if (op === "ite") {
    const [condition, ifTrue, ifFalse] = args as [Term, Term, Term];
    return evaluate(evaluate(condition) === 1n ? ifTrue : ifFalse);
  }
  const [one = 0n, other = 0n] = args.map(evaluate);
  const first = args[0] as Term;
  const bit = (value: boolean): bigint => (value ? 1n : 0n);
  switch (op) {
    case "const":
      return term.value;
    case "var":
      return assignment(term.name, width) & mask(Math.max(1, width));
    case "true":
      return 1n;
    case "not":
      return 1n - one;
    case "all":
      return bit(args.every((each) => evaluate(each) === 1n));
    case "eq":
      return bit(one === other);
    case "ult":
      return bit(one < other);
    case "slt":
      return bit(signed(one, first.width) < signed(other, first.width));
    case "add":
      return (one + other) & mask(width);
    case "mul":
      return (one * other) & mask(width);
    case "and":
    case "or":
    case "xor":
      return EVALUATE_BITS[op](one, other);
    case "shl":
      return other >= BigInt(width) ? 0n : (one << other) & mask(width);
    case "lshr":
      return other >= BigInt(width) ? 0n : one >> other;
    case "ashr":
      return (signed(one, width) >> (other >= BigInt(width) ? BigInt(width) : other)) & mask(width);
    case "extract":
      return (one >> BigInt(low)) & mask(width);
    case "concat":
      return (one << BigInt((args[1] as Term).width)) | other;
    case "sext":
      return signed(one, first.width) & mask(width);
  }
}
