/** The struct pages of a folio in the form that C accesses: words composed of cells and of constant bits. */
import type { Memory } from "../../races/access.ts";
import { TreeError } from "../tree/tree-error.ts";
import type { FolioField } from "./folio-fields.ts";

/** A field of the model that has a cell. */
export interface CellField extends FolioField {
  readonly cell: number;
}

/** A range of up to 8 bytes that one load or store accesses. */
export interface Span {
  readonly offset: number;
  readonly bytes: number;
  readonly parts: readonly Part[];
  /** The parts whose values a load returns. */
  readonly delivered: readonly Part[];
  /** The cells that a load reads. */
  readonly cells: readonly number[];
  /** The parts that a store writes. */
  readonly written: readonly Part[];
  /** The C object, and its name in texts; both are empty without cells. */
  readonly object: string;
  readonly name: string;
}

/** A field in a span. */
export interface Part {
  readonly field: CellField;
  /** Number of its word in the span, 0 or 1, and its lowest bit in that word. */
  readonly word: number;
  readonly shift: number;
  /** Mask of its bits in the word. */
  readonly mask: number;
  /** Lowest bit of its value in the value of the span, and mask of its value before shifting. */
  readonly valueShift: number;
  readonly valueMask: number;
}

const lowBits = (bits: number): number => (bits >= 32 ? -1 : (1 << bits) - 1);

/** The words of a folio. */
export class FolioWords {
  /** Constant part of the struct pages, in 32-bit words; bits of cells are 0. */
  readonly constant: Int32Array;
  readonly #fields: readonly CellField[];
  readonly #isKnown: (word: number) => boolean;
  /** Position of the field of each bit of the struct pages; −1 for none. */
  readonly #fieldOfBit: Int16Array;
  readonly #spans = new Map<number, Span>();
  readonly #masked = new Map<number, Map<number, Span>>();

  /**
   * @param constant words of the struct pages; the bits of fields are cleared in place
   * @param isKnown whether the bits of a word outside of fields have a known constant value
   */
  constructor(constant: Int32Array, fields: readonly CellField[], isKnown: (word: number) => boolean) {
    this.constant = constant;
    this.#fields = fields;
    this.#isKnown = isKnown;
    this.#fieldOfBit = new Int16Array(32 * constant.length).fill(-1);
    fields.forEach(({ bit, bits }, i) => {
      const word = bit >> 5;
      constant[word] = (constant[word] as number) & ~(lowBits(bits) << (bit & 31));
      this.#fieldOfBit.fill(i, bit, bit + bits);
    });
  }

  /**
   * Returns the span of a load or store. Undefined for 8 bytes whose values need more than 32 bits: these are two
   * accesses.
   *
   * @param place place of the access, for the message
   * @throws TreeError for bytes that have neither cells nor a known constant value
   */
  span(offset: number, bytes: number, place: string): Span | undefined {
    const key = (offset << 4) | bytes;
    const cached = this.#spans.get(key);
    if (cached !== undefined) {
      return cached;
    }
    const first = offset >> 2;
    const begin = 8 * offset;
    const end = begin + 8 * bytes;
    const inside = this.#fields.filter(({ bit, bits }) => bit < end && begin < bit + bits);
    for (let word = first; word << 2 < offset + bytes; word++) {
      if (!this.#isKnown(word) && !inside.some(({ bit }) => bit >> 5 === word)) {
        throw new TreeError(
          `${place} accesses byte ${offset} of the struct pages of a folio, where the model of races has no field`,
        );
      }
    }
    if (inside.reduce((sum, { valueBits }) => sum + valueBits, 0) > 32) {
      return undefined;
    }
    let valueShift = 0;
    const parts = inside.map((field): Part => {
      const shift = field.bit & 31;
      const part = {
        field,
        word: (field.bit >> 5) - first,
        shift,
        mask: lowBits(field.bits) << shift,
        valueShift,
        valueMask: lowBits(field.valueBits),
      };
      valueShift += field.valueBits;
      return part;
    });
    const [only] = inside;
    const span = {
      offset,
      bytes,
      parts,
      delivered: parts,
      cells: inside.map(({ cell }) => cell),
      written: parts.filter(({ field }) => field.follows === undefined),
      object: only?.object ?? "",
      name: inside.length === 1 ? (only as CellField).name : (only?.object ?? ""),
    };
    this.#spans.set(key, span);
    return span;
  }

  /** Restricts a span to the parts that a load with a mask of its first word uses. @param mask −1 for no restriction */
  masked(span: Span, mask: number): Span {
    if (mask === -1) {
      return span;
    }
    const key = (span.offset << 4) | span.bytes;
    const byMask = this.#masked.get(key) ?? new Map<number, Span>();
    this.#masked.set(key, byMask);
    let masked = byMask.get(mask);
    if (masked === undefined) {
      const used = mask << (8 * (span.offset & 3));
      const delivered = span.parts.filter((part) => part.word === 0 && (part.mask & used) !== 0);
      masked = { ...span, delivered };
      byMask.set(mask, masked);
    }
    return masked;
  }

  /**
   * Returns the field that begins at a bit and has `bits` bits; undefined for a bit without a field.
   *
   * @throws TreeError for a part of a field
   */
  fieldAt(bit: number, bits: 1 | 32, place: string): CellField | undefined {
    const field = this.#fields[this.#fieldOfBit[bit] ?? -1];
    if (field !== undefined && (field.bit !== bit || field.bits !== bits)) {
      throw new TreeError(`${place} accesses a part of ${field.name} with an atomic operation`);
    }
    return field;
  }
}

/** Reads the values of the cells of a span, and packs them into one number. */
export function readSpan(parts: readonly Part[], memory: Memory): number {
  if (parts.length === 1) {
    return memory.read((parts[0] as Part).field.cell);
  }
  let value = 0;
  for (const { field, valueShift, valueMask } of parts) {
    value |= (memory.read(field.cell) & valueMask) << valueShift;
  }
  return value;
}

/** Encodes one of the two words of a span from the packed value. @param constant the word without its cells */
export function wordOf(parts: readonly Part[], value: number, word: number, constant: number): number {
  let bits = constant;
  if (parts.length === 1) {
    const { field, word: own, shift, mask } = parts[0] as Part;
    return own === word ? bits | ((field.toC(value) << shift) & mask) : bits;
  }
  for (const { field, word: own, shift, mask, valueShift, valueMask } of parts) {
    if (own === word) {
      bits |= (field.toC((value >>> valueShift) & valueMask) << shift) & mask;
    }
  }
  return bits;
}
