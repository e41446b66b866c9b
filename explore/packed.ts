/**
 * Packed drafts: objects that look like a state and read and write one small typed array. A recipe that mutates a draft
 * mutates the encoded state itself, so there is nothing to serialise and nothing to allocate.
 *
 * Each layout of a record becomes a class with an accessor pair per field; an instance holds only the offset of its
 * record. The classes are generated, because V8 folds constants in source text into the recipes that it inlines the
 * accessors into. Closures over the same numbers do the same work in twice the time.
 */
import { FieldRangeError } from "./errors.ts";
import { FACTOR } from "./hash.ts";
import { type Leaf, layoutOf, placesOf, type StructLayout } from "./layout.ts";
import type { StructField } from "./schema.ts";

/**
 * All bits of one packed record as a value, but for those of ghost fields: what it takes to remember something by a record's
 * content. Every record of a packed draft has them; records of immutable states do not.
 */
export interface RecordBits {
  /** Which kind of record it is, from 1. Records of one kind have the same fields, at the same places. */
  readonly $kind: number;
  /** Length in 32-bit words, 0 … */
  readonly $length: number;
  /** Its upper bits are the good ones. */
  $hash(): number;
  $equals(words: Int32Array, at: number): boolean;
  $save(words: Int32Array, at: number): void;
  /** Makes it the record that was saved, which was one of its kind. Ghost fields stay as they are. */
  $restore(words: Int32Array, at: number): void;
}

/** The bits of a record, if it is one of a packed draft. */
export function hasBits<T extends object>(record: T): record is T & RecordBits {
  return "$kind" in record;
}

let kinds = 0;

/** Memory for two states side by side, with a draft on each. */
export interface PackedState<T> {
  readonly layout: StructLayout;
  /** Length of one state in 32-bit words. */
  readonly words: number;
  /** The current state in [0, words); the state before a step in [words, 2 × words). */
  readonly memory: Int32Array;
  /** The draft on the current state. Writing to it checks the declared range and throws FieldRangeError. */
  readonly draft: T;
  /** The draft on the state before a step. */
  readonly before: T;
}

function isSameLeaf(a: Leaf, b: Leaf): boolean {
  return a.name === b.name && a.kind === b.kind && a.min === b.min && a.max === b.max;
}

type OutOfRange = (leaf: number, word: number, shift: number, value: unknown) => never;
type RecordClass = new (bit: number, self: number) => object;

/** Memory and drafts for a schema. */
export function packedState<T>(schema: StructField<T>): PackedState<T> {
  const layout = layoutOf(schema);
  const words = Math.max(1, Math.ceil(layout.size / 32));
  const memory = new Int32Array(2 * words);
  const outOfRange = (leaf: Leaf, bit: number, value: unknown): never => {
    const at = (bit % (words * 32)) + leaf.bit;
    const place = placesOf(layout).leaves.find((each) => each.at === at && isSameLeaf(each, leaf));
    throw new FieldRangeError(place?.path ?? leaf.name, value, leaf.min, leaf.max);
  };
  const classes = new Map<StructLayout, RecordClass>();
  const classOf = (record: StructLayout): RecordClass => {
    const type = classes.get(record) ?? recordClass(record, memory, classOf, outOfRange);
    classes.set(record, type);
    return type;
  };
  const Root = classOf(layout);
  return { layout, words, memory, draft: new Root(0, 0) as T, before: new Root(words * 32, 0) as T };
}

/** @param classOf the class of each record inside this one: one class for each layout, so that V8 meets few of them */
function recordClass(
  layout: StructLayout,
  memory: Int32Array,
  classOf: (record: StructLayout) => RecordClass,
  outOfRange: (leaf: Leaf, bit: number, value: unknown) => never,
): RecordClass {
  const structs = layout.structs.map((child) => ({ ...child, type: classOf(child.layout) }));
  const arrays = layout.arrays.map(({ name, elements }) => ({
    name,
    elements: elements.map((element) => ({ ...element, type: classOf(element.layout) })),
  }));
  const adopt = (record: object, bit: number, self: number): void => {
    const set = (name: string, value: unknown): void => {
      Object.defineProperty(record, name, { value, enumerable: true });
    };
    for (const { name, value } of layout.fixed) {
      set(name, value === "self" ? self : value);
    }
    for (const child of structs) {
      set(child.name, new child.type(bit + child.bit, self));
    }
    for (const { name, elements } of arrays) {
      // Not frozen: V8 does not inline element loads from frozen arrays.
      set(
        name,
        elements.map((element, i) => new element.type(bit + element.bit, i + 1)),
      );
    }
  };
  const fail: OutOfRange = (leaf, word, shift, value) =>
    outOfRange(layout.leaves[leaf] as Leaf, word * 32 + shift, value);
  const source = `
    const memory = givenMemory, adopt = givenAdopt, fail = givenFail;
    return class PackedRecord {
      constructor(bit, self) {
        this.$word = bit >> 5;
        this.$shift = bit & 31;
        adopt(this, bit, self);
      }
      ${layout.leaves.map((leaf, index) => accessorSource(leaf, index, layout.size < 32)).join("\n")}
      ${bitsSource(layout)}
    };`;
  return new Function("givenMemory", "givenAdopt", "givenFail", source)(memory, adopt, fail) as RecordClass;
}

/**
 * The getter and setter of one field.
 *
 * @param narrow whether the record starts inside a word, at `this.$shift`
 */
function accessorSource(leaf: Leaf, index: number, narrow: boolean): string {
  const { name, min, max } = leaf;
  if (leaf.bits === 0) {
    const only = leaf.kind === "bool" ? "false" : `${min}`;
    return `
      get ${name}() { return ${only}; }
      set ${name}(value) { if (value !== ${only}) fail(${index}, this.$word, this.$shift, value); }`;
  }
  const word = narrow || leaf.bit < 32 ? "this.$word" : `this.$word + ${leaf.bit >> 5}`;
  const shift = narrow ? `(this.$shift + ${leaf.bit})` : `${leaf.bit & 31}`;
  const mask = 2 ** leaf.bits - 1;
  if (leaf.kind === "bool") {
    return `
      get ${name}() { return (memory[${word}] >>> ${shift} & 1) !== 0; }
      set ${name}(value) {
        const at = ${word}, flag = 1 << ${shift};
        memory[at] = value ? memory[at] | flag : memory[at] & ~flag;
      }`;
  }
  return `
      get ${name}() { return (memory[${word}] >>> ${shift} & ${mask}) + (${min}); }
      set ${name}(value) {
        if ((value | 0) !== value || value < ${min} || value > ${max}) fail(${index}, this.$word, this.$shift, value);
        const at = ${word}, shift = ${shift};
        memory[at] = memory[at] & ~(${mask} << shift) | value - (${min}) << shift;
      }`;
}

/** The members of RecordBits. */
function bitsSource(layout: StructLayout): string {
  const masks = new Int32Array(Math.ceil(layout.size / 32));
  for (const { at, bits } of placesOf(layout).leaves.filter(({ ghost }) => ghost !== true)) {
    masks[at >> 5] = (masks[at >> 5] as number) | ((2 ** bits - 1) << (at & 31));
  }
  // A record that is narrower than a word begins somewhere in it.
  const shift = layout.size < 32 ? " >>> this.$shift" : "";
  const back = layout.size < 32 ? " << this.$shift" : "";
  const words = [...masks].map((mask, i) => ({
    place: `memory[this.$word + ${i}]`,
    value: `(memory[this.$word + ${i}]${shift} & ${mask})`,
    others: `~(${mask}${back})`,
    saved: `words[at + ${i}]`,
  }));
  return `
      get $kind() { return ${++kinds}; }
      get $length() { return ${words.length}; }
      $hash() { return ${words.reduce((hash, { value }) => `Math.imul(${hash} ^ ${value}, ${FACTOR})`, "0")}; }
      $equals(words, at) { return ${words.map(({ saved, value }) => `${saved} === ${value}`).join(" && ") || "true"}; }
      $save(words, at) { ${words.map(({ saved, value }) => `${saved} = ${value};`).join(" ")} }
      $restore(words, at) {
        ${words.map(({ place, others, saved }) => `${place} = ${place} & ${others} | ${saved}${back};`).join(" ")}
      }`;
}
