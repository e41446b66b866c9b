/**
 * Executes functions of a WebAssembly module with symbols for values. Where a branch depends on a symbol both ways are taken, and
 * the states that arrive at the end of a block are merged to one, whose values are chosen by the conditions of the ways: so the
 * work grows with the code, not with its paths. Every execution with numbers is an instance of the result.
 *
 * Memory that nothing has written holds symbols: the result is true whatever it contained. Addresses must be known up to a few
 * alternatives, and loops are not unrolled.
 */
import { Op } from "../../gate/module/code.ts";
import { ValueType } from "../../gate/module/functions.ts";
import { STORES } from "../../gate/module/stores.ts";
import { NotExecutable } from "./not-executable.ts";
import {
  add,
  and,
  bitwise,
  choose,
  concat,
  conditionsOf,
  constant,
  equal,
  extract,
  FALSE,
  lessSigned,
  lessUnsigned,
  multiply,
  not,
  or,
  shiftLeft,
  shiftRight,
  shiftRightSigned,
  signExtend,
  subtract,
  type Term,
  TRUE,
  variable,
  without,
  zeroExtend,
} from "./term.ts";
import type { DecodedFunction, DecodedModule, Instruction } from "./wasm-module.ts";

/** Bytes of memory by address; those that are absent hold symbols. */
type Memory = ReadonlyMap<number, Term>;

/** A state between two instructions, for the executions in which `guard` holds. */
interface State {
  readonly guard: Term;
  readonly locals: readonly Term[];
  readonly stack: readonly Term[];
  readonly globals: readonly Term[];
  readonly memory: Memory;
}

/** A state that leaves blocks. */
interface Exit {
  /** Number of blocks around the block at whose end it continues; RETURN leaves all. */
  readonly depth: number;
  readonly state: State;
}

const RETURN = Number.POSITIVE_INFINITY;

/** The states after a sequence of instructions. */
interface After {
  /** At its end. Undefined: no execution gets there. */
  readonly next: State | undefined;
  readonly exits: readonly Exit[];
}

/** Alternatives of one address. */
const MOST_ALTERNATIVES = 16;

/**
 * The struct pages of a folio of any size. Memory has the first of them. The others are tail pages, and like the second page
 * in the bytes that link a tail page to its folio; in other bytes they may have anything. An address that depends on a value
 * may be in a page; nothing may be stored there.
 */
export interface PageArray {
  /** Address of the first one, and bytes of each. */
  readonly address: number;
  readonly size: number;
  /** Number of those that memory has, and of all: 32 bits. */
  readonly present: number;
  readonly count: Term;
  /** Offsets of the bytes in which tail pages are alike. */
  readonly alike: ReadonlySet<number>;
}

/** The name of the symbol for a byte that nothing has written. */
export function initialByteName(address: number): string {
  return `byte@${address.toString(16)}`;
}

function initialByte(address: number): Term {
  return variable(initialByteName(address), 8);
}

function byteOf(memory: Memory, address: number): Term {
  return memory.get(address) ?? initialByte(address);
}

/** A running module with symbols. Calls act on its memory one after another. */
export class SymbolicInstance {
  readonly #module: DecodedModule;
  readonly #pages: PageArray | undefined;
  #globals: readonly Term[];
  #memory: Memory = new Map();
  /** When an execution ends in an `unreachable`: a trap. */
  trapped: Term = FALSE;

  /** @param pages an array of which memory has the first elements; addresses that depend on a value may be in it */
  constructor(module: DecodedModule, pages?: PageArray) {
    this.#module = module;
    this.#pages = pages;
    this.#globals = module.globals.map(({ type, value }) => constant(value, widthOf(type)));
  }

  /** The same state, to call another function from it. */
  clone(): SymbolicInstance {
    const copy = new SymbolicInstance(this.#module, this.#pages);
    copy.#globals = this.#globals;
    copy.#memory = this.#memory;
    copy.trapped = this.trapped;
    return copy;
  }

  /** Addresses of the bytes that calls have written. */
  get written(): readonly number[] {
    return [...this.#memory.keys()];
  }

  /** A byte of memory. */
  byteAt(address: number): Term {
    return byteOf(this.#memory, address);
  }

  /**
   * Calls an exported function.
   *
   * @returns its result; undefined of a function that has none
   * @throws NotExecutable when the function does what cannot be executed with symbols
   */
  call(name: string, parameters: readonly Term[]): Term | undefined {
    const index = this.#module.exports.get(name);
    if (index === undefined) {
      throw new NotExecutable(`a call of ${name}(), which the module does not have`);
    }
    const state: State = {
      guard: TRUE,
      locals: [],
      stack: [...parameters],
      globals: this.#globals,
      memory: this.#memory,
    };
    const after = this.#enter(index, state);
    if (after === undefined) {
      throw new NotExecutable(`${name}(), which never returns`);
    }
    this.#globals = after.globals;
    this.#memory = after.memory;
    return after.stack.at(-1);
  }

  /** Executes a function whose parameters are on the stack. */
  #enter(index: number, caller: State): State | undefined {
    const { type, locals, body } = this.#module.functionAt(index) as DecodedFunction;
    const count = type.parameters.length;
    const below = caller.stack.slice(0, caller.stack.length - count);
    const state = {
      ...caller,
      stack: [],
      locals: [
        ...caller.stack.slice(caller.stack.length - count),
        ...locals.map((local) => constant(0, widthOf(local))),
      ],
    };
    const { next, exits } = this.#sequence(body, state);
    const leaving = exits.map((each) => ({ ...each, depth: 0 }));
    const returned = joined({ next, exits: leaving }, [], type.results.length);
    return returned.next && { ...returned.next, locals: caller.locals, stack: [...below, ...returned.next.stack] };
  }

  /** Executes instructions that end at a label. @param results values that a branch to it takes along */
  #block(body: readonly Instruction[], state: State, results: number): After {
    const after = this.#sequence(body, { ...state, stack: [] });
    return joined(after, state.stack, results);
  }

  #sequence(body: readonly Instruction[], state: State): After {
    const exits: Exit[] = [];
    let next: State | undefined = state;
    for (const instruction of body) {
      const after = this.#step(instruction, next);
      exits.push(...after.exits);
      next = after.next;
      if (next === undefined || next.guard === FALSE) {
        return { next: undefined, exits };
      }
    }
    return { next, exits };
  }

  #step(instruction: Instruction, state: State): After {
    const { op, body = [], otherwise = [], results = 0, labels = [] } = instruction;
    const index = Number(instruction.immediate);
    const { stack } = state;
    const top = stack.at(-1) as Term;
    const below = { ...state, stack: stack.slice(0, -1) };
    switch (op) {
      case Op.block:
        return this.#block(body, state, results);
      case Op.loop: {
        const after = this.#sequence(body, { ...state, stack: [] });
        if (after.exits.some(({ depth }) => depth === 0)) {
          throw new NotExecutable("a loop");
        }
        return joined(after, stack, results);
      }
      case Op.if: {
        const condition = isNotZero(top);
        const [one, other] = [and(state.guard, condition), and(state.guard, not(condition))];
        const first = this.#sequenceIf(body, { ...below, guard: one, stack: [] });
        const second = this.#sequenceIf(otherwise, { ...below, guard: other, stack: [] });
        const next = mergedStates([first.next, second.next].flatMap((each) => each ?? []));
        return joined({ next, exits: [...first.exits, ...second.exits] }, below.stack, results);
      }
      case Op.br:
        return { next: undefined, exits: [{ depth: index, state }] };
      case Op.brIf: {
        const condition = isNotZero(top);
        const leaving = and(state.guard, condition);
        return {
          next: { ...below, guard: and(state.guard, not(condition)) },
          exits: leaving === FALSE ? [] : [{ depth: index, state: { ...below, guard: leaving } }],
        };
      }
      case Op.brTable: {
        const others = labels.slice(0, -1);
        const isCase = others.map((_, i) => equal(top, constant(i, top.width)));
        const conditions = [...isCase, not(or(...isCase))];
        const exits = labels.map((depth, i) => ({
          depth,
          state: { ...below, guard: and(state.guard, conditions[i] as Term) },
        }));
        return { next: undefined, exits: exits.filter((each) => each.state.guard !== FALSE) };
      }
      case Op.return:
        return { next: undefined, exits: [{ depth: RETURN, state }] };
      case Op.unreachable:
        this.trapped = or(this.trapped, state.guard);
        return { next: undefined, exits: [] };
      case Op.call:
        return { next: this.#enter(index, state), exits: [] };
      default:
        return { next: plainStep(instruction, state, this.#pages), exits: [] };
    }
  }

  #sequenceIf(body: readonly Instruction[], state: State): After {
    return state.guard === FALSE ? { next: undefined, exits: [] } : this.#sequence(body, state);
  }
}

/** Merges the states that arrive at a label, behind the values that were on the stack before its block. */
function joined({ next, exits }: After, stack: readonly Term[], results: number): After {
  const here = exits.filter(({ depth }) => depth === 0).map(({ state }) => state);
  const states = [...here, ...(next === undefined ? [] : [next])].map((state) => ({
    ...state,
    stack: state.stack.slice(state.stack.length - results),
  }));
  const merged = mergedStates(states);
  return {
    next: merged && { ...merged, stack: [...stack, ...merged.stack] },
    exits: exits.filter(({ depth }) => depth > 0).map(({ depth, state }) => ({ depth: depth - 1, state })),
  };
}

/** One state for those that different executions have at the same place. */
function mergedStates(states: readonly State[]): State | undefined {
  return states.length === 0 ? undefined : states.reduce(mergedPair);
}

function mergedPair(one: State, other: State): State {
  const conditions = conditionsOf(one.guard);
  // Conditions that hold in both do not distinguish them.
  const common = conditionsOf(other.guard).filter((each) => conditions.includes(each));
  const isOne = without(conditions, common);
  const chosen = (first: Term, second: Term): Term => choose(isOne, first, second);
  const memory = new Map(other.memory);
  for (const address of new Set([...one.memory.keys(), ...other.memory.keys()])) {
    memory.set(address, chosen(byteOf(one.memory, address), byteOf(other.memory, address)));
  }
  const each = (first: readonly Term[], second: readonly Term[]): Term[] =>
    first.map((term, i) => chosen(term, second[i] as Term));
  return {
    guard: or(one.guard, other.guard),
    locals: each(one.locals, other.locals),
    stack: each(one.stack, other.stack),
    globals: each(one.globals, other.globals),
    memory,
  };
}

function widthOf(type: number): number {
  switch (type) {
    case ValueType.i32:
      return 32;
    case ValueType.i64:
      return 64;
    default:
      throw new NotExecutable("a value that is no integer");
  }
}

function isNotZero(term: Term): Term {
  return not(equal(term, constant(0, term.width)));
}

function ofTruth(condition: Term): Term {
  return choose(condition, constant(1, 32), constant(0, 32));
}

type Binary = (one: Term, other: Term) => Term;

const COMPARISONS: readonly Binary[] = [
  equal,
  (one, other) => not(equal(one, other)),
  lessSigned,
  lessUnsigned,
  (one, other) => lessSigned(other, one),
  (one, other) => lessUnsigned(other, one),
  (one, other) => not(lessSigned(other, one)),
  (one, other) => not(lessUnsigned(other, one)),
  (one, other) => not(lessSigned(one, other)),
  (one, other) => not(lessUnsigned(one, other)),
];

/** The number of bits to shift by is taken modulo the width. */
const shifting =
  (shift: Binary): Binary =>
  (one, by) =>
    shift(one, bitwise("and", by, constant(by.width - 1, by.width)));

/** From `clz` on; absent are those that the kernel has no use for here: they count bits, divide or rotate. */
const ARITHMETIC: { readonly [offset: number]: Binary } = {
  3: add,
  4: subtract,
  5: multiply,
  10: (one, other) => bitwise("and", one, other),
  11: (one, other) => bitwise("or", one, other),
  12: (one, other) => bitwise("xor", one, other),
  13: shifting(shiftLeft),
  14: shifting(shiftRightSigned),
  15: shifting(shiftRight),
};

/** First opcodes of groups of instructions. */
const I32_EQ = 0x46;
const I64_EQZ = 0x50;
const I64_EQ = 0x51;
const I32_CLZ = 0x67;
const I64_CLZ = 0x79;

function binaryOf(op: number): Binary | undefined {
  const comparison = COMPARISONS[op < I64_EQ ? op - I32_EQ : op - I64_EQ];
  if (comparison !== undefined) {
    return (one, other) => ofTruth(comparison(one, other));
  }
  return ARITHMETIC[op < I64_CLZ ? op - I32_CLZ : op - I64_CLZ];
}

const UNARY: ReadonlyMap<number, (term: Term) => Term> = new Map<number, (term: Term) => Term>([
  [Op.i32Eqz, (term) => ofTruth(not(isNotZero(term)))],
  [I64_EQZ, (term) => ofTruth(not(isNotZero(term)))],
  [Op.i32WrapI64, (term) => extract(term, 0, 32)],
  [0xac, (term) => signExtend(term, 64)],
  [0xad, (term) => zeroExtend(term, 64)],
  [0xc0, (term) => signExtend(extract(term, 0, 8), 32)],
  [0xc1, (term) => signExtend(extract(term, 0, 16), 32)],
  [0xc2, (term) => signExtend(extract(term, 0, 8), 64)],
  [0xc3, (term) => signExtend(extract(term, 0, 16), 64)],
  [0xc4, (term) => signExtend(extract(term, 0, 32), 64)],
]);

/** A load: the bytes that it reads, and the width of its result. */
interface Load {
  readonly bytes: number;
  readonly width: number;
  readonly signed?: true;
}

/** By opcode, as STORES. */
const LOADS: ReadonlyMap<number, Load> = new Map<number, Load>([
  [0x28, { bytes: 4, width: 32 }],
  [0x29, { bytes: 8, width: 64 }],
  [0x2c, { bytes: 1, width: 32, signed: true }],
  [0x2d, { bytes: 1, width: 32 }],
  [0x2e, { bytes: 2, width: 32, signed: true }],
  [0x2f, { bytes: 2, width: 32 }],
  [0x30, { bytes: 1, width: 64, signed: true }],
  [0x31, { bytes: 1, width: 64 }],
  [0x32, { bytes: 2, width: 64, signed: true }],
  [0x33, { bytes: 2, width: 64 }],
  [0x34, { bytes: 4, width: 64, signed: true }],
  [0x35, { bytes: 4, width: 64 }],
]);

/** An instruction that goes on with the next one. */
function plainStep(instruction: Instruction, state: State, pages: PageArray | undefined): State {
  const { op, immediate } = instruction;
  const { stack, locals, globals } = state;
  const index = Number(immediate);
  const top = stack.at(-1) as Term;
  const second = stack.at(-2) as Term;
  const replacing = (count: number, ...results: readonly Term[]): State => ({
    ...state,
    stack: [...stack.slice(0, stack.length - count), ...results],
  });
  const load = LOADS.get(op);
  if (load !== undefined) {
    const page = pages && pageOf(top, immediate, pages);
    return replacing(
      1,
      pages === undefined || page === undefined
        ? loaded(state.memory, addressesOf(top, immediate), load)
        : loadedFromPage(state.memory, page, pages, load),
    );
  }
  const store = STORES.get(op);
  if (store !== undefined) {
    const memory = stored(state.memory, addressesOf(second, immediate), extract(top, 0, 8 * store.bytes));
    return { ...replacing(2), memory };
  }
  const unary = UNARY.get(op);
  if (unary !== undefined) {
    return replacing(1, unary(top));
  }
  switch (op) {
    case Op.drop:
      return replacing(1);
    case SELECT:
      return replacing(3, choose(isNotZero(top), stack.at(-3) as Term, second));
    case Op.localGet:
      return replacing(0, locals[index] as Term);
    case Op.localSet:
      return { ...replacing(1), locals: locals.with(index, top) };
    case Op.localTee:
      return { ...state, locals: locals.with(index, top) };
    case Op.globalGet:
      return replacing(0, globals[index] as Term);
    case Op.globalSet:
      return { ...replacing(1), globals: globals.with(index, top) };
    case Op.i32Const:
      return replacing(0, constant(immediate, 32));
    case Op.i64Const:
      return replacing(0, constant(immediate, 64));
    case NOP:
      return state;
    default: {
      const binary = binaryOf(op);
      if (binary === undefined) {
        throw new NotExecutable(`instruction 0x${op.toString(16)}`);
      }
      return replacing(2, binary(second, top));
    }
  }
}

const NOP = 0x01;
const SELECT = 0x1b;

/** An address, and when it is the one. */
interface Alternative {
  readonly condition: Term;
  readonly address: number;
}

function addressesOf(address: Term, offset: bigint): readonly Alternative[] {
  return alternativesOf(address).map(({ condition, value }) => ({ condition, address: Number(value + offset) }));
}

/** A constant that a term can be, and when it is. */
interface Constant {
  readonly condition: Term;
  readonly value: bigint;
}

/** Operations on constants that give constants. */
const ON_CONSTANTS: { readonly [op in Term["op"]]?: Binary } = {
  add,
  concat,
  mul: multiply,
  and: (one, other) => bitwise("and", one, other),
  or: (one, other) => bitwise("or", one, other),
  xor: (one, other) => bitwise("xor", one, other),
};

/** The constants that a term can be. @throws NotExecutable when they are not known, or too many */
function alternativesOf(term: Term): readonly Constant[] {
  const all = constantsOf(term).filter(({ condition }) => condition !== FALSE);
  if (all.length > MOST_ALTERNATIVES) {
    throw new NotExecutable(`an address with more than ${MOST_ALTERNATIVES} alternatives`);
  }
  return all;
}

function constantsOf({ op, width, value, args, low }: Term): readonly Constant[] {
  const [first, second, third] = args as [Term, Term, Term];
  const under = (condition: Term, term: Term): Constant[] =>
    alternativesOf(term).map((each) => ({ ...each, condition: and(condition, each.condition) }));
  const made = (make: (one: Term) => Term): Constant[] =>
    alternativesOf(first).map((each) => ({ ...each, value: make(constant(each.value, first.width)).value }));
  switch (op) {
    case "const":
      return [{ condition: TRUE, value }];
    case "ite":
      return [...under(first, second), ...under(not(first), third)];
    case "extract":
      return made((one) => extract(one, low, width));
    case "sext":
      return made((one) => signExtend(one, width));
    default:
      break;
  }
  const whole = ON_CONSTANTS[op];
  if (whole === undefined) {
    throw new NotExecutable("an address that depends on a value");
  }
  return alternativesOf(first).flatMap((one) =>
    alternativesOf(second).map((other) => ({
      condition: and(one.condition, other.condition),
      value: whole(constant(one.value, first.width), constant(other.value, second.width)).value,
    })),
  );
}

function loaded(memory: Memory, alternatives: readonly Alternative[], { bytes, width, signed }: Load): Term {
  const values = alternatives.map(({ condition, address }) => {
    let value = byteOf(memory, address);
    for (let i = 1; i < bytes; i++) {
      value = concat(byteOf(memory, address + i), value);
    }
    return { condition, value };
  });
  const value = values.reduceRight(
    (otherwise, each) => choose(each.condition, each.value, otherwise),
    (values.at(-1) as { value: Term }).value,
  );
  return signed === true ? signExtend(value, width) : zeroExtend(value, width);
}

/** An address in a page array: the page by a term, and the offset in it. */
interface PageAddress {
  readonly index: Term;
  readonly offset: number;
}

/** The page of an address; undefined where the address is known, or is not one of a multiple of pages from a known one. */
function pageOf(address: Term, immediate: bigint, { address: start, size }: PageArray): PageAddress | undefined {
  const { width } = address;
  const { unknown, known } = summands(address);
  const pages = unknown.map((term) => dividedBy(term, size));
  if (pages.length === 0 || pages.includes(undefined)) {
    return undefined;
  }
  const distance = known + immediate - BigInt(start);
  const offset = ((distance % BigInt(size)) + BigInt(size)) % BigInt(size);
  const first = constant((distance - offset) / BigInt(size), width);
  return { index: (pages as Term[]).reduce(add, first), offset: Number(offset) };
}

/** The operands of a sum that are not known, and the sum of those that are: a signed number. */
function summands(term: Term): { readonly unknown: readonly Term[]; readonly known: bigint } {
  const { op, width, value, args } = term;
  switch (op) {
    case "const":
      return { unknown: [], known: BigInt.asIntN(width, value) };
    case "add": {
      const [one, other] = args.map(summands) as [ReturnType<typeof summands>, ReturnType<typeof summands>];
      return { unknown: [...one.unknown, ...other.unknown], known: one.known + other.known };
    }
    default:
      return { unknown: [term], known: 0n };
  }
}

/** A term whose product with `divisor` is the given one, modulo its width; undefined where none is seen. */
function dividedBy({ op, width, args }: Term, divisor: number): Term | undefined {
  const [first, second] = args as [Term, Term];
  if (op === "mul" && second.op === "const") {
    const factor = BigInt.asIntN(width, second.value);
    return factor % BigInt(divisor) === 0n ? multiply(first, constant(factor / BigInt(divisor), width)) : undefined;
  }
  if (op === "concat" && second.op === "const" && second.value === 0n) {
    const factor = 1n << BigInt(second.width);
    return factor % BigInt(divisor) === 0n
      ? multiply(zeroExtend(first, width), constant(factor / BigInt(divisor), width))
      : undefined;
  }
  return undefined;
}

function loadedFromPage(
  memory: Memory,
  { index, offset }: PageAddress,
  { address: start, size, present, count, alike }: PageArray,
  load: Load,
): Term {
  const from = (page: number): Term =>
    loaded(memory, [{ condition: TRUE, address: start + page * size + offset }], load);
  const isAlike = Array.from({ length: load.bytes }, (_, i) => offset + i).every((each) => alike.has(each));
  const anything = zeroExtend(variable(`page ${index.id}+${offset}`, 8 * load.bytes), load.width);
  const isPage = lessUnsigned(index, zeroExtend(count, index.width));
  const ofTail = isAlike ? choose(isPage, from(1), anything) : anything;
  return Array.from({ length: present }, (_, i) => i).reduce(
    (value, page) => choose(equal(index, constant(page, index.width)), from(page), value),
    ofTail,
  );
}

function stored(memory: Memory, alternatives: readonly Alternative[], value: Term): Memory {
  const after = new Map(memory);
  for (const { condition, address } of alternatives) {
    for (let i = 0; 8 * i < value.width; i++) {
      after.set(address + i, choose(condition, extract(value, 8 * i, 8), byteOf(after, address + i)));
    }
  }
  return after;
}
