/** Rewrites the code section of a WebAssembly module: inserts and replaces instructions. */
import { joined, leb128, readLeb128 } from "./sections.ts";

export const Op = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  returnCall: 0x12,
  returnCallIndirect: 0x13,
  drop: 0x1a,
  selectTyped: 0x1c,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  i32Const: 0x41,
  i64Const: 0x42,
  i32Eqz: 0x45,
  i32LtU: 0x49,
  i64LtU: 0x54,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32And: 0x71,
  i64Add: 0x7c,
  i64And: 0x83,
  i64Or: 0x84,
  i64Shl: 0x86,
  i64ShrU: 0x88,
  i32WrapI64: 0xa7,
} as const;

/** Code to insert into functions. */
export interface Insertions {
  /** At the beginning of a function, by its position in the section. */
  readonly atStart?: (position: number) => Uint8Array | undefined;
  /** Before every instruction with this opcode. */
  readonly before?: ReadonlyMap<number, Uint8Array>;
  /** After every instruction with this opcode. */
  readonly after?: ReadonlyMap<number, Uint8Array>;
  /** Positions of functions that are not changed. */
  readonly except?: ReadonlySet<number>;
}

/** Inserts code into a code section. @throws Error for an unknown instruction */
export function withInsertions(section: Uint8Array, { atStart, before, after, except }: Insertions): Uint8Array {
  return rewrittenCode(section, ({ position }) =>
    except?.has(position)
      ? undefined
      : {
          atStart: atStart?.(position),
          instead: (instruction) => {
            const ahead = before?.get(instruction.op);
            const behind = after?.get(instruction.op);
            return ahead === undefined && behind === undefined
              ? undefined
              : joined([ahead ?? NOTHING, instruction.bytes, behind ?? NOTHING]);
          },
        },
  );
}

/** A function of the code section. */
export interface FunctionBody {
  /** Its position in the section. */
  readonly position: number;
  /** Number of its local variables, without its parameters. */
  readonly locals: number;
  /** Address of its first instruction; see `Instruction.address`. */
  readonly address: number;
}

/** One instruction. */
export interface Instruction {
  readonly op: number;
  /** All bytes of the instruction. */
  readonly bytes: Uint8Array;
  /** Address as in debug information: offset in bytes from the beginning of the section's content. */
  readonly address: number;
  /** Whether it is the last `end`, that of the function. */
  readonly isLast: boolean;
  /** The rest of the function after the instruction. */
  readonly rest: Uint8Array;
}

/** The changes to a function. */
export interface FunctionRewriting {
  /** Types of local variables to add after the existing ones. */
  readonly locals?: readonly number[];
  readonly atStart?: Uint8Array | undefined;
  /** Replacement of an instruction; undefined to leave it. */
  readonly instead: (instruction: Instruction) => Uint8Array | undefined;
}

/**
 * Rewrites the functions of a code section.
 *
 * @param rewriting returns the changes to a function; undefined for none
 * @throws Error for an unknown instruction
 */
export function rewrittenCode(
  section: Uint8Array,
  rewriting: (body: FunctionBody) => FunctionRewriting | undefined,
): Uint8Array {
  const { value: count, next: first } = readLeb128(section, 0);
  const bodies: Uint8Array[] = [leb128(count)];
  let start = first;
  for (let position = 0; position < count; position++) {
    const size = readLeb128(section, start);
    const end = size.next + size.value;
    const declared = localsOf(section, size.next);
    const how = rewriting({ position, locals: declared.count, address: declared.code });
    if (how === undefined) {
      bodies.push(section.subarray(start, end));
    } else {
      const changed = joined([
        leb128(declared.groups + (how.locals?.length ?? 0)),
        section.subarray(declared.first, declared.code),
        Uint8Array.from((how.locals ?? []).flatMap((type) => [1, type])),
        how.atStart ?? NOTHING,
        ...rewrittenInstructions(section, declared.code, end, how),
      ]);
      bodies.push(leb128(changed.length), changed);
    }
    start = end;
  }
  return joined(bodies);
}

/** An instruction in its section. Its bytes are sliced on use only, which is rare. */
class InstructionView implements Instruction {
  readonly op: number;
  readonly address: number;
  readonly isLast: boolean;
  readonly #section: Uint8Array;
  readonly #next: number;
  readonly #end: number;

  constructor(section: Uint8Array, address: number, next: number, end: number) {
    this.op = section[address] as number;
    this.address = address;
    this.isLast = next === end;
    this.#section = section;
    this.#next = next;
    this.#end = end;
  }

  get bytes(): Uint8Array {
    return this.#section.subarray(this.address, this.#next);
  }

  get rest(): Uint8Array {
    return this.#section.subarray(this.#next, this.#end);
  }
}

function rewrittenInstructions(section: Uint8Array, code: number, end: number, how: FunctionRewriting): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let from = code;
  for (let at = code; at < end; ) {
    const next = afterInstruction(section, at);
    const other = how.instead(new InstructionView(section, at, next, end));
    if (other !== undefined) {
      parts.push(section.subarray(from, at), other);
      from = next;
    }
    at = next;
  }
  return [...parts, section.subarray(from, end)];
}

const NOTHING = new Uint8Array(0);

/** Reads the declarations of local variables: groups, each of a count and a type. */
function localsOf(section: Uint8Array, start: number): { groups: number; first: number; code: number; count: number } {
  const { value: groups, next: first } = readLeb128(section, start);
  let code = first;
  let count = 0;
  for (let i = 0; i < groups; i++) {
    const size = readLeb128(section, code);
    count += size.value;
    // The type is one byte.
    code = size.next + 1;
  }
  return { groups, first, code, count };
}

/**
 * Number of immediates of each instruction with prefix 0xfc: saturating conversions, then bulk memory and table
 * operations.
 */
const BULK = [0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1, 2, 1, 2, 1, 1, 1];

/** Returns the position of the next instruction. @source the WebAssembly specification, Binary Format, Instructions */
function afterInstruction(body: Uint8Array, position: number): number {
  const op = body[position] as number;
  const first = position + 1;
  switch (op) {
    case Op.brTable: {
      const targets = readLeb128(body, first);
      return afterNumbers(body, targets.next, targets.value + 1);
    }
    case Op.selectTyped: {
      const types = readLeb128(body, first);
      return types.next + types.value;
    }
    case 0x43: // f32.const
      return first + 4;
    case 0x44: // f64.const
      return first + 8;
    case 0xfc: {
      const bulk = readLeb128(body, first);
      return afterNumbers(body, bulk.next, requireKnown(BULK[bulk.value], op));
    }
    case 0xfd: {
      const vector = readLeb128(body, first);
      return vector.value === V128_CONST || vector.value === SHUFFLE
        ? vector.next + 16
        : afterNumbers(body, vector.next, numbersAfterVector(vector.value));
    }
    default:
      return afterNumbers(body, first, requireKnown(numbersAfter(op), op));
  }
}

/** The two vector instructions (prefix 0xfd) that are followed by 16 bytes. */
const V128_CONST = 0x0c;
const SHUFFLE = 0x0d;

/** Returns the number of immediates of another vector instruction: alignment, offset, and lane. */
function numbersAfterVector(op: number): number {
  const within = (low: number, high: number): boolean => op >= low && op <= high;
  if (within(0x54, 0x5b)) {
    return 3; // Loads and stores of one lane.
  }
  if (within(0x00, 0x0b) || within(0x5c, 0x5d)) {
    return 2; // Other loads and stores.
  }
  return within(0x15, 0x22) ? 1 : 0;
}

/** Returns the number of immediates of an instruction; undefined for an unknown one. */
function numbersAfter(op: number): number | undefined {
  const within = (low: number, high: number): boolean => op >= low && op <= high;
  if (op === Op.callIndirect || op === Op.returnCallIndirect || within(0x28, 0x3e)) {
    return 2; // For a load or store: alignment and offset.
  }
  if (
    within(Op.block, Op.if) ||
    op === Op.br ||
    op === Op.brIf ||
    op === Op.call ||
    op === Op.returnCall ||
    within(0x20, 0x26) || // locals, globals and tables
    within(0x3f, 0x42) || // memory.size, memory.grow, i32.const, i64.const
    op === 0xd0 || // ref.null
    op === 0xd2 // ref.func
  ) {
    return 1;
  }
  if (
    within(0x00, 0x01) || // unreachable, nop
    op === Op.else ||
    op === Op.end ||
    op === Op.return ||
    within(0x1a, 0x1b) || // drop, select
    within(0x45, 0xc4) || // comparisons, arithmetic and conversions
    op === 0xd1 // ref.is_null
  ) {
    return 0;
  }
  return undefined;
}

function requireKnown(numbers: number | undefined, op: number): number {
  if (numbers === undefined) {
    throw new Error(`cannot read a module of the gate: unknown instruction 0x${op.toString(16)}`);
  }
  return numbers;
}

/** Skips immediates. They may be signed and have 64 bits: only their length matters. */
function afterNumbers(body: Uint8Array, start: number, count: number): number {
  let position = start;
  for (let left = count; left > 0; position++) {
    if (((body[position] as number) & 0x80) === 0) {
      left--;
    }
  }
  return position;
}
