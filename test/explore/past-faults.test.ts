/** Regression tests for faults found in reviews of the engine. */
import { describe, expect, it } from "vitest";
import { interpret } from "../../explore/model/interpreter.ts";
import { initialValue } from "../../explore/model/json.ts";
import { action, always, alwaysStep, type Model, noWarning } from "../../explore/model/model.ts";
import { array, at, bool, constant, int, ref, type StructField, self, struct } from "../../explore/model/schema.ts";
import { packedState } from "../../explore/packed/packed.ts";
import { compile } from "../../explore/search/compile.ts";
import { search } from "../../explore/search/search.ts";
import { callsOf, execute } from "../../explore/search/trace.ts";

const text = { id: "p", claim: "p", source: "this test" };

interface Cells {
  readonly cells: readonly { value: number }[];
}
const cells: StructField<Cells> = struct({
  cells: array(struct({ value: int(0, 2) }), 2, { symmetric: "cell" }),
});

interface Level {
  level: number;
}
const levels: StructField<Level> = struct({ level: int(0, 3) });

const modelOf = <S>(
  schema: StructField<S>,
  actions: Model<S, null>["actions"],
  rest: Partial<Model<S, null>> = {},
): Model<S, null> => ({
  name: "m",
  schema,
  context: null,
  view: (state) => state,
  actions,
  properties: [],
  ...rest,
});

describe("Under symmetry", () => {
  it("a step property's counterexample under symmetry ends with a step that violates it", () => {
    // From (0, 1), swapping and not swapping lead to the same orbit, but only a swap changes a cell.
    const model = modelOf(
      cells,
      [
        action("set", { cell: [0, 1] }, (state: Cells, _, { cell }) => {
          if (state.cells.some((each) => each.value !== 0)) {
            return false;
          }
          at(state.cells, cell).value = 1;
          return true;
        }),
        action("rearrange", { swap: [false, true] }, (state: Cells, _, { swap }) => {
          const [first, second] = [at(state.cells, 0), at(state.cells, 1)];
          if (first.value === second.value) {
            return false;
          }
          if (swap) {
            [first.value, second.value] = [second.value, first.value];
          }
          return true;
        }),
      ],
      {
        properties: [
          alwaysStep({
            ...text,
            when: (before) => before.cells.some((each) => each.value === 1),
            holds: (before, after) => before.cells.every((each, i) => each.value === at(after.cells, i).value),
          }),
        ],
      },
    );
    const { violations } = search(compile(model), { symmetry: true });
    const path = violations[0]?.path ?? { initial: 0, steps: [] };
    const { steps } = execute(interpret(model), path.initial, callsOf(model, path));
    expect(interpret(model).decides(0, steps.at(-2)?.state, steps.at(-1)?.state ?? { cells: [] })).toBe(true);
  });

  it("a property that distinguishes interchangeable elements is reported as an error", () => {
    const up = action<Cells, null, { cell: number }>("up", { cell: [0, 1] }, (state, _, { cell }) => {
      if (at(state.cells, cell).value === 2) {
        return false;
      }
      at(state.cells, cell).value += 1;
      return true;
    });
    const model = modelOf(cells, [up], {
      properties: [always<Cells>({ ...text, holds: (state) => at(state.cells, 1).value <= at(state.cells, 0).value })],
    });
    expect(() => search(compile(model), { symmetry: true })).toThrow(
      expect.objectContaining({ code: "not-symmetric" }),
    );
  });

  it("a machine that distinguishes interchangeable elements is reported as an error, not a missed violation", () => {
    // Only the first cell grows, and only while the second is 0. In the canonical form the larger cell is the second
    // one.
    const model = modelOf(
      cells,
      [
        action("up", {}, (state: Cells) => {
          const [first, second] = [at(state.cells, 0), at(state.cells, 1)];
          if (second.value !== 0 || first.value === 2) {
            return false;
          }
          first.value += 1;
          return true;
        }),
      ],
      { properties: [always<Cells>({ ...text, holds: (state) => state.cells.every((each) => each.value < 2) })] },
    );
    expect(search(compile(model), { symmetry: false }).outcome).toBe("violated");
    expect(() => search(compile(model), { symmetry: true })).toThrow(
      expect.objectContaining({ code: "not-symmetric" }),
    );
  });

  it("a reference whose number of elements differs from its scalarset's is refused", () => {
    const schema = struct({
      held: ref("cell", 5),
      cells: array(struct({ value: int(0, 1) }), 2, { symmetric: "cell" }),
    });
    expect(() => compile(modelOf(schema, []))).toThrow(/held/);
  });
});

describe("A warning", () => {
  const log = { first: 0 };
  const fine = action<Level, null, Record<string, never>>("fine", {}, () => true);
  const warning = { ...text, codes: [3] };

  it("a warning of a disabled recipe is not attributed to the next action", () => {
    log.first = 0;
    const model = modelOf(
      levels,
      [
        action("look", {}, () => {
          log.first = 3;
          return false;
        }),
        fine,
      ],
      { warnings: { log, text: String }, properties: [noWarning<Level>(warning)] },
    );
    const { violations } = search(compile(model));
    // A report is optional, but it must replay.
    for (const { path } of violations) {
      expect(execute(interpret(model), path.initial, callsOf(model, path)).steps.at(-1)?.warning).toBe(3);
    }
  });

  it("a warning raised by a property is not attributed to the next action", () => {
    log.first = 0;
    const ask = always<Level>({
      ...text,
      id: "ask",
      holds: () => {
        log.first = 3;
        return true;
      },
    });
    const model = modelOf(levels, [fine], {
      warnings: { log, text: String },
      properties: [ask, noWarning<Level>(warning)],
    });
    const { violations } = search(compile(model));
    for (const { path } of violations) {
      expect(execute(interpret(model), path.initial, callsOf(model, path)).steps.at(-1)?.warning).toBe(3);
    }
  });
});

describe("A search", () => {
  it("a search reports the nearest of a deadlock and a violation", () => {
    // A deadlock at level 2, one step away; and a violation two steps away, through level 1, which is expanded first.
    const model = modelOf(
      levels,
      [
        action("go", { to: [1, 2, 3] }, (state: Level, _, { to }) => {
          if (state.level === 2 || (state.level === 0) !== to < 3) {
            return false;
          }
          state.level = to;
          return true;
        }),
      ],
      { deadlock: "error", properties: [always<Level>({ ...text, holds: ({ level }) => level !== 3 })] },
    );
    expect(search(compile(model)).violations.map(({ path }) => path.steps.length)).toEqual([1]);
  });

  it("a search of a machine with exactly as many states as its limit is exhausted", () => {
    const up = action<Level, null, Record<string, never>>("up", {}, (state) => {
      if (state.level === 3) {
        return false;
      }
      state.level += 1;
      return true;
    });
    expect(search(compile(modelOf(levels, [up]))).states).toBe(4);
    expect(search(compile(modelOf(levels, [up])), { budget: { maxStates: 4 } }).outcome).toBe("exhausted");
  });

  it("a recipe that behaves differently only in its first call is reported as not deterministic", () => {
    let first = true;
    const model = modelOf(levels, [
      action("learn", {}, (state: Level) => {
        state.level = first ? 1 : 2;
        first = false;
        return true;
      }),
    ]);
    expect(() => search(compile(model))).toThrow(expect.objectContaining({ code: "not-deterministic" }));
  });
});

describe("A packed draft", () => {
  it.each(["word", "shift"])("a packed draft has no internal member that a field named %s could hide", (name) => {
    const record = packedState(struct({ [name]: int(0, 3), other: int(0, 3) })).draft as { [field: string]: number };
    record[name] = 2;
    expect([record[name], record["other"]]).toEqual([2, 0]);
  });

  it.each(["constructor", "toString", "a-b", "1a"])("a schema refuses a field named %s", (name) => {
    expect(() => struct({ [name]: int(0, 3) })).toThrow(`"${name}"`);
  });

  it("a packed draft refuses to overwrite a constant, the element's number, a record or an array", () => {
    const schema = struct({
      size: constant(5),
      inner: struct({ flag: bool() }),
      items: array(struct({ number: self(), flag: bool() }), 2),
    });
    const { draft } = packedState(schema);
    expect(() => {
      draft.size = 6;
    }).toThrow(expect.objectContaining({ code: "read-only" }));
    expect(() => {
      draft.inner = { flag: true };
    }).toThrow(expect.objectContaining({ code: "read-only" }));
    expect(() => {
      at(draft.items, 0).number = 2;
    }).toThrow(expect.objectContaining({ code: "read-only" }));
    expect(() => {
      draft.items = [];
    }).toThrow(expect.objectContaining({ code: "read-only" }));
  });

  it("an error names the right field when fields without bits have equal places and names", () => {
    const { draft } = packedState(struct({ a: struct({ x: int(3, 3) }), b: struct({ x: int(0, 5) }) }));
    expect(() => {
      draft.b.x = 9;
    }).toThrow("field b.x");
  });
});

describe("A schema", () => {
  it("a schema refuses numbers beyond 32 bits", () => {
    expect(() => int(3_000_000_000, 3_000_000_001)).toThrow(RangeError);
  });
});

describe("Immutable states", () => {
  it("initial states of the interpreter are validated", () => {
    const model = modelOf(levels, [], { initial: [(state: Level) => Object.assign(state, { level: 99 })] });
    expect(() => interpret(model).initialStates).toThrow("field level");
  });

  it("the interpreter distinguishes a number from its text in parameters", () => {
    const model = modelOf(levels, [
      action("set", { to: ["1", 1] }, (state: Level, _, { to }) => {
        state.level = typeof to === "string" ? 3 : to;
        return true;
      }),
    ]);
    expect(interpret(model).step(initialValue(levels), { action: "set", parameters: { to: 1 } })).toEqual({ level: 1 });
  });
});

describe("A view", () => {
  it("a view is made on an initial state, on packed states as on immutable ones", () => {
    const model: Model<Level, null, Level> = {
      ...modelOf(struct({ level: int(0, 3, 1) }) as StructField<Level>, []),
      view: (state) => {
        if (state.level === 0) {
          throw new Error("the level is never 0");
        }
        return state;
      },
    };
    expect(interpret(model).initialStates).toHaveLength(1);
    expect(search(compile(model)).states).toBe(1);
  });
});
