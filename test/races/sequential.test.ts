/** The reference of C19: ownerships that sequences of whole operations reach. */
import { describe, expect, test } from "vitest";
import { always } from "../../explore/model/model.ts";
import { searchRevised } from "../../explore/search/revised.ts";
import { parseConfig } from "../../model/kernel/config.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { Warnings } from "../../model/kernel/warnings.ts";
import { kernelNamed } from "../../model/kernels/index.ts";
import { v7_1 } from "../../model/kernels/v7-1.ts";
import { type RaceView, raceMachine } from "../../model/race/race.ts";
import type { RaceBounds } from "../../model/race/race-world.ts";
import { ownershipOf, sequentialOwnerships } from "../../model/race/sequential.ts";
import { ALL_REDUCTIONS } from "../../races/race-model.ts";

const FEW = ["newMm", "fork", "exit", "anonFault", "zap", "writeFault", "gupFast"];

/** The ownerships of a machine with one CPU at rest, or in states that satisfy a condition. */
function ownershipsOfOneCpu(
  bounds: RaceBounds,
  kernel: Kernel,
  when: (view: Pick<RaceView, "isAtRest" | "isDeadlocked">) => boolean = ({ isAtRest }) => isAtRest,
): string[] {
  const ownerships = new Set<string>();
  const collect = always<RaceView>({
    id: "ownerships",
    claim: "collects",
    source: "test",
    when,
    holds: ({ world }) => {
      ownerships.add(ownershipOf(world as RaceView["world"]));
      return true;
    },
  });
  const warnings = Object.defineProperty(new Warnings(), "first", { get: () => 0, set: () => {} });
  const choices = { memoryModel: "sc", reductions: ALL_REDUCTIONS, operations: FEW } as const;
  const silent = { ...kernel, warnings };
  searchRevised(raceMachine("race", { ...bounds, cpus: 1 }, silent, choices, [collect]), {});
  return [...ownerships].sort();
}

describe.each([
  ["two pages", { cpus: 2, pages: 2, mms: 2, pmd: 0, stats: 0 }, ""],
  ["a PMD", { cpus: 2, pages: 2, mms: 2, pmd: 1, stats: 1 }, "no-page-mapcount"],
] as const)("With %s", (_, bounds, config) => {
  const kernel = v7_1(parseConfig(config));
  const all = ownershipsOfOneCpu(bounds, kernel);

  test("every ownership that one CPU reaches is one of whole operations, in any order of queries", () => {
    expect(all.length).toBeGreaterThan(10);
    for (const ownerships of [all, all.toReversed()]) {
      const isSequential = sequentialOwnerships(bounds, kernel, FEW);
      expect(ownerships.filter((each) => !isSequential(each))).toEqual([]);
    }
  });

  test("an ownership that no sequence of whole operations reaches is rejected", () => {
    const isSequential = sequentialOwnerships(bounds, kernel, FEW);
    expect(isSequential("true 7 false")).toBe(false);
    expect(isSequential(all[0] as string)).toBe(true);
  });

  test("fewer ownerships are reached with fewer operations", () => {
    const isSequential = sequentialOwnerships(bounds, kernel, ["anonFault", "exit", "newMm"]);
    expect(all.filter(isSequential).length).toBeLessThan(all.length);
  });
});

test("an operation that waits for itself adds no ownership", () => {
  const config = parseConfig("");
  // The next operation that removes or adds mappings waits for ever.
  const faulty = kernelNamed("sub-keeps-lock-of-tracked", config) as Kernel;
  const bounds = { cpus: 2, pages: 2, mms: 2, pmd: 0, stats: 0 };
  const isSequential = sequentialOwnerships(bounds, faulty, FEW);
  const reached = ownershipsOfOneCpu(bounds, faulty);
  expect(reached.filter((each) => !isSequential(each))).toEqual([]);
  const waiting = ownershipsOfOneCpu(bounds, faulty, ({ isDeadlocked }) => isDeadlocked);
  const others = waiting.filter((each) => !reached.includes(each));
  expect(others.length).toBeGreaterThan(0);
  expect(others.filter(isSequential)).toEqual([]);
});
