/**
 * Card marking, as in garbage collectors: before each store, the code of an image marks the chunk of memory that is
 * written. An operation is undone, and its result stored, at the cost of its writes; and a write outside the memory of
 * the image is detected.
 */
import { type FunctionRewriting, type Instruction, Op, rewrittenCode } from "../../module/code.ts";
import { functionNames, functionTypes, hasMemory64, importedFunctions, ValueType } from "../../module/functions.ts";
import { required } from "../../module/globals.ts";
import { leb128, readLeb128, Section, sectionsOf, signedLeb128, withSections } from "../../module/sections.ts";
import { BULK, BULK_COPY, BULK_FILL, immediateOf, STORES, type Store } from "../../module/stores.ts";
import { STACK_BYTES } from "../build/link-flags.ts";

/** Bytes of a chunk; a power of two. */
export const CHUNK_BYTES = 64;

/** Chunks of the stack, which begins at address 0. */
const STACK_CHUNKS = STACK_BYTES / CHUNK_BYTES;

/** Number of data chunks with an individual mark; more than an image has. */
const DATA_CHUNKS = 7167;

/** Bytes of data with individual marks. Addresses behind them are not memory of the image. */
export const MARKED_BYTES: number = DATA_CHUNKS * CHUNK_BYTES;

/** Marks, one byte each: those of the stack, those of the data, and one for all other addresses. */
export const Mark: { readonly data: number; readonly elsewhere: number; readonly count: number } = {
  data: STACK_CHUNKS,
  elsewhere: STACK_CHUNKS + DATA_CHUNKS,
  count: STACK_CHUNKS + DATA_CHUNKS + 1,
};

/** Value of a mark that is set. */
const MARK_VALUE = -1;

/** Upper bound of the chunks in a range, less one: a power of two, less one. */
const MOST_CHUNKS = 8191;

const CHUNK_SHIFT = Math.log2(CHUNK_BYTES);

const SELECT = 0x1b;
const I32_SHR_U = 0x76;
const I64_SUB = 0x7d;
const I32_STORE8 = 0x3a;
const F32_STORE = 0x38;
const F64_STORE = 0x39;
const EXTEND_U = 0xad;

/** Prefix of vector instructions, and a test for those that store. */
const VECTOR = 0xfd;
const isVectorStore = (op: number): boolean => op === 0x0b || (op >= 0x58 && op <= 0x5b);

/** Addresses of the marks and of the data that they cover. */
export interface MarkLayout {
  /** Address of the marks. As many bytes behind them are reserved: the fill for a bulk store may exceed the marks. */
  readonly marks: number;
  /** Address of the data: a multiple of CHUNK_BYTES. */
  readonly data: number;
  /** Address ranges of other instrumentation. Stores to them, recognised by their offset, are not marked. */
  readonly unmarked: readonly (readonly [from: number, to: number])[];
}

/**
 * Returns the module with dirty marks: one byte for each chunk, not 0 if the chunk was written.
 *
 * @param except names of functions whose stores are not marked
 * @throws Error for a module with a kind of store that is not supported
 */
export function withDirtyMarks(
  module: Uint8Array<ArrayBuffer>,
  layout: MarkLayout,
  except: readonly string[],
): Uint8Array<ArrayBuffer> {
  const sections = sectionsOf(module);
  const imported = importedFunctions(sections).length;
  const names = functionNames(sections);
  const types = functionTypes(sections);
  const marker = new Marker(layout, hasMemory64(sections));
  const code = rewrittenCode(required(sections, Section.code), ({ position, locals }) =>
    except.includes(names.get(imported + position) ?? "")
      ? undefined
      : marker.rewriting((types[position]?.parameters.length ?? 0) + locals),
  );
  return withSections(
    module,
    sections.map(({ id, content }) => ({ id, content: id === Section.code ? code : content })),
  );
}

/** Local variables that are added to each function. */
interface Scratch {
  /** Has the type of an address. */
  readonly address: number;
  readonly length: number;
  readonly source: number;
  readonly i32: number;
  readonly i64: number;
  /** Numbers of a chunk, counted from address 0 and from the start of the data. */
  readonly chunk: number;
  readonly dataChunk: number;
}

class Marker {
  readonly #layout: MarkLayout;
  readonly #isWide: boolean;

  constructor(layout: MarkLayout, isWide: boolean) {
    this.#layout = layout;
    this.#isWide = isWide;
  }

  /**
   * Returns the rewriting of a function.
   *
   * @param first index of the first added local variable
   */
  rewriting(first: number): FunctionRewriting {
    const pointer = this.#isWide ? ValueType.i64 : ValueType.i32;
    const { i32, i64 } = ValueType;
    const scratch = {
      ...{ address: first, length: first + 1, source: first + 2 },
      ...{ i32: first + 3, i64: first + 4, chunk: first + 5, dataChunk: first + 6 },
    };
    return {
      locals: [pointer, pointer, pointer, i32, i64, i32, i32],
      instead: (instruction) => {
        const { op } = instruction;
        const store = STORES.get(op);
        if (store !== undefined) {
          return this.#store(store, instruction, scratch);
        }
        if (op === BULK) {
          return this.#bulk(instruction, scratch);
        }
        if (op === F32_STORE || op === F64_STORE) {
          throw new Error("code of an image stores a floating-point number");
        }
        if (op === VECTOR && isVectorStore(readLeb128(instruction.bytes, 1).value)) {
          throw new Error("code of an image stores a vector");
        }
        return undefined;
      },
    };
  }

  #store({ bytes, type }: Store, instruction: Instruction, scratch: Scratch): Uint8Array | undefined {
    const value = leb128(type === ValueType.i64 ? scratch.i64 : scratch.i32);
    const offset = immediateOf(instruction);
    if (this.#layout.unmarked.some(([from, to]) => offset >= from && offset < to)) {
      return undefined;
    }
    const alignment = 1 << readLeb128(instruction.bytes, 1).value;
    return Uint8Array.of(
      ...[Op.localSet, ...value, Op.localSet, ...leb128(scratch.address)],
      ...this.#mark(scratch, offset),
      // An unaligned store may reach into the next chunk.
      ...(alignment < bytes ? this.#mark(scratch, offset + bytes - 1) : []),
      ...[Op.localGet, ...leb128(scratch.address), Op.localGet, ...value, ...instruction.bytes],
    );
  }

  #bulk(instruction: Instruction, scratch: Scratch): Uint8Array | undefined {
    const which = readLeb128(instruction.bytes, 1).value;
    if (which !== BULK_COPY && which !== BULK_FILL) {
      return undefined;
    }
    const [address, length] = [leb128(scratch.address), leb128(scratch.length)];
    const second = leb128(which === BULK_COPY ? scratch.source : scratch.i32);
    const [add, sub] = this.#isWide ? [Op.i64Add, I64_SUB] : [Op.i32Add, Op.i32Sub];
    const one = this.#isWide ? [Op.i64Const, 1] : [Op.i32Const, 1];
    // From the first chunk to that of the last byte: memory.fill(first mark, MARKED, number of chunks).
    const last = [Op.localGet, ...address, Op.localGet, ...length, add, ...one, sub];
    return Uint8Array.of(
      ...[Op.localSet, ...length, Op.localSet, ...second, Op.localSet, ...address],
      ...[...this.#markNumber(scratch, 0), ...this.#constant(this.#layout.marks), add],
      ...[Op.i32Const, ...signedLeb128(MARK_VALUE)],
      ...[...this.#narrow(last), Op.i32Const, CHUNK_SHIFT, I32_SHR_U],
      ...[...this.#narrow([Op.localGet, ...address]), Op.i32Const, CHUNK_SHIFT, I32_SHR_U, Op.i32Sub],
      // No chunk for a length of 0, also at address 0.
      ...[Op.i32Const, 1, Op.i32Add, Op.i32Const, ...signedLeb128(MOST_CHUNKS), Op.i32And],
      ...(this.#isWide ? [EXTEND_U] : []),
      ...[BULK, BULK_FILL, 0],
      ...[Op.localGet, ...address, Op.localGet, ...second, Op.localGet, ...length, ...instruction.bytes],
    );
  }

  /** Returns code that marks the chunk of the address plus an offset. */
  #mark(scratch: Scratch, offset: number): readonly number[] {
    return [
      ...this.#markNumber(scratch, offset),
      ...[Op.i32Const, ...signedLeb128(MARK_VALUE), I32_STORE8, 0, ...leb128(this.#layout.marks)],
    ];
  }

  /** Returns code that pushes the mark number of the address plus an offset. */
  #markNumber({ address, chunk, dataChunk }: Scratch, offset: number): readonly number[] {
    const firstOfData = this.#layout.data / CHUNK_BYTES;
    return [
      ...this.#narrow([Op.localGet, ...leb128(address)]),
      ...(offset === 0 ? [] : [Op.i32Const, ...signedLeb128(offset), Op.i32Add]),
      ...[Op.i32Const, CHUNK_SHIFT, I32_SHR_U, Op.localTee, ...leb128(chunk)],
      ...[Op.i32Const, ...signedLeb128(firstOfData), Op.i32Sub, Op.localTee, ...leb128(dataChunk)],
      ...[Op.i32Const, ...signedLeb128(Mark.data), Op.i32Add],
      ...[Op.localGet, ...leb128(chunk), Op.i32Const, ...signedLeb128(Mark.elsewhere)],
      ...[Op.localGet, ...leb128(chunk), Op.i32Const, ...signedLeb128(STACK_CHUNKS), Op.i32LtU, SELECT],
      ...[Op.localGet, ...leb128(dataChunk), Op.i32Const, ...signedLeb128(DATA_CHUNKS), Op.i32LtU, SELECT],
      ...(this.#isWide ? [EXTEND_U] : []),
    ];
  }

  /** Returns code for the lower 32 bits of an address: addresses of an image are smaller than 2^32. */
  #narrow(address: readonly number[]): readonly number[] {
    return this.#isWide ? [...address, Op.i32WrapI64] : address;
  }

  #constant(value: number): readonly number[] {
    return [this.#isWide ? Op.i64Const : Op.i32Const, ...signedLeb128(value)];
  }
}
