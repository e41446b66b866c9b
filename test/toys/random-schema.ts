/** Random schemas, random states of them, and conversion between plain and packed states. */

import { assign, plainCopy } from "../../explore/model/json.ts";
import {
  type AnyField,
  array,
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
import { packedState } from "../../explore/packed/packed.ts";
import * as fc from "../fast-check.ts";

/** A state of any schema. */
export type Plain = { [name: string]: unknown };

const intField: fc.Arbitrary<AnyField> = fc
  .tuple(
    fc.integer({ min: -40_000, max: 40_000 }),
    fc.oneof(fc.nat(3), fc.nat(300), fc.nat(65_535), fc.nat(2 ** 31 - 40_001)),
    fc.nat(),
  )
  .map(([min, span, seed]) => int(min, min + span, min + (seed % (span + 1))));

const named = (prefix: string, fields: readonly AnyField[]): StructField<Plain> =>
  struct(Object.fromEntries(fields.map((field, i) => [`${prefix}${i}`, field]))) as StructField<Plain>;

/** Schemas with all kinds of fields, without symmetry. Field names are unique, so that paths are unambiguous. */
export const randomSchema: fc.Arbitrary<StructField<Plain>> = fc
  .letrec<{ field: AnyField; record: StructField<Plain> }>((tie) => ({
    field: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      intField,
      fc.boolean().map(bool),
      fc.constant(never()),
      fc.integer({ min: 1, max: 255 }).map((count) => ref("thing", count)),
      fc.oneof(fc.integer(), fc.boolean()).map(constant),
      fc.constant(self()),
      tie("record"),
      fc.tuple(tie("record"), fc.nat(4)).map(([element, length]) => array(element, length)),
      fc
        .tuple(tie("record"), tie("record"), fc.array(fc.boolean(), { maxLength: 3 }))
        .map(([one, other, which]) => list(which.map((isOne) => (isOne ? one : other)))),
    ),
    record: fc.array(tie("field"), { maxLength: 7 }).map((fields) => named("f", fields)),
  }))
  .record.map((schema) => renumbered(schema));

/** Maps elements; equal element objects remain equal objects. */
function alike(elements: readonly StructField[], make: (element: StructField) => StructField): StructField[] {
  const replacements = new Map([...new Set(elements)].map((element) => [element, make(element)]));
  return elements.map((element) => replacements.get(element) ?? element);
}

/** Gives every field a unique name. */
function renumbered(schema: StructField<Plain>): StructField<Plain> {
  let next = 0;
  const walk = (field: AnyField): AnyField => {
    switch (field.kind) {
      case "struct":
        return walkRecord(field);
      case "array":
        return { ...field, elements: alike(field.elements, walkRecord) };
      default:
        return field;
    }
  };
  const walkRecord = (record: StructField): StructField => ({
    kind: "struct",
    fields: Object.fromEntries(Object.values(record.fields).map((field) => [`field${next++}`, walk(field)])),
  });
  return walkRecord(schema) as StructField<Plain>;
}

const SORTS = ["red", "green", "blue"] as const;

/**
 * Schemas with up to three scalarsets of up to four elements, all alike or not, of one part or two, that refer to each
 * other in every way.
 */
export const randomSymmetricSchema: fc.Arbitrary<StructField<Plain>> = fc
  .tuple(
    fc.oneof(
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: SORTS.length }),
      fc.array(fc.integer({ min: 2, max: 4 }), { minLength: 1, maxLength: 2 }),
    ),
    fc.array(fc.array(fc.nat(99), { maxLength: 4 }), { minLength: 2 * SORTS.length, maxLength: 2 * SORTS.length }),
    fc.array(fc.option(fc.array(fc.nat(99), { maxLength: 3 }), { freq: 1 }), { maxLength: SORTS.length }),
    fc.nat(),
    fc.array(fc.nat(99), { maxLength: 3 }),
    fc.nat(16),
    fc.boolean(),
  )
  .map(([lengths, elements, moreParts, kinds, outer, slots, sortsFirst]) => {
    const fieldOf = (seed: number): AnyField => {
      const sort = seed % lengths.length;
      switch (seed % 10) {
        case 0:
        case 1:
        case 2:
        case 3:
          return ref(SORTS[sort] as string, lengths[sort] as number);
        case 4:
        case 5:
          return int(0, 1);
        case 6:
          return int(0, 65_535);
        case 7:
          return int(-3, 250);
        case 8:
          return struct({ inner: bool(), link: ref(SORTS[sort] as string, lengths[sort] as number) });
        default:
          return bool();
      }
    };
    const elementOf = (seeds: readonly number[] | undefined): StructField<Plain> =>
      named("e", [self(), ...(seeds ?? []).map(fieldOf)]);
    const sorts = lengths.map((length, i): [string, AnyField] => {
      const [one, other] = [elementOf(elements[i]), elementOf(elements[SORTS.length + i])];
      // One kind of element in every other scalarset, otherwise two kinds in any order.
      const isOther = (position: number): boolean =>
        (kinds >> (4 * i)) % 2 === 1 && (kinds >> (4 * i + position)) % 4 > 1;
      const members = Array.from({ length }, (_, position) => (isOther(position) ? other : one));
      return [SORTS[i] as string, list(members, { symmetric: SORTS[i] as string })];
    });
    const more = moreParts.slice(0, lengths.length).flatMap((seeds, i): [string, AnyField][] => {
      const options = { symmetric: SORTS[i] as string };
      return seeds === null ? [] : [[`more${i}`, array(elementOf(seeds), lengths[i] as number, options)]];
    });
    const rest: [string, AnyField][] = [
      ...outer.map((seed, i): [string, AnyField] => [`outer${i}`, fieldOf(seed)]),
      ["slots", array(struct({ held: ref(SORTS[0], lengths[0] as number), times: int(0, 2) }), slots)],
    ];
    return struct(
      Object.fromEntries(sortsFirst ? [...sorts, ...rest, ...more] : [...more, ...rest, ...sorts]),
    ) as StructField<Plain>;
  });

/** An arbitrary state of a schema; small numbers are likely. */
export function randomState<S>(schema: StructField<S>): fc.Arbitrary<S> {
  return arbitraryOf(schema, 0) as fc.Arbitrary<S>;
}

function arbitraryOf(field: AnyField, self: number): fc.Arbitrary<unknown> {
  switch (field.kind) {
    case "int":
      return fc.oneof(
        fc.integer({ min: field.min, max: Math.min(field.min + 1, field.max) }),
        fc.integer({ min: field.min, max: field.max }),
        fc.constant(field.max),
      );
    case "bool":
      return field.never ? fc.constant(false) : fc.boolean();
    case "ref":
      return fc.integer({ min: 0, max: field.count });
    case "constant":
      return fc.constant(field.value);
    case "self":
      return fc.constant(self);
    case "struct":
      return fc.record(
        Object.fromEntries(Object.entries(field.fields).map(([name, each]) => [name, arbitraryOf(each, self)])),
        { noNullPrototype: true },
      );
    case "array":
      return fc.tuple(...field.elements.map((element, i) => arbitraryOf(element, i + 1)));
  }
}

/** Converts between plain states and the words of packed ones. */
export interface Encoding<S> {
  encode(state: S): Int32Array;
  decode(words: Int32Array): S;
}

export function encodingOf<S>(schema: StructField<S>): Encoding<S> {
  const { memory, words, draft } = packedState(schema);
  return {
    encode: (state) => {
      memory.fill(0);
      assign(schema, draft, state);
      return memory.slice(0, words);
    },
    decode: (encoded) => {
      memory.set(encoded.subarray(0, words));
      return plainCopy(schema, draft);
    },
  };
}
