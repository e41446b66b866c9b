/**
 * Location of each field of a schema in the packed state. Separate from the accessors (packed.ts), so that another
 * layout, such as a C compiler's, can have the same accessors.
 *
 * A state is a row of 32-bit words. A field is stored minus its smallest value, in the fewest bits that hold its range,
 * and never straddles two words; neither does a record narrower than a word. Wider records occupy whole words. Unused
 * bits of these go to the enclosing record, unless the record is movable: interchangeable elements include all bits of
 * their words. Placement is best fit, widest first: small states are faster to store, hash, copy and compare.
 */
import type { AnyField, StructField } from "../model/schema.ts";

/** Location of one number or flag, relative to the start of its record. */
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
  /** For a `ref`: the scalarset it refers to. */
  readonly scalarset?: string;
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
  readonly scalarset?: string;
}

/** A member that occupies no bits: the same value everywhere, or (`"self"`) the element's position plus one. */
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
  /** Unused bits of a record of several words. */
  readonly gaps: readonly Gap[];
}

/** Unused bits of one word, as offsets in the record: from `from` to before `to`. */
interface Gap {
  readonly from: number;
  readonly to: number;
}

/** Allocates bits in a record. */
class BitAllocator {
  /** Words in use, in bits. */
  private end = 0;
  readonly gaps: Gap[] = [];

  /** Allocated bits, from the start of the record to the end of its last field; whole words if there are several. */
  get size(): number {
    const [gap] = this.gaps;
    return this.end === 32 && gap !== undefined ? gap.from : this.end;
  }

  /** Allocates up to 32 bits of one word, in the smallest gap that fits. */
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

  /** Allocates whole words. @param gaps the unused bits of them, which become available */
  takeWords(bits: number, gaps: readonly Gap[]): number {
    const at = this.end;
    this.end += bits;
    this.gaps.push(...gaps.map(({ from, to }) => ({ from: at + from, to: at + to })));
    return at;
  }
}

/** A member to be placed in a record. */
interface Item {
  readonly size: number;
  /** Its unused bits, available to other members. */
  readonly gaps: readonly Gap[];
  readonly place: (bit: number) => void;
}

/** Places all items: whole words first, then the widest first. */
function placeAll(items: readonly Item[]): BitAllocator {
  const room = new BitAllocator();
  for (const { size, gaps, place } of items.filter((item) => item.size > 32)) {
    place(room.takeWords(size, gaps));
  }
  for (const { size, place } of items.filter((item) => item.size <= 32).sort((a, b) => b.size - a.size)) {
    place(room.take(size));
  }
  return room;
}

/** Lays out a record. Records with the same schema object have the same layout object. */
export function layoutOf(schema: StructField): StructLayout {
  return layoutWith(schema, new Map());
}

/** @param cache layouts of other records of the state */
function layoutWith(schema: StructField, cache: Map<StructField, StructLayout>): StructLayout {
  const layout = cache.get(schema) ?? newLayout(schema, (record) => layoutWith(record, cache));
  cache.set(schema, layout);
  return layout;
}

function newLayout(schema: StructField, inner: (record: StructField) => StructLayout): StructLayout {
  const leaves: Unplaced<Leaf>[] = [];
  const structs: Unplaced<StructChild>[] = [];
  const arrays: { readonly name: string; readonly elements: Unplaced<ArrayElement>[]; readonly scalarset?: string }[] =
    [];
  const fixed: FixedMember[] = [];
  const items: Item[] = [];
  const enqueue = <T extends { readonly bit: number }>(
    all: Unplaced<T>[],
    one: Omit<T, "bit">,
    size: number,
    gaps: readonly Gap[] = [],
  ): void => {
    const unplaced = { ...one, bit: 0 } as Unplaced<T>;
    all.push(unplaced);
    const place = (bit: number): void => {
      unplaced.bit = bit;
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
        const scalarset = field.kind === "ref" ? { scalarset: field.scalarset } : {};
        const ghost = field.kind !== "ref" && field.ghost === true ? { ghost: true as const } : {};
        enqueue<Leaf>(leaves, { name, kind: field.kind, bits, ...range, ...scalarset, ...ghost }, bits);
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
        enqueue<StructChild>(structs, { name, layout }, layout.size, layout.gaps);
        break;
      }
      case "array": {
        const { scalarset } = field;
        const elements: Unplaced<ArrayElement>[] = [];
        for (const layout of field.elements.map(inner)) {
          enqueue<ArrayElement>(elements, { layout }, layout.size, scalarset === undefined ? layout.gaps : []);
        }
        arrays.push({ name, elements, ...(scalarset === undefined ? {} : { scalarset }) });
        break;
      }
    }
  }
  const { size, gaps } = placeAll(items);
  return { names: Object.keys(schema.fields), leaves, structs, arrays, fixed, size, gaps: size > 32 ? gaps : [] };
}

/** A member whose offset is assigned later. */
type Unplaced<T extends { readonly bit: number }> = Omit<T, "bit"> & { bit: number };

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

/** A number, flag or reference with its offset in the whole state. */
export interface PlacedLeaf extends Leaf {
  /** Offset in the state, in bits. */
  readonly at: number;
  /** Path as in source code: `nodes[1].owner`. */
  readonly path: string;
}

/** An element of an array with its offset in the whole state. */
export interface PlacedElement {
  /** Offset in the state, in bits. */
  readonly at: number;
  readonly layout: StructLayout;
}

/** An array with the offsets of its elements in the whole state. */
export interface PlacedArray {
  readonly path: string;
  readonly elements: readonly PlacedElement[];
  readonly scalarset?: string;
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
    for (const { name, elements, ...scalarset } of record.arrays) {
      const placed = elements.map((element) => ({ at: base + element.bit, layout: element.layout }));
      arrays.push({ path: path + name, elements: placed, ...scalarset });
      placed.forEach((element, i) => {
        walk(element.layout, element.at, `${path}${name}[${i}].`);
      });
    }
  };
  walk(layout, 0, "");
  return { leaves, arrays };
}

/** Formats every field with its place and range, and every scalarset with its classes of equal elements, as a text. */
export function describeLayout(layout: StructLayout): string {
  const { leaves, arrays } = placesOf(layout);
  const fields = leaves.map(
    (leaf) => `${leaf.path}: ${leaf.scalarset ?? leaf.kind} ${leaf.min}…${leaf.max} at ${leaf.at}`,
  );
  const scalarsets = arrays.flatMap(({ path, scalarset, elements }) => {
    const kinds = elements.map((each) => elements.findIndex((other) => other.layout === each.layout));
    return scalarset === undefined ? [] : [`${path}: ${scalarset} ${kinds.join()}`];
  });
  return [...fields, ...scalarsets].join("; ");
}
