/** Two models in lockstep: every difference is found by a shortest execution, and no other one is reported. */
import { describe, expect, it } from "vitest";
import { interpret } from "../../explore/model/interpreter.ts";
import { action, always, type Model, noWarning, type Property } from "../../explore/model/model.ts";
import { OneSided, type OneSidedStep, type Pair, product } from "../../explore/model/product.ts";
import { int, type StructField, struct } from "../../explore/model/schema.ts";
import { compile } from "../../explore/search/compile.ts";
import { type SearchResult, search } from "../../explore/search/search.ts";
import { callsOf, execute } from "../../explore/search/trace.ts";
import { twoPhaseCommit } from "../toys/two-phase-commit.ts";
import { twoWorlds } from "../toys/two-worlds.ts";

interface Counter {
  value: number;
}

/** Differences of a counter from the usual one. */
interface Quirk {
  /** Increment of "up". */
  readonly step?: (value: number) => number;
  /** Last value of "up". */
  readonly last?: number;
  /** Value at which "up" warns. */
  readonly warnsAt?: number;
  readonly actions?: readonly number[];
}

function counter({ step = () => 1, last = 5, warnsAt = -1, actions = [1, 2] }: Quirk = {}): Model<Counter, null> {
  const log = { first: 0 };
  const schema: StructField<Counter> = struct({ value: int(0, 9) });
  return {
    name: "counter",
    schema,
    context: null,
    view: (state) => state,
    warnings: { log, text: String },
    actions: [
      action("up", {}, (state: Counter) => {
        if (state.value >= last) {
          return false;
        }
        if (state.value === warnsAt) {
          log.first = 7;
        }
        state.value += step(state.value);
        return true;
      }),
      action("down", { by: actions }, (state: Counter, _, { by }) => {
        if (state.value < by) {
          return false;
        }
        state.value -= by;
        return true;
      }),
    ],
    properties: [],
  };
}

const text = (id: string): { id: string; claim: string; source: string } => ({ id, claim: id, source: "this test" });

const properties: readonly Property<Pair<Counter>>[] = [
  noWarning({ ...text("enabled"), codes: [OneSided.enabledInOne, OneSided.enabledInOther] }),
  noWarning({ ...text("warned"), codes: [OneSided.warnedInOne, OneSided.warnedInOther] }),
  always({ ...text("same"), holds: ({ one, other }) => one.value === other.value }),
];

const OWNER: Property<unknown> = noWarning({ ...text("one-sided"), codes: Object.values(OneSided) });

const names = { one: "old", other: "new" };
const compared = (one: Quirk, other: Quirk): Model<Pair<Counter>, Pair<null>, Pair<Counter>> =>
  product({ one: counter(one), other: counter(other) }, names, properties);

function oneSidedText({ what, under, notUnder }: OneSidedStep): string {
  return `${what} under ${under}, not under ${notUnder}`;
}

/** The first violation as text: the property, the warning, and the actions of the execution. */
function violation(model: Model<Pair<Counter>, Pair<null>, Pair<Counter>>): string {
  const { violations } = search(compile(model));
  const [first] = violations;
  if (first === undefined) {
    return "none";
  }
  const { id } = model.properties[first.property] as Property<unknown>;
  const warning =
    first.warning === undefined ? "" : ` (${oneSidedText(model.warnings?.data?.(first.warning) as OneSidedStep)})`;
  return `${id}${warning}: ${callsOf(model, first.path)
    .map((call) => call.action)
    .join(" ")}`;
}

describe("Two models that are the same", () => {
  it("the product of equal models has as many states as each of them", () => {
    const model = compared({}, {});
    const result = search(compile(model));
    expect(result).toMatchObject({ outcome: "exhausted", states: 6 });
    expect(result.properties.map(({ verdict }) => verdict)).toEqual(["holds", "holds", "holds"]);
  });

  it("a warning on both sides is no difference", () => {
    expect(violation(compared({ warnsAt: 2 }, { warnsAt: 2 }))).toBe("none");
  });

  it("the product of equal models has their symmetry: elements are renamed on both sides at once", () => {
    const states = (symmetry: boolean): SearchResult["states"] => {
      const one = twoPhaseCommit(3);
      return search(compile(product({ one, other: twoPhaseCommit(3) }, names, [OWNER])), { symmetry }).states;
    };
    expect([states(false), states(true)]).toEqual([288, 80]);
  });

  it("the product has the symmetry of a scalarset in several arrays", () => {
    const model = product({ one: twoWorlds(3), other: twoWorlds(3) }, names, [OWNER]);
    expect(search(compile(model), { symmetry: true }).states).toBe(204);
  });
});

describe("Two models that differ", () => {
  it("models that differ in a value after three steps have an execution of three steps", () => {
    expect(violation(compared({}, { step: (value) => (value === 2 ? 2 : 1) }))).toBe("same: up up up");
  });

  it.each<[string, Quirk, Quirk, string]>([
    ["only the first is enabled", {}, { last: 2 }, "enabled (enabled under old, not under new)"],
    ["only the second can go on", { last: 2 }, {}, "enabled (enabled under new, not under old)"],
    ["only the first warns", { warnsAt: 2 }, {}, "warned (warning under old, not under new)"],
    ["only the second warns", {}, { warnsAt: 2 }, "warned (warning under new, not under old)"],
  ])("models that differ in a step have an execution to it: %s", (_, one, other, difference) => {
    expect(violation(compared(one, other))).toBe(`${difference}: up up up`);
  });

  it("models with different actions cannot be compared", () => {
    expect(() => compared({}, { actions: [1] })).toThrow(
      "machines counter (old) and counter (new) differ in their actions",
    );
  });
});

describe("An execution of both", () => {
  it("an execution of a product is the same on immutable states", () => {
    const model = compared({}, { step: (value) => (value === 2 ? 2 : 1) });
    const [difference] = search(compile(model)).violations;
    const calls = difference === undefined ? [] : callsOf(model, difference.path);
    const { initial, steps } = execute(interpret(model), 0, calls);
    expect(initial).toEqual({ one: { value: 0 }, other: { value: 0 } });
    expect(steps.at(-1)?.state).toEqual({ one: { value: 3 }, other: { value: 4 } });
  });

  it("a product starts in the initial states of both models, whose numbers must be equal", () => {
    const one: Model<Counter, null> = {
      ...counter(),
      initial: [(state) => Object.assign(state, { value: 1 }), (state) => Object.assign(state, { value: 3 })],
    };
    const { initialStates } = interpret(product({ one, other: one }, names, properties));
    expect(initialStates.map((state) => state.one.value)).toEqual([1, 3]);
    expect(() => product({ one, other: counter() }, names, properties)).toThrow("number of initial states");
  });
});
