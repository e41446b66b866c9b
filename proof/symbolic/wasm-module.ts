/**
 * Decodes a WebAssembly module into functions with nested blocks.
 *
 * @source the WebAssembly specification, Binary Format
 */
import { Op } from "../../gate/module/code.ts";
import {
  contentOf,
  exportedFunctions,
  type FunctionType,
  functionTypes,
  importedFunctions,
} from "../../gate/module/functions.ts";
import { readLeb128, Section, sectionsOf } from "../../gate/module/sections.ts";
import { NotExecutable } from "./not-executable.ts";

/** An instruction. Blocks hold the instructions up to their end. */
export interface Instruction {
  readonly op: number;
  /** Index, depth of a label, constant, or offset of a load or store. */
  readonly immediate: bigint;
  /** Of `br_table`, the depths of its labels, the default last. */
  readonly labels?: readonly number[];
  /** Of `block`, `loop` and `if`. */
  readonly body?: readonly Instruction[];
  readonly otherwise?: readonly Instruction[];
  /** Number of results of a block. */
  readonly results?: number;
}

/** A function. */
export interface DecodedFunction {
  readonly type: FunctionType;
  /** Types of its local variables, without its parameters. */
  readonly locals: readonly number[];
  readonly body: readonly Instruction[];
}

/** A module. */
export interface DecodedModule {
  /**
   * Decodes a function by its index.
   *
   * @throws NotExecutable when it has an instruction that is not decoded
   */
  readonly functionAt: (index: number) => DecodedFunction;
  /** Indexes of functions by the name under which they are exported. */
  readonly exports: ReadonlyMap<string, number>;
  /** Initial values of global variables, and their types. */
  readonly globals: readonly { readonly type: number; readonly value: bigint }[];
}

/** Decodes the bytes of a module. @throws NotExecutable for what only other modules have */
export function decodeModule(bytes: Uint8Array): DecodedModule {
  const sections = sectionsOf(bytes);
  if (importedFunctions(sections).length > 0) {
    throw new NotExecutable("an imported function");
  }
  const types = functionTypes(sections);
  const bodies = new Reader(contentOf(sections, Section.code) ?? Uint8Array.of(0)).bodies();
  const decoded = new Map<number, DecodedFunction>();
  const globals = new Reader(contentOf(sections, Section.global) ?? Uint8Array.of(0));
  return {
    functionAt: (index) => {
      const found = decoded.get(index) ?? bodyOf(types[index] as FunctionType, bodies[index] as Uint8Array);
      decoded.set(index, found);
      return found;
    },
    exports: exportedFunctions(sections),
    globals: globals.globals(),
  };
}

function bodyOf(type: FunctionType, bytes: Uint8Array): DecodedFunction {
  const reader = new Reader(bytes);
  return { type, locals: reader.locals(), body: reader.instructions().body };
}

/** The block type without a result; others are a value type, or the index of a type. */
const EMPTY = -0x40n;

/** Instructions without an immediate value. */
function isPlain(op: number): boolean {
  return (
    op === Op.unreachable ||
    op === 0x01 ||
    op === Op.return ||
    op === Op.drop ||
    op === 0x1b ||
    (op >= 0x45 && op <= 0xc4)
  );
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    const byte = this.#bytes[this.#at] as number;
    this.#at += 1;
    return byte;
  }

  unsigned(): number {
    const { value, next } = readLeb128(this.#bytes, this.#at);
    this.#at = next;
    return value;
  }

  /** A number of up to 64 bits. */
  big(isSigned: boolean): bigint {
    let value = 0n;
    let shift = 0n;
    for (;;) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      shift += 7n;
      if ((byte & 0x80) === 0) {
        return isSigned && (byte & 0x40) !== 0 ? value - (1n << shift) : value;
      }
    }
  }

  /** The functions of a code section, each without its size. */
  bodies(): Uint8Array[] {
    return Array.from({ length: this.unsigned() }, () => {
      const size = this.unsigned();
      this.#at += size;
      return this.#bytes.subarray(this.#at - size, this.#at);
    });
  }

  /** Types of the local variables of a function. */
  locals(): number[] {
    return Array.from({ length: this.unsigned() }, () => {
      const count = this.unsigned();
      return Array<number>(count).fill(this.byte());
    }).flat();
  }

  globals(): { type: number; value: bigint }[] {
    return Array.from({ length: this.unsigned() }, () => {
      const type = this.byte();
      this.byte();
      const op = this.byte();
      if (op !== Op.i32Const && op !== Op.i64Const) {
        throw new NotExecutable("a global variable whose initial value is no constant");
      }
      const value = this.big(true);
      this.byte();
      return { type, value };
    });
  }

  /** Up to and with the `end` or `else` that belongs to them. */
  instructions(): { readonly body: Instruction[]; readonly ending: number } {
    const body: Instruction[] = [];
    for (;;) {
      const op = this.byte();
      if (op === Op.end || op === Op.else) {
        return { body, ending: op };
      }
      body.push(this.instruction(op));
    }
  }

  instruction(op: number): Instruction {
    switch (op) {
      case Op.block:
      case Op.loop:
      case Op.if: {
        const type = this.big(true);
        if (type >= 0n) {
          throw new NotExecutable("a block with parameters or several results");
        }
        const { body, ending } = this.instructions();
        const otherwise = ending === Op.else ? this.instructions().body : [];
        return { op, immediate: 0n, body, otherwise, results: type === EMPTY ? 0 : 1 };
      }
      case Op.brTable: {
        const labels = Array.from({ length: this.unsigned() + 1 }, () => this.unsigned());
        return { op, immediate: 0n, labels };
      }
      case Op.br:
      case Op.brIf:
      case Op.call:
      case Op.localGet:
      case Op.localSet:
      case Op.localTee:
      case Op.globalGet:
      case Op.globalSet:
        return { op, immediate: BigInt(this.unsigned()) };
      case Op.i32Const:
      case Op.i64Const:
        return { op, immediate: this.big(true) };
      default:
        if (op >= 0x28 && op <= 0x3e) {
          // The alignment is a hint.
          this.unsigned();
          return { op, immediate: this.big(false) };
        }
        if (isPlain(op)) {
          return { op, immediate: 0n };
        }
        throw new NotExecutable(`instruction 0x${op.toString(16)}`);
    }
  }
}
