/**
 * Rewrites loads and stores of a finished module: if the address is in shared memory, they call an import. All others
 * are not changed. Functions of the tree report their beginning and end.
 */

import type { SourcePlace } from "../../model/kernel/call-node.ts";
import { type FunctionRewriting, type Instruction, Op, rewrittenCode } from "../module/code.ts";
import { inlinedFunctions } from "../module/debug-info/compiled-scopes.ts";
import { lineTable } from "../module/debug-info/line-table.ts";
import {
  contentOf,
  customContent,
  exportedFunctions,
  type FunctionType,
  functionNames,
  functionTypes,
  importedFunctions,
  ValueType,
  withoutDebugSections,
} from "../module/functions.ts";
import {
  joined,
  leb128,
  readLeb128,
  readSignedLeb128,
  Section,
  sectionsOf,
  signedLeb128,
  withSections,
} from "../module/sections.ts";
import { BULK, BULK_COPY, immediateOf, STORES, type Store } from "../module/stores.ts";
import { PLACED_IMPORTS, STOPPING_IMPORTS } from "./access-stubs.ts";

/** The place of an access in the source. */
export interface Place {
  /** Its file and line; undefined if unknown. */
  readonly source: SourcePlace | undefined;
  /** The inlined functions of the tree that contain it, the outermost first. */
  readonly inlined: readonly string[];
}

/** A rewritten module, with the tables for the numbers that it passes to imports. */
export interface RewrittenModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Places of accesses, by number. */
  readonly places: readonly Place[];
  /** Names of the functions that report their beginning and end, by number. */
  readonly functions: readonly string[];
}

/** The shared range of the memory. */
export interface SharedRange {
  readonly address: number;
  readonly bytes: number;
  /** Addresses of the ints Shared.high and Shared.stopping. */
  readonly high: number;
  readonly stopping: number;
}

/** A load instruction. */
interface Load {
  readonly bytes: number;
  readonly type: number;
  /** Instructions that convert the 32 loaded bits to its type. */
  readonly convert: readonly number[];
}

const I32 = ValueType.i32;
const I64 = ValueType.i64;
const EXTEND_U = 0xad;
const EXTEND_S = 0xac;

/**
 * Loads by opcode, without floating point, which the kernel does not use.
 *
 * @source the WebAssembly specification, Binary Format, Instructions
 */
const LOADS: ReadonlyMap<number, Load> = new Map([
  [0x28, { bytes: 4, type: I32, convert: [] }],
  [0x29, { bytes: 8, type: I64, convert: [EXTEND_U] }],
  [0x2c, { bytes: 1, type: I32, convert: [0xc0] }],
  [0x2d, { bytes: 1, type: I32, convert: [] }],
  [0x2e, { bytes: 2, type: I32, convert: [0xc1] }],
  [0x2f, { bytes: 2, type: I32, convert: [] }],
  [0x30, { bytes: 1, type: I64, convert: [EXTEND_U, 0xc2] }],
  [0x31, { bytes: 1, type: I64, convert: [EXTEND_U] }],
  [0x32, { bytes: 2, type: I64, convert: [EXTEND_U, 0xc3] }],
  [0x33, { bytes: 2, type: I64, convert: [EXTEND_U] }],
  [0x34, { bytes: 4, type: I64, convert: [EXTEND_S] }],
  [0x35, { bytes: 4, type: I64, convert: [EXTEND_U] }],
]);

/** Matches functions of the harness: they initialize the constant part of struct pages, and run in no thread. */
const HARNESS = /^gate_/;

/** Matches exports that exist for each function of the tree. */
const TREE_FUNCTION = /^ran_/;

const I32_LOAD = 0x28;
const I64_LOAD32_U = 0x35;
const NO_RESULT = 0x40;

/**
 * Rewrites a module.
 *
 * @param module output of the linker, with debug information
 * @param silent names of functions that do not report their beginning and end
 * @throws Error for a module with unsupported instructions
 */
export function withAccesses(
  module: Uint8Array<ArrayBuffer>,
  range: SharedRange,
  is64Bit: boolean,
  silent: ReadonlySet<string>,
): RewrittenModule {
  const sections = sectionsOf(module);
  const imported = importedFunctions(sections);
  const ofTree = new Set(
    [...exportedFunctions(sections).keys()].flatMap((name) =>
      TREE_FUNCTION.test(name) ? [name.replace(TREE_FUNCTION, "")] : [],
    ),
  );
  const lineOf = lineTable(customContent(sections, ".debug_line") ?? new Uint8Array());
  const inlinedAround = inlinedFunctions(sections);
  const rewriter = new Rewriter({
    range,
    is64Bit,
    imports: new Map(imported.map((name, index) => [name, index])),
    exports: exportedFunctions(sections),
    placeOf: (address) => ({
      source: lineOf(address),
      inlined: inlinedAround(address).filter((name) => ofTree.has(name)),
    }),
  });
  const names = functionNames(sections);
  const types = functionTypes(sections);
  const code = rewrittenCode(contentOf(sections, Section.code) ?? Uint8Array.of(0), ({ position, locals }) => {
    const name = names.get(imported.length + position) ?? "";
    const reported = ofTree.has(name) && !silent.has(name) ? name : undefined;
    return HARNESS.test(name) ? undefined : rewriter.rewriting(types[position] as FunctionType, locals, reported);
  });
  return {
    bytes: withSections(
      module,
      withoutDebugSections(sections).map(({ id, content }) => ({ id, content: id === Section.code ? code : content })),
    ),
    places: rewriter.places.all,
    functions: rewriter.functions.all,
  };
}

/** Numbers values: equal values get the same number. */
class Numbers<T> {
  readonly all: T[] = [];
  readonly #keyOf: (value: T) => string;
  readonly #numbers = new Map<string, number>();

  /** @param keyOf returns a text that is equal for equal values only */
  constructor(keyOf: (value: T) => string) {
    this.#keyOf = keyOf;
  }

  of(value: T): number {
    const key = this.#keyOf(value);
    const number = this.#numbers.get(key);
    if (number !== undefined) {
      return number;
    }
    this.#numbers.set(key, this.all.length);
    return this.all.push(value) - 1;
  }
}

interface RewriterInput {
  readonly range: SharedRange;
  readonly is64Bit: boolean;
  readonly imports: ReadonlyMap<string, number>;
  readonly exports: ReadonlyMap<string, number>;
  readonly placeOf: (address: number) => Place;
}

class Rewriter {
  readonly places: Numbers<Place> = new Numbers((place) => JSON.stringify(place));
  readonly functions: Numbers<string> = new Numbers((name) => name);
  readonly #input: RewriterInput;
  readonly #placed: ReadonlySet<number>;
  /** Imports after whose calls a run cannot be stopped. */
  readonly #unstopping: ReadonlySet<number>;
  readonly #pointer: number;

  constructor(input: RewriterInput) {
    this.#input = input;
    this.#placed = new Set(PLACED_IMPORTS.flatMap((name) => input.imports.get(name) ?? []));
    this.#unstopping = new Set(
      [...input.imports].flatMap(([name, index]) => (STOPPING_IMPORTS.includes(name) ? [] : [index])),
    );
    this.#pointer = input.is64Bit ? I64 : I32;
  }

  /** @param reported the name by which the function reports its beginning and end; undefined if it does not */
  rewriting({ parameters, results }: FunctionType, locals: number, reported: string | undefined): FunctionRewriting {
    const first = parameters.length + locals;
    const scratch = { address: first, i32: first + 1, i64: first + 2 };
    const leave = reported === undefined ? undefined : this.#leave(results[0], scratch);
    const returnIfStopped = this.#returnIfStopped(results[0]);
    return {
      locals: [this.#pointer, I32, I64],
      ...(reported !== undefined && {
        atStart: Uint8Array.of(...constant(I32, this.functions.of(reported)), ...this.#callExport("gate_enter")),
      }),
      instead: (instruction) => {
        const { op, bytes, isLast } = instruction;
        const load = LOADS.get(op);
        const store = STORES.get(op);
        if (load !== undefined) {
          return this.#load(load, instruction, scratch, returnIfStopped);
        }
        if (store !== undefined) {
          return this.#store(store, instruction, scratch, returnIfStopped);
        }
        if (op === BULK && (bytes[1] as number) >= BULK_COPY) {
          throw new Error("a module for threads copies memory in bulk");
        }
        if (op === Op.call || op === Op.callIndirect) {
          return this.#call(instruction, returnIfStopped);
        }
        return leave !== undefined && (op === Op.return || isLast) ? joined([leave, bytes]) : undefined;
      },
    };
  }

  /** Rewrites a call: inserts the place argument of an import, and returns after the call if the run was stopped. */
  #call(instruction: Instruction, returnIfStopped: readonly number[]): Uint8Array {
    const { op, bytes } = instruction;
    const called = op === Op.call ? readLeb128(bytes, 1).value : -1;
    const place = this.#placed.has(called) ? [Op.drop, ...constant(I32, this.#place(instruction))] : [];
    return Uint8Array.of(...place, ...bytes, ...(this.#unstopping.has(called) ? [] : returnIfStopped));
  }

  /** Code that returns if the run was stopped: this takes a tenth of the time of an exception through WebAssembly. */
  #returnIfStopped(result: number | undefined): readonly number[] {
    return [
      ...[...constant(this.#pointer, this.#input.range.stopping), I32_LOAD, 2, 0, Op.if, NO_RESULT],
      ...[...(result === undefined ? [] : constant(result, 0)), Op.return, Op.end],
    ];
  }

  #place({ address }: Instruction): number {
    return this.places.of(this.#input.placeOf(address));
  }

  #callExport(name: string): readonly number[] {
    return [Op.call, ...leb128(this.#input.exports.get(name) as number)];
  }

  #callImport(name: string): readonly number[] {
    return [Op.call, ...leb128(this.#input.imports.get(name) as number)];
  }

  /** Code that reports the end of the function, with the result that is on the stack. */
  #leave(result: number | undefined, scratch: Scratch): Uint8Array {
    const call = this.#callExport("gate_leave");
    switch (result) {
      case undefined:
        return Uint8Array.of(...constant(I32, 0), ...constant(I32, 0), ...call);
      case I32:
        return Uint8Array.of(
          ...[Op.localTee, ...leb128(scratch.i32), Op.localGet, ...leb128(scratch.i32)],
          ...[...constant(I32, 0), ...call],
        );
      default:
        return Uint8Array.of(
          ...[Op.localTee, ...leb128(scratch.i64), ...lowHalf(scratch), ...highHalf(scratch)],
          ...call,
        );
    }
  }

  /** Code that pushes the sum of a number and the address in the scratch variable. */
  #sum(number: number, scratch: Scratch): readonly number[] {
    const add = this.#input.is64Bit ? Op.i64Add : Op.i32Add;
    return [Op.localGet, ...leb128(scratch.address), ...constant(this.#pointer, number), add];
  }

  /** Code that pushes whether the address is in the shared range. */
  #isShared(immediate: number, scratch: Scratch): readonly number[] {
    const { address, bytes } = this.#input.range;
    return [
      ...this.#sum(immediate - address, scratch),
      ...[...constant(this.#pointer, bytes), this.#input.is64Bit ? Op.i64LtU : Op.i32LtU],
    ];
  }

  /** Code that pushes the address as an argument of an import. */
  #argument(immediate: number, scratch: Scratch): readonly number[] {
    return [...this.#sum(immediate, scratch), ...(this.#input.is64Bit ? [Op.i32WrapI64] : [])];
  }

  #load(
    { bytes, type, convert }: Load,
    instruction: Instruction,
    scratch: Scratch,
    returnIfStopped: readonly number[],
  ): Uint8Array {
    const immediate = immediateOf(instruction);
    const high = [
      ...[...constant(this.#pointer, this.#input.range.high), I64_LOAD32_U, 2, 0],
      ...[...constant(I64, 32), Op.i64Shl, Op.i64Or],
    ];
    return Uint8Array.of(
      ...[Op.localSet, ...leb128(scratch.address)],
      ...[...this.#isShared(immediate, scratch), Op.if, type],
      ...[...this.#argument(immediate, scratch), ...constant(I32, bytes), ...constant(I32, usedBits(instruction))],
      ...[...constant(I32, this.#place(instruction)), ...this.#callImport("port_load"), ...returnIfStopped],
      ...convert,
      ...(bytes === 8 ? high : []),
      ...[Op.else, Op.localGet, ...leb128(scratch.address), ...instruction.bytes, Op.end],
    );
  }

  #store(
    { bytes, type }: Store,
    instruction: Instruction,
    scratch: Scratch,
    returnIfStopped: readonly number[],
  ): Uint8Array {
    const immediate = immediateOf(instruction);
    const value = leb128(type === I64 ? scratch.i64 : scratch.i32);
    const low = type === I64 ? lowHalf(scratch) : [Op.localGet, ...value];
    const high = bytes === 8 ? highHalf(scratch) : constant(I32, 0);
    return Uint8Array.of(
      ...[Op.localSet, ...value, Op.localSet, ...leb128(scratch.address)],
      ...[...this.#isShared(immediate, scratch), Op.if, NO_RESULT],
      ...[...this.#argument(immediate, scratch), ...constant(I32, bytes), ...low, ...high],
      ...[...constant(I32, this.#place(instruction)), ...this.#callImport("port_store"), ...returnIfStopped],
      ...[Op.else, Op.localGet, ...leb128(scratch.address), Op.localGet, ...value, ...instruction.bytes, Op.end],
    );
  }
}

/** Local variables that are added to each function: for an address, and for values of both types. */
interface Scratch {
  readonly address: number;
  readonly i32: number;
  readonly i64: number;
}

function lowHalf({ i64 }: Scratch): readonly number[] {
  return [Op.localGet, ...leb128(i64), Op.i32WrapI64];
}

function highHalf({ i64 }: Scratch): readonly number[] {
  return [Op.localGet, ...leb128(i64), ...constant(I64, 32), Op.i64ShrU, Op.i32WrapI64];
}

function constant(type: number, value: number): readonly number[] {
  return [type === I64 ? Op.i64Const : Op.i32Const, ...signedLeb128(value)];
}

/**
 * Returns the used bits of a loaded value if a mask follows immediately: the thread does not observe the others. For 64
 * bits, only a mask of low bits counts. −1 for all bits.
 */
function usedBits({ rest }: Instruction): number {
  const start = rest[0] === Op.i32WrapI64 ? 1 : 0;
  const isMask = rest[start] === Op.i32Const || rest[start] === Op.i64Const;
  const mask = isMask ? readSignedLeb128(rest, start + 1) : undefined;
  const and = rest[start] === Op.i32Const ? Op.i32And : Op.i64And;
  if (mask === undefined || rest[mask.next] !== and || (and === Op.i64And && mask.value < 0)) {
    return -1;
  }
  return mask.value;
}
