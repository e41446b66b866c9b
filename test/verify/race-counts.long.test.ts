/** Exact counts of machine race at tiny bounds, with and without each reduction: all of them reach the same verdicts. */
import { describe, expect, test } from "vitest";
import type { RunReport } from "../../verify/report.ts";
import { resolve, runJob } from "./built.ts";
import { type Counts, countsOf } from "./counts.ts";

const FEW = { cpus: 2, pages: 2, mms: 2, pmd: 0, writes: 0, gup: 0, references: 0, readers: 0, shrinker: 0 };

/** Whether accesses are merged, whether functions that returned are forgotten, and whether CPUs and MMs are symmetric. */
type Reductions = readonly [merge: 0 | 1, frames: 0 | 1, symmetry: boolean];

const ALL: readonly Reductions[] = [1, 0].flatMap((merge) =>
  [1, 0].flatMap((frames) => [true, false].map((symmetry) => [merge, frames, symmetry] as unknown as Reductions)),
);

function explore(bounds: object, config: string, [merge, frames, symmetry]: Reductions): RunReport {
  return runJob(resolve({ machine: "race", bounds: { ...FEW, ...bounds, merge, frames }, config, symmetry }).job);
}

/** In how many states at rest each of these claims says something. */
function atRest({ properties }: RunReport): object {
  const ids = ["C1", "C3", "C4", "C5.slots", "C8", "C11", "C20", "C19", "L2"];
  return properties.filter(({ id }) => ids.includes(id)).map(({ id, checked }) => [id, checked]);
}

const CASES: readonly (readonly [bounds: object, config: string, counts: readonly Counts[]])[] = [
  [
    { mms: 1, readers: 1, references: 1 },
    "",
    [
      [414, 1034, 40],
      [817, 2022, 40],
      [446, 1119, 40],
      [881, 2192, 40],
      [3925, 7997, 119],
      [7828, 15_926, 119],
      [4160, 8537, 119],
      [8298, 17_006, 119],
    ],
  ],
  [
    { mms: 1, gup: 1 },
    "no-page-mapcount",
    [
      [12_395, 26_294, 69],
      [24_637, 52_194, 69],
      [13_565, 28_690, 69],
      [26_977, 56_986, 69],
      [42_303, 83_882, 173],
      [84_411, 167_286, 173],
      [45_096, 89_408, 173],
      [89_997, 178_338, 173],
    ],
  ],
  [
    {},
    "no-page-mapcount",
    [
      [2861, 5844, 62],
      [11_324, 22_672, 62],
      [7041, 13_804, 62],
      [28_082, 54_588, 62],
      [111_609, 216_738, 283],
      [446_142, 865_900, 283],
      [160_472, 312_328, 284],
      [641_654, 1_248_380, 284],
    ],
  ],
];

describe.each(CASES)("machine race with %o %s", (bounds, config, counts) => {
  const runs = ALL.map((reductions) => explore(bounds, config, reductions));

  test.each(ALL.map((reductions, i) => [...reductions, i] as const))(
    "has its counts with merge %i, frames %i, symmetry %o",
    (_merge, _frames, symmetry, i) => {
      const run = runs[i] as RunReport;
      expect(run).toMatchObject({ verdict: "holds", symmetry });
      expect(countsOf(run)).toEqual(counts[i]);
    },
  );

  test("reaches the same states at rest with and without each reduction", () => {
    for (const symmetry of [true, false]) {
      const [first, ...others] = runs.filter((run) => run.symmetry === symmetry).map(atRest);
      for (const other of others) {
        expect(other).toEqual(first);
      }
    }
  });
});
