/**
 * Where each field of a schema lies in the packed state. Kept apart from the accessors (packed.ts), so that another
 * layout, such as one that a C compiler chose, could sit under the same accessors.
 *
 * A state is a row of 32-bit words. A field is stored minus its smallest value, in as few bits as its range needs, and
 * never straddles two words. A record takes a power of two of bits or whole words, so equal elements of an array lie at a
 * constant stride and an element narrower than a word never straddles two either.
 */
import type { AnyField, StructField } from "./schema.ts";

/** Where one number or flag lies, relative to the start of its record. */
export interface Leaf {
  readonly name: string;
  readonly kind: "int" | "bool" | "ref";
  /** Offset in the record, in bits. */
  readonly bit: number;
  /** Width, 0 … 16 bits. A field with a single possible value has width 0. */
  readonly bits: number;
  readonly min: number;
  readonly max: number;
  readonly initial: number;
  /** For a `ref`: the sort it points into. */
  readonly sort?: string;
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
  /** Size in bits: 0, 1, 2, 4, 8, 16 or a multiple of 32. Also the distance between equal elements of an array. */
  readonly size: number;
}

/** Hands out room in a record, filling the gaps that alignment leaves. */
class Room {
  /** Bits in use, from the start of the record to the end of its last field. */
  used = 0;
  private end = 0;
  private readonly gaps: { from: number; readonly to: number }[] = [];

  /** Takes `bits` bits at a multiple of `alignment`; up to 32 bits never straddle a word. */
  take(bits: number, alignment: number): number {
    const from = this.fromGap(bits, alignment) ?? this.fromEnd(bits);
    this.used = Math.max(this.used, from + bits);
    return from;
  }

  private fromGap(bits: number, alignment: number): number | undefined {
    for (const gap of this.gaps) {
      const from = roundUp(gap.from, alignment);
      if (from + bits <= gap.to) {
        gap.from = from + bits;
        return from;
      }
    }
    return undefined;
  }

  private fromEnd(bits: number): number {
    const from = this.end;
    this.end = roundUp(from + bits, 32);
    this.gaps.push({ from: from + bits, to: this.end });
    return from;
  }
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
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
  const leaves: Leaf[] = [];
  const structs: StructChild[] = [];
  const arrays: ArrayChild[] = [];
  const fixed: FixedMember[] = [];
  const room = new Room();

  for (const [name, field] of Object.entries(schema.fields)) {
    switch (field.kind) {
      case "int":
      case "bool":
      case "ref": {
        const range = rangeOf(field);
        const bits = 32 - Math.clz32(range.max - range.min);
        const sort = field.kind === "ref" ? { sort: field.sort } : {};
        leaves.push({ name, kind: field.kind, bits, bit: room.take(bits, 1), ...range, ...sort });
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
        structs.push({ name, bit: room.take(layout.size, alignmentOf(layout)), layout });
        break;
      }
      case "array": {
        const sort = field.sort === undefined ? {} : { sort: field.sort };
        arrays.push({ name, elements: placeElements(field.elements.map(inner), room), ...sort });
        break;
      }
    }
  }
  const { used } = room;
  const size = used === 0 ? 0 : used <= 16 ? 2 ** Math.ceil(Math.log2(used)) : roundUp(used, 32);
  return { names: Object.keys(schema.fields), leaves, structs, arrays, fixed, size };
}

/** Places the elements of an array: those of one layout next to each other. */
function placeElements(layouts: readonly StructLayout[], room: Room): ArrayElement[] {
  const next = new Map<StructLayout, number>();
  return layouts.map((layout) => {
    const alike = layouts.filter((each) => each === layout).length;
    const bit = next.get(layout) ?? room.take(layout.size * alike, alignmentOf(layout));
    next.set(layout, bit + layout.size);
    return { bit, layout };
  });
}

function alignmentOf(layout: StructLayout): number {
  return Math.max(1, Math.min(layout.size, 32));
}

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
