/** Mistakes of a model's author, and the errors that the explorer and the interpreter report. */
import { describe, expect, it, test } from "vitest";
import { formatPlace, MachineError } from "../../explore/model/errors.ts";
import { interpret } from "../../explore/model/interpreter.ts";
import {
  type Action,
  action,
  always,
  alwaysStep,
  type DeepReadonly,
  type Model,
  noWarning,
  type Property,
  sometimes,
  sometimesStep,
} from "../../explore/model/model.ts";
import { array, at, bool, constant, int, type StructField, self, struct } from "../../explore/model/schema.ts";
import { packedState } from "../../explore/packed/packed.ts";
import { compile } from "../../explore/search/compile.ts";
import { search } from "../../explore/search/search.ts";
import { execute } from "../../explore/search/trace.ts";

interface Cells {
  n: number;
  on: boolean;
  readonly size: number;
  readonly cells: readonly { value: number; readonly number: number }[];
}

const schemaOf = (symmetric: boolean): StructField<Cells> =>
  struct({
    n: int(0, 5),
    on: bool(),
    size: constant(2),
    cells: array(struct({ value: int(0, 3), number: self() }), 2, symmetric ? { symmetric: "cell" } : {}),
  });

type Parts = Partial<Omit<Model<Cells, null, unknown>, "schema" | "context" | "properties">> & {
  readonly symmetric?: boolean;
  readonly properties?: readonly unknown[];
};

const up = action("up", {}, (state: Cells) => {
  if (state.n === 5) {
    return false;
  }
  state.n += 1;
  return true;
});

const grow = action<Cells, null, { cell: number }>("grow", { cell: [0, 1] }, ({ cells }, _, { cell }) => {
  const which = at(cells, cell);
  if (which.value === 3) {
    return false;
  }
  which.value += 1;
  return true;
});

/** A counter and two cells. Parts that violate types are passed as `unknown`. */
function model({ symmetric = false, properties = [], ...parts }: Parts): Model<Cells, null, DeepReadonly<Cells>> {
  return {
    name: "cells",
    schema: schemaOf(symmetric),
    context: null,
    view: (state: unknown) => state,
    actions: [up],
    ...parts,
    properties,
  } as Model<Cells, null, DeepReadonly<Cells>>;
}

const text = { claim: "-", source: "-" };

function errorOf(run: () => unknown): MachineError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(MachineError);
    return error as MachineError;
  }
  throw new Error("nothing was thrown");
}

const searchError = (parts: Parts): MachineError => errorOf(() => search(compile(model(parts))));

/** Properties of each kind, made from a predicate of the state, or of the state after a step. */
const KINDS: readonly [string, (id: string, predicate: (state: Cells) => unknown) => unknown][] = [
  ["always", (id, predicate) => always<Cells>({ ...text, id, holds: predicate as never })],
  ["sometimes", (id, predicate) => sometimes<Cells>({ ...text, id, reached: predicate as never })],
  [
    "always-step",
    (id, predicate) => alwaysStep<Cells>({ ...text, id, holds: ((_: Cells, s: Cells) => predicate(s)) as never }),
  ],
  [
    "sometimes-step",
    (id, predicate) => sometimesStep<Cells>({ ...text, id, reached: ((_: Cells, s: Cells) => predicate(s)) as never }),
  ],
  ["when of always", (id, predicate) => always<Cells>({ ...text, id, when: predicate as never, holds: () => true })],
  [
    "when of always-step",
    (id, predicate) =>
      alwaysStep<Cells>({ ...text, id, when: ((_: Cells, s: Cells) => predicate(s)) as never, holds: () => true }),
  ],
];

const holdsAtFive = always<Cells>({ ...text, id: "below-five", holds: ({ n }) => n < 5 });

describe.each(KINDS)("A property of kind %s", (kind, make) => {
  test.each<[string, string, (state: Cells) => unknown]>([
    ["a field", "n", (state) => Object.assign(state, { n: 0 }).n === 0],
    ["a field with the value that it has", "on", (state) => Object.assign(state, { on: false }).size === 2],
    ["a field of an element", "cells[1].value", (state) => Object.assign(at(state.cells, 1), { value: 0 }).value === 0],
    ["a constant", "size", (state) => Object.assign(state, { size: 2 }).size === 2],
  ])(
    "a property that writes %s is an error that names property and field, and hides no violation",
    (_, field, predicate) => {
      const properties = [make("writer", predicate), holdsAtFive];
      const error = searchError({ properties });
      expect(error).toMatchObject({ code: "read-only", place: { property: "writer", field } });
      expect(error.message).toMatch(/^(action up\(\): )?property writer: field \S+ cannot be written/);
      const interpreter = interpret(model({ properties }));
      const [start] = interpreter.initialStates as readonly [Cells];
      const refusal = errorOf(() => interpreter.decides(0, start, structuredClone(start)));
      expect(refusal.place.property).toBe("writer");
    },
  );

  test("a property that writes to the state before a step is refused", () => {
    if (kind.endsWith("step")) {
      const name = kind.startsWith("sometimes") ? "reached" : "holds";
      const writer = {
        ...text,
        kind: kind.replace("when of ", ""),
        id: "writer",
        [name]: (s: Cells) => Object.assign(s, { n: 0 }).n === 0,
      };
      expect(searchError({ properties: [writer] })).toMatchObject({ code: "read-only", place: { field: "n" } });
    }
  });

  test.each([[0], [1], [null], ["yes"], [Number.NaN], [{}], [Promise.resolve(true)]])(
    "a property that returns %s instead of a boolean is an error that names the property",
    (answer) => {
      const properties = [make("vague", () => answer)];
      const error = searchError({ properties });
      expect(error).toMatchObject({ code: "not-boolean", place: { property: "vague" } });
      expect(error.message).toMatch(
        /property vague: (holds|reached|when)\(\) returned .*; it must return true or false/,
      );
      const interpreter = interpret(model({ properties }));
      const [start] = interpreter.initialStates as readonly [Cells];
      expect(errorOf(() => interpreter.decides(0, start, start))).toMatchObject({
        code: "not-boolean",
        place: { property: "vague" },
      });
    },
  );

  test("a property may return undefined only if it is a claim, whose premise is then false", () => {
    const properties = [make("silent", () => undefined)];
    if (kind.startsWith("always")) {
      expect(search(compile(model({ properties }))).properties[0]).toMatchObject({ verdict: "holds", vacuous: true });
    } else {
      expect(searchError({ properties })).toMatchObject({ code: "not-boolean" });
    }
  });

  test("a property that throws is an error with the execution to that state", () => {
    const predicate = (state: Cells): boolean => {
      if (state.n === 2) {
        throw new RangeError("two is too much");
      }
      return false;
    };
    const isStep = kind.endsWith("step");
    const make1 = (kind.startsWith("always") ? (state: Cells) => !predicate(state) : predicate) as typeof predicate;
    const error = searchError({ properties: [make("picky", make1)] });
    const step = { action: "up", parameters: {} };
    expect(error).toMatchObject({
      code: "exception",
      place: { property: "picky", trace: { initial: 0, calls: isStep ? [step] : [step, step] } },
      cause: { message: "two is too much" },
    });
    expect(error.place.action).toEqual(isStep ? step : undefined);
    expect(error.message).toContain("property picky: it threw RangeError: two is too much");
    expect(formatPlace(error.place)).toBe("0  initial state 0\n1  up()\n2  up()");
  });
});

describe("A view", () => {
  const view = (state: Cells): unknown => {
    state.n = 0;
    return state;
  };

  it("a view that writes to the state is refused, on packed and on immutable states", () => {
    expect(errorOf(() => compile(model({ view: view as never })))).toMatchObject({ code: "read-only" });
    const interpreter = interpret(model({ view: view as never, properties: [holdsAtFive] }));
    const [start] = interpreter.initialStates as readonly [Cells];
    expect(errorOf(() => interpreter.decides(0, undefined, start)).message).toContain("the view: ");
  });

  it("a view that writes to the state in its refresh() is refused", () => {
    const refresh = (state: unknown): void => {
      (state as Cells).n = 0;
    };
    expect(searchError({ refresh, properties: [holdsAtFive] })).toMatchObject({ code: "read-only" });
  });

  it.each<[string, (state: Cells) => unknown]>([
    ["a copy by spread", (state) => ({ ...state })],
    ["a copy of what it needs", ({ n }) => ({ n })],
    ["a trip through JSON", (state) => JSON.parse(JSON.stringify(state))],
  ])("a view that is %s is made for each state", (_, copy) => {
    const step = alwaysStep<Cells>({ ...text, id: "by-one", holds: (before, after) => after.n === before.n + 1 });
    const result = search(compile(model({ view: copy as never, properties: [step, holdsAtFive] })));
    expect(result.violations).toMatchObject([{ property: 1, path: { steps: [{}, {}, {}, {}, {}] } }]);
  });
});

describe("A draft", () => {
  const parts = (recipe: (state: Cells) => unknown): Parts => ({
    actions: [up, action("odd", { by: [1] }, recipe as (state: Cells) => boolean)] as Action<Cells, null>[],
  });

  test.each<[string, string, (state: Cells) => unknown]>([
    ["the state", "foo", (state) => (state as unknown as { foo: number }).foo],
    ["an element", "cells[1].foo", (state) => (at(state.cells, 1) as unknown as { foo: number }).foo],
  ])("a draft refuses a field of %s that the schema lacks", (_, field, read) => {
    const recipe = (state: Cells): boolean => {
      const record = field === "foo" ? state : at(state.cells, 1);
      if (read(state) === undefined) {
        Object.assign(record, { foo: 1 });
      }
      return false;
    };
    const error = searchError(parts(recipe));
    expect(error).toMatchObject({
      code: "unknown-field",
      place: { field, action: { action: "odd", parameters: { by: 1 } }, trace: { initial: 0, calls: [] } },
    });
    expect(error.message).toMatch(/^action odd\(by: 1\): .* has no field "foo"/);
    const interpreter = interpret(model(parts((state) => Object.assign(state, { foo: 1 }).n === 0)));
    const [start] = interpreter.initialStates as readonly [Cells];
    expect(errorOf(() => interpreter.step(start, { action: "odd", parameters: { by: 1 } }))).toMatchObject({
      code: "unknown-field",
      place: { field: "foo", action: { action: "odd", parameters: { by: 1 } } },
    });
  });

  test("a draft refuses such a field in sloppy mode, too", () => {
    const sloppy = new Function("state", "state.foo = 1; return true;") as (state: Cells) => boolean;
    expect(searchError(parts(sloppy))).toMatchObject({ code: "unknown-field", place: { field: "foo" } });
  });

  test.each<[string, string, string]>([
    ["a constant", "state.size = 3", "size"],
    ["the number of an element", "state.cells[0].number = 2", "cells[0].number"],
    ["a whole array", "state.cells = []", "cells"],
  ])("a draft refuses a write to %s, in strict and in sloppy mode", (_, statement, field) => {
    const recipe = new Function("state", `${statement}; return true;`) as (state: Cells) => boolean;
    expect(searchError(parts(recipe))).toMatchObject({ code: "read-only", place: { field } });
  });

  test.each<[string, (cells: { value: number; number: number }[]) => unknown]>([
    ["replaces an element", (cells) => cells.splice(0, 1, { value: 3, number: 1 })],
    ["adds an element", (cells) => cells.push({ value: 3, number: 1 })],
    ["removes an element", (cells) => cells.pop()],
    ["reorders the elements", (cells) => cells.reverse()],
  ])("a recipe that %s of an array ends in an error that names the array and the action", (_, change) => {
    const recipe = ({ cells }: Cells): boolean => {
      change(cells as { value: number; number: number }[]);
      return false;
    };
    expect(searchError(parts(recipe))).toMatchObject({
      code: "read-only",
      place: { field: "cells", action: { action: "odd" } },
    });
  });

  test("changes to arrays are also detected in properties, in late steps, and as added fields", () => {
    const property = always<Cells>({
      ...text,
      id: "sorting",
      holds: ({ cells }) => (cells as unknown as unknown[]).reverse().length === 2,
    });
    expect(searchError({ properties: [property] })).toMatchObject({ code: "read-only", place: { field: "cells" } });
    const late = (state: Cells): boolean => {
      if (state.n === 5) {
        (state.cells as unknown as unknown[]).pop();
      }
      return false;
    };
    expect(searchError(parts(late))).toMatchObject({ code: "read-only", place: { field: "cells" } });
    const mark = ({ cells }: Cells): boolean => Object.assign(cells, { foo: 1 }).length === 0;
    expect(searchError(parts(mark))).toMatchObject({ code: "read-only", place: { field: "cells" } });
  });

  test("a flag of a draft accepts only true and false", () => {
    const error = searchError(parts((state) => Object.assign(state, { on: 1 as never }).size === 2));
    expect(error).toMatchObject({ code: "field-range", place: { field: "on", action: { action: "odd" } } });
  });

  test("a draft has the keys, spread and JSON of a plain object, so that properties over all values work", () => {
    const { draft } = packedState(schemaOf(false));
    const plain = {
      n: 0,
      on: false,
      size: 2,
      cells: [
        { value: 0, number: 1 },
        { value: 0, number: 2 },
      ],
    };
    expect(Object.keys(draft)).toEqual(Object.keys(plain));
    expect(JSON.parse(JSON.stringify(draft))).toEqual(plain);
    expect({ ...draft }).toMatchObject({ n: 0, on: false, size: 2 });
  });
});

describe("A recipe", () => {
  test.each([[undefined], [1], [null], [Promise.resolve(true)]])(
    "a recipe that returns %s instead of a boolean is an error that names the call",
    (answer) => {
      const odd = action("odd", { by: [1] }, (() => answer) as unknown as (state: Cells) => boolean);
      const error = searchError({ actions: [odd] });
      expect(error).toMatchObject({ code: "not-boolean", place: { action: { action: "odd", parameters: { by: 1 } } } });
      expect(error.message).toContain("action odd(by: 1): the recipe returned ");
      const interpreter = interpret(model({ actions: [odd] }));
      const [start] = interpreter.initialStates as readonly [Cells];
      expect(errorOf(() => interpreter.enabledActions(start))).toMatchObject({ code: "not-boolean" });
    },
  );

  const explode = action<Cells, null, { cell: number }>("explode", { cell: [0, 1] }, ({ cells }, _, { cell }) => {
    if (at(cells, cell).value === 2) {
      throw new TypeError("boom");
    }
    return false;
  });

  const overflow = action<Cells, null, { cell: number }>("overflow", { cell: [0, 1] }, ({ cells }, _, { cell }) => {
    const which = at(cells, cell);
    if (which.value < 3) {
      return false;
    }
    which.value += 1;
    return true;
  });

  const hesitate = action<Cells, null, { cell: number }>("hesitate", { cell: [0, 1] }, ({ cells }, _, { cell }) => {
    const which = at(cells, cell);
    which.value = Math.min(3, which.value + 1);
    return which.value !== 3;
  });

  test.each([
    { what: "throws", odd: explode, code: "exception", steps: 2, symmetric: false },
    { what: "throws, up to symmetry", odd: explode, code: "exception", steps: 2, symmetric: true },
    { what: "leaves a field's range", odd: overflow, code: "field-range", steps: 3, symmetric: false },
    { what: "leaves a field's range, up to symmetry", odd: overflow, code: "field-range", steps: 3, symmetric: true },
    {
      what: "changes the state and returns false",
      odd: hesitate,
      code: "disabled-but-changed",
      steps: 2,
      symmetric: false,
    },
  ])(
    "a recipe that $what is an error with a shortest execution, which really fails there",
    ({ odd, code, steps, symmetric }) => {
      const broken = model({ actions: [grow, odd], symmetric });
      const error = errorOf(() => search(compile(broken)));
      const { trace, action: call } = error.place;
      expect(error).toMatchObject({ code, place: { action: { action: odd.name } } });
      expect(trace?.calls).toHaveLength(steps);
      // On immutable states, the same call must fail after the same steps with the same error.
      const calls = [...(trace?.calls ?? []), ...(call === undefined ? [] : [call])];
      const again = errorOf(() => execute(interpret(broken), trace?.initial ?? 0, calls));
      expect(again).toMatchObject({ code, place: { action: call, trace } });
      expect(formatPlace(error.place).split("\n")).toHaveLength(steps + 2);
    },
  );

  test("the error of a recipe that throws has its stack and its cause", () => {
    const error = searchError({ actions: [grow, explode] });
    expect(error.cause).toBeInstanceOf(TypeError);
    expect(error.stack).toMatch(
      /MachineError: action explode\(cell: [01]\): it threw TypeError: boom\n[\s\S]*mistakes\.test/,
    );
  });
});

test("the error of an initial state that cannot be made has its index", () => {
  const initial = [
    () => {},
    (state: Cells) => {
      state.n = 6;
    },
  ];
  const message = "initial state 1: the value 6 does not fit field n, which is declared 0 … 5";
  expect(searchError({ initial }).message).toBe(message);
  expect(errorOf(() => interpret(model({ initial }))).message).toBe(message);
});

describe("A malformed model", () => {
  const nop = (name: string, domains: { readonly [name: string]: readonly unknown[] } = {}): unknown =>
    action(name, domains as never, () => false);
  const claim = (id: string): unknown => always<Cells>({ ...text, id, holds: () => true });
  const warning = (id: string, ...codes: number[]): unknown => noWarning({ ...text, id, codes });
  const warnings = { log: { first: 0 }, text: String };

  test.each<[string, { [part: string]: unknown }, string]>([
    ["two actions have one name", { actions: [nop("go"), nop("go", { x: [1] })] }, 'action "go" is declared twice'],
    [
      "two properties have one id",
      { properties: [claim("P"), claim("Q"), claim("P")] },
      'property "P" is declared twice',
    ],
    ["the name of the model is empty", { name: "" }, 'the name "" is no name'],
    ["the name of an action is empty", { actions: [nop("")] }, 'action "" is no name'],
    ["the name of an action has a line break", { actions: [nop("a\nb")] }, 'action "a\\nb" is no name'],
    ["the id of a property is blank", { properties: [claim("  ")] }, 'property "  " is no name'],
    ["the id of a property is no text", { properties: [claim(7 as never)] }, "property 7 is no name"],
    ["a parameter has no name", { actions: [nop("go", { "": [1] })] }, 'parameter "" is no name'],
    ["a domain repeats a value", { actions: [nop("go", { x: [1, 2, 1] })] }, "go(x: 1) is declared twice"],
    [
      "a domain repeats a record",
      { actions: [nop("go", { x: [{ a: 1 }, { a: 1 }] })] },
      "go(x: {a: 1}) is declared twice",
    ],
    ["a parameter does not survive JSON", { actions: [nop("go", { x: [Number.NaN] })] }, "go(x: NaN)"],
    [
      "two properties forbid one warning",
      { warnings, properties: [warning("P", 1), warning("Q", 2, 1)] },
      "P and Q both",
    ],
    ["a warning has code 0", { warnings, properties: [warning("P", 0)] }, "forbids warning 0"],
    ["there is no log for forbidden warnings", { properties: [warning("P", 1)] }, "has no log"],
  ])("a model is refused before the search if %s", (_, parts, problem) => {
    for (const use of [compile, interpret]) {
      const error = errorOf(() => use(model(parts as Parts)));
      expect(error.code).toBe("bad-model");
      expect(error.message).toContain("cannot use model ");
      expect(error.message).toContain(problem);
    }
  });

  test("action() refuses a filter of parameters that returns no boolean", () => {
    const declare = (): unknown =>
      action("go", { x: [0, 1] }, () => false, { where: (({ x }: { x: number }) => x) as never });
    expect(errorOf(declare)).toMatchObject({
      code: "not-boolean",
      message: expect.stringContaining("action go: where()"),
    });
  });
});

test("the types forbid properties, steps and views to write to the state, at any depth", () => {
  const properties: readonly Property<Cells>[] = [
    always<Cells>({
      ...text,
      id: "a",
      when: (state) => {
        // @ts-expect-error: read-only
        state.n = 0;
        return true;
      },
      holds: (state) => {
        // @ts-expect-error: read-only
        state.n = 0;
        return true;
      },
    }),
    sometimes<Cells>({
      ...text,
      id: "b",
      reached: ({ cells }) => {
        // @ts-expect-error: read-only
        at(cells, 0).value = 0;
        return true;
      },
    }),
    alwaysStep<Cells>({
      ...text,
      id: "c",
      holds: (before, after) => {
        // @ts-expect-error: read-only
        before.n = 0;
        // @ts-expect-error: read-only
        after.n = 0;
        return true;
      },
    }),
    sometimesStep<Cells>({
      ...text,
      id: "d",
      reached: (before, after) => {
        // @ts-expect-error: read-only
        before.on = true;
        // @ts-expect-error: read-only
        after.cells.push({ value: 0, number: 3 });
        return true;
      },
    }),
  ];
  const view: Model<Cells, null>["view"] = (state) => {
    // @ts-expect-error: read-only
    state.n = 0;
    return state;
  };
  expect([properties.length, view.length]).toEqual([4, 1]);
});
