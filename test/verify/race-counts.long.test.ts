/** Exact counts of machine race at tiny bounds, with and without each reduction: the verdicts are the same. */
import { describe, expect, test } from "vitest";
import type { RunReport } from "../../verify/report/report.ts";
import { resolve, runJob } from "./built.ts";
import { type Counts, countsOf } from "./counts.ts";

const FEW = { cpus: 2, pages: 2, mms: 2, pmd: 0, writes: 0, gup: 0, references: 0, readers: 0, shrinker: 0 };

/**
 * Reductions of a run: accesses are merged, frames of returned functions are dropped, CPUs and MMs are symmetric, and
 * positions with the same continuations are one (`classes`, 0 when absent).
 */
type Reductions = readonly [merge: 0 | 1, frames: 0 | 1, symmetry: boolean, classes?: 0 | 1];

function explore(bounds: object, config: string, [merge, frames, symmetry, classes = 0]: Reductions): RunReport {
  return runJob(
    resolve({ machine: "race", bounds: { ...FEW, ...bounds, merge, frames, classes }, config, symmetry }).job,
  );
}

/** Lists the number of states in which claims about states at rest are checked. */
function atRest({ properties }: RunReport): object {
  const ids = ["C1", "C3", "C4", "C5.slots", "C8", "C11", "C20", "C19", "L2"];
  return properties.filter(({ id }) => ids.includes(id)).map(({ id, checked }) => [id, checked]);
}

type Pinned = readonly (readonly [reductions: Reductions, counts: Counts])[];

/** All combinations at bounds with few states; each single reduction at bounds with two MMs. */
const CASES: readonly (readonly [bounds: object, config: string, Pinned])[] = [
  [
    { mms: 1, readers: 1, references: 1 },
    "",
    [
      [
        [1, 1, true],
        [414, 1034, 40],
      ],
      [
        [1, 1, false],
        [817, 2022, 40],
      ],
      [
        [1, 0, true],
        [446, 1119, 40],
      ],
      [
        [1, 0, false],
        [881, 2192, 40],
      ],
      [
        [0, 1, true],
        [3933, 8011, 120],
      ],
      [
        [0, 1, false],
        [7844, 15_954, 120],
      ],
      [
        [0, 0, true],
        [4168, 8551, 120],
      ],
      [
        [0, 0, false],
        [8314, 17_034, 120],
      ],
      [
        [1, 1, true, 1],
        [378, 944, 37],
      ],
      [
        [1, 1, false, 1],
        [745, 1842, 37],
      ],
      [
        [0, 1, true, 1],
        [3232, 6547, 120],
      ],
    ],
  ],
  [
    { mms: 1, gup: 1 },
    "no-page-mapcount",
    [
      [
        [1, 1, true],
        [11_199, 23_818, 67],
      ],
      [
        [0, 0, true],
        [45_168, 89_536, 175],
      ],
    ],
  ],
  [
    {},
    "no-page-mapcount",
    [
      [
        [1, 1, true],
        [2861, 5844, 62],
      ],
      [
        [1, 1, false],
        [11_324, 22_672, 62],
      ],
      [
        [1, 1, true, 1],
        [2379, 4901, 60],
      ],
      [
        [1, 1, false, 1],
        [9380, 18_868, 60],
      ],
      [
        [1, 0, true],
        [7041, 13_804, 62],
      ],
      [
        [0, 1, true],
        [111_631, 216_775, 285],
      ],
      [
        [0, 0, true],
        [160_494, 312_365, 286],
      ],
    ],
  ],
];

describe.each(CASES)("machine race with %o %s", (bounds, config, pinned) => {
  const runs = pinned.map(([reductions]) => explore(bounds, config, reductions));

  test.each(
    pinned.map(
      ([[merge, frames, symmetry, classes], counts], i) => [merge, frames, symmetry, classes ?? 0, counts, i] as const,
    ),
  )(
    "machine race has the pinned counts with merge %i, frames %i, symmetry %o, classes %i",
    (_merge, _frames, symmetry, _classes, counts, i) => {
      const run = runs[i] as RunReport;
      expect(run).toMatchObject({ verdict: "holds", symmetry });
      expect(countsOf(run)).toEqual(counts);
    },
  );

  test("machine race reaches the same states at rest with and without each reduction", () => {
    for (const symmetry of [true, false]) {
      const [first, ...others] = runs.filter((run) => run.symmetry === symmetry).map(atRest);
      for (const other of others) {
        expect(other).toEqual(first);
      }
    }
  });
});
