import { describe, expect, it } from "vitest";
import { interpret } from "../../explore/model/interpreter.ts";
import { type Action, action, alwaysStep, type Model, sometimes } from "../../explore/model/model.ts";
import { at, int, struct } from "../../explore/model/schema.ts";
import { compile } from "../../explore/search/compile.ts";
import { search } from "../../explore/search/search.ts";
import type { Finding, SearchResult } from "../../explore/search/search-result.ts";
import { callsOf } from "../../explore/search/trace.ts";
import { Random } from "../../explore/simulation/random.ts";
import { type SimulationOptions, simulate } from "../../explore/simulation/simulate.ts";
import { faultyToys, soundToys } from "../toys/all.ts";
import { type CounterGrid, counterGrid, sumOf } from "../toys/counter-grid.ts";
import { diningPhilosophers, philosopherStates } from "../toys/dining-philosophers.ts";
import { waterJugs } from "../toys/water-jugs.ts";

const options: SimulationOptions = { walks: 200, seed: 1, maxDepth: 50 };

const timeless = ({ seconds: _, ...result }: SearchResult): Omit<SearchResult, "seconds"> => result;

/** Whether the calls can be made one after the other, and the last of them, or the state after it, decides the property. */
function decides<S, C, V>(model: Model<S, C, V>, { property, warning, path }: Finding, left?: number): boolean {
  const interpreter = interpret(model);
  const calls = callsOf(model, path).filter((_, index) => index !== left);
  let state = interpreter.initialStates[path.initial] as S;
  let before: S | undefined;
  let raised: number | undefined;
  const isDecidedNow = (): boolean =>
    property < 0
      ? interpreter.enabledActions(state).length === 0
      : warning === undefined
        ? interpreter.decides(property, before, state)
        : raised === warning;
  if (isDecidedNow()) {
    return true;
  }
  for (const call of calls) {
    const outcome = interpreter.attempt(state, call);
    if (!outcome.enabled) {
      return false;
    }
    before = state;
    ({ state, warning: raised } = { warning: undefined, ...outcome });
    if (isDecidedNow()) {
      return true;
    }
  }
  return false;
}

describe("A simulation", () => {
  it.each(soundToys)("of $name never says that anything holds, however often it looks", (each) => {
    each.with((model) => {
      const result = simulate(compile(model), options);
      expect(result).toMatchObject({ outcome: "incomplete", stopped: "simulated", violations: [] });
      expect(result.simulation).toEqual({ walks: 200, seed: 1, maxDepth: 50, countsAll: true });
      for (const { verdict, vacuous } of result.properties) {
        expect(["incomplete", "reached"]).toContain(verdict);
        expect(vacuous).toBe(false);
      }
      const exhausted = search(compile(model));
      expect(result.states).toBeLessThanOrEqual(exhausted.states);
    });
  });

  it("counts each distinct state once: all 16 of the water jugs, and all of the philosophers'", () => {
    expect(simulate(compile(waterJugs()), options).states).toBe(16);
    const philosophers = compile(diningPhilosophers(4, "allowed"));
    expect(simulate(philosophers, { ...options, walks: 1_000 }).states).toBe(philosopherStates(4));
  });

  it("counts states up to symmetry where the machine declares one", () => {
    const grid = compile(counterGrid(3, 3));
    const counted = simulate(grid, { ...options, walks: 2_000 });
    expect(counted).toMatchObject({ symmetry: true, states: search(grid).states });
    const all = simulate(grid, { ...options, walks: 2_000, symmetry: false });
    expect(all).toMatchObject({ symmetry: false, states: search(grid, { symmetry: false }).states });
    // The walks are the same ones.
    expect(all.actions.map(({ enabled }) => enabled)).toEqual(counted.actions.map(({ enabled }) => enabled));
  });

  it("is the same every time for one seed, and another for another", () => {
    for (const each of [...soundToys, ...faultyToys]) {
      each.with((model) => {
        const machine = compile(model);
        const [first, second] = [simulate(machine, options), simulate(machine, options)];
        expect(timeless(second)).toEqual(timeless(first));
      });
    }
    const grid = compile(counterGrid(3, 30));
    const runs = [1, 2, 2 ** 32 + 1].map((seed) => timeless(simulate(grid, { ...options, walks: 3, seed })).actions);
    expect(new Set(runs.map((each) => JSON.stringify(each))).size).toBe(3);
  });

  it.each(faultyToys)("of $name finds a violation; its trace is real, and every step of it is needed", (each) => {
    each.with((model) => {
      const { outcome, violations, simulation } = simulate(compile(model), { ...options, walks: 20_000 });
      expect(outcome).toBe("violated");
      const shortest = search(compile(model)).violations[0]?.path.steps.length;
      for (const finding of violations) {
        const { path, walk } = finding;
        expect(decides(model, finding)).toBe(true);
        for (const left of path.steps.keys()) {
          expect(decides(model, finding, left)).toBe(false);
        }
        expect(path.steps.length).toBeGreaterThanOrEqual(shortest ?? Number.NaN);
        expect(walk?.steps).toBeGreaterThanOrEqual(path.steps.length);
        // The walk that found it was the last.
        expect(walk?.number).toBe(simulation?.walks);
      }
    });
  });

  it("takes no walk further than its depth", () => {
    const grid = compile(counterGrid(2, 1_000));
    expect(simulate(grid, { walks: 3, seed: 1, maxDepth: 7 })).toMatchObject({ depth: 7, transitions: 21 });
    const standing = simulate(grid, { walks: 3, seed: 1, maxDepth: 0 });
    expect(standing).toMatchObject({ depth: 0, transitions: 0, states: 1, outcome: "incomplete" });
  });

  it("ends a walk where no action is enabled, and calls that a deadlock unless it is a legal end", () => {
    const line: Model<CounterGrid, null> = { ...upwards(3), properties: [] };
    expect(simulate(compile(line), options)).toMatchObject({ outcome: "incomplete", transitions: 600, depth: 3 });
    const stuck = simulate(compile({ ...line, deadlock: "error" }), options);
    expect(stuck).toMatchObject({ outcome: "violated", violations: [{ property: -1, walk: { number: 1, steps: 3 } }] });
    const atTheEnd = { ...line, deadlock: (state: CounterGrid) => sumOf(state) === 3 };
    expect(simulate(compile(atTheEnd), options).outcome).toBe("incomplete");
  });

  it("chooses among actions first, so that parameters do not make an action more likely", () => {
    const model: Model<{ n: number }, null> = {
      name: "one against a hundred",
      schema: struct({ n: int(0, 1) }),
      context: null,
      view: (state) => state,
      actions: [
        action("one", {}, () => true),
        action("hundred", { i: Array.from({ length: 100 }, (_, i) => i) }, () => true),
      ],
      properties: [],
    };
    const { actions, transitions } = simulate(compile(model), { walks: 100, seed: 1, maxDepth: 100 });
    expect(transitions).toBe(10_000);
    expect(actions[0]?.enabled).toBeGreaterThan(4_800);
    expect(actions[0]?.enabled).toBeLessThan(5_200);
  });

  it("goes on after a violation when it is to find all, one for each property", () => {
    const model: Model<CounterGrid, null> = {
      ...upwards(9),
      properties: [
        ...counterGrid(1, 9, { sumBelow: 3 }).properties,
        alwaysStep({ id: "late", claim: "No step ends at 7", source: "-", holds: (_, after) => sumOf(after) !== 7 }),
        sometimes({ id: "end", claim: "The sum can be 9", source: "-", reached: (state) => sumOf(state) === 9 }),
      ],
    };
    const first = simulate(compile(model), options);
    expect(first.violations).toHaveLength(1);
    const all = simulate(compile(model), { ...options, allViolations: true });
    expect(all.violations.map(({ path }) => path.steps.length)).toEqual([3, 7]);
    expect(all.witnesses.map(({ path }) => path.steps.length)).toEqual([9, 9]);
    expect(all).toMatchObject({ outcome: "violated", simulation: { walks: 200 } });
  });

  it("ends when it is interrupted or its time is over, even if no step can be taken", () => {
    const still: Model<CounterGrid, null> = { ...upwards(0), properties: [] };
    const endless = { walks: Number.MAX_SAFE_INTEGER, seed: 1, maxDepth: 5 };
    for (const model of [still, counterGrid(2, 9)]) {
      expect(simulate(compile(model), { ...endless, interrupted: () => true }).stopped).toBe("interrupted");
      expect(simulate(compile(model), { ...endless, budget: { timeoutSeconds: 0 } }).stopped).toBe("timeout");
    }
    let polls = 0;
    const late = simulate(compile(counterGrid(2, 9)), { ...endless, interrupted: () => ++polls > 3 });
    expect(late.transitions).toBeGreaterThan(2_000);
  });

  it("counts no more distinct states than its memory holds, and says so", () => {
    const grid = compile(counterGrid(3, 255));
    const { simulation, states, tableBytes } = simulate(grid, {
      walks: 5,
      seed: 1,
      maxDepth: 50_000,
      budget: { maxMemoryBytes: 700_000 },
    });
    expect(simulation?.countsAll).toBe(false);
    expect(states).toBeGreaterThan(10_000);
    expect(tableBytes).toBeLessThanOrEqual(700_000);
  });

  it("refuses a machine that does not do the same twice, or that changes the state and then declines", () => {
    let calls = 0;
    const odd = (recipe: Action<CounterGrid, null>["recipe"]): Model<CounterGrid, null> => ({
      ...upwards(9),
      actions: upwards(9).actions.map((each) => ({ ...each, recipe })),
    });
    const up = upwards(9).actions[0]?.recipe ?? (() => false);
    const forgetful = odd((state, context, parameters) => {
      calls += 1;
      return calls % 20 < 12 && up(state, context, parameters);
    });
    expect(() => simulate(compile(forgetful), options)).toThrow(/ends differently when it is repeated/);
    const hasty = odd((state, context, parameters) => {
      up(state, context, parameters);
      return false;
    });
    expect(() => simulate(compile(hasty), options)).toThrow(/changed field .* and then returned false/);
  });
});

/** A counter that only goes up. */
function upwards(max: number): Model<CounterGrid, null> {
  const grid = counterGrid(1, max);
  return { ...grid, name: "upwards", actions: grid.actions.filter(({ name }) => name === "up") };
}

describe("An error in a walk", () => {
  it("names the action, and has the walk that led to it", () => {
    const model: Model<CounterGrid, null> = {
      ...upwards(9),
      properties: [],
      actions: [
        action("up", {}, (state: CounterGrid) => {
          at(state.counters, 0).value += 4;
          return true;
        }),
      ],
    };
    let error: unknown;
    try {
      simulate(compile(model), options);
    } catch (thrown) {
      error = thrown;
    }
    const up = { action: "up", parameters: {} };
    expect(error).toMatchObject({ code: "field-range", place: { action: up, trace: { initial: 0, calls: [up, up] } } });
  });
});

describe("Random numbers", () => {
  const drawn = (seed: number, stream: number, end: number): number[] => {
    const random = new Random(seed, stream);
    return Array.from({ length: 20_000 }, () => random.below(end));
  };

  it("are spread evenly, and below their end", () => {
    for (const seed of [0, 1, 2 ** 53 - 1]) {
      const counts = new Map<number, number>();
      for (const number of drawn(seed, 3, 10)) {
        counts.set(number, (counts.get(number) ?? 0) + 1);
      }
      expect([...counts.keys()].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(Math.min(...counts.values())).toBeGreaterThan(1_850);
      expect(Math.max(...counts.values())).toBeLessThan(2_150);
    }
  });

  it("differ from stream to stream, and from seed to seed beyond 32 bits", () => {
    const first = drawn(1, 0, 1_000);
    for (const other of [drawn(1, 1, 1_000), drawn(2, 0, 1_000), drawn(2 ** 32 + 1, 0, 1_000)]) {
      const same = first.filter((number, i) => other[i] === number).length;
      expect(same).toBeLessThan(60);
    }
  });
});
