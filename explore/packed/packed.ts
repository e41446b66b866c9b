/**
 * Packed drafts: objects with the shape of a state whose accessors read and write one small typed array. A recipe that
 * mutates a draft mutates the encoded state directly: no serialisation, no allocation.
 *
 * Each layout of a record becomes a class with an accessor pair per field; an instance holds only the offset of its
 * record. The classes are generated, because V8 folds constants in source text into the recipes that inline the
 * accessors. Closures over the same numbers take twice the time. The accessors are own properties of the record, so
 * that Object.keys(), spread and JSON treat a draft like a plain object.
 */
import { FieldRangeError, MachineError, UnknownFieldError } from "../model/errors.ts";
import type { StructField } from "../model/schema.ts";
import { FACTOR } from "./hash.ts";
import { type FixedMember, type Leaf, layoutOf, placesOf, type StructLayout } from "./layout.ts";

/**
 * All bits of one packed record as a value, without ghost fields: a key for caches by a record's content. Every record
 * of a packed draft has these members; records of immutable states do not.
 */
export interface RecordBits {
  /** Number of the record's class, from 1. Records of one kind have the same fields, at the same places. */
  readonly $kind: number;
  /** Length in 32-bit words, 0 … */
  readonly $length: number;
  /** Only its upper bits are well mixed. */
  $hash(): number;
  $equals(words: Int32Array, at: number): boolean;
  $save(words: Int32Array, at: number): void;
  /** Restores a saved record of the same kind. Ghost fields are unchanged. */
  $restore(words: Int32Array, at: number): void;
}

/** Whether the record belongs to a packed draft. */
export function hasBits<T extends object>(record: T): record is T & RecordBits {
  return "$kind" in record;
}

/** Whether the record belongs to a state passed to properties, which must not write to it. */
export function isReadOnly(record: object): boolean {
  return "$readOnly" in record && record.$readOnly === true;
}

let kinds = 0;

/** Memory for two consecutive states, with drafts and read-only records on them. */
export interface PackedState<T> {
  readonly layout: StructLayout;
  /** Length of one state in 32-bit words. */
  readonly words: number;
  /** The current state in [0, words); the state before a step in [words, 2 × words). */
  readonly memory: Int32Array;
  /** The draft on the current state. Writing to it checks the declared range and throws FieldRangeError. */
  readonly draft: T;
  /** The current state, read-only: writing to it throws a MachineError (`read-only`). */
  readonly after: T;
  /** The state before a step, read-only. */
  readonly before: T;
  /**
   * Undoes changes by a recipe or property to an array itself, rather than to fields of its elements. Such changes
   * cannot be prevented, because V8 does not inline element loads from frozen or sealed arrays.
   *
   * @param thoroughly also detects added non-element fields of the array, which takes longer; those are not undone
   * @returns path of a changed array, if there is one
   */
  readonly restoreArrays: (thoroughly: boolean) => string | undefined;
}

/** A record with its path. Names of schema fields never contain a dollar sign. */
interface PackedRecord {
  /** Path of the record, as in `nodes[1]`; empty for the state itself. */
  readonly $path: string;
  readonly $readOnly: boolean;
}

type RecordClass = new (bit: number, self: number, path: string, readOnly: boolean) => object;

/** An array of records, and its original elements. */
interface RecordArray {
  readonly path: string;
  readonly array: unknown[];
  readonly elements: readonly unknown[];
}

/** Allocates memory and drafts for a schema. */
export function packedState<T>(schema: StructField<T>): PackedState<T> {
  const layout = layoutOf(schema);
  const words = Math.max(1, Math.ceil(layout.size / 32));
  const memory = new Int32Array(2 * words);
  const arrays: RecordArray[] = [];
  const classes = new Map<StructLayout, RecordClass>();
  const classOf = (record: StructLayout): RecordClass => {
    const type = classes.get(record) ?? recordClass(record, memory, classOf, arrays);
    classes.set(record, type);
    return type;
  };
  const Root = classOf(layout);
  return {
    layout,
    words,
    memory,
    draft: new Root(0, 0, "", false) as T,
    after: new Root(0, 0, "", true) as T,
    before: new Root(words * 32, 0, "", true) as T,
    restoreArrays: (thoroughly) => {
      const changed = arrays.find((each) => wasChanged(each) || (thoroughly && hasForeignField(each)));
      return changed && restore(changed);
    },
  };
}

/** A plain loop: a search calls it after thousands of its steps. */
function wasChanged({ array, elements }: RecordArray): boolean {
  if (array.length !== elements.length) {
    return true;
  }
  for (let i = 0; i < elements.length; i++) {
    if (array[i] !== elements[i]) {
      return true;
    }
  }
  return false;
}

function hasForeignField({ array, elements }: RecordArray): boolean {
  return Object.keys(array).length !== elements.length;
}

function restore({ path, array, elements }: RecordArray): string {
  array.splice(0, array.length, ...elements);
  return path;
}

/**
 * @param classOf returns the class of an inner record: one class for each layout, so that call sites in V8 stay
 *   monomorphic. Read-only records have the same class as drafts, because kernel functions are called with both.
 * @param allArrays receives the arrays of every record instance
 */
function recordClass(
  layout: StructLayout,
  memory: Int32Array,
  classOf: (record: StructLayout) => RecordClass,
  allArrays: RecordArray[],
): RecordClass {
  const structs = layout.structs.map((child) => ({ ...child, type: classOf(child.layout) }));
  const arrays = layout.arrays.map(({ name, elements }) => ({
    name,
    elements: elements.map((element) => ({ ...element, type: classOf(element.layout) })),
  }));
  const adopt = (record: PackedRecord, bit: number, self: number): void => {
    const { $path, $readOnly } = record;
    const set = (name: string, value: unknown): void => {
      Object.defineProperty(record, hidden(name), { value });
    };
    for (const { name, value } of layout.fixed) {
      set(name, value === "self" ? self : value);
    }
    for (const { name, type, bit: from } of structs) {
      set(name, new type(bit + from, self, pathOf($path, name), $readOnly));
    }
    for (const { name, elements } of arrays) {
      const path = pathOf($path, name);
      const array = elements.map(({ type, bit: from }, i) => new type(bit + from, i + 1, `${path}[${i}]`, $readOnly));
      allArrays.push({ path, array, elements: [...array] });
      set(name, array);
    }
  };
  const refuse = (record: PackedRecord, index: number, value: unknown): never => {
    const { name, min, max } = layout.leaves[index] as Leaf;
    const field = pathOf(record.$path, name);
    throw record.$readOnly ? readOnlyField(field, FOR_PROPERTIES) : new FieldRangeError(field, value, min, max);
  };
  const refuseWhole = (record: PackedRecord, name: string, why: string): never => {
    throw readOnlyField(pathOf(record.$path, name), record.$readOnly ? FOR_PROPERTIES : why);
  };
  const refuseAll = ({ $path }: PackedRecord): never => {
    throw readOnlyField($path, FOR_PROPERTIES);
  };
  const members = [
    ...layout.leaves.map((leaf, index) => ({ name: leaf.name, source: leafSource(leaf, index, layout.size < 32) })),
    ...layout.fixed.map((member) => ({ name: member.name, source: wholeSource(member.name, whyFixed(member)) })),
    ...layout.structs.map(({ name }) => ({ name, source: wholeSource(name, "write to the fields of the record") })),
    ...layout.arrays.map(({ name }) => ({ name, source: wholeSource(name, "write to the fields of its elements") })),
  ].sort((a, b) => layout.names.indexOf(a.name) - layout.names.indexOf(b.name));
  const source = `
    const { Sealed, memory, adopt, refuse, refuseWhole, refuseAll } = given;
    const fields = {
      ${members.map(({ name, source }) => `${name}: { enumerable: true, ${source} }`).join(",\n")}
    };
    return class PackedRecord extends Sealed {
      constructor(bit, self, path, readOnly) {
        super();
        ${roomSource(layout)}
        Object.defineProperties(this, {
          $word: { value: bit >> 5 },
          $shift: { value: bit & 31 },
          $path: { value: path },
          $readOnly: { value: readOnly },
          ...fields,
        });
        adopt(this, bit, self);
        Object.preventExtensions(this);
      }
      ${bitsSource(layout)}
    };`;
  return new Function("given", source)({ Sealed, memory, adopt, refuse, refuseWhole, refuseAll }) as RecordClass;
}

/**
 * Source of assignments that are never executed. V8 reserves in-object space for the properties that a constructor
 * assigns; properties that are only defined would be stored out of object, where every field access is slower.
 */
function roomSource({ fixed, structs, arrays }: StructLayout): string {
  const names = [
    "$word",
    "$shift",
    "$path",
    "$readOnly",
    ...[...fixed, ...structs, ...arrays].map(({ name }) => hidden(name)),
  ];
  return `if (path === undefined) ${names.map((name) => `this.${name}`).join(" = ")} = undefined;`;
}

const FOR_PROPERTIES = "states are read-only for properties and views";

function readOnlyField(field: string, why: string): MachineError {
  return new MachineError("read-only", `field ${field} cannot be written: ${why}`, { field });
}

function whyFixed({ value }: FixedMember): string {
  return value === "self" ? "it is the number of the element" : "it is a constant";
}

function pathOf(record: string, name: string): string {
  return record === "" ? name : `${record}.${name}`;
}

/** Name of the property that stores the value of a member without bits. */
function hidden(name: string): string {
  return `$_${name}`;
}

/** The end of the prototype chain of records: writing an unknown field reaches it, in strict mode or not. */
class Sealed {}
Object.setPrototypeOf(
  Sealed.prototype,
  new Proxy(Object.prototype, {
    set: (_, name, _value, record: PackedRecord) => {
      throw new UnknownFieldError(record.$path, String(name));
    },
  }),
);

/**
 * Source of the getter and setter of one field.
 *
 * @param narrow whether the record starts inside a word, at `this.$shift`
 */
function leafSource(leaf: Leaf, index: number, narrow: boolean): string {
  const { min, max } = leaf;
  if (leaf.bits === 0) {
    const only = leaf.kind === "bool" ? "false" : `${min}`;
    return `
      get() { return ${only}; },
      set(value) { if (this.$readOnly || value !== ${only}) refuse(this, ${index}, value); }`;
  }
  const word = narrow || leaf.bit < 32 ? "this.$word" : `this.$word + ${leaf.bit >> 5}`;
  const shift = narrow ? `(this.$shift + ${leaf.bit})` : `${leaf.bit & 31}`;
  const mask = 2 ** leaf.bits - 1;
  if (leaf.kind === "bool") {
    return `
      get() { return (memory[${word}] >>> ${shift} & 1) !== 0; },
      set(value) {
        if (this.$readOnly || typeof value !== "boolean") refuse(this, ${index}, value);
        const at = ${word}, flag = 1 << ${shift};
        memory[at] = value ? memory[at] | flag : memory[at] & ~flag;
      }`;
  }
  return `
      get() { return (memory[${word}] >>> ${shift} & ${mask}) + (${min}); },
      set(value) {
        if (this.$readOnly || (value | 0) !== value || value < ${min} || value > ${max}) refuse(this, ${index}, value);
        const at = ${word}, shift = ${shift};
        memory[at] = memory[at] & ~(${mask} << shift) | value - (${min}) << shift;
      }`;
}

/** Source of the getter and setter of a member that cannot be assigned as a whole. */
function wholeSource(name: string, why: string): string {
  return `
      get() { return this.${hidden(name)}; },
      set() { refuseWhole(this, "${name}", "${why}"); }`;
}

/** Source of the members of RecordBits. */
function bitsSource(layout: StructLayout): string {
  const masks = new Int32Array(Math.ceil(layout.size / 32));
  for (const { at, bits } of placesOf(layout).leaves.filter(({ ghost }) => ghost !== true)) {
    masks[at >> 5] = (masks[at >> 5] as number) | ((2 ** bits - 1) << (at & 31));
  }
  // A record narrower than a word starts at any bit of it.
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
        if (this.$readOnly) refuseAll(this);
        ${words.map(({ place, others, saved }) => `${place} = ${place} & ${others} | ${saved}${back};`).join(" ")}
      }`;
}
