import { describe, expect, test } from "vitest";
import { type CpuStep, InterleavingGraph, roundOf } from "../../../gate/image/machine/fair-cycles.ts";

/** A graph of steps `from cpu to`, and of points at which more CPUs can run than have a step there. */
function graph(steps: string, more: readonly (readonly [point: number, cpu: number])[] = []): InterleavingGraph {
  const result = new InterleavingGraph();
  const known = new Set<number>();
  for (const text of steps.split(", ")) {
    const [from, cpu, to] = text.split(" ").map(Number) as [number, number, number];
    known.add(from);
    result.addStep({ from, to, cpu }, !known.has(to));
    result.setCanRun(from, cpu);
    known.add(to);
  }
  for (const [point, cpu] of more) {
    result.setCanRun(point, cpu);
  }
  return result;
}

const pointsOf = (of: InterleavingGraph): readonly (readonly number[])[] => of.fairCycles().map(({ points }) => points);

const text = (steps: readonly CpuStep[]): string => steps.map(({ from, cpu, to }) => `${from} ${cpu} ${to}`).join(", ");

describe("The fair cycles of a graph of interleavings", () => {
  test("a graph without a cycle has none", () => {
    expect(pointsOf(graph("0 0 1, 0 1 2, 1 1 3, 2 0 3"))).toEqual([]);
  });

  test("a cycle in which both CPUs run is fair, though a step leads out of it", () => {
    expect(pointsOf(graph("0 0 1, 1 1 0, 1 0 2"))).toEqual([[0, 1]]);
  });

  test("a cycle of one CPU is fair if no other one can run in it", () => {
    expect(pointsOf(graph("0 0 1, 1 0 0"))).toEqual([[0, 1]]);
    expect(pointsOf(graph("0 0 0"))).toEqual([[0]]);
  });

  test("a cycle of one CPU is unfair if another one can run at one of its points", () => {
    expect(pointsOf(graph("0 0 1, 1 0 0, 1 1 2"))).toEqual([]);
    expect(pointsOf(graph("0 0 1, 1 0 0", [[1, 1]]))).toEqual([]);
  });

  test("a fair cycle is found in a component that has a point at which a third CPU can run", () => {
    const steps = "0 0 1, 1 1 0, 1 0 2, 2 0 0";
    expect(pointsOf(graph(steps))).toEqual([[0, 1, 2]]);
    expect(pointsOf(graph(steps, [[2, 2]]))).toEqual([[0, 1]]);
    expect(pointsOf(graph(steps, [[0, 2]]))).toEqual([]);
  });

  test("cycles that do not lead back to each other are several", () => {
    expect(pointsOf(graph("0 0 1, 1 0 0, 0 0 2, 2 0 3, 3 0 2"))).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });
});

test("a round of a cycle has a step of each CPU, and ends where it begins", () => {
  const [cycle] = graph("0 0 1, 1 0 2, 2 1 3, 3 0 0, 1 0 0").fairCycles();
  expect(cycle && text(roundOf(cycle))).toBe("0 0 1, 1 0 2, 2 1 3, 3 0 0");
  const [self] = graph("4 1 4").fairCycles();
  expect(self && text(roundOf(self))).toBe("4 1 4");
});
