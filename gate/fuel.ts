/**
 * C code that never returns: a module is given fuel. Every call of an operation begins with a full tank, and every turn of
 * a loop takes one unit; a call that has used all of it traps. What is changed is the finished module, not its text: every
 * loop that is still one counts, whether it was written with `for`, with `goto`, or by a macro.
 */
import { joined, leb128, readLeb128, Section, sectionsOf, withSections } from "./module-sections.ts";

/**
 * Turns of loops that one call may take: enough to walk thirty times through the pages of the largest folio. The compiler may
 * have made one turn of several, so that is the least.
 */
export const MOST_TURNS = 1_000_000;

/** The export whose value is what is left; 0 after a call that used all of it. */
export const FUEL = "gate_fuel";

const I32 = 0x7f;
const EXPORTED_FUNCTION = 0;
const EXPORTED_GLOBAL = 3;

const Op = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  end: 0x0b,
  brTable: 0x0e,
  callIndirect: 0x11,
  returnCallIndirect: 0x13,
  selectTyped: 0x1c,
  globalGet: 0x23,
  globalSet: 0x24,
  i32Const: 0x41,
  i32Eqz: 0x45,
  i32Sub: 0x6b,
} as const;

const NO_RESULT = 0x40;

/** Constants are signed. MOST_TURNS has the bytes of an unsigned number, since the highest bit of its last seven is clear. */
const FULL: readonly number[] = [Op.i32Const, ...leb128(MOST_TURNS)];

/** The module, whose exported functions begin with a full tank, and whose loops use it up. */
export function withFuel(module: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const sections = sectionsOf(module);
  const contentOf = (wanted: number): Uint8Array => {
    const found = sections.find(({ id }) => id === wanted);
    if (found === undefined) {
      throw new Error(`a module of the gate has no section ${wanted}`);
    }
    return found.content;
  };
  const fuel = readLeb128(contentOf(Section.global), 0).value;
  const exported = exportedFunctions(contentOf(Section.export));
  const name = new TextEncoder().encode(FUEL);
  const changed: Readonly<Record<number, () => Uint8Array>> = {
    [Section.global]: () => withEntry(contentOf(Section.global), [I32, 1, ...FULL, Op.end]),
    [Section.export]: () =>
      withEntry(contentOf(Section.export), [...leb128(name.length), ...name, EXPORTED_GLOBAL, ...leb128(fuel)]),
    [Section.code]: () => countingTurns(contentOf(Section.code), fuel, exported),
  };
  return withSections(
    module,
    sections.map(({ id, content }) => ({ id, content: changed[id]?.() ?? content })),
  );
}

/** A vector with one entry more. */
function withEntry(vector: Uint8Array, entry: readonly number[]): Uint8Array {
  const { value, next } = readLeb128(vector, 0);
  return joined([leb128(value + 1), vector.subarray(next), Uint8Array.from(entry)]);
}

/** Indexes of functions that are exported. No function is imported: their numbers are those of the code section. */
function exportedFunctions(section: Uint8Array): ReadonlySet<number> {
  const functions = new Set<number>();
  const { value: count, next } = readLeb128(section, 0);
  let position = next;
  for (let i = 0; i < count; i++) {
    const name = readLeb128(section, position);
    const kind = name.next + name.value;
    const index = readLeb128(section, kind + 1);
    if (section[kind] === EXPORTED_FUNCTION) {
      functions.add(index.value);
    }
    position = index.next;
  }
  return functions;
}

function countingTurns(section: Uint8Array, fuel: number, exported: ReadonlySet<number>): Uint8Array {
  const { value: count, next } = readLeb128(section, 0);
  const index = [...leb128(fuel)];
  const fill = Uint8Array.of(...FULL, Op.globalSet, ...index);
  const useUp = Uint8Array.of(
    ...[Op.globalGet, ...index, Op.i32Const, 1, Op.i32Sub, Op.globalSet, ...index],
    ...[Op.globalGet, ...index, Op.i32Eqz, Op.if, NO_RESULT, Op.unreachable, Op.end],
  );
  const bodies: Uint8Array[] = [leb128(count)];
  let position = next;
  for (let i = 0; i < count; i++) {
    const size = readLeb128(section, position);
    const body = section.subarray(size.next, size.next + size.value);
    const code = afterLocals(body);
    const parts = [body.subarray(0, code), ...(exported.has(i) ? [fill] : [])];
    let from = code;
    for (const loop of loopsOf(body, code)) {
      parts.push(body.subarray(from, loop), useUp);
      from = loop;
    }
    parts.push(body.subarray(from));
    const counting = joined(parts);
    bodies.push(leb128(counting.length), counting);
    position = size.next + size.value;
  }
  return joined(bodies);
}

/** Where the instructions of a function begin. */
function afterLocals(body: Uint8Array): number {
  const { value: groups, next } = readLeb128(body, 0);
  let position = next;
  for (let i = 0; i < groups; i++) {
    // How many, and the type: one byte.
    position = readLeb128(body, position).next + 1;
  }
  return position;
}

/** Where loops begin inside: every turn comes by there. */
function loopsOf(body: Uint8Array, start: number): number[] {
  const loops: number[] = [];
  for (let position = start; position < body.length; ) {
    const after = afterInstruction(body, position);
    if (body[position] === Op.loop) {
      loops.push(after);
    }
    position = after;
  }
  return loops;
}

/** How many numbers follow an instruction of the bulk operations, which have the prefix 0xfc; the first ones convert numbers. */
const BULK = [0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1, 2, 1, 2, 1, 1, 1];

/** Where the next instruction begins. @source the WebAssembly specification, Binary Format, Instructions */
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
      return afterNumbers(body, bulk.next, known(BULK[bulk.value], op));
    }
    default:
      return afterNumbers(body, first, known(numbersAfter(op), op));
  }
}

/** How many numbers follow an instruction; undefined for one that is not known. */
function numbersAfter(op: number): number | undefined {
  const within = (low: number, high: number): boolean => op >= low && op <= high;
  if (op === Op.callIndirect || op === Op.returnCallIndirect || within(0x28, 0x3e)) {
    return 2; // Of a load or store: alignment and offset.
  }
  if (
    within(Op.block, Op.if) ||
    within(0x0c, 0x0d) || // br, br_if
    within(0x10, 0x12) || // call, return_call
    within(0x20, 0x26) || // locals, globals and tables
    within(0x3f, 0x42) || // memory.size, memory.grow, i32.const, i64.const
    op === 0xd0 || // ref.null
    op === 0xd2 // ref.func
  ) {
    return 1;
  }
  if (
    within(0x00, 0x01) || // unreachable, nop
    op === 0x05 || // else
    op === Op.end ||
    op === 0x0f || // return
    within(0x1a, 0x1b) || // drop, select
    within(0x45, 0xc4) || // comparisons, arithmetic and conversions
    op === 0xd1 // ref.is_null
  ) {
    return 0;
  }
  return undefined;
}

function known(numbers: number | undefined, op: number): number {
  if (numbers === undefined) {
    throw new Error(`instruction 0x${op.toString(16)} of a module of the gate is not known`);
  }
  return numbers;
}

/** Numbers may be signed, and of 64 bits: only their length matters. */
function afterNumbers(body: Uint8Array, start: number, count: number): number {
  let position = start;
  for (let left = count; left > 0; position++) {
    if (((body[position] as number) & 0x80) === 0) {
      left--;
    }
  }
  return position;
}
