import { describe, expect, it } from "vitest";
import { interpret } from "../../explore/model/interpreter.ts";
import { compile } from "../../explore/search/compile.ts";
import { search } from "../../explore/search/search.ts";
import { GraphTooLarge, stateGraph } from "../../explore/search/state-graph.ts";
import { faultyToys, soundToys } from "../toys/all.ts";
import { counterGrid, sumOf } from "../toys/counter-grid.ts";
import { diningPhilosophers } from "../toys/dining-philosophers.ts";
import { conveyor } from "../toys/field-kinds.ts";
import { waterJugs } from "../toys/water-jugs.ts";

const LARGE = { maxStates: 20_000 };

describe.each([{ symmetry: false }, { symmetry: true }])("symmetry: $symmetry", (options) => {
  it.each(soundToys)(
    "the graph of $name has a node for each state of the search, an edge for each transition",
    (each) => {
      each.with((model) => {
        const { nodes, edges, symmetry } = stateGraph(model, { ...LARGE, ...options });
        const result = search(compile(model), options);
        expect({ states: nodes.length, symmetry }).toEqual({ states: result.states, symmetry: result.symmetry });
        // Up to symmetry, the search and the graph may use different states of an orbit.
        expect(edges).toHaveLength(result.transitions);
        expect([...nodes, ...edges].flatMap(({ violates }) => violates)).toEqual([]);
      });
    },
  );
});

describe("The graph of states", () => {
  it.each([...soundToys, ...faultyToys])("the edges of the graph of $name are steps of the interpreter", (each) => {
    each.with((model) => {
      const { nodes, edges } = stateGraph(model, { ...LARGE, symmetry: false });
      const interpreter = interpret(model);
      for (const { from, to, call } of edges.slice(0, 500)) {
        expect(interpreter.step(nodes[from]?.state as never, call)).toEqual(nodes[to]?.state);
      }
      expect(nodes.filter(({ isInitial }) => isInitial).map(({ state }) => state)).toEqual(interpreter.initialStates);
    });
  });

  it("a graph marks violating states, violating steps and deadlocks, and continues beyond them", () => {
    const small = stateGraph(counterGrid(2, 3, { sumBelow: 5 }), { ...LARGE, symmetry: false });
    expect(small.nodes).toHaveLength(16);
    expect(
      small.nodes.filter(({ violates }) => violates.includes("small-sum")).map(({ state }) => sumOf(state)),
    ).toEqual([5, 5, 6]);
    const philosophers = stateGraph(diningPhilosophers(3), LARGE);
    expect(philosophers.nodes.filter(({ violates }) => violates.includes("deadlock"))).toHaveLength(1);
    const worn = stateGraph(conveyor({ warnWorn: true }), LARGE);
    const warned = conveyor({ warnWorn: true }).properties.find(({ kind }) => kind === "warning");
    expect(worn.edges.filter(({ violates }) => violates.includes(warned?.id ?? "-")).length).toBeGreaterThan(0);
  });

  it("a graph with one state more than the limit is refused", () => {
    expect(stateGraph(waterJugs(), { maxStates: 16 }).nodes).toHaveLength(16);
    expect(() => stateGraph(waterJugs(), { maxStates: 15 })).toThrow(GraphTooLarge);
    expect(() => stateGraph(waterJugs(), { maxStates: 15 })).toThrow("machine water jugs has more than 15 states");
  });
});
