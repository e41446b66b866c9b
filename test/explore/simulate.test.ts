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

/** Whether the calls can be executed, and the last of them, or the state after it, decides the property. */
function decides<S, C, V>(model: Model<S, C, V>, { property, warning, path }: Finding, omitted?: number): boolean {
  const interpreter = interpret(model);
  const calls = callsOf(model, path).filter((_, index) => index !== omitted);
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
  it.each(soundToys)("a simulation of $name never has the verdict `holds`", (each) => {
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

  it("a simulation counts each distinct state once: all 16 of the water jugs, and all of the philosophers'", () => {
    expect(simulate(compile(waterJugs()), options).states).toBe(16);
    const philosophers = compile(diningPhilosophers(4, "allowed"));
    expect(simulate(philosophers, { ...options, walks: 1_000 }).states).toBe(philosopherStates(4));
  });

  it("a simulation counts states up to symmetry if the machine declares one", () => {
    const grid = compile(counterGrid(3, 3));
    const counted = simulate(grid, { ...options, walks: 2_000 });
    expect(counted).toMatchObject({ symmetry: true, states: search(grid).states });
    const all = simulate(grid, { ...options, walks: 2_000, symmetry: false });
    expect(all).toMatchObject({ symmetry: false, states: search(grid, { symmetry: false }).states });
    // Both take the same walks.
    expect(all.actions.map(({ enabled }) => enabled)).toEqual(counted.actions.map(({ enabled }) => enabled));
  });

  it("a simulation is reproducible with one seed, and differs with another", () => {
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

  it.each(faultyToys)(
    "a simulation of $name finds a violation, with a real trace without superfluous steps",
    (each) => {
      each.with((model) => {
        const { outcome, violations, simulation } = simulate(compile(model), { ...options, walks: 20_000 });
        expect(outcome).toBe("violated");
        const shortest = search(compile(model)).violations[0]?.path.steps.length;
        for (const finding of violations) {
          const { path, walk } = finding;
          expect(decides(model, finding)).toBe(true);
          for (const omitted of path.steps.keys()) {
            expect(decides(model, finding, omitted)).toBe(false);
          }
          expect(path.steps.length).toBeGreaterThanOrEqual(shortest ?? Number.NaN);
          expect(walk?.steps).toBeGreaterThanOrEqual(path.steps.length);
          // The walk with the violation was the last one.
          expect(walk?.number).toBe(simulation?.walks);
        }
      });
    },
  );

  it("no walk of a simulation exceeds the maximum depth", () => {
    const grid = compile(counterGrid(2, 1_000));
    expect(simulate(grid, { walks: 3, seed: 1, maxDepth: 7 })).toMatchObject({ depth: 7, transitions: 21 });
    const standing = simulate(grid, { walks: 3, seed: 1, maxDepth: 0 });
    expect(standing).toMatchObject({ depth: 0, transitions: 0, states: 1, outcome: "incomplete" });
  });

  it("a walk ends if no action is enabled, which is a deadlock unless it is a legal end", () => {
    const line: Model<CounterGrid, null> = { ...upwards(3), properties: [] };
    expect(simulate(compile(line), options)).toMatchObject({ outcome: "incomplete", transitions: 600, depth: 3 });
    const stuck = simulate(compile({ ...line, deadlock: "error" }), options);
    expect(stuck).toMatchObject({ outcome: "violated", violations: [{ property: -1, walk: { number: 1, steps: 3 } }] });
    const atTheEnd = { ...line, deadlock: (state: CounterGrid) => sumOf(state) === 3 };
    expect(simulate(compile(atTheEnd), options).outcome).toBe("incomplete");
  });

  it("a simulation draws actions first, so that parameters do not make an action more likely", () => {
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

  it("a simulation for all violations continues after the first, and has one for each property", () => {
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

  it("an interrupt or a time limit ends a simulation, even if no step is enabled", () => {
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

  it("a simulation stops counting distinct states at its memory limit, and reports that", () => {
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

  it("a simulation refuses a machine that is not deterministic, or that changes the state and returns false", () => {
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
  it("an error in a walk names the action, and has the walk as its trace", () => {
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
  const draw = (seed: number, stream: number, end: number): number[] => {
    const random = new Random(seed, stream);
    return Array.from({ length: 20_000 }, () => random.below(end));
  };

  it("random numbers are uniformly distributed below their end", () => {
    for (const seed of [0, 1, 2 ** 53 - 1]) {
      const counts = new Map<number, number>();
      for (const number of draw(seed, 3, 10)) {
        counts.set(number, (counts.get(number) ?? 0) + 1);
      }
      expect([...counts.keys()].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(Math.min(...counts.values())).toBeGreaterThan(1_850);
      expect(Math.max(...counts.values())).toBeLessThan(2_150);
    }
  });

  it("random numbers differ between streams, and between seeds beyond 32 bits", () => {
    const first = draw(1, 0, 1_000);
    for (const other of [draw(1, 1, 1_000), draw(2, 0, 1_000), draw(2 ** 32 + 1, 0, 1_000)]) {
      const same = first.filter((number, i) => other[i] === number).length;
      expect(same).toBeLessThan(60);
    }
  });
});
