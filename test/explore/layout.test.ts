import { describe, expect, it } from "vitest";
import { FieldRangeError } from "../../explore/model/errors.ts";
import { assign, initialValue, plainCopy, validate } from "../../explore/model/json.ts";
import {
  array,
  at,
  bool,
  constant,
  int,
  list,
  never,
  ref,
  type StructField,
  self,
  struct,
} from "../../explore/model/schema.ts";
import { describeLayout, layoutOf, type PlacedLeaf, placesOf } from "../../explore/packed/layout.ts";
import { packedState } from "../../explore/packed/packed.ts";
import * as fc from "../fast-check.ts";
import { encodingOf, type Plain, randomSchema, randomState } from "../toys/random-schema.ts";

const schemaAndState = randomSchema.chain((schema) => fc.tuple(fc.constant(schema), randomState(schema)));

/** The record and the leaf name of a path such as `a.b[1].c`. */
function ownerOf(draft: unknown, path: string): { readonly record: Plain; readonly name: string } {
  const keys = path.replaceAll("]", "").split(/[.[]/);
  const name = keys.pop() ?? "";
  const record = keys.reduce<unknown>((value, key) => (value as Plain)[key], draft);
  return { record: record as Plain, name };
}

function bitsOf(leaf: PlacedLeaf): number[] {
  return Array.from({ length: leaf.bits }, (_, i) => leaf.at + i);
}

describe("A layout", () => {
  it("a layout never assigns a bit to two fields, and all bits are within the state", () => {
    fc.assert(
      fc.property(randomSchema, (schema) => {
        const { words } = packedState(schema);
        const bits = placesOf(layoutOf(schema)).leaves.flatMap(bitsOf);
        expect(new Set(bits).size).toBe(bits.length);
        expect(Math.max(-1, ...bits)).toBeLessThan(words * 32);
      }),
    );
  });

  it("no field of a layout straddles two words, nor does an element narrower than a word", () => {
    fc.assert(
      fc.property(randomSchema, (schema) => {
        const { leaves, arrays } = placesOf(layoutOf(schema));
        for (const leaf of leaves.filter((each) => each.bits > 0)) {
          expect((leaf.at + leaf.bits - 1) >> 5).toBe(leaf.at >> 5);
        }
        for (const { at, layout } of arrays.flatMap((each) => each.elements)) {
          const { size } = layout;
          expect(size === 0 || (size < 32 ? (at + size - 1) >> 5 === at >> 5 : at % 32 === 0)).toBe(true);
        }
      }),
    );
  });

  it("a field has as many bits as its range needs", () => {
    const { leaves } = placesOf(
      layoutOf(
        struct({
          none: int(7, 7),
          one: int(-1, 0),
          two: int(0, 2),
          eight: int(0, 255),
          nine: int(0, 256),
          sixteen: int(-32768, 32767),
          most: int(-(2 ** 31), -1),
          flag: bool(),
          unset: never(),
          link: ref("x", 3),
          fixed: constant(3),
          me: self(),
        }),
      ),
    );
    expect(Object.fromEntries(leaves.map(({ name, bits }) => [name, bits]))).toEqual({
      none: 0,
      one: 1,
      two: 2,
      eight: 8,
      nine: 9,
      sixteen: 16,
      most: 31,
      flag: 1,
      unset: 0,
      link: 2,
    });
  });

  it("a layout fills gaps: five 6-bit fields and two flags fit one word", () => {
    const sixBits = int(0, 63);
    expect(
      layoutOf(struct({ a: sixBits, b: sixBits, c: sixBits, d: sixBits, e: sixBits, f: bool(), g: bool() })).size,
    ).toBe(32);
    // A record of two words leaves 15 bits; the flag uses one of them.
    const wide = struct({ a: int(0, 65535), b: int(0, 65535), c: bool() });
    expect(layoutOf(struct({ wide, late: bool() })).size).toBe(64);
    // Three 16-bit fields use two words and leave half a word, which two elements of a byte fill; four need another
    // word.
    const halves = { a: int(0, 65535), b: int(0, 65535), c: int(0, 65535) };
    expect(layoutOf(struct({ ...halves, d: array(struct({ x: int(0, 255) }), 2) })).size).toBe(64);
    expect(layoutOf(struct({ ...halves, d: array(struct({ x: int(0, 255) }), 4) })).size).toBe(96);
  });

  it("a narrow record has no more bits than its fields need", () => {
    const entry = struct({ folio: int(0, 7), page: int(0, 3), writable: bool() });
    expect(layoutOf(entry).size).toBe(6);
    expect(layoutOf(struct({ entries: array(entry, 5), two: int(0, 3) })).size).toBe(32);
  });

  it("an interchangeable element shares its words with no other field, because they move as a whole", () => {
    const wide = struct({ a: int(0, 65535), b: int(0, 65535), c: bool() });
    const symmetric = struct({ wides: array(wide, 2, { symmetric: "wide" }), late: bool() });
    expect(layoutOf(symmetric).size).toBe(160);
    expect(layoutOf(struct({ wides: array(wide, 2), late: bool() })).size).toBe(128);
  });
});

describe("The description of a layout", () => {
  const [x, y] = [int(0, 3), int(0, 3)];
  const [one, other] = [struct({ x }), struct({ x })];
  const items = (elements: StructField<{ x: number }>[]): StructField =>
    struct({ items: list(elements, { symmetric: "item" }) });
  const describeSchema = (schema: StructField): string => describeLayout(layoutOf(schema));

  it.each([
    { differ: "places", schemas: [struct({ x, y }), struct({ y, x })] },
    { differ: "ranges", schemas: [struct({ x }), struct({ x: int(1, 4) })] },
    { differ: "kinds", schemas: [struct({ x: bool() }), struct({ x: int(0, 1) })] },
    { differ: "names", schemas: [struct({ x }), struct({ y: x })] },
    { differ: "interchangeable elements", schemas: [items([one, one, other]), items([one, other, other])] },
    { differ: "scalarsets", schemas: [items([one, one]), struct({ items: list([one, one]) })] },
  ])("descriptions of layouts differ if their $differ differ", ({ schemas }) => {
    expect(new Set(schemas.map(describeSchema)).size).toBe(2);
  });

  it("descriptions of layouts are equal for equal schemas", () => {
    const write = (): StructField => struct({ x, list: array(struct({ y }), 2, { symmetric: "item" }) });
    expect(describeSchema(write())).toBe(describeSchema(write()));
  });
});

describe("A list", () => {
  const page = struct({ mapcount: int(0, 3), dirty: bool() });
  const large = struct({ number: self(), pages: array(page, 4) });
  const small = struct({ number: self(), pages: array(page, 1) });
  const schema = struct({
    folios: list<{ number: number; readonly pages: readonly { mapcount: number; dirty: boolean }[] }>([
      large,
      small,
      large,
      small,
    ]),
  });

  it("each element of a list has the layout of its schema, in the order given", () => {
    const { draft } = packedState(schema);
    expect(draft.folios.map(({ number, pages }) => [number, pages.length])).toEqual([
      [1, 4],
      [2, 1],
      [3, 4],
      [4, 1],
    ]);
    // Two large folios of four pages of 3 bits each and a small one leave 5 bits of a word; the other one uses 3 of
    // them.
    expect(layoutOf(schema).size).toBe(30);
  });

  it("elements with one schema share a class, and so do the records in them", () => {
    const { folios } = packedState(schema).draft;
    const classOf = (folio: number): unknown => at(folios, folio).constructor;
    expect(classOf(0)).toBe(classOf(2));
    expect(classOf(1)).toBe(classOf(3));
    expect(classOf(0)).not.toBe(classOf(1));
    expect(at(at(folios, 0).pages, 3).constructor).toBe(at(at(folios, 1).pages, 0).constructor);
  });

  it("a state with an element of another layout is refused", () => {
    const state = initialValue(schema);
    const [first, second, ...rest] = state.folios.map((each) => ({ ...each }));
    expect(() => validate(schema, state)).not.toThrow();
    expect(() => validate(schema, { folios: [{ ...second, number: 1 }, { ...first, number: 2 }, ...rest] })).toThrow(
      "field folios[0].pages: want an array of 4",
    );
  });
});

describe("A packed draft", () => {
  it("a packed draft returns the values written to it, for every state of every schema", () => {
    fc.assert(
      fc.property(schemaAndState, ([schema, state]) => {
        const { draft } = packedState(schema);
        assign(schema, draft, state);
        expect(plainCopy(schema, draft)).toEqual(state);
      }),
    );
  });

  it("a packed draft does not change the state before the step", () => {
    fc.assert(
      fc.property(
        randomSchema.chain((schema) => fc.tuple(fc.constant(schema), randomState(schema), randomState(schema))),
        ([schema, first, second]) => {
          const { draft, before, memory, words } = packedState(schema);
          assign(schema, draft, first);
          memory.copyWithin(words, 0, words);
          assign(schema, draft, second);
          expect(plainCopy(schema, before)).toEqual(first);
          expect(plainCopy(schema, draft)).toEqual(second);
        },
      ),
    );
  });

  it("writing a field of a packed draft changes no other field", () => {
    fc.assert(
      fc.property(schemaAndState, fc.infiniteStream(fc.nat()), ([schema, state], seeds) => {
        const { draft } = packedState(schema);
        for (const leaf of placesOf(layoutOf(schema)).leaves) {
          assign(schema, draft, state);
          const expected = structuredClone(state);
          const number = leaf.min + (seeds.next().value % (leaf.max - leaf.min + 1));
          const value = leaf.kind === "bool" ? number === 1 : number;
          for (const target of [ownerOf(draft, leaf.path), ownerOf(expected, leaf.path)]) {
            target.record[target.name] = value;
          }
          expect(plainCopy(schema, draft)).toEqual(expected);
        }
      }),
    );
  });

  it("a packed draft refuses a value outside a field's range, names the field by its path, and is unchanged", () => {
    fc.assert(
      fc.property(schemaAndState, ([schema, state]) => {
        const { draft } = packedState(schema);
        assign(schema, draft, state);
        const leaves = placesOf(layoutOf(schema)).leaves.filter((each) => each.kind !== "bool" && each.bits > 0);
        for (const [i, leaf] of leaves.entries()) {
          const { record, name } = ownerOf(draft, leaf.path);
          const values = [leaf.min - 1, leaf.max + 1, leaf.min + 0.5, Number.NaN, 2 ** 32 + leaf.min];
          const error = thrownBy(() => {
            record[name] = values[i % values.length];
          });
          expect(error).toBeInstanceOf(FieldRangeError);
          expect(error).toMatchObject({ code: "field-range", place: { field: leaf.path } });
          expect((error as Error).message).toContain(`${leaf.min} … ${leaf.max}`);
        }
        expect(plainCopy(schema, draft)).toEqual(state);
      }),
    );
  });

  it("a field without bits refuses any other value", () => {
    const schema = struct({ outer: struct({ unit: int(7, 7) }) });
    const { draft } = packedState(schema);
    draft.outer.unit = 7;
    expect(draft.outer.unit).toBe(7);
    expect(() => {
      draft.outer.unit = 8;
    }).toThrow("the value 8 does not fit field outer.unit, which is declared 7 … 7");
  });

  it("a flag that is never true reads as false, accepts false, and refuses all other values", () => {
    const { draft, memory } = packedState(struct({ outer: struct({ level: int(0, 3), swapped: never() }) }));
    memory.fill(-1);
    expect(draft.outer.swapped).toBe(false);
    draft.outer.swapped = false;
    for (const value of [true, 0, 1]) {
      expect(() => Object.assign(draft.outer, { swapped: value })).toThrow(
        `the value ${value} does not fit field outer.swapped, which is declared 0 … 0`,
      );
    }
  });

  it("packedState() refuses a field name that is no identifier", () => {
    expect(() => packedState(struct({ "a-b": bool() }))).toThrow('cannot be named "a-b"');
  });
});

describe("Plain states", () => {
  it("plain states are valid as generated, and after a round trip through JSON", () => {
    fc.assert(
      fc.property(schemaAndState, ([schema, state]) => {
        validate(schema, JSON.parse(JSON.stringify(state)));
        validate(schema, initialValue(schema));
        const { encode, decode } = encodingOf(schema);
        validate(schema, decode(encode(state)));
      }),
    );
  });

  const schema = struct({
    level: int(1, 4, 2),
    on: bool(true),
    size: constant(5),
    broken: never(),
    items: array(struct({ number: self(), link: ref("item", 2), deep: struct({ x: int(0, 9) }) }), 2),
  });

  it("initialValue() has the initial values of the schema", () => {
    const item = { link: 0, deep: { x: 0 } };
    expect(initialValue(schema)).toEqual({
      level: 2,
      on: true,
      size: 5,
      broken: false,
      items: [
        { number: 1, ...item },
        { number: 2, ...item },
      ],
    });
  });

  const valid = initialValue(schema);
  const item = valid.items[1] as object;
  it.each([
    ["a number above its range", { ...valid, level: 5 }, "field-range", /5 .* level, which is declared 1 … 4/],
    ["a number below its range", { ...valid, level: 0 }, "field-range", /0 .* level, which is declared 1 … 4/],
    ["a fraction", { ...valid, level: 1.5 }, "bad-state", "field level: want a whole number, not 1.5"],
    ["a string for a number", { ...valid, level: "2" }, "bad-state", 'field level: want a whole number, not "2"'],
    ["a number for a flag", { ...valid, on: 1 }, "bad-state", "field on: want true or false, not 1"],
    ["a flag that is never true", { ...valid, broken: true }, "field-range", /true does not fit field broken/],
    ["a number for such a flag", { ...valid, broken: 0 }, "bad-state", "field broken: want true or false, not 0"],
    ["another constant", { ...valid, size: 6 }, "bad-state", "field size: want 5, not 6"],
    ["a missing field", { ...valid, level: undefined }, "bad-state", /field level/],
    ["a field too many", { ...valid, extra: 1 }, "unknown-field", 'the state has no field "extra"'],
    ["no object", 7, "bad-state", "the state: want an object, not 7"],
    ["null", null, "bad-state", "the state: want an object, not null"],
    ["an array", [], "bad-state", "the state: want an object, not []"],
    ["an array too short", { ...valid, items: [item] }, "bad-state", "field items: want an array of 2"],
    ["no array", { ...valid, items: {} }, "bad-state", "field items: want an array of 2"],
    ["an element out of place", { ...valid, items: [item, item] }, "field-range", /field items\[0\]\.number/],
    ["a reference too far", withItem({ ...item, link: 3 }), "field-range", /3 .* items\[1\]\.link, .* 0 … 2/],
    ["a deep number too large", withItem({ ...item, deep: { x: 10 } }), "field-range", /items\[1\]\.deep\.x/],
    [
      "a deep field too many",
      withItem({ ...item, deep: { x: 1, y: 1 } }),
      "unknown-field",
      /items\[1\]\.deep has no .*"y"/,
    ],
  ])("validate() refuses a state with %s", (_, state, code, message) => {
    const error = thrownBy(() => validate(schema, state));
    expect(error).toMatchObject({ code });
    expect((error as Error).message).toMatch(message);
  });

  function withItem(second: object): object {
    return { ...valid, items: [valid.items[0], second] };
  }
});

describe("A schema", () => {
  it.each([
    ["an empty range", () => int(3, 2)],
    ["a range of fractions", () => int(0, 1.5)],
    ["a range of more than 31 bits", () => int(-1, 2 ** 31 - 1)],
    ["an initial value outside the range", () => int(0, 3, 4)],
    ["a reference to no element", () => ref("x", 0)],
    ["a reference to more than 255 elements", () => ref("x", 256)],
    ["an array of a negative length", () => array(struct({}), -1)],
  ])("a schema refuses %s", (_, declare) => {
    expect(declare).toThrow(RangeError);
  });

  it("a schema accepts ranges of exactly 31 bits and references to 255 elements", () => {
    expect(int(-1, 2 ** 31 - 2).max).toBe(2 ** 31 - 2);
    expect(ref("x", 255).count).toBe(255);
  });
});

function thrownBy(act: () => void): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}
