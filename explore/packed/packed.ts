/**
 * Packed drafts: objects that look like a state and read and write one small typed array. A recipe that mutates a draft
 * mutates the encoded state itself, so there is nothing to serialise and nothing to allocate.
 *
 * Each layout of a record becomes a class with an accessor pair per field; an instance holds only the offset of its
 * record. The classes are generated, because V8 folds constants in source text into the recipes that it inlines the
 * accessors into. Closures over the same numbers do the same work in twice the time. The accessors are the record's own
 * properties, so that a draft looks like a plain object to Object.keys(), spread and JSON too.
 */
import { FieldRangeError, MachineError, UnknownFieldError } from "../model/errors.ts";
import type { StructField } from "../model/schema.ts";
import { FACTOR } from "./hash.ts";
import { type FixedMember, type Leaf, layoutOf, placesOf, type StructLayout } from "./layout.ts";

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

/** Whether the record is one that properties see: writing to it is an error. */
export function isReadOnly(record: object): boolean {
  return "$readOnly" in record && record.$readOnly === true;
}

let kinds = 0;

/** Memory for two states side by side, with drafts and read-only records on them. */
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
   * Undoes what a recipe or property did to an array itself, rather than to its elements' fields: it cannot be prevented,
   * because V8 does not inline element loads from frozen or sealed arrays.
   *
   * @param thoroughly finds fields of the array too that are no elements, and takes longer; those are not undone
   * @returns path of an array that was changed, if there was one
   */
  readonly restoreArrays: (thoroughly: boolean) => string | undefined;
}

/** A record with its place. The names of fields have no dollar sign. */
interface PackedRecord {
  /** Path of the record, as in `nodes[1]`; empty for the state itself. */
  readonly $path: string;
  readonly $readOnly: boolean;
}

type RecordClass = new (bit: number, self: number, path: string, readOnly: boolean) => object;

/** An array of records, and its elements as they were made. */
interface MadeArray {
  readonly path: string;
  readonly array: unknown[];
  readonly elements: readonly unknown[];
}

/** Memory and drafts for a schema. */
export function packedState<T>(schema: StructField<T>): PackedState<T> {
  const layout = layoutOf(schema);
  const words = Math.max(1, Math.ceil(layout.size / 32));
  const memory = new Int32Array(2 * words);
  const arrays: MadeArray[] = [];
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

/** A plain loop: called after thousands of steps of each search. */
function wasChanged({ array, elements }: MadeArray): boolean {
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

function hasForeignField({ array, elements }: MadeArray): boolean {
  return Object.keys(array).length !== elements.length;
}

function restore({ path, array, elements }: MadeArray): string {
  array.splice(0, array.length, ...elements);
  return path;
}

/**
 * @param classOf the class of each record inside this one: one class for each layout, so that V8 meets few of them. Read-only
 *   records have the same class as drafts: kernel functions are called with both, and stay monomorphic.
 * @param made gets the arrays of every record that is made
 */
function recordClass(
  layout: StructLayout,
  memory: Int32Array,
  classOf: (record: StructLayout) => RecordClass,
  made: MadeArray[],
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
      made.push({ path, array, elements: [...array] });
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
 * Never executed. V8 makes room inside of an object for as many properties as its constructor assigns; those that are only
 * defined would lie outside, which makes every access to a field slower.
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

/** Name of the property that holds the value of a member without bits. */
function hidden(name: string): string {
  return `$_${name}`;
}

/** The end of the prototype chain of records: writing a field that they do not have ends here, in strict mode or not. */
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
 * The getter and setter of one field.
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

/** The getter and setter of a member that cannot be written as a whole. */
function wholeSource(name: string, why: string): string {
  return `
      get() { return this.${hidden(name)}; },
      set() { refuseWhole(this, "${name}", "${why}"); }`;
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
        if (this.$readOnly) refuseAll(this);
        ${words.map(({ place, others, saved }) => `${place} = ${place} & ${others} | ${saved}${back};`).join(" ")}
      }`;
}
