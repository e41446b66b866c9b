import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile } from "../../explore/compile.ts";
import type { Model } from "../../explore/model.ts";
import { packedState } from "../../explore/packed.ts";
import { array, int, list, ref, type StructField, self, struct } from "../../explore/schema.ts";
import { canonicalizer } from "../../explore/symmetry.ts";
import { allRenamings, renamed, smallestKey } from "../toys/naive-explorer.ts";
import { encodingOf, type Plain, randomState, randomSymmetricSchema } from "../toys/random-schema.ts";

/** The canonical form as a function of plain states. */
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

const schemaAndState = randomSymmetricSchema.chain((schema) => fc.tuple(fc.constant(schema), randomState(schema)));

function expectExact<S>(schema: StructField<S>, state: S): void {
  const canonical = canonicalFormOf(schema);
  const renamings = allRenamings(schema);
  const form = canonical(state);
  expect(canonical(form)).toEqual(form);
  for (const renaming of renamings) {
    expect(canonical(renamed(schema, state, renaming))).toEqual(form);
  }
  // The form lies in the state's own orbit, so states of different orbits have different forms.
  expect(smallestKey(schema, form, renamings)).toBe(smallestKey(schema, state, renamings));
}

describe("The canonical form", () => {
  it("is the same for every renaming, canonical itself, and in the orbit of the state: one sort or several", () => {
    fc.assert(
      fc.property(schemaAndState, ([schema, state]) => {
        expectExact(schema, state);
      }),
      { numRuns: 300 },
    );
  });

  it("of two states is equal exactly when a renaming turns one into the other", () => {
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

  // The fast sorter packs an element's contents and one bit per reference into 30 bits.
  it.each([
    { reason: "one byte and references that just fit", bits: 8, refs: 22 },
    { reason: "one byte and a reference too many", bits: 8, refs: 23 },
    { reason: "two bytes and references that just fit", bits: 16, refs: 14 },
    { reason: "two bytes and a reference too many", bits: 16, refs: 15 },
    { reason: "one byte and more references than fit", bits: 8, refs: 26 },
    { reason: "two bytes and more references than fit", bits: 16, refs: 17 },
    { reason: "half a byte", bits: 3, refs: 5 },
    { reason: "one word", bits: 17, refs: 2 },
    { reason: "no contents", bits: 0, refs: 3 },
  ])("is exact for elements of $reason", ({ bits, refs }) => {
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

  it("is exact for elements of several words, of which any may differ", () => {
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

  it("is exact for two sorts that both refer to themselves", () => {
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
  ])("is exact for a list of two large and three small elements with $reason", ({ link }) => {
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

  it("does not exist when no sort has two elements that are alike", () => {
    const { layout, memory, words } = packedState(
      struct({
        as: array(struct({ x: int(0, 3) }), 1, { symmetric: "a" }),
        bs: list([struct({ x: int(0, 3) }), struct({ x: int(0, 3) })], { symmetric: "b" }),
        y: array(struct({ x: int(0, 3) }), 4),
      }),
    );
    expect(canonicalizer(layout, memory, words)).toBeUndefined();
  });

  it("is one for all of a small orbit, and reached from each of its states", () => {
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

describe("A sort", () => {
  const modelOf = (schema: StructField<Plain>): Model<Plain, null> => ({
    name: "nothing happens",
    schema,
    context: null,
    view: (state) => state,
    actions: [],
    properties: [],
  });

  it("must be declared for every reference to it", () => {
    const schema = struct({ list: array(struct({ held: ref("ghost", 2) }), 2) }) as StructField<Plain>;
    expect(() => compile(modelOf(schema))).toThrow(
      expect.objectContaining({
        code: "not-symmetric",
        message: 'field list[0].held refers to the sort "ghost", which no array declares',
      }),
    );
  });

  it("must not be declared twice", () => {
    const items = array(struct({ x: int(0, 1) }), 2, { symmetric: "item" });
    const schema = struct({ first: items, second: items }) as StructField<Plain>;
    expect(() => compile(modelOf(schema))).toThrow(
      expect.objectContaining({ code: "not-symmetric", message: expect.stringContaining('"item"') }),
    );
  });
});
