/** The bits of a packed record as a value: a key for caches. */

import { describe, expect, test } from "vitest";
import { assign, plainCopy } from "../../explore/model/json.ts";
import { type AnyField, array, bool, ghost, int, type StructField, struct } from "../../explore/model/schema.ts";
import { hasBits, packedState, type RecordBits } from "../../explore/packed/packed.ts";
import * as fc from "../fast-check.ts";
import { type Plain, randomSchema, randomState } from "../toys/random-schema.ts";

/** A copy of a schema in which every second number or flag is a ghost. */
function withGhosts(schema: StructField<Plain>): StructField<Plain> {
  let count = 0;
  const copies = new Map<AnyField, AnyField>();
  const walk = (field: AnyField): AnyField => {
    const copy = copies.get(field) ?? make(field);
    copies.set(field, copy);
    return copy;
  };
  const make = (field: AnyField): AnyField => {
    switch (field.kind) {
      case "struct":
        return walkRecord(field);
      case "array":
        return { ...field, elements: field.elements.map((each) => walk(each) as StructField) };
      case "int":
      case "bool":
        count += 1;
        return count % 2 === 0 ? ghost(field) : field;
      default:
        return field;
    }
  };
  const walkRecord = ({ fields }: StructField): StructField =>
    struct(Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, walk(field)]))) as StructField;
  return walkRecord(schema) as StructField<Plain>;
}

/** A record and all records inside it, in the order of the schema. */
function recordsIn(schema: StructField, record: Plain): (readonly [StructField, Plain])[] {
  return [
    [schema, record],
    ...Object.entries(schema.fields).flatMap(([name, field]) => {
      switch (field.kind) {
        case "struct":
          return recordsIn(field, record[name] as Plain);
        case "array":
          return field.elements.flatMap((element, i) => recordsIn(element, (record[name] as Plain[])[i] as Plain));
        default:
          return [];
      }
    }),
  ];
}

const isGhost = (field: AnyField): boolean => "ghost" in field;

/** Copies all fields except ghosts. */
function write(schema: StructField, to: Plain, from: Plain): void {
  for (const [i, [record, target]] of recordsIn(schema, to).entries()) {
    const source = recordsIn(schema, from)[i]?.[1] as Plain;
    for (const [name, field] of Object.entries(record.fields)) {
      if (["int", "bool", "ref"].includes(field.kind) && !isGhost(field)) {
        target[name] = source[name];
      }
    }
  }
}

function saved(record: RecordBits): Int32Array {
  const words = new Int32Array(record.$length);
  record.$save(words, 0);
  return words;
}

describe("The bits of a record", () => {
  test("saved bits equal a record if all of its fields except ghosts do, and restore exactly these fields", () => {
    const schemas = fc.oneof(randomSchema, randomSchema.map(withGhosts));
    const cases = schemas.chain((schema) =>
      fc.tuple(fc.constant(schema), randomState(schema), randomState(schema), fc.nat()),
    );
    fc.assert(
      fc.property(cases, ([schema, first, second, seed]) => {
        const { draft } = packedState(schema);
        const records = recordsIn(schema, draft);
        const which = seed % records.length;
        const [type, record] = records[which] as (typeof records)[number];
        if (!hasBits(record)) {
          throw new Error("a packed record has bits");
        }
        assign(schema, draft, first);
        const words = saved(record);
        const hash = record.$hash();
        expect(record.$equals(words, 0)).toBe(true);
        assign(schema, draft, second);
        // The expected result: the second state, with the record of the first.
        const expected = structuredClone(second);
        const [before, after] = [recordsIn(schema, first)[which]?.[1], recordsIn(schema, expected)[which]?.[1]];
        write(type, after as Plain, before as Plain);
        const isSame = JSON.stringify(expected) === JSON.stringify(second);
        expect(record.$equals(words, 0)).toBe(isSame);
        record.$restore(words, 0);
        expect(plainCopy(schema, draft)).toEqual(expected);
        expect(record.$hash()).toBe(hash);
      }),
      { numRuns: 500 },
    );
  });

  test("bits are interchangeable between records of one kind, and not between kinds", () => {
    const one = struct({ a: int(0, 5), b: bool() });
    const schema = struct({ alike: array(one, 2), other: struct({ a: int(0, 5), b: bool(), c: bool() }) });
    const { draft, before } = packedState(schema);
    const [first, second] = draft.alike as unknown as RecordBits[];
    const other = draft.other as unknown as RecordBits;
    expect(first?.$kind).toBe(second?.$kind);
    expect(first?.$kind).toBe((before.alike[0] as unknown as RecordBits).$kind);
    expect(other.$kind).not.toBe(first?.$kind);
    expect((packedState(schema).draft.alike[0] as unknown as RecordBits).$kind).not.toBe(first?.$kind);
  });

  test("records of an immutable state have no bits", () => {
    expect(hasBits({ a: 1 })).toBe(false);
  });
});
