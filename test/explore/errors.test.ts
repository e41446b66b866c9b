import { describe, expect, it } from "vitest";
import { interpret } from "../../explore/model/interpreter.ts";
import { type Action, action, always, type Model } from "../../explore/model/model.ts";
import { array, at, int, type StateOf, type StructField, struct } from "../../explore/model/schema.ts";
import { compile } from "../../explore/search/compile.ts";
import { search } from "../../explore/search/search.ts";
import { execute } from "../../explore/search/trace.ts";
import { waterJugs } from "../toys/water-jugs.ts";

interface Pair {
  readonly cells: readonly { value: number }[];
  total: number;
}

const schemaOf = (symmetric: boolean): StructField<Pair> =>
  struct({
    cells: array(struct({ value: int(0, 20) }), 2, symmetric ? { symmetric: "cell" } : {}),
    total: int(0, 40),
  });

const cell = [0, 1];

const grow = action<Pair, null, { cell: number }>("grow", { cell }, (state, _, parameters) => {
  const which = at(state.cells, parameters.cell);
  if (which.value === 20) {
    return false;
  }
  which.value += 1;
  state.total += 1;
  return true;
});

function pair(actions: readonly Action<Pair, null>[], symmetric: boolean = false): Model<Pair, null> {
  return {
    name: "pair",
    schema: schemaOf(symmetric),
    context: null,
    view: (state) => state,
    actions,
    properties: [],
  };
}

function errorOf(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("A recipe that is not deterministic", () => {
  it("a recipe that draws random numbers is reported as not deterministic", () => {
    let number = 0;
    const model = pair([
      grow,
      action("gamble", { stake: [1] }, (state: Pair) => {
        // Never the same number twice in a row: otherwise both executions could agree.
        number = (number + 1 + Math.floor(Math.random() * 40)) % 41;
        state.total = number;
        return true;
      }),
    ]);
    expect(errorOf(() => search(compile(model)))).toMatchObject({
      code: "not-deterministic",
      message: expect.stringMatching(/gamble\(stake: 1\).*field total/),
    });
  });

  it("a recipe that counts its calls is reported as not deterministic", () => {
    let calls = 0;
    const model = pair([
      action("count", {}, (state: Pair) => {
        calls += 1;
        at(state.cells, 1).value = calls % 7;
        return true;
      }),
    ]);
    expect(errorOf(() => search(compile(model)))).toMatchObject({
      code: "not-deterministic",
      message: expect.stringMatching(/count\(\).*field cells\[1\]\.value/),
    });
  });

  it("a recipe that counts its calls behind a cache is reported, because the check disables the cache", () => {
    let calls = 0;
    let isRepeated = false;
    const cache = new Map<number, number>();
    const model: Model<Pair, null> = {
      ...pair([
        action("count", {}, (state: Pair) => {
          const before = at(state.cells, 1).value;
          calls += 1;
          const value = (isRepeated ? undefined : cache.get(before)) ?? calls % 7;
          cache.set(before, value);
          at(state.cells, 1).value = value;
          return true;
        }),
      ]),
      onRepetition: (how) => {
        isRepeated = how === "anew";
      },
    };
    expect(errorOf(() => search(compile(model)))).toMatchObject({ code: "not-deterministic" });
    expect(isRepeated).toBe(false);
  });

  it("a recipe that is enabled every other time is reported as not deterministic", () => {
    let on = false;
    const model = pair([
      grow,
      action("flicker", {}, () => {
        on = !on;
        return on;
      }),
    ]);
    expect(errorOf(() => search(compile(model)))).toMatchObject({
      code: "not-deterministic",
      message: expect.stringMatching(/flicker\(\).*not enabled the second time/),
    });
  });

  it("a recipe that misbehaves late in a machine of many states is reported as not deterministic", () => {
    let calls = 0;
    const model = pair([
      grow,
      action("drift", {}, (state: Pair) => {
        if (state.total > 25) {
          calls += 1;
          state.total = calls % 26;
        }
        return true;
      }),
    ]);
    // States with a total above 25 are beyond the 256 that are checked fully.
    expect(search(compile(pair([grow])), { budget: { maxDepth: 25 } }).states).toBeGreaterThan(256);
    expect(errorOf(() => search(compile(model)))).toMatchObject({
      code: "not-deterministic",
      message: expect.stringContaining("drift()"),
    });
  });
});

describe("A recipe that leaves a field's range", () => {
  const model = pair([
    grow,
    action("double", { cell }, (state: Pair, _, parameters) => {
      at(state.cells, parameters.cell).value *= 2;
      return true;
    }),
  ]);

  it("a value outside a field's range ends the search with an error that names the action and the field", () => {
    expect(errorOf(() => search(compile(model)))).toMatchObject({
      code: "field-range",
      message: expect.stringMatching(/action double\(cell: [01]\): .* field cells\[[01]\]\.value, .* 0 … 20/),
    });
  });

  it("a value outside a field's range is the same error on immutable states", () => {
    const state = { cells: [{ value: 0 }, { value: 11 }], total: 11 };
    expect(errorOf(() => interpret(model).step(state, { action: "double", parameters: { cell: 1 } }))).toMatchObject({
      code: "field-range",
      message: "action double(cell: 1): the value 22 does not fit field cells[1].value, which is declared 0 … 20",
    });
  });
});

describe("A recipe that changes the state and then returns false", () => {
  const model = pair([
    grow,
    action("hesitate", { cell }, (state: Pair, _, parameters) => {
      const which = at(state.cells, parameters.cell);
      which.value = Math.min(20, which.value + 1);
      return which.value !== 3;
    }),
  ]);

  it("a change by a disabled recipe ends the search with an error that names the action and the field", () => {
    expect(errorOf(() => search(compile(model)))).toMatchObject({
      code: "disabled-but-changed",
      message: expect.stringMatching(/action hesitate\(cell: ([01])\) changed field cells\[\1\]\.value/),
    });
  });

  it.each([0, 1, 2, 4])("a change by a disabled recipe is detected in word %i of a state of five words", (word) => {
    const schema = struct({ items: array(struct({ low: int(0, 65535), high: int(0, 65535) }), 5) });
    const wide: Model<StateOf<typeof schema>, null> = {
      name: "wide",
      schema,
      context: null,
      view: (state) => state,
      actions: [
        action("touch", {}, (state: StateOf<typeof schema>) => {
          at(state.items, word).high = 65535;
          return false;
        }),
      ],
      properties: [],
    };
    expect(errorOf(() => search(compile(wide)))).toMatchObject({
      code: "disabled-but-changed",
      message: expect.stringContaining(`items[${word}].high`),
    });
  });

  it("a change by a disabled recipe is refused on immutable states, too", () => {
    const state = { cells: [{ value: 0 }, { value: 2 }], total: 2 };
    expect(errorOf(() => interpret(model).step(state, { action: "hesitate", parameters: { cell: 1 } }))).toMatchObject({
      code: "disabled-but-changed",
      message: expect.stringContaining("hesitate(cell: 1)"),
    });
  });
});

describe("A machine that is falsely declared symmetric", () => {
  it("false symmetry is reported when a counterexample under symmetry is no real execution", () => {
    // Only the second cell grows. In the canonical form the larger cell is second, so that both seem to be able to
    // grow.
    const growLast = action("grow", {}, (state: Pair) => {
      const [first, second] = [at(state.cells, 0), at(state.cells, 1)];
      if (first.value === 0 && second.value < 3) {
        second.value += 1;
        return true;
      }
      if (second.value === 3 && first.value === 0) {
        first.value = 5;
        return true;
      }
      return false;
    });
    const swap = action("swap", {}, (state: Pair) => {
      if (at(state.cells, 0).value !== 3) {
        return false;
      }
      state.total = 40;
      return true;
    });
    const model = {
      ...pair([growLast, swap], true),
      properties: [always<Pair>({ id: "p", claim: "-", source: "-", holds: (state) => state.total !== 40 })],
    };
    // In real executions (0, 3) becomes (5, 3), and the first cell is never 3. The canonical form of (5, 3) is (3, 5).
    expect(search(compile(model), { symmetry: false }).outcome).toBe("exhausted");
    expect(errorOf(() => search(compile(model), { symmetry: true }))).toMatchObject({
      code: "not-symmetric",
      message: expect.stringContaining("machine pair"),
    });
  });
});

describe("A trace", () => {
  const interpreter = interpret(waterJugs());

  it("execute() refuses an unknown action and names the existing ones", () => {
    expect(errorOf(() => execute(interpreter, 0, [{ action: "drink", parameters: {} }]))).toMatchObject({
      code: "bad-action",
      message: expect.stringMatching(/"drink".*fill, empty, pour/),
    });
  });

  it("execute() refuses parameters out of bounds", () => {
    const calls = [{ action: "fill", parameters: { jug: "bathtub" } }];
    expect(errorOf(() => execute(interpreter, 0, calls))).toMatchObject({
      code: "bad-action",
      message: expect.stringContaining("fill(jug: bathtub)"),
    });
  });

  it("execute() refuses a step that is not enabled and names its number", () => {
    const grown = { action: "stop", parameters: {} };
    const once = action("stop", {}, (state: Pair) => {
      if (state.total === 1) {
        return false;
      }
      state.total = 1;
      return true;
    });
    expect(errorOf(() => execute(interpret(pair([once])), 0, [grown, grown]))).toMatchObject({
      code: "bad-action",
      message: "step 2: stop is not enabled there",
    });
    expect(errorOf(() => interpret(pair([once])).step({ ...emptyPair, total: 1 }, grown))).toMatchObject({
      code: "bad-action",
    });
  });

  it.each([-1, 1, 0.5])("execute() refuses %d as the index of an initial state", (initial) => {
    expect(errorOf(() => execute(interpreter, initial, []))).toMatchObject({ code: "bad-state" });
  });

  it("a trace consists of frozen states that later steps do not change", () => {
    const fill = { action: "fill", parameters: { jug: "big" } };
    const pour = { action: "pour", parameters: { from: "big" } };
    const { initial, steps } = execute(interpreter, 0, [fill, pour]);
    expect([initial, ...steps.map((step) => step.state)]).toEqual([
      { small: 0, big: 0 },
      { small: 0, big: 5 },
      { small: 3, big: 2 },
    ]);
    expect([initial, ...steps.map((step) => step.state)].every(Object.isFrozen)).toBe(true);
  });

  const emptyPair: Pair = { cells: [{ value: 0 }, { value: 0 }], total: 0 };
});
