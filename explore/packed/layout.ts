/**
 * Where each field of a schema lies in the packed state. Kept apart from the accessors (packed.ts), so that another
 * layout, such as one that a C compiler chose, could sit under the same accessors.
 *
 * A state is a row of 32-bit words. A field is stored minus its smallest value, in as few bits as its range needs, and
 * never straddles two words; nor does a record narrower than a word. Wider records take whole words. What a record leaves
 * unused of its words goes to the record around it, unless the record moves: interchangeable elements take all of their
 * words along. Everything is placed by best fit, the widest first: what is visited is stored, hashed, copied and compared.
 */
import type { AnyField, StructField } from "../model/schema.ts";

/** Where one number or flag lies, relative to the start of its record. */
export interface Leaf {
  readonly name: string;
  readonly kind: "int" | "bool" | "ref";
  /** Offset in the record, in bits. */
  readonly bit: number;
  /** Width, 0 … 31 bits. A field with a single possible value has width 0. */
  readonly bits: number;
  readonly min: number;
  readonly max: number;
  readonly initial: number;
  /** For a `ref`: the sort it points into. */
  readonly sort?: string;
  readonly ghost?: true;
}

/** A record inside a record. */
export interface StructChild {
  readonly name: string;
  /** Offset in the outer record, in bits. */
  readonly bit: number;
  readonly layout: StructLayout;
}

/** One element of an array. */
export interface ArrayElement {
  /** Offset in the outer record, in bits. */
  readonly bit: number;
  readonly layout: StructLayout;
}

/** An array inside a record. */
export interface ArrayChild {
  readonly name: string;
  readonly elements: readonly ArrayElement[];
  readonly sort?: string;
}

/** A member that takes no space: the same value everywhere, or (`"self"`) the element's position plus one. */
export interface FixedMember {
  readonly name: string;
  readonly value: number | boolean | "self";
}

/** The layout of one record. */
export interface StructLayout {
  /** Member names in the order of the schema. */
  readonly names: readonly string[];
  readonly leaves: readonly Leaf[];
  readonly structs: readonly StructChild[];
  readonly arrays: readonly ArrayChild[];
  readonly fixed: readonly FixedMember[];
  /** Size in bits: 0 … 32, or a multiple of 32. */
  readonly size: number;
  /** What is unused of a record of several words. */
  readonly gaps: readonly Gap[];
}

/** Unused bits of one word, as offsets in the record: from `from` to before `to`. */
interface Gap {
  readonly from: number;
  readonly to: number;
}

/** Hands out room in a record. */
class Room {
  /** Words in use, in bits. */
  private end = 0;
  readonly gaps: Gap[] = [];

  /** Bits in use, from the start of the record to the end of its last field; whole words where there are several. */
  get size(): number {
    const [gap] = this.gaps;
    return this.end === 32 && gap !== undefined ? gap.from : this.end;
  }

  /** Takes up to 32 bits of one word, where they leave the smallest gap. */
  take(bits: number): number {
    if (bits === 0) {
      return 0;
    }
    const fitting = this.gaps.filter(({ from, to }) => to - from >= bits);
    const best = fitting.sort((a, b) => a.to - a.from - (b.to - b.from))[0];
    const { from, to } = best ?? { from: this.end, to: this.end + 32 };
    this.end = Math.max(this.end, to);
    if (best !== undefined) {
      this.gaps.splice(this.gaps.indexOf(best), 1);
    }
    if (from + bits < to) {
      this.gaps.push({ from: from + bits, to });
    }
    return from;
  }

  /** Takes whole words. @param gaps what may be handed out of them again */
  takeWords(bits: number, gaps: readonly Gap[]): number {
    const at = this.end;
    this.end += bits;
    this.gaps.push(...gaps.map(({ from, to }) => ({ from: at + from, to: at + to })));
    return at;
  }
}

/** Something to place in a record. */
interface Item {
  readonly size: number;
  /** What it leaves unused, and others may use. */
  readonly gaps: readonly Gap[];
  readonly place: (bit: number) => void;
}

/** Places everything: whole words first, and then the widest first. */
function placeAll(items: readonly Item[]): Room {
  const room = new Room();
  for (const { size, gaps, place } of items.filter((item) => item.size > 32)) {
    place(room.takeWords(size, gaps));
  }
  for (const { size, place } of items.filter((item) => item.size <= 32).sort((a, b) => b.size - a.size)) {
    place(room.take(size));
  }
  return room;
}

/** Lays out a record. Records with one and the same schema have one and the same layout. */
export function layoutOf(schema: StructField): StructLayout {
  return layoutWith(schema, new Map());
}

/** @param known the layouts of other records of the state */
function layoutWith(schema: StructField, known: Map<StructField, StructLayout>): StructLayout {
  const layout = known.get(schema) ?? newLayout(schema, (record) => layoutWith(record, known));
  known.set(schema, layout);
  return layout;
}

function newLayout(schema: StructField, inner: (record: StructField) => StructLayout): StructLayout {
  const leaves: Placing<Leaf>[] = [];
  const structs: Placing<StructChild>[] = [];
  const arrays: { readonly name: string; readonly elements: Placing<ArrayElement>[]; readonly sort?: string }[] = [];
  const fixed: FixedMember[] = [];
  const items: Item[] = [];
  const toBePlaced = <T extends { readonly bit: number }>(
    all: Placing<T>[],
    one: Omit<T, "bit">,
    size: number,
    gaps: readonly Gap[] = [],
  ): void => {
    const placing = { ...one, bit: 0 } as Placing<T>;
    all.push(placing);
    const place = (bit: number): void => {
      placing.bit = bit;
    };
    items.push({ size, gaps, place });
  };

  for (const [name, field] of Object.entries(schema.fields)) {
    switch (field.kind) {
      case "int":
      case "bool":
      case "ref": {
        const range = rangeOf(field);
        const bits = 32 - Math.clz32(range.max - range.min);
        const sort = field.kind === "ref" ? { sort: field.sort } : {};
        const ghost = field.kind !== "ref" && field.ghost === true ? { ghost: true as const } : {};
        toBePlaced<Leaf>(leaves, { name, kind: field.kind, bits, ...range, ...sort, ...ghost }, bits);
        break;
      }
      case "constant":
        fixed.push({ name, value: field.value });
        break;
      case "self":
        fixed.push({ name, value: "self" });
        break;
      case "struct": {
        const layout = inner(field);
        toBePlaced<StructChild>(structs, { name, layout }, layout.size, layout.gaps);
        break;
      }
      case "array": {
        const { sort } = field;
        const elements: Placing<ArrayElement>[] = [];
        for (const layout of field.elements.map(inner)) {
          toBePlaced<ArrayElement>(elements, { layout }, layout.size, sort === undefined ? layout.gaps : []);
        }
        arrays.push({ name, elements, ...(sort === undefined ? {} : { sort }) });
        break;
      }
    }
  }
  const { size, gaps } = placeAll(items);
  return { names: Object.keys(schema.fields), leaves, structs, arrays, fixed, size, gaps: size > 32 ? gaps : [] };
}

/** What gets its place later. */
type Placing<T extends { readonly bit: number }> = Omit<T, "bit"> & { bit: number };

function rangeOf(field: Extract<AnyField, { kind: "int" | "bool" | "ref" }>): {
  min: number;
  max: number;
  initial: number;
} {
  switch (field.kind) {
    case "int":
      return { min: field.min, max: field.max, initial: field.initial };
    case "bool":
      return { min: 0, max: field.never ? 0 : 1, initial: field.initial ? 1 : 0 };
    case "ref":
      return { min: 0, max: field.count, initial: 0 };
  }
}

/** A number, flag or reference with its place in the whole state. */
export interface PlacedLeaf extends Leaf {
  /** Offset in the state, in bits. */
  readonly at: number;
  /** How a person would write it: `nodes[1].owner`. */
  readonly path: string;
}

/** An element of an array with its place in the whole state. */
export interface PlacedElement {
  /** Offset in the state, in bits. */
  readonly at: number;
  readonly layout: StructLayout;
}

/** An array with its place in the whole state. */
export interface PlacedArray {
  readonly path: string;
  readonly elements: readonly PlacedElement[];
  readonly sort?: string;
}

/** Every leaf and every array of a state, in layout order. */
export function placesOf(layout: StructLayout): { leaves: PlacedLeaf[]; arrays: PlacedArray[] } {
  const leaves: PlacedLeaf[] = [];
  const arrays: PlacedArray[] = [];
  const walk = (record: StructLayout, base: number, path: string): void => {
    for (const leaf of record.leaves) {
      leaves.push({ ...leaf, at: base + leaf.bit, path: path + leaf.name });
    }
    for (const child of record.structs) {
      walk(child.layout, base + child.bit, `${path}${child.name}.`);
    }
    for (const { name, elements, ...sort } of record.arrays) {
      const placed = elements.map((element) => ({ at: base + element.bit, layout: element.layout }));
      arrays.push({ path: path + name, elements: placed, ...sort });
      placed.forEach((element, i) => {
        walk(element.layout, element.at, `${path}${name}[${i}].`);
      });
    }
  };
  walk(layout, 0, "");
  return { leaves, arrays };
}

/** Every field with its place and range, and every sort with its elements that are alike, as a text. */
export function describeLayout(layout: StructLayout): string {
  const { leaves, arrays } = placesOf(layout);
  const fields = leaves.map((leaf) => `${leaf.path}: ${leaf.sort ?? leaf.kind} ${leaf.min}…${leaf.max} at ${leaf.at}`);
  const sorts = arrays.flatMap(({ path, sort, elements }) => {
    const kinds = elements.map((each) => elements.findIndex((other) => other.layout === each.layout));
    return sort === undefined ? [] : [`${path}: ${sort} ${kinds.join()}`];
  });
  return [...fields, ...sorts].join("; ");
}
