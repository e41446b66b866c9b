/** Exact counts at small bounds, with symmetry and without. A change of the model that changes them changes this file. */
import { describe, expect, test } from "vitest";
import { resolve, runJob } from "./built.ts";
import { type Counts, countsOf } from "./counts.ts";

function explore(
  machine: string,
  bounds: { readonly [name: string]: number },
  config: string,
  symmetry: boolean,
): Counts {
  const report = runJob(resolve({ machine, bounds, config, symmetry }).job);
  expect(report).toMatchObject({ verdict: "holds", symmetry });
  expect(report).not.toHaveProperty("stopped");
  return countsOf(report);
}

// Brute force in C, SPIN, TLC and Stateright agree on these. OT(8,4) up to symmetry is a run of the quick profile.
describe("owner tracking", () => {
  const cases: readonly [pages: number, mms: number, every: Counts, upToSymmetry: number][] = [
    [4, 3, [4552, 54_624, 11], 810],
    [8, 3, [87_968, 2_111_232, 11], 14_988],
  ];
  test.each(cases)("of %i pages by %i MMs", (pages, mms, every, upToSymmetry) => {
    expect(explore("owner-tracking", { pages, mms }, "", false)).toEqual(every);
    // Every state has a successor for each MM and number of pages.
    const [, , depth] = every;
    const reduced = explore("owner-tracking", { pages, mms }, "", true);
    expect(reduced).toEqual([upToSymmetry, upToSymmetry * pages * mms, depth]);
  });
});

// An execution begins with one MM, the first. Up to symmetry any MM may be that one, so the way to a state can be shorter.
describe("rmap", () => {
  const overflow = "32bit,mm-id-mapcount-max=1";
  const cases: readonly [bounds: object, config: string, upToSymmetry: Counts, every: Counts][] = [
    [{ pages: 1, mms: 2 }, "", [8, 28, 3], [13, 46, 3]],
    [{ pages: 2, mms: 2 }, "", [50, 211, 4], [96, 404, 6]],
    [{ pages: 2, mms: 3 }, "", [223, 1470, 6], [1108, 7524, 8]],
    [{ pages: 4, mms: 2 }, "", [866, 5737, 7], [1726, 11_440, 9]],
    [{ pages: 4, mms: 2 }, "no-page-mapcount", [948, 6513, 7], [1890, 12_992, 9]],
    [{ pages: 4, mms: 2 }, "no-mm-id", [503, 3288, 7], [925, 6040, 7]],
    [{ pages: 4, minPages: 4, mms: 2, anon: 0, file: 1 }, "", [291, 4418, 6], [578, 8804, 6]],
    [{ pages: 2, mms: 2, anon: 0, file: 1 }, "", [39, 221, 4], [68, 396, 5]],
    [{ pages: 2, mms: 2, anon: 0, file: 2 }, overflow, [1886, 21_863, 9], [3743, 43_464, 9]],
    [{ pages: 1, mms: 2, folios: 2, file: 1 }, "", [31, 168, 5], [102, 546, 5]],
    [{ pages: 2, minPages: 2, mms: 2, folios: 2 }, "", [76, 369, 6], [290, 1410, 8]],
    [{ pages: 2, mms: 2, folios: 2, file: 1 }, "", [1593, 12_703, 8], [6302, 50_234, 10]],
  ];
  test.each(cases)("%o %s", (bounds, config, upToSymmetry, every) => {
    expect(explore("rmap", { ...bounds }, config, true)).toEqual(upToSymmetry);
    expect(explore("rmap", { ...bounds }, config, false)).toEqual(every);
  });
});
