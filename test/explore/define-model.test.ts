import { describe, expect, it } from "vitest";
import { assertHolds, bool, check, defineModel, int, type Model, PropertyFailed, struct } from "../../explore/index.ts";
import { changesBetween, formatExecution } from "../../explore/search/trace-text.ts";

/** A counter that stops at 3, or at `most` if given. */
function counter(
  options: { readonly most?: number; readonly start?: number } = {},
): Model<{ n: number; odd: boolean }, null> {
  const { most = 3, start = 0 } = options;
  return defineModel({
    name: "counter",
    schema: struct({ n: int(0, 9), odd: bool() }),
    initial: (state) => {
      state.n = start;
    },
    actions: (each) => ({
      add: each({ by: [1, 2] }, (state, { by }) => {
        if (state.n + by > most) {
          return false;
        }
        state.n += by;
        state.odd = state.n % 2 === 1;
        return true;
      }),
      reset: (state) => {
        if (state.n === 0) {
          return false;
        }
        state.n = 0;
        state.odd = false;
        return true;
      },
    }),
    properties: {
      "it stays below 4": ({ n }) => n < 4,
      "an odd number is marked": { when: ({ n }) => n % 2 === 1, holds: ({ odd }) => odd },
      "it gets to 3": { reached: ({ n }) => n === 3 },
    },
  });
}

describe("A model by defineModel()", () => {
  it("defineModel() makes a model with the schema's states, named actions, and a property for each sentence", () => {
    const { states, actions, properties } = assertHolds(counter());
    expect(states).toBe(4);
    expect(actions.map(({ name, enabled }) => [name, enabled])).toEqual([
      ["add", 5],
      ["reset", 3],
    ]);
    expect(properties.map(({ id, verdict, checked }) => [id, verdict, checked])).toEqual([
      ["it stays below 4", "holds", 4],
      ["an odd number is marked", "holds", 2],
      ["it gets to 3", "reached", 4],
    ]);
  });

  it("a model of defineModel() starts in the state that `initial` makes", () => {
    const checked = check(counter({ start: 5 }));
    expect(checked.verdict === "violated" && [checked.property, checked.trace.initial.n]).toEqual([
      "it stays below 4",
      5,
    ]);
  });

  it("defineModel() accepts actions without parameters as an object, and reports deadlocks on request", () => {
    const model = defineModel({
      schema: struct({ done: bool() }),
      actions: {
        finish: (state) => {
          if (state.done) {
            return false;
          }
          state.done = true;
          return true;
        },
      },
      properties: {},
      deadlock: "error",
    });
    const checked = check(model);
    expect(checked.verdict === "violated" && [checked.property, checked.trace.steps.length]).toEqual([undefined, 1]);
    expect(() => assertHolds(model)).toThrow("model: no action is enabled after 1 steps");
  });
});

describe("check()", () => {
  it("check() returns a shortest trace of a violation", () => {
    const checked = check(counter({ most: 9 }));
    expect(checked.verdict).toBe("violated");
    if (checked.verdict === "violated") {
      expect(checked.property).toBe("it stays below 4");
      expect(formatExecution(checked.trace)).toBe(
        ['   0  {"n":0,"odd":false}', "   1  add(by: 2)  n 0 → 2", "   2  add(by: 2)  n 2 → 4"].join("\n"),
      );
    }
  });

  it("check() names properties that are never reached", () => {
    const checked = check(counter({ most: 2 }));
    expect(checked.verdict === "unreached" && checked.properties).toEqual(["it gets to 3"]);
  });

  it("check() is incomplete if a limit ends the search", () => {
    const checked = check(counter(), { budget: { maxStates: 2 } });
    expect([checked.verdict, checked.result.stopped]).toEqual(["incomplete", "max-states"]);
  });
});

describe("assertHolds()", () => {
  it("assertHolds() throws the result of check(), with the trace as its message", () => {
    const model = counter({ most: 9 });
    const checked = check(model);
    try {
      assertHolds(model);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(PropertyFailed);
      expect((error as PropertyFailed).result).toEqual({ ...checked, result: expect.anything() });
      expect((error as PropertyFailed).message).toBe(
        [
          'counter: "it stays below 4" is violated after 2 steps',
          '   0  {"n":0,"odd":false}',
          "   1  add(by: 2)  n 0 → 2",
          "   2  add(by: 2)  n 2 → 4",
        ].join("\n"),
      );
    }
  });

  it("assertHolds() throws for unreached properties and for an incomplete search", () => {
    expect(() => assertHolds(counter({ most: 2 }))).toThrow('counter: "it gets to 3" is never reached');
    expect(() => assertHolds(counter(), { budget: { maxStates: 2 } })).toThrow(/ended \(max-states\)/);
  });
});

it("changesBetween() returns the paths of the fields that differ, in records and arrays", () => {
  const before = { a: 1, list: [{ b: true }, { b: true }], same: { c: 0 } };
  const after = { a: 2, list: [{ b: true }, { b: false }], same: { c: 0 } };
  expect(changesBetween(before, after)).toEqual([
    { path: "a", before: 1, after: 2 },
    { path: "list[1].b", before: true, after: false },
  ]);
});
