/** Values of properties in single states and steps, by the interpreter. */
import { describe, expect, test } from "vitest";
import { interpret } from "../../explore/model/interpreter.ts";
import {
  action,
  always,
  alwaysStep,
  type Model,
  noWarning,
  type Property,
  sometimes,
  sometimesStep,
} from "../../explore/model/model.ts";
import { int, struct } from "../../explore/model/schema.ts";

interface Counter {
  n: number;
}

const text = (id: string) => ({ id, claim: "A sentence", source: "none" });

const PROPERTIES: readonly Property<Counter>[] = [
  always({ ...text("always"), when: ({ n }) => n > 0, holds: ({ n }) => n < 2 }),
  sometimes({ ...text("sometimes"), reached: ({ n }) => n === 2 }),
  alwaysStep({ ...text("always-step"), when: (_, { n }) => n > 1, holds: (before, { n }) => n === before.n + 1 }),
  sometimesStep({ ...text("sometimes-step"), reached: (before, { n }) => before.n === 0 && n === 1 }),
  noWarning({ ...text("warning"), codes: [1] }),
];

const model: Model<Counter, null> = {
  name: "counter",
  schema: struct({ n: int(0, 3) }),
  context: null,
  actions: [
    action("up", {}, (state: Counter) => {
      state.n += 1;
      return true;
    }),
  ],
  view: (state) => state,
  properties: PROPERTIES,
  warnings: { log: { first: 0 }, text: String },
};

const interpreter = interpret(model);
const valuesOf = (before: Counter | undefined, state: Counter): readonly (boolean | undefined)[] =>
  PROPERTIES.map((_, index) => interpreter.value(index, before, state));

describe("the value of a property", () => {
  test.each([
    ["an initial state", undefined, 0, [undefined, false, undefined, undefined, undefined]],
    ["a step", 0, 1, [true, false, undefined, true, undefined]],
    ["a step that violates and reaches", 0, 2, [false, true, false, false, undefined]],
    ["a step whose premise is true", 1, 2, [false, true, true, false, undefined]],
  ] as const)("the values in %s tell a false premise from a claim that holds", (_, before, n, expected) => {
    expect(valuesOf(before === undefined ? undefined : { n: before }, { n })).toEqual(expected);
  });

  test("a property is decided where a claim is false or a witness is true", () => {
    const decided = (before: Counter | undefined, state: Counter): readonly string[] =>
      PROPERTIES.flatMap(({ id }, index) => (interpreter.decides(index, before, state) ? [id] : []));
    expect(decided(undefined, { n: 0 })).toEqual([]);
    expect(decided({ n: 0 }, { n: 1 })).toEqual(["sometimes-step"]);
    expect(decided({ n: 0 }, { n: 2 })).toEqual(["always", "sometimes", "always-step"]);
  });

  test("a property that the model does not have has no value, and is never decided", () => {
    expect(interpreter.value(9, undefined, { n: 0 })).toBeUndefined();
    expect(interpreter.decides(9, undefined, { n: 0 })).toBe(false);
  });
});
