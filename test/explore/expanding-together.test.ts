/** Compares a search that expands states in batches with one that expands them one by one. */
import { describe, expect, test } from "vitest";
import { BeyondBounds } from "../../explore/model/errors.ts";
import { type Action, action, always, alwaysReading, type Model, noWarning } from "../../explore/model/model.ts";
import { array, at, int, struct } from "../../explore/model/schema.ts";
import { compile } from "../../explore/search/compile.ts";
import { search } from "../../explore/search/search.ts";

interface Counters {
  readonly counters: readonly { value: number }[];
}

const MOST = 9;
const log = { first: 0, evaluations: new Float64Array(2) };

const sumOf = ({ counters }: { readonly counters: readonly { readonly value: number }[] }): number =>
  counters.reduce((sum, { value }) => sum + value, 0);

/** Adds 1 to a counter: 1,000 states. @param end called when the sum is 14 */
function machine(end: () => void, more: Partial<Model<Counters, null>> = {}): Model<Counters, null> {
  const recipe = (state: Counters, _: null, { counter }: { counter: number }): boolean => {
    const which = at(state.counters, counter);
    log.evaluations[1] = (log.evaluations[1] as number) + 1;
    if (which.value === MOST) {
      return false;
    }
    which.value += 1;
    if (sumOf(state) === 14 && counter === 1) {
      end();
    }
    return true;
  };
  return {
    name: "counters",
    schema: struct({ counters: array(struct({ value: int(0, MOST) }), 3) }),
    context: null,
    actions: [action("add", { counter: [0, 1, 2] }, recipe), action("again", { counter: [2] }, recipe)],
    view: (state) => state,
    properties: [noWarning({ id: "W", claim: "no warning", source: "test", codes: [1], counted: true })],
    warnings: { log, text: String },
    ...more,
  };
}

const sumIsSmall = always<Counters>({
  id: "S",
  claim: "the sum is small",
  source: "test",
  holds: (state) => sumOf(state) < 14,
});

/** The outcome of a search. @param maxStates a limit beyond all states; with one, states are expanded one by one */
function outcomeOf(model: Model<Counters, null>, maxStates?: number): unknown {
  log.first = 0;
  try {
    const { seconds: _, ...result } = search(compile(model), maxStates === undefined ? {} : { budget: { maxStates } });
    return result;
  } catch (error) {
    return { thrown: `${error}`, ...(error as object) };
  }
}

describe("Expanding states in batches", () => {
  const ends: readonly [string, Model<Counters, null>, object][] = [
    ["when everything holds", machine(() => {}), { states: 1000, transitions: 3600 }],
    [
      "when a recipe warns",
      machine(() => {
        log.first = 1;
      }),
      { outcome: "violated", violations: [{ property: 0 }] },
    ],
    [
      "when a property is violated",
      machine(() => {}, { properties: [...machine(() => {}).properties, sumIsSmall] }),
      { outcome: "violated", violations: [{ property: 1 }] },
    ],
    [
      "when a recipe throws",
      machine(() => {
        throw new TypeError("thrown");
      }),
      { code: "exception" },
    ],
    [
      "when a recipe leaves the bounds",
      machine(() => {
        throw new BeyondBounds("no further");
      }),
      { stopped: "beyond-bounds", beyond: "no further" },
    ],
  ];

  test.each(ends)("a search in batches has the same result as one by one: %s", (_, model, expected) => {
    const together = outcomeOf(model);
    expect(together).toEqual(outcomeOf(model, 10 ** 9));
    expect(together).toMatchObject(expected);
  });
});

describe("A recipe's implementation on packed states", () => {
  const packedAdd = (limit: number): Action<Counters, null> => {
    const [add] = machine(() => {}).actions as [Action<Counters, null>];
    return {
      ...add,
      packed: ({ draft }) => {
        return (instance) => {
          const which = at(draft.counters, instance);
          if (which.value === limit) {
            return false;
          }
          which.value += 1;
          return true;
        };
      },
    };
  };

  test("a search executes the implementation on packed states", () => {
    const model = machine(() => {}, { properties: [], actions: [packedAdd(MOST)] });
    expect(outcomeOf(model)).toMatchObject({ states: 1000, transitions: 2700 });
  });

  test("an implementation on packed states that differs from its recipe is an error", () => {
    const model = machine(() => {}, { properties: [], actions: [packedAdd(MOST - 1)] });
    expect(outcomeOf(model)).toMatchObject({ code: "not-deterministic" });
  });
});

describe("A property that reads some fields", () => {
  let evaluated = 0;
  const isBelow = (limit: number) =>
    alwaysReading<Counters>((path) => path === "counters[0].value", {
      id: "B",
      claim: "the first counter is below a limit",
      source: "test",
      holds: ({ counters }) => {
        evaluated += 1;
        return at(counters, 0).value < limit;
      },
    });

  test("a property with declared fields is evaluated after steps that change them, and counted for all", () => {
    evaluated = 0;
    const result = outcomeOf(machine(() => {}, { properties: [isBelow(MOST + 1)], warnings: undefined as never }));
    expect(result).toMatchObject({ states: 1000, properties: [{ verdict: "holds", checked: 1000 }] });
    // New states by steps of the first counter, plus the initial one.
    expect(evaluated).toBeLessThan(200);
    expect(evaluated).toBeGreaterThan(MOST);
  });

  test("a property with declared fields is violated by the same steps as one without", () => {
    const model = machine(() => {}, { properties: [isBelow(5)] });
    const { reads: _, ...unknown } = isBelow(5) as ReturnType<typeof isBelow> & { reads?: unknown };
    expect(outcomeOf(model)).toEqual(outcomeOf({ ...model, properties: [unknown as ReturnType<typeof isBelow>] }));
    expect(outcomeOf(model)).toMatchObject({ outcome: "violated" });
  });
});
