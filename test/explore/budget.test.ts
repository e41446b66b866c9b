import { describe, expect, it } from "vitest";
import { BeyondBounds } from "../../explore/model/errors.ts";
import { always, type Model, sometimes } from "../../explore/model/model.ts";
import type { StopReason } from "../../explore/search/budget.ts";
import { compile } from "../../explore/search/compile.ts";
import { type Progress, type SearchOptions, search } from "../../explore/search/search.ts";
import { type CounterGrid, counterGrid, sumOf } from "../toys/counter-grid.ts";
import { exploreNaively } from "../toys/naive-explorer.ts";

/** 2 counters up to 80: 6,561 states, depth 160; one property of each kind that no state or step decides early. */
const grid: Model<CounterGrid, null> = {
  ...counterGrid(2, 80),
  properties: [
    always({ id: "bounded", claim: "The sum is at most 160", source: "-", holds: (state) => sumOf(state) <= 160 }),
    ...counterGrid(2, 80).properties,
    sometimes({ id: "start", claim: "The sum can be 0", source: "-", reached: (state) => sumOf(state) === 0 }),
  ],
};
const STATES = 81 ** 2;

const limits: readonly { readonly stopped: StopReason; readonly options: SearchOptions }[] = [
  { stopped: "max-states", options: { budget: { maxStates: 1_000 } } },
  { stopped: "max-states", options: { budget: { maxStates: 1 } } },
  { stopped: "max-states", options: { budget: { maxStates: STATES - 1 } } },
  { stopped: "max-depth", options: { budget: { maxDepth: 10 } } },
  { stopped: "max-depth", options: { budget: { maxDepth: 0 } } },
  { stopped: "max-depth", options: { budget: { maxDepth: 160 } } },
  { stopped: "max-memory", options: { budget: { maxMemoryBytes: 1_000 } } },
  { stopped: "timeout", options: { budget: { timeoutSeconds: 0 } } },
  { stopped: "interrupted", options: { interrupted: () => true } },
];

describe("A limit of a search", () => {
  it.each(limits)("a search that reaches $options is incomplete ($stopped), and so are its verdicts", (limit) => {
    const { stopped, options } = limit;
    const result = search(compile(grid), { symmetry: false, ...options });
    expect(result).toMatchObject({ outcome: "incomplete", stopped });
    expect(result.violations).toEqual([]);
    expect(result.frontier).toBeGreaterThan(0);
    const verdicts = Object.fromEntries(result.properties.map(({ id, verdict }) => [id, verdict]));
    expect(verdicts).toEqual({
      bounded: "incomplete",
      "one-at-a-time": "incomplete",
      // Only the very last state has both counters full: the verdict depends on whether the search visited it.
      full: result.states === STATES ? "reached" : "incomplete",
      start: "reached",
    });
    expect(result.properties.some((property) => property.vacuous)).toBe(false);
  });

  it.each([0, 1, 10, 100])("a depth limit of %i ends the search with exactly the states up to there", (maxDepth) => {
    const { states, depth } = search(compile(grid), { symmetry: false, budget: { maxDepth } });
    expect(depth).toBe(maxDepth);
    let within = 0;
    for (let x = 0; x <= 80; x++) {
      within += Math.max(0, Math.min(80, maxDepth - x) + 1);
    }
    expect(states).toBe(within);
  });

  it("a search is exhausted if the model itself bounds the number of steps", () => {
    const bounded = search(compile({ ...grid, maxSteps: 10 }), { symmetry: false });
    const { states, transitions } = search(compile(grid), { symmetry: false, budget: { maxDepth: 10 } });
    expect(bounded).toMatchObject({ outcome: "exhausted", states, transitions, depth: 10 });
    expect(bounded.properties.find(({ id }) => id === "bounded")?.verdict).toBe("holds");
  });

  it("a limit on states ends the search at the first state whose expansion reaches it", () => {
    const { states } = search(compile(grid), { symmetry: false, budget: { maxStates: 1_000 } });
    // An expansion finds 4 states at most.
    expect(states).toBeGreaterThanOrEqual(1_000);
    expect(states).toBeLessThan(1_004);
  });

  it("a limit on memory is never exceeded", () => {
    const wide = counterGrid(3, 255);
    const maxMemoryBytes = 4_000_000;
    const result = search(compile(wide), { symmetry: false, budget: { maxMemoryBytes } });
    expect(result.stopped).toBe("max-memory");
    expect(result.states).toBeGreaterThan(65_536);
    expect(result.tableBytes).toBeLessThanOrEqual(maxMemoryBytes);
  });

  it("a limit on memory includes the bytes that the model reports", () => {
    const elsewhere = (bytes: number): Model<CounterGrid, null> => ({ ...grid, stateBytes: () => bytes });
    const budget = { maxMemoryBytes: 100_000_000 };
    const { tableBytes } = search(compile(elsewhere(1_000)), { symmetry: false, budget });
    expect(tableBytes).toBe(search(compile(grid), { symmetry: false }).tableBytes + 1_000);
    expect(search(compile(elsewhere(100_000_000)), { symmetry: false, budget })).toMatchObject({
      stopped: "max-memory",
    });
  });

  it("a search that reaches a limit reports the violations found before", () => {
    const model = counterGrid(2, 80, { sumBelow: 5 });
    const violated = search(compile(model), { budget: { maxDepth: 5, maxStates: 1_000 } });
    expect(violated).toMatchObject({ outcome: "violated", properties: [{ verdict: "violated" }, {}, {}] });
    const incomplete = search(compile(model), { budget: { maxDepth: 4 } });
    expect(incomplete).toMatchObject({ outcome: "incomplete", properties: [{ verdict: "incomplete" }, {}, {}] });
  });

  it("a search polls for interruption repeatedly: an interruption at the third poll ends it", () => {
    let looks = 0;
    const { stopped, frontier } = search(compile(grid), {
      symmetry: false,
      interrupted: () => {
        looks += 1;
        return looks === 3;
      },
    });
    expect({ stopped, looks }).toEqual({ stopped: "interrupted", looks: 3 });
    expect(frontier).toBeGreaterThan(0);
  });
});

describe("A search within its limits", () => {
  it("a search within its limits is exhausted", () => {
    const result = search(compile(grid), {
      symmetry: false,
      budget: { maxStates: STATES + 1, maxDepth: 161, maxMemoryBytes: 1e9, timeoutSeconds: 1e6 },
      interrupted: () => false,
    });
    expect(result).toMatchObject({ outcome: "exhausted", states: STATES, depth: 160, frontier: 0 });
    expect(result.stopped).toBeUndefined();
  });

  it("a search reports progress that only grows and never exceeds the result", () => {
    const reports: Progress[] = [];
    const result = search(compile(grid), { symmetry: false, onProgress: (progress) => reports.push(progress) });
    expect(reports.length).toBeGreaterThan(3);
    for (const [i, now] of reports.entries()) {
      const before = reports[i - 1];
      expect(now.states).toBeGreaterThan(before?.states ?? 0);
      expect(now.depth).toBeGreaterThanOrEqual(before?.depth ?? 0);
      expect(now.transitions).toBeGreaterThanOrEqual(before?.transitions ?? 0);
      expect(now.frontier).toBeGreaterThan(0);
      expect(now.states).toBeLessThanOrEqual(result.states);
      expect(now.depth).toBeLessThanOrEqual(result.depth);
      expect(now.tableBytes).toBeLessThanOrEqual(result.tableBytes);
    }
    expect(reports[0]).toMatchObject({ depth: 0, states: 1, transitions: 0, frontier: 1 });
  });

  it("the depth in progress reports is that of the state being expanded", () => {
    // A line of 3,000 states: the 1,025th state to be expanded has depth 1,024.
    const line = counterGrid(1, 2_999);
    const depths: number[] = [];
    search(compile(line), { onProgress: ({ depth }) => depths.push(depth) });
    expect(depths).toEqual([0, 1_024, 2_048]);
    expect(exploreNaively({ ...line, properties: [] }).depth).toBe(2_999);
  });
});

describe("A search whose machine leaves its bounds", () => {
  /** Counts up to 4; a step detects late that it would exceed that. */
  const bounded: Model<CounterGrid, null> = {
    ...grid,
    actions: grid.actions.map((each) => ({
      ...each,
      recipe: (state: CounterGrid, context: null, parameters: never) => {
        const enabled = each.recipe(state, context, parameters);
        if (sumOf(state) > 4) {
          throw new BeyondBounds("five is too much");
        }
        return enabled;
      },
    })),
  };

  it("a search of a machine that leaves its bounds is incomplete, and reports the requirement of the step", () => {
    const result = search(compile(bounded), { symmetry: false });
    expect(result).toMatchObject({ outcome: "incomplete", stopped: "beyond-bounds", beyond: "five is too much" });
    // All sums up to 4; the first state with sum 4 could not be expanded.
    expect(result).toMatchObject({ states: 15, depth: 4, frontier: 5 });
    expect(result.violations).toEqual([]);
    expect(result.properties.map(({ verdict }) => verdict)).toEqual([
      "incomplete",
      "incomplete",
      "incomplete",
      "reached",
    ]);
  });
});
