import { describe, expect, it } from "vitest";
import { compile } from "../../explore/search/compile.ts";
import { estimateStates, levelSizes } from "../../explore/search/estimate.ts";
import { type Progress, search } from "../../explore/search/search.ts";
import { NO_PARENT, StateStore } from "../../explore/visited/state-store.ts";
import { counterGrid } from "../toys/counter-grid.ts";
import { twoPhaseCommit } from "../toys/two-phase-commit.ts";

/** Levels with a growth factor whose logarithm falls linearly. */
const bell = (levels: number, growth: number, decline: number): number[] => {
  const sizes = [1];
  for (let level = 1; level < levels; level++) {
    sizes.push((sizes.at(-1) as number) * Math.exp(growth - decline * level));
  }
  return sizes;
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

describe("An estimate of the number of states", () => {
  it.each([0.3, 0.5, 1])(
    "an estimate is exact if the logarithm of growth falls linearly by %d per level",
    (decline) => {
      const levels = bell(60, 10 * decline, decline);
      const whole = sum(levels);
      for (const count of [8, 10, 14]) {
        const part = levels.slice(0, count);
        expect(estimateStates(part, Math.round(sum(part)) + 1_000) ?? 0).toBeGreaterThan(0.9 * whole);
        expect(estimateStates(part, Math.round(sum(part)) + 1_000) ?? 0).toBeLessThan(1.1 * whole + 1_100);
      }
    },
  );

  it("an estimate is undefined without enough data", () => {
    expect(estimateStates([1, 8, 64, 512, 4_096], 4_681)).toBeUndefined();
    expect(estimateStates([1, 2, 4, 8, 16, 32], 63)).toBeUndefined();
    // A grid: its levels do not show where they end.
    const grid = Array.from({ length: 60 }, (_, level) => level + 1);
    expect(estimateStates(grid, sum(grid))).toBeUndefined();
  });

  it("an estimate is never less than the number of states found", () => {
    expect(estimateStates(bell(30, 3, 0.5), 10 ** 9)).toBe(10 ** 9);
  });

  it("progress reports and results of incomplete searches have an estimate, results of complete ones have none", () => {
    const progress: Progress[] = [];
    const machine = compile(twoPhaseCommit(6));
    const whole = search(machine, { symmetry: false, onProgress: (each) => progress.push(each) });
    expect(whole.outcome).toBe("exhausted");
    expect(whole).not.toHaveProperty("estimatedStates");
    const estimates = progress.flatMap(({ estimatedStates, states }) => {
      expect(estimatedStates ?? states).toBeGreaterThanOrEqual(states);
      return estimatedStates ?? [];
    });
    expect(estimates.length).toBeGreaterThan(10);
    const part = search(machine, { symmetry: false, budget: { maxStates: whole.states / 2 } });
    expect(part.estimatedStates ?? 0).toBeGreaterThan(whole.states / 4);
    expect(part.estimatedStates ?? 0).toBeLessThan(whole.states * 4);
  });

  it("an estimate is the same in a resumed search", () => {
    const machine = compile(twoPhaseCommit(6));
    let chunks: Uint8Array[] = [];
    const save = (pieces: Iterable<Uint8Array>): void => {
      chunks = [...pieces].map((chunk) => chunk.slice());
    };
    const subject = "estimate";
    search(machine, { symmetry: false, budget: { maxDepth: 9 }, checkpoint: { subject, save } });
    const direct = search(machine, { symmetry: false, budget: { maxDepth: 11 } });
    const resumed = search(machine, {
      symmetry: false,
      budget: { maxDepth: 11 },
      checkpoint: { subject, resume: chunks },
    });
    expect(direct.estimatedStates).toBeGreaterThan(0);
    expect(resumed.estimatedStates).toBe(direct.estimatedStates);
  });
});

describe("The sizes of levels", () => {
  it("levelSizes() computes the sizes of breadth-first levels from the parents", () => {
    const store = new StateStore(1);
    const add = (state: number, parent: number): number => store.insert(Int32Array.of(state), 0, state, parent);
    for (const [state, parent] of [
      [1, NO_PARENT],
      [2, NO_PARENT],
      [3, 0],
      [4, 1],
      [5, 1],
      [6, 3],
    ] as const) {
      add(state, parent);
    }
    expect(levelSizes(store, 6)).toEqual([2, 3, 1]);
    expect(levelSizes(store, 5)).toEqual([2, 3]);
    expect(levelSizes(store, 0)).toEqual([]);
  });

  it("the levels of a grid of two counters are its diagonals", () => {
    const { states } = search(compile(counterGrid(2, 9)), { symmetry: false, budget: { maxDepth: 3 } });
    expect(states).toBe(1 + 2 + 3 + 4);
  });
});
