/** Exact counts at small bounds, with and without symmetry. A change of the model may require a change of this file. */
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

// Brute force in C, SPIN, TLC and Stateright give the same counts. OT(8,4) up to symmetry is a run of the quick
// profile.
describe("owner tracking", () => {
  const cases: readonly [pages: number, mms: number, every: Counts, upToSymmetry: number][] = [
    [4, 3, [4552, 54_624, 11], 810],
    [8, 3, [87_968, 2_111_232, 11], 14_988],
  ];
  test.each(cases)("owner-tracking of %i pages by %i MMs has the pinned counts", (pages, mms, every, upToSymmetry) => {
    expect(explore("owner-tracking", { pages, mms }, "", false)).toEqual(every);
    // Every state has a successor for each MM and number of pages.
    const [, , depth] = every;
    const reduced = explore("owner-tracking", { pages, mms }, "", true);
    expect(reduced).toEqual([upToSymmetry, upToSymmetry * pages * mms, depth]);
  });
});

test("struct-pages has the pinned counts", () => {
  expect(explore("struct-pages", { pages: 2 }, "", false)).toEqual([50, 182, 6]);
  expect(explore("struct-pages", { pages: 4 }, "", false)).toEqual([2240, 16_544, 12]);
});

// An execution begins with the first MM. Up to symmetry this may be any MM, so that the depth of a state can be
// smaller.
describe("scopes", () => {
  const overflow = "32bit,mm-id-mapcount-max=1";
  const cases: readonly [machine: string, bounds: object, config: string, upToSymmetry: Counts, every: Counts][] = [
    ["rmap", { pages: 1, mms: 2 }, "", [8, 28, 3], [13, 46, 3]],
    ["rmap", { pages: 2, mms: 2 }, "", [50, 211, 4], [96, 404, 6]],
    ["rmap", { pages: 2, mms: 3 }, "", [223, 1470, 6], [1108, 7524, 8]],
    ["rmap", { pages: 4, mms: 2 }, "", [866, 5737, 7], [1726, 11_440, 9]],
    ["rmap", { pages: 4, mms: 2 }, "no-page-mapcount", [948, 6513, 7], [1890, 12_992, 9]],
    ["rmap", { pages: 4, mms: 2 }, "no-mm-id", [503, 3288, 7], [925, 6040, 7]],
    ["rmap", { pages: 4, minPages: 4, mms: 2, anon: 0, file: 1 }, "", [291, 4418, 6], [578, 8804, 6]],
    ["rmap", { pages: 2, mms: 2, anon: 0, file: 1 }, "", [39, 221, 4], [68, 396, 5]],
    ["rmap", { pages: 2, mms: 2, anon: 0, file: 2 }, overflow, [1886, 21_863, 9], [3743, 43_464, 9]],
    ["rmap", { pages: 1, mms: 2, folios: 2, file: 1 }, "", [31, 162, 5], [102, 538, 6]],
    ["rmap", { pages: 2, minPages: 2, mms: 2, folios: 2 }, "", [76, 366, 6], [290, 1406, 9]],
    ["rmap", { pages: 2, mms: 2, folios: 2, file: 1 }, "", [1593, 12_685, 8], [6302, 50_210, 11]],
    ["pmd", { pages: 2, mms: 3 }, "", [4816, 50_435, 11], [52_094, 546_120, 14]],
    ["pmd", { pages: 4, minPages: 4, mms: 2, smallFolios: 1 }, "", [8302, 72_232, 11], [16_594, 144_402, 13]],
    ["pmd", { pages: 2, mms: 2, smallFolios: 0, anon: 0, file: 1 }, "", [50, 312, 5], [90, 576, 5]],
    ["cow", { pages: 2, mms: 2, smallFolios: 1 }, "", [3881, 30_030, 12], [7614, 59_170, 12]],
    ["mremap", { pages: 2, mms: 2 }, "", [4723, 47_714, 12], [18_036, 183_134, 14]],
    [
      "pins",
      { pages: 2, minPages: 2, mms: 2, smallFolios: 1, pmd: 1 },
      "",
      [23_808, 183_827, 17],
      [47_194, 365_681, 17],
    ],
    ["pins", { pages: 1, mms: 2, smallFolios: 1 }, "32bit", [1304, 8780, 13], [2517, 17_076, 13]],
    ["swap", { pages: 1, mms: 2, smallFolios: 1, swapSlots: 1 }, "", [249, 1866, 13], [474, 3538, 13]],
    [
      "swap",
      { pages: 2, minPages: 2, mms: 2, smallFolios: 0, swapSlots: 2 },
      "",
      [1482, 11_014, 19],
      [2884, 21_341, 19],
    ],
    ["shmem", { pages: 1, mms: 2, smallFolios: 0, swapSlots: 1 }, "", [27, 130, 7], [38, 190, 7]],
    ["shmem", { pages: 2, mms: 2, smallFolios: 1, swapSlots: 2 }, "", [636, 5113, 11], [972, 8122, 11]],
    ["migration", { pages: 2, minPages: 2, mms: 2, smallFolios: 0 }, "", [4898, 36_624, 13], [18_856, 141_586, 15]],
    ["split", { pages: 2, mms: 2, smallFolios: 2 }, "", [1850, 17_862, 10], [7004, 67_738, 12]],
  ];
  test.each(cases)("machine %s has the pinned counts at %o %s", (machine, bounds, config, upToSymmetry, every) => {
    expect(explore(machine, { ...bounds }, config, true)).toEqual(upToSymmetry);
    expect(explore(machine, { ...bounds }, config, false)).toEqual(every);
  });
});

describe("kernels of other versions", () => {
  const cases: readonly [kernel: string, machine: string, bounds: object, counts: Counts][] = [
    ["v6.15", "migration", { pages: 4, minPages: 4, mms: 1, smallFolios: 0, pmd: 0 }, [23_590, 143_496, 13]],
    ["v6.18", "migration", { pages: 4, minPages: 4, mms: 1, smallFolios: 0, pmd: 0 }, [20_532, 125_570, 12]],
    ["v7.1", "migration", { pages: 4, minPages: 4, mms: 1, smallFolios: 0, pmd: 0 }, [20_532, 125_570, 12]],
    // The other order of swap-in in 7.1 leads to the same states.
    ["v6.18", "swap", { pages: 2, minPages: 2, mms: 2, smallFolios: 1, swapSlots: 2 }, [30_493, 300_202, 23]],
    ["v7.1", "swap", { pages: 2, minPages: 2, mms: 2, smallFolios: 1, swapSlots: 2 }, [30_493, 300_202, 23]],
  ];
  test.each(cases)("kernel %s has the pinned counts on %s %o", (kernel, machine, bounds, counts) => {
    const report = runJob(resolve({ machine, bounds: { ...bounds }, kernel }).job);
    expect(report).toMatchObject({ verdict: "holds", kernel });
    expect(countsOf(report)).toEqual(counts);
  });
});
