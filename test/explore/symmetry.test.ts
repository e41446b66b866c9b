import { describe, expect, it } from "vitest";
import { initialValue } from "../../explore/model/json.ts";
import type { Model } from "../../explore/model/model.ts";
import {
  type AnyField,
  array,
  at,
  bool,
  int,
  list,
  ref,
  type StructField,
  self,
  struct,
} from "../../explore/model/schema.ts";
import { type PlacedLeaf, placesOf } from "../../explore/packed/layout.ts";
import { packedState } from "../../explore/packed/packed.ts";
import { compile } from "../../explore/search/compile.ts";
import { canonicalizer, renamer } from "../../explore/symmetry/symmetry.ts";
import * as fc from "../fast-check.ts";
import { allRenamings, renamed, smallestKey } from "../toys/naive-explorer.ts";
import { encodingOf, type Plain, randomState, randomSymmetricSchema } from "../toys/random-schema.ts";

/** The canonical form as a function on plain states. */
function canonicalFormOf<S>(schema: StructField<S>): (state: S) => S {
  const { layout, memory, words } = packedState(schema);
  const canonicalize = canonicalizer(layout, memory, words) ?? (() => {});
  const { encode, decode } = encodingOf(schema);
  return (state) => {
    memory.set(encode(state));
    canonicalize();
    return decode(memory);
  };
}

const one = struct({ x: bool() });
const other = struct({ x: bool() });

/** Enumerates all states of a schema by counting through the bits of its packed form. */
function* allStates<S>(schema: StructField<S>): Generator<S> {
  const { decode, encode } = encodingOf(schema);
  const { layout, words } = packedState(schema);
  const { leaves } = placesOf(layout);
  const packed = encode(initialValue(schema)).slice(0, words);
  const read = ({ at, bits }: PlacedLeaf): number => ((packed[at >> 5] as number) >>> (at & 31)) & (2 ** bits - 1);
  const add = ({ at }: PlacedLeaf, value: number): void => {
    packed[at >> 5] = (packed[at >> 5] as number) + (value << (at & 31));
  };
  for (;;) {
    yield decode(packed);
    const next = leaves.find((leaf) => {
      const isLast = read(leaf) === leaf.max - leaf.min;
      add(leaf, isLast ? leaf.min - leaf.max : 1);
      return !isLast;
    });
    if (next === undefined) {
      return;
    }
  }
}

const schemaAndState = randomSymmetricSchema.chain((schema) => fc.tuple(fc.constant(schema), randomState(schema)));

function expectExact<S>(schema: StructField<S>, state: S): void {
  const canonical = canonicalFormOf(schema);
  const renamings = allRenamings(schema);
  const form = canonical(state);
  expect(canonical(form)).toEqual(form);
  for (const renaming of renamings) {
    expect(canonical(renamed(schema, state, renaming))).toEqual(form);
  }
  // The form must be in the orbit of the state, so that states of different orbits have different forms.
  expect(smallestKey(schema, form, renamings)).toBe(smallestKey(schema, state, renamings));
}

describe("The canonical form", () => {
  it("the canonical form is the same for all renamings, idempotent, and in the orbit of the state", () => {
    fc.assert(
      fc.property(schemaAndState, ([schema, state]) => {
        expectExact(schema, state);
      }),
      { numRuns: 300 },
    );
  });

  it("the canonical forms of two states are equal exactly if a renaming turns one into the other", () => {
    const small = struct({
      held: ref("a", 3),
      as: array(struct({ x: int(0, 1), b: ref("b", 2) }), 3, { symmetric: "a" }),
      bs: array(struct({ y: int(0, 1), a: ref("a", 3) }), 2, { symmetric: "b" }),
    });
    const canonical = canonicalFormOf(small);
    const renamings = allRenamings(small);
    fc.assert(
      fc.property(randomState(small), randomState(small), (first, second) => {
        const sameOrbit = smallestKey(small, first, renamings) === smallestKey(small, second, renamings);
        expect(JSON.stringify(canonical(first)) === JSON.stringify(canonical(second))).toBe(sameOrbit);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    { reason: "one byte", bits: 8, refs: 22 },
    { reason: "two bytes", bits: 16, refs: 15 },
    { reason: "half a byte", bits: 3, refs: 5 },
    { reason: "one word", bits: 17, refs: 2 },
    { reason: "one word and more references than it has bits", bits: 24, refs: 40 },
    { reason: "no contents", bits: 0, refs: 3 },
    { reason: "one bit, without references to them", bits: 1, refs: 0 },
  ])("the canonical form is exact for elements of $reason", ({ bits, refs }) => {
    const first = Math.min(bits, 16);
    const schema = struct({
      slots: array(struct({ held: ref("a", 4) }), refs),
      as: array(struct({ number: self(), low: int(0, 2 ** first - 1), high: int(0, 2 ** (bits - first) - 1) }), 4, {
        symmetric: "a",
      }),
    });
    fc.assert(
      fc.property(randomState(schema), (state) => {
        expectExact(schema, state);
      }),
      { numRuns: 60 },
    );
  });

  it("the canonical form is exact for elements of several words, any of which may differ", () => {
    const schema = struct({
      as: array(struct({ a: int(0, 65535), b: int(0, 65535), c: int(0, 65535), d: int(0, 65535), e: int(0, 1) }), 3, {
        symmetric: "a",
      }),
      held: ref("a", 3),
    });
    fc.assert(
      fc.property(randomState(schema), (state) => {
        expectExact(schema, state);
      }),
    );
  });

  it("the canonical form is exact for numbers of 31 bits, including negative ones", () => {
    const wide = struct({ a: int(0, 2 ** 31 - 1), b: int(-(2 ** 31), -1), c: int(-1, 2 ** 20), d: bool() });
    const schema = struct({ as: array(wide, 3, { symmetric: "a" }), held: ref("a", 3) });
    fc.assert(
      fc.property(randomState(schema), (state) => {
        expectExact(schema, state);
      }),
    );
  });

  it("the canonical form is exact for elements in several parts, with references between two scalarsets", () => {
    const part = struct({ x: int(0, 1), b: ref("b", 3) });
    const odd = struct({ a: ref("a", 3) });
    const world = struct({ as: array(part, 3, { symmetric: "a" }), held: ref("a", 3) });
    const schema = struct({
      worlds: array(world, 2),
      bs: array(struct({ y: int(0, 1), a: ref("a", 3) }), 3, { symmetric: "b" }),
      // The third b is not always interchangeable: its second part has another schema.
      more: list<{ a: number }>([odd, odd, struct({ a: ref("a", 3) })], { symmetric: "b" }),
    });
    fc.assert(
      fc.property(randomState(schema), (state) => {
        expectExact(schema, state);
      }),
    );
  });

  it("the canonical form is exact for two scalarsets that both refer to themselves", () => {
    const schema = struct({
      as: array(struct({ next: ref("a", 3), b: ref("b", 2) }), 3, { symmetric: "a" }),
      bs: array(struct({ next: ref("b", 2) }), 2, { symmetric: "b" }),
    });
    fc.assert(
      fc.property(randomState(schema), (state) => {
        expectExact(schema, state);
      }),
    );
  });

  it.each([
    { reason: "contents only", link: int(0, 0) },
    { reason: "references within the list", link: ref("a", 5) },
    { reason: "references to a second list", link: ref("b", 3) },
  ])("the canonical form is exact for a list of two large and three small elements with $reason", ({ link }) => {
    const large = struct({ x: int(0, 2), link, inner: array(struct({ b: ref("b", 3) }), 2) });
    const small = struct({ x: int(0, 2), link, inner: array(struct({ b: ref("b", 3) }), 1) });
    const one = struct({ y: int(0, 1), a: ref("a", 5) });
    const other = struct({ y: int(0, 1), a: ref("a", 5) });
    const schema = struct({
      as: list([large, small, large, small, small], { symmetric: "a" }),
      bs: list([one, other, one], { symmetric: "b" }),
      held: ref("a", 5),
    });
    fc.assert(
      fc.property(randomState(schema), (state) => {
        expectExact(schema, state);
      }),
    );
  });

  it("there is no canonical form if no scalarset has two elements that are alike", () => {
    const { layout, memory, words } = packedState(
      struct({
        as: array(struct({ x: int(0, 3) }), 1, { symmetric: "a" }),
        bs: list([struct({ x: int(0, 3) }), struct({ x: int(0, 3) })], { symmetric: "b" }),
        y: array(struct({ x: int(0, 3) }), 4),
      }),
    );
    expect(canonicalizer(layout, memory, words)).toBeUndefined();
  });

  it.each([
    {
      name: "two scalarsets that refer to each other",
      schema: struct({
        as: array(struct({ b: ref("b", 3) }), 3, { symmetric: "a" }),
        bs: array(struct({ a: ref("a", 3) }), 3, { symmetric: "b" }),
      }),
    },
    {
      name: "a scalarset that refers to itself",
      schema: struct({ as: array(struct({ x: bool(), a: ref("a", 3) }), 3, { symmetric: "a" }), held: ref("a", 3) }),
    },
    {
      name: "two scalarsets with similar contents, one with references to it",
      schema: struct({
        as: array(struct({ x: bool(), b: ref("b", 3) }), 3, { symmetric: "a" }),
        bs: array(struct({ x: bool() }), 3, { symmetric: "b" }),
      }),
    },
    {
      name: "a list and a scalarset in two parts",
      schema: struct({
        as: list([one, other, one], { symmetric: "a" }),
        bs: array(struct({ a: ref("a", 3) }), 3, { symmetric: "b" }),
        more: array(struct({ x: bool() }), 3, { symmetric: "b" }),
      }),
    },
  ])("all states of $name have as many canonical forms as there are orbits", ({ schema: anySchema }) => {
    const schema = anySchema as StructField<unknown>;
    const canonical = canonicalFormOf(schema);
    const renamings = allRenamings(schema);
    const formOfOrbit = new Map<string, string>();
    const forms = new Set<string>();
    for (const state of allStates(schema)) {
      const orbit = smallestKey(schema, state, renamings);
      const form = JSON.stringify(canonical(state));
      expect(formOfOrbit.get(orbit) ?? form).toBe(form);
      formOfOrbit.set(orbit, form);
      forms.add(form);
    }
    expect(forms.size).toBe(formOfOrbit.size);
  });

  it("each state of a small orbit has the same canonical form", () => {
    const schema = struct({ as: array(struct({ x: int(0, 2) }), 3, { symmetric: "a" }) });
    const canonical = canonicalFormOf(schema);
    const forms = new Map<string, Set<string>>();
    for (let i = 0; i < 27; i++) {
      const values = [i % 3, Math.floor(i / 3) % 3, Math.floor(i / 9)];
      const form = JSON.stringify(canonical({ as: values.map((x) => ({ x })) }));
      const multiset = values.sort().join();
      forms.set(multiset, (forms.get(multiset) ?? new Set()).add(form));
    }
    // 10 multisets of 3 out of 3.
    expect([...forms.values()].map((each) => each.size)).toEqual(Array(10).fill(1));
    expect(new Set([...forms.values()].flatMap((each) => [...each])).size).toBe(10);
  });
});

describe("A scalarset", () => {
  const modelOf = (schema: StructField<Plain>): Model<Plain, null> => ({
    name: "nothing happens",
    schema,
    context: null,
    view: (state) => state,
    actions: [],
    properties: [],
  });

  it("a reference to an undeclared scalarset is refused", () => {
    const schema = struct({ list: array(struct({ held: ref("ghost", 2) }), 2) }) as StructField<Plain>;
    expect(() => compile(modelOf(schema))).toThrow(
      expect.objectContaining({
        code: "not-symmetric",
        message: 'field list[0].held refers to the scalarset "ghost", which no array declares',
      }),
    );
  });

  it("arrays of one scalarset must have equal numbers of elements", () => {
    const partsOf = (length: number): AnyField => array(struct({ x: int(0, 1) }), length, { symmetric: "item" });
    const schema = struct({ inner: struct({ first: partsOf(2) }), outer: struct({ second: partsOf(3) }) });
    expect(() => compile(modelOf(schema as StructField<Plain>))).toThrow(
      expect.objectContaining({
        code: "not-symmetric",
        message: expect.stringContaining('the scalarset "item" has 2 elements in inner.first, and 3 in outer.second'),
      }),
    );
  });

  it("a scalarset inside an interchangeable element is refused, inside another element it is accepted", () => {
    const inner = struct({ list: array(struct({ x: int(0, 1) }), 2, { symmetric: "inner" }) });
    const schemaOf = (outer: number): StructField<Plain> =>
      struct({ outer: array(inner, outer, { symmetric: "outer" }) }) as StructField<Plain>;
    expect(() => compile(modelOf(schemaOf(1)))).not.toThrow();
    expect(() => compile(modelOf(schemaOf(2)))).toThrow(
      expect.objectContaining({
        code: "not-symmetric",
        message: expect.stringContaining(
          '"inner" is declared within an element of another scalarset, by outer[0].list',
        ),
      }),
    );
  });

  it.each([
    { elements: 7, refused: false },
    { elements: 8, refused: true },
  ])(
    "a scalarset of $elements elements that refer to each other is refused if it has too many orders: $refused",
    (each) => {
      const { elements, refused } = each;
      const schema = struct({
        items: array(struct({ next: ref("item", elements) }), elements, { symmetric: "item" }),
      }) as StructField<Plain>;
      const attempt = (): unknown => compile(modelOf(schema)).canonicalize;
      if (refused) {
        expect(attempt).toThrow('symmetry of the scalarsets "item" might try 40320 orders for one state');
      } else {
        expect(attempt()).toBeTypeOf("function");
      }
    },
  );
});

describe("A renaming by a seed", () => {
  it("renamings by seeds reach exactly the states of the orbit, and move all parts of an element together", () => {
    const schema = struct({
      left: array(struct({ x: int(0, 9) }), 3, { symmetric: "a" }),
      held: ref("a", 3),
      right: array(struct({ number: self(), y: int(0, 9) }), 3, { symmetric: "a" }),
    });
    const { layout, memory, words } = packedState(schema);
    const rename = renamer(layout, memory);
    const { encode, decode } = encodingOf(schema);
    const state = decode(encode({ ...initialValue(schema), held: 2 }));
    for (const [i, each] of state.left.entries()) {
      each.x = i;
      at(state.right, i).y = 2 * i;
    }
    const orbit = new Set(allRenamings(schema).map((renaming) => JSON.stringify(renamed(schema, state, renaming))));
    const reached = new Set<string>();
    for (let seed = 0; seed < 100; seed++) {
      memory.set(encode(state).subarray(0, words));
      rename(seed);
      reached.add(JSON.stringify(decode(memory)));
    }
    expect(reached).toEqual(orbit);
    expect(orbit.size).toBe(6);
  });
});
