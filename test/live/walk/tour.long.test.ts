import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { interpret } from "../../../explore/model/interpreter.ts";
import type { ActionCall } from "../../../explore/model/model.ts";
import { compile } from "../../../explore/search/compile.ts";
import { search } from "../../../explore/search/search.ts";
import { planLive } from "../../../live/run/live-report.ts";
import { PackedWorld } from "../../../live/walk/packed-world.ts";
import { LIVE_SCOPES, liveModel } from "../../../live/walk/scopes.ts";
import { GraphIncomplete, StateGraph } from "../../../live/walk/state-graph.ts";
import { Tour } from "../../../live/walk/tour.ts";
import { walkTour } from "../../../live/walk/tour-walk.ts";
import type { World } from "../../../model/state/world.ts";
import { resolve } from "../../../verify/job/job.ts";
import { simulate, TINY, withoutStores } from "../simulated-walk.ts";

function modelOf(machine: string, bounds: { readonly [name: string]: number }) {
  const { definition, job, kernel } = resolve({ machine, bounds });
  return liveModel(definition, job.bounds, kernel, withoutStores);
}

/** Returns the state with its two MMs exchanged. */
function swapped(world: World): World {
  const swap = (id: number): number => (id === 0 ? 0 : 3 - id);
  const [first, second] = world.mms;
  if (first === undefined || second === undefined || world.mms.length !== 2) {
    throw new Error("the model must have two MMs");
  }
  return {
    ...world,
    mms: [
      { ...second, idNumber: 1 },
      { ...first, idNumber: 2 },
    ],
    folios: world.folios.map((folio) => ({
      ...folio,
      slots: folio.slots.map((slot) => ({ ...slot, mmId: swap(slot.mmId) })),
    })),
  };
}

const MM_PARAMETERS = ["mm", "parent", "child"];

/** Returns the call with the two MMs exchanged. */
function swappedCall({ action, parameters }: ActionCall): ActionCall {
  const entries = Object.entries(parameters).map(([name, value]) => [
    name,
    MM_PARAMETERS.includes(name) ? 1 - Number(value) : value,
  ]);
  return { action, parameters: Object.fromEntries(entries) };
}

describe("the graph of a scope", () => {
  test.each(["cow", "mremap"])("the graph of %s has as many states as the explorer counts", (machine) => {
    const bounds =
      machine === "cow" ? { ...TINY, smallFolios: 1 } : { pages: 4, minPages: 4, mms: 1, folios: 1, smallFolios: 1 };
    const model = modelOf(machine, bounds);
    const graph = new StateGraph(new PackedWorld(model));
    expect(graph.states.count).toBe(search(compile(model)).states);
  });

  test("the graph has each transition once, up to the renaming of MMs", () => {
    const model = modelOf("cow", TINY);
    const interpreter = interpret(model);
    const visited = new Set<string>();
    const transitions = new Set<string>();
    const todo: World[] = [...interpreter.initialStates];
    for (let state = todo.pop(); state !== undefined; state = todo.pop()) {
      const key = JSON.stringify(state);
      if (visited.has(key)) {
        continue;
      }
      visited.add(key);
      for (const call of interpreter.enabledActions(state)) {
        const one = JSON.stringify([state, call]);
        const other = JSON.stringify([swapped(state), swappedCall(call)]);
        transitions.add(one < other ? one : other);
        todo.push(interpreter.step(state, call));
      }
    }
    const graph = new StateGraph(new PackedWorld(model));
    expect(graph.transitions.count).toBe(transitions.size);
    expect(graph.transitionsOf.reduce((sum, count) => sum + count, 0)).toBe(transitions.size);
    expect(graph.states.count).toBeLessThan(visited.size);
  });

  test("the construction of a graph can be interrupted", () => {
    expect(() => new StateGraph(new PackedWorld(modelOf("cow", TINY)), () => true)).toThrow(GraphIncomplete);
  });
});

describe("a tour", () => {
  test("a tour covers each transition by calls that are enabled", () => {
    const machine = new PackedWorld(modelOf("cow", TINY));
    const graph = new StateGraph(machine);
    const tour = new Tour(machine, graph);
    const replayed = new PackedWorld(modelOf("cow", TINY));
    const lookedUp = new PackedWorld(modelOf("cow", TINY));
    const names = new StateGraph(lookedUp);
    const covered = new Set<number>();
    const state = new Int32Array(replayed.words);
    replayed.loadInitial();
    for (let call = tour.next(); call !== undefined; call = tour.next()) {
      replayed.save(state);
      expect(replayed.apply(call)).toBe(true);
      lookedUp.load(state);
      covered.add(names.transition(call));
    }
    expect(covered.size).toBe(graph.transitions.count);
    expect(tour.covered).toBe(tour.reachable);
  });

  test("a tour continues from the initial state after restart()", () => {
    const machine = new PackedWorld(modelOf("cow", TINY));
    const tour = new Tour(machine, new StateGraph(machine));
    const calls: number[] = [];
    for (let i = 0; i < 1e6; i++) {
      if (i % 64 === 0) {
        tour.restart();
      }
      const call = tour.next();
      if (call === undefined) {
        break;
      }
      calls.push(call);
    }
    expect(tour.covered).toBe(tour.reachable);
    machine.loadInitial();
    expect(calls.slice(0, 64).every((call) => machine.apply(call))).toBe(true);
    machine.loadInitial();
    expect(machine.apply(calls[64] ?? -1)).toBe(true);
  });
});

describe("a tour of a kernel that does what the model says", () => {
  test.each([
    { machine: "cow", bounds: TINY },
    { machine: "pins", bounds: { ...TINY, mms: 1, smallFolios: 1, holders: 1 } },
    { machine: "pins", bounds: { pages: 1, minPages: 1, mms: 2, folios: 1, smallFolios: 2, holders: 1 } },
    { machine: "mremap", bounds: { pages: 4, minPages: 4, mms: 1, folios: 1, smallFolios: 1 } },
    { machine: "rmap", bounds: { pages: 4, minPages: 1, mms: 2, folios: 1, anon: 0, file: 1 } },
  ])(
    "a tour of $machine at $bounds covers all transitions and finds no difference",
    async ({ machine: name, bounds }) => {
      const { machine, walker } = simulate({ machine: name, bounds, includes: withoutStores });
      const result = await walkTour(walker, machine, { stopped: () => undefined });
      expect(result).toMatchObject({ differences: [], retries: 0 });
      expect(result.coverage?.covered).toBe(result.coverage?.reachable);
      expect(result.coverage?.covered).toBeGreaterThan(100);
      expect(result).not.toHaveProperty("stopped");
    },
  );

  test("a tour finds no difference without per-page mapcounts", async () => {
    const { machine, walker } = simulate({ config: "no-page-mapcount", includes: withoutStores });
    expect((await walkTour(walker, machine, { stopped: () => undefined })).differences).toEqual([]);
  });
});

describe("a tour that is stopped", () => {
  test("a stopped tour reports its coverage and the reason", async () => {
    const { machine, walker } = simulate({ includes: withoutStores });
    let progress = 0;
    const result = await walkTour(walker, machine, {
      stopped: () => (progress >= 2 ? "time" : undefined),
      onProgress: ({ steps, reachable }) => {
        progress += 1;
        expect(steps).toBeGreaterThan(0);
        expect(reachable).toBeGreaterThan(0);
      },
    });
    expect(result.stopped).toBe("time");
    expect(result.coverage?.covered).toBeGreaterThan(0);
    expect(result.coverage?.covered).toBeLessThan(result.coverage?.reachable ?? 0);
  });

  test("a tour that is stopped before its first step reports the reason", async () => {
    const { machine, walker } = simulate({ includes: withoutStores });
    const result = await walkTour(walker, machine, { stopped: () => "interrupt" });
    expect(result).toMatchObject({ stopped: "interrupt", steps: 0, differences: [] });
  });
});

describe("the scopes", () => {
  test.each(LIVE_SCOPES)(
    "$name: the bounds of its tours and walks are bounds of its machine",
    ({ name, tour, walks }) => {
      expect(planLive({ scope: name }).bounds).toMatchObject(tour);
      expect(planLive({ scope: name, random: { seed: 1, steps: 1 } }).bounds).toMatchObject(walks);
    },
  );

  const page = readFileSync(new URL("../../../docs/live.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| `(\w+)` \| `(\w+)` \| (.*) \| ([\d,]+) transitions \|$/gm)];

  test("docs/live.md lists all scopes with their machines", () => {
    expect(rows.map(([, name, machine]) => [name, machine])).toEqual(
      LIVE_SCOPES.map(({ name, machine }) => [name, machine]),
    );
  });

  test.each(rows.map(([, name = "", , , transitions = ""]) => [name, transitions]))(
    "docs/live.md: a tour of %s has %s transitions",
    (name, transitions) => {
      const { scope, bounds } = planLive({ scope: name });
      const { definition, kernel } = resolve({ machine: scope.machine, bounds });
      const includes = (call: ActionCall): boolean =>
        (scope.includes?.(call) ?? true) && (scope.inTour?.(call) ?? true);
      const graph = new StateGraph(new PackedWorld(liveModel(definition, bounds, kernel, includes)));
      expect(graph.transitions.count.toLocaleString("en-US")).toBe(transitions);
    },
  );
});
