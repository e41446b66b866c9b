/** Conditions on the fields of states. */
import { describe, expect, test } from "vitest";
import { array, bool, constant, int, never, ref, self, struct } from "../../explore/model/schema.ts";
import { type Condition, formatCondition } from "../../playground/condition/condition.ts";
import { choiceNamed, fieldChoices } from "../../playground/condition/field-choices.ts";
import { predicateOf } from "../../playground/condition/predicate.ts";

const SCHEMA = struct({
  count: int(-1, 4),
  fixed: int(3, 3),
  locked: bool(),
  impossible: never(),
  kind: constant(1),
  cells: array(struct({ owner: ref("cell", 2), position: self(), values: array(struct({ v: int(0, 9) }), 2) }), 3),
});

const STATE = {
  count: -1,
  locked: true,
  cells: [
    { owner: 0, values: [{ v: 1 }, { v: 2 }] },
    { owner: 2, values: [{ v: 3 }, { v: 4 }] },
    { owner: 1, values: [{ v: 5 }, { v: 6 }] },
  ],
};

const CHOICES = fieldChoices(SCHEMA);
const holds = (...condition: Condition): boolean => predicateOf(condition, CHOICES)(STATE);

describe("the fields that a condition can name", () => {
  test("fields that can change have a path, with a star for the elements of arrays", () => {
    expect(CHOICES).toEqual([
      { path: "count", kind: "number", lengths: [] },
      { path: "locked", kind: "flag", lengths: [] },
      { path: "cells[*].owner", kind: "number", lengths: [3] },
      { path: "cells[*].values[*].v", kind: "number", lengths: [3, 2] },
    ]);
  });

  test("an index within the array names an element, one beyond it names nothing", () => {
    expect(choiceNamed("cells[2].values[*].v", CHOICES)?.path).toBe("cells[*].values[*].v");
    expect(choiceNamed("cells[3].owner", CHOICES)).toBeUndefined();
    expect(choiceNamed("cells.owner", CHOICES)).toBeUndefined();
  });
});

describe("a condition", () => {
  test.each([
    ["=", -1, true],
    ["≠", -1, false],
    ["<", 0, true],
    ["≤", -1, true],
    [">", -1, false],
    ["≥", 0, false],
  ] as const)("the operator %s compares a field with %i", (operator, value, expected) => {
    expect(holds({ field: "count", operator, value })).toBe(expected);
  });

  test("a star means that some element satisfies the comparison", () => {
    expect(holds({ field: "cells[*].values[*].v", operator: "=", value: 6 })).toBe(true);
    expect(holds({ field: "cells[0].values[*].v", operator: "=", value: 6 })).toBe(false);
    expect(holds({ field: "cells[*].values[0].v", operator: "=", value: 6 })).toBe(false);
  });

  test("all comparisons have to hold", () => {
    const locked = { field: "locked", operator: "=", value: true } as const;
    expect(holds(locked, { field: "count", operator: "<", value: 0 })).toBe(true);
    expect(holds(locked, { field: "count", operator: ">", value: 0 })).toBe(false);
  });

  test("a condition is printed as it is read", () => {
    expect(
      formatCondition([
        { field: "locked", operator: "=", value: false },
        { field: "cells[*].owner", operator: "≥", value: 1 },
      ]),
    ).toBe("locked = no and cells[*].owner ≥ 1");
  });

  test.each([
    [[], "the condition is empty"],
    [[{ field: "cuont", operator: "=", value: 1 }], 'states have no field "cuont"'],
    [[{ field: "locked", operator: "=", value: 1 }], "locked is a flag; want yes or no"],
    [[{ field: "locked", operator: "<", value: true }], "locked is a flag; want = or ≠"],
    [[{ field: "count", operator: "=", value: true }], "count is a number; want a whole number"],
    [[{ field: "count", operator: "=", value: Number.NaN }], "count is a number; want a whole number"],
  ] as const)("the condition %j is refused", (condition, message) => {
    expect(() => predicateOf(condition as Condition, CHOICES)).toThrow(message);
  });
});
