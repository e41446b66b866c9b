/** Conditions that a search evaluates once for several calls or properties: guards and premises. */
import { describe, expect, test } from "vitest";
import { type Action, action, always, type DeepReadonly, type Model, noWarning } from "../../explore/model/model.ts";
import { array, at, int, struct } from "../../explore/model/schema.ts";
import { compile } from "../../explore/search/compile.ts";
import { type SearchResult, search } from "../../explore/search/search.ts";

interface Counters {
  readonly counters: readonly { value: number }[];
}

const MOST = 3;
const log = { first: 0 };
let tried = 0;

/** Adds 1 or 2 to a counter. Warns of counters that reach 3 by 2. */
function add(guard?: NonNullable<Action<Counters, null>["guard"]>): Action<Counters, null> {
  return action(
    "add",
    { counter: [0, 1, 2], number: [1, 2] },
    ({ counters }: Counters, _: null, { counter, number }: { counter: number; number: number }) => {
      tried += 1;
      const which = at(counters, counter);
      if (which.value + number > MOST) {
        return false;
      }
      which.value += number;
      log.first = which.value === MOST && number === 2 ? 1 : 0;
      return true;
    },
    guard === undefined ? {} : { guard },
  );
}

const isBelow =
  (most: number) =>
  ({ counters }: Counters, _: null, counter: unknown): boolean =>
    at(counters, counter as number).value < most;

function machine(only: Action<Counters, null>, more: Partial<Model<Counters, null>> = {}): Model<Counters, null> {
  return {
    name: "counters",
    schema: struct({ counters: array(struct({ value: int(0, MOST) }), 3) }),
    context: null,
    actions: [only],
    view: (state) => state,
    properties: [noWarning({ id: "W", claim: "no 2", source: "test", codes: [1] })],
    warnings: { log, text: String },
    ...more,
  };
}

function explore(model: Model<Counters, null>): Omit<SearchResult, "seconds"> {
  log.first = 0;
  tried = 0;
  const { seconds: _, ...result } = search(compile(model), { allViolations: true });
  return result;
}

describe("A guard", () => {
  test("a guard reduces the number of calls tried, and changes nothing else", () => {
    const result = explore(machine(add()));
    const triedWithout = tried;
    expect(explore(machine(add(isBelow(MOST))))).toEqual(result);
    expect(result).toMatchObject({ states: 64, violations: [{ property: 0 }] });
    expect(tried).toBeLessThan(triedWithout);
  });

  test("a guard that is false while a call is enabled is an error that names the call", () => {
    expect(() => explore(machine(add(isBelow(MOST - 1))))).toThrow(
      "action add(counter: 0, number: 1) is enabled where its guard is false; a guard must hold wherever the action is enabled",
    );
  });

  test("a guard that returns no boolean is an error", () => {
    expect(() => explore(machine(add((() => 1) as never)))).toThrow(/the guard/);
  });
});

describe("A premise", () => {
  test("a premise shared by several properties is evaluated once for each state", () => {
    let evaluated = 0;
    const isEven = ({ counters }: DeepReadonly<Counters>): boolean => {
      evaluated += 1;
      return at(counters, 0).value % 2 === 0;
    };
    const claims = ["A", "B", "C"].map((id) =>
      always<Counters>({ id, claim: id, source: "test", when: isEven, holds: () => true }),
    );
    const { properties } = explore(machine(add(), { properties: [...claims, ...machine(add()).properties] }));
    expect(properties.slice(0, 3).map(({ checked }) => checked)).toEqual([32, 32, 32]);
    // Once for each state, and once more by each property in states in which it is true.
    expect(evaluated).toBe(64 + 3 * 32);
  });
});
