/**
 * Profiles of the suite: runs by machine, configuration and bounds. Each profile includes the runs of the previous one.
 */
import { DEFAULT_KERNEL } from "../model/kernels/index.ts";
import type { JobRequest } from "./job/job.ts";
import { oneOf, UsageError } from "./request/usage-error.ts";

/** A named set of runs. */
export interface Profile {
  readonly name: string;
  readonly summary: string;
  readonly runs: readonly JobRequest[];
}

const OVERFLOW = "32bit,mm-id-mapcount-max=1";
const NO_PAGE_MAPCOUNT = "no-page-mapcount";

/** RFC of 2026-04-12, which is meant to have no observable effect. */
const RFC = { kernel: "rfc-2026-04", config: NO_PAGE_MAPCOUNT };
const SAME = { ...RFC, against: DEFAULT_KERNEL };

/** Bounds of machine race without speculative references and read-only functions. */
const ALONE = { references: 0, readers: 0 };

const QUICK: readonly JobRequest[] = [
  { machine: "owner-tracking", bounds: { pages: 8, mms: 4 } },
  // One large folio, mapped and unmapped by three MMs, in every configuration.
  { machine: "rmap", bounds: { pages: 4, mms: 3 } },
  { machine: "rmap", bounds: { pages: 4, mms: 3 }, config: NO_PAGE_MAPCOUNT },
  { machine: "rmap", bounds: { pages: 4, mms: 3, anon: 0, file: 1 }, config: "page-mapcount" },
  { machine: "rmap", bounds: { pages: 4, mms: 3, anon: 0, file: 1 }, config: NO_PAGE_MAPCOUNT },
  { machine: "rmap", bounds: { pages: 4, mms: 2 }, config: "no-mm-id" },
  // The number of MMs is the number of pages.
  { machine: "rmap", bounds: { pages: 4, minPages: 4, mms: 4 }, config: NO_PAGE_MAPCOUNT },
  // One MM maps the same file pages twice; on 32-bit a slot overflows.
  { machine: "rmap", bounds: { pages: 2, mms: 3, anon: 0, file: 2 } },
  { machine: "rmap", bounds: { pages: 2, mms: 3, anon: 0, file: 2 }, config: `page-mapcount,${OVERFLOW}` },
  { machine: "rmap", bounds: { pages: 2, mms: 3, anon: 0, file: 2 }, config: `${NO_PAGE_MAPCOUNT},${OVERFLOW}` },
  // An anon and a file folio, each freed and reused as the other kind.
  { machine: "rmap", bounds: { pages: 2, mms: 2, folios: 2, file: 1 } },
  { machine: "rmap", bounds: { pages: 2, mms: 2, folios: 2, file: 1 }, config: NO_PAGE_MAPCOUNT },
  { machine: "pmd", bounds: { pages: 4, mms: 2 } },
  { machine: "pmd", bounds: { pages: 4, mms: 2 }, config: NO_PAGE_MAPCOUNT },
  { machine: "pmd", bounds: { pages: 4, mms: 2, smallFolios: 0, anon: 0, file: 1 } },
  { machine: "pmd", bounds: { pages: 4, mms: 2, smallFolios: 0, anon: 0, file: 1 }, config: NO_PAGE_MAPCOUNT },
  { machine: "cow", bounds: { pages: 4, minPages: 4, mms: 2, smallFolios: 1, holders: 0 } },
  { machine: "cow", bounds: { pages: 2, mms: 3, smallFolios: 1, holders: 0 }, config: NO_PAGE_MAPCOUNT },
  { machine: "mremap", bounds: { pages: 2, mms: 2 } },
  { machine: "pins", bounds: { pages: 2, mms: 2, smallFolios: 1 } },
  // On 32-bit a folio of order 1 has no pincount.
  { machine: "pins", bounds: { pages: 2, mms: 2, smallFolios: 1 }, config: "32bit" },
  { machine: "pins", bounds: { pages: 2, minPages: 2, mms: 2, smallFolios: 1, pmd: 1 }, config: NO_PAGE_MAPCOUNT },
  { machine: "swap", bounds: { pages: 2, mms: 2, smallFolios: 1, swapSlots: 2 } },
  { machine: "swap", bounds: { pages: 4, minPages: 4, mms: 1, smallFolios: 0 }, config: NO_PAGE_MAPCOUNT },
  { machine: "shmem", bounds: { pages: 2, mms: 3, smallFolios: 1, swapSlots: 2 } },
  {
    machine: "shmem",
    bounds: { pages: 2, mms: 2, smallFolios: 1, swapSlots: 2, holders: 1 },
    config: NO_PAGE_MAPCOUNT,
  },
  { machine: "migration", bounds: { pages: 2, mms: 2, smallFolios: 0 } },
  { machine: "migration", bounds: { pages: 4, minPages: 4, mms: 1, smallFolios: 0 }, config: NO_PAGE_MAPCOUNT },
  { machine: "split", bounds: { pages: 4, minPages: 4, mms: 1, holders: 1 } },
  { machine: "struct-pages", bounds: { pages: 4 } },
  { machine: "struct-pages", bounds: { pages: 4 }, config: NO_PAGE_MAPCOUNT },
  // Two CPUs: every interleaving, at bounds that are small enough. Larger bounds are in the other profiles.
  { machine: "race", bounds: {} },
  { machine: "race", bounds: {}, config: NO_PAGE_MAPCOUNT },
  { machine: "race", bounds: { tso: 1 }, config: NO_PAGE_MAPCOUNT },
  { machine: "race", bounds: { mms: 1, references: 0, views: 1 } },
  { machine: "race", bounds: { writes: 1, ...ALONE }, config: NO_PAGE_MAPCOUNT },
  { machine: "race", bounds: { migration: 1, ...ALONE } },
  { machine: "race", bounds: { swap: 1, mms: 1, ...ALONE } },
  { machine: "race", bounds: { pmd: 1, ...ALONE }, config: NO_PAGE_MAPCOUNT },
  // Small runs that each detect faulty kernels which the runs above do not detect.
  { machine: "pmd", bounds: { pages: 2, mms: 2, folios: 2, smallFolios: 1 } },
  { machine: "cow", bounds: { pages: 2, mms: 2, pmd: 1 } },
  { machine: "mremap", bounds: { pages: 4, mms: 1 } },
  { machine: "swap", bounds: { pages: 1, mms: 2, smallFolios: 1, swapSlots: 1, holders: 1 } },
  { machine: "migration", bounds: { pages: 4, minPages: 4, mms: 1, smallFolios: 0, pmd: 0 } },
  { machine: "migration", bounds: { pages: 2, minPages: 2, mms: 1, holders: 1 } },
  { machine: "split", bounds: { pages: 2, mms: 2, smallFolios: 2, holders: 1 } },
  { ...RFC, machine: "pmd", bounds: { pages: 4, mms: 2 } },
  { ...RFC, machine: "pmd", bounds: { pages: 4, mms: 2, smallFolios: 0, anon: 0, file: 1 } },
  { ...RFC, machine: "struct-pages", bounds: { pages: 4 } },
  { ...SAME, machine: "owner-tracking", bounds: { pages: 4, mms: 3 } },
  { ...SAME, machine: "rmap", bounds: { pages: 4, mms: 3 } },
  { ...SAME, machine: "pmd", bounds: { pages: 4, mms: 2 } },
  { ...SAME, machine: "pmd", bounds: { pages: 4, mms: 2, smallFolios: 0, anon: 0, file: 1 } },
  { ...SAME, machine: "pins", bounds: { pages: 2, mms: 2, smallFolios: 1 }, config: `${NO_PAGE_MAPCOUNT},32bit` },
  { ...SAME, machine: "migration", bounds: { pages: 2, mms: 2, smallFolios: 0 } },
];

const CI: readonly JobRequest[] = [
  ...QUICK,
  // Without symmetry: the verdicts of these runs do not depend on the reduction.
  { machine: "owner-tracking", bounds: { pages: 12, mms: 4 }, symmetry: false },
  { machine: "rmap", bounds: { pages: 4, mms: 4 }, symmetry: false },
  { machine: "rmap", bounds: { pages: 4, mms: 4, anon: 0, file: 1 }, symmetry: false },
  { machine: "rmap", bounds: { pages: 8, mms: 2 }, symmetry: false },
  { machine: "cow", bounds: { pages: 4, minPages: 4, mms: 3, smallFolios: 1, holders: 0 }, symmetry: false },
  { machine: "pmd", bounds: { pages: 4, minPages: 4, mms: 3, smallFolios: 1 }, symmetry: false },
  { machine: "split", bounds: { pages: 4, minPages: 4, mms: 2 }, symmetry: false },
  // Up to symmetry.
  { machine: "rmap", bounds: { pages: 4, minPages: 2, mms: 3, folios: 2 } },
  { machine: "cow", bounds: { pages: 4, minPages: 4, mms: 2, smallFolios: 1 } },
  { machine: "swap", bounds: { pages: 4, minPages: 4, mms: 2, smallFolios: 0 }, config: NO_PAGE_MAPCOUNT },
  { machine: "migration", bounds: { pages: 2, mms: 2 } },
  { machine: "migration", bounds: { pages: 4, minPages: 4, mms: 2, smallFolios: 0 } },
  { machine: "mremap", bounds: { pages: 4, minPages: 4, mms: 2, smallFolios: 1 } },
  { machine: "pins", bounds: { pages: 4, minPages: 4, mms: 2, smallFolios: 1 }, config: NO_PAGE_MAPCOUNT },
  { machine: "swap", bounds: { pages: 2, mms: 2, swapSlots: 2, smallFolios: 1, holders: 1 } },
  {
    machine: "shmem",
    bounds: { pages: 4, mms: 2, smallFolios: 1, swapSlots: 4, holders: 1 },
    config: NO_PAGE_MAPCOUNT,
  },
  { machine: "pins", bounds: { pages: 2, minPages: 2, mms: 2, pmd: 1 } },
  { machine: "split", bounds: { pages: 4, minPages: 4, mms: 2, holders: 1 } },
  // Three CPUs, or three MMs, or PMDs of four pages.
  { machine: "race", bounds: { cpus: 3 } },
  { machine: "race", bounds: { cpus: 3 }, config: NO_PAGE_MAPCOUNT },
  { machine: "race", bounds: { mms: 3 } },
  { machine: "race", bounds: { writes: 1, ...ALONE } },
  { machine: "race", bounds: { writes: 1, tso: 1, ...ALONE }, config: NO_PAGE_MAPCOUNT },
  { machine: "race", bounds: { pages: 4, pmd: 1, ...ALONE }, config: NO_PAGE_MAPCOUNT },
  // Statistics that a race miscounts permanently (C13.race) would multiply the states.
  { machine: "race", bounds: { pages: 4, pmd: 1, stats: 0, ...ALONE } },
  { machine: "race", bounds: { pmd: 1, ...ALONE } },
  { machine: "race", bounds: { proc: 1, references: 0 } },
  { machine: "race", bounds: { references: 0, stats: 0, views: 1 } },
  { machine: "race", bounds: { references: 0, stats: 0, views: 1 }, config: NO_PAGE_MAPCOUNT },
  { ...RFC, machine: "race", bounds: { pmd: 1, ...ALONE } },
  { ...RFC, machine: "race", bounds: { pages: 4, pmd: 1, classes: 1, ...ALONE } },
  { machine: "race", bounds: { swap: 1, mms: 1, gup: 1, stats: 0, ...ALONE }, config: NO_PAGE_MAPCOUNT },
  { machine: "race", bounds: { pages: 1, swap: 1, writes: 1, stats: 0, ...ALONE } },
  { ...SAME, machine: "rmap", bounds: { pages: 4, mms: 3, anon: 0, file: 1 }, symmetry: false },
  { ...SAME, machine: "cow", bounds: { pages: 2, mms: 2, pmd: 1 } },
  { ...SAME, machine: "swap", bounds: { pages: 2, mms: 2, swapSlots: 2 } },
  { ...SAME, machine: "split", bounds: { pages: 4, minPages: 4, mms: 2 } },
];

const DEEP: readonly JobRequest[] = [
  ...CI,
  { machine: "race", bounds: { cpus: 4 } },
  { machine: "race", bounds: { cpus: 3, mms: 3, classes: 1 } },
  { machine: "race", bounds: { cpus: 3, mms: 3, classes: 1 }, config: NO_PAGE_MAPCOUNT },
  { machine: "race", bounds: { gup: 1, stats: 0, ...ALONE } },
  { machine: "race", bounds: { gup: 1, migration: 1, stats: 0, ...ALONE } },
  { machine: "race", bounds: { pages: 4, pmd: 1, shrinker: 1, stats: 0, ...ALONE } },
  { machine: "race", bounds: { swap: 1, writes: 1, stats: 0, ...ALONE }, config: NO_PAGE_MAPCOUNT },
  { machine: "owner-tracking", bounds: { pages: 16, mms: 5 } },
  { machine: "rmap", bounds: { pages: 8, minPages: 8, mms: 3 } },
  { machine: "rmap", bounds: { pages: 4, mms: 3, folios: 2 } },
  { machine: "pmd", bounds: { pages: 4, mms: 3, holders: 1 } },
  { machine: "cow", bounds: { pages: 4, mms: 3 } },
  { machine: "mremap", bounds: { pages: 4, mms: 2 } },
  { machine: "pins", bounds: { pages: 4, mms: 2, holders: 2 } },
  { machine: "swap", bounds: { pages: 4, mms: 2, holders: 1 } },
  { machine: "shmem", bounds: { pages: 4, mms: 3 } },
  { machine: "migration", bounds: { pages: 4, mms: 2, holders: 1 } },
  { machine: "split", bounds: { pages: 4, mms: 3, holders: 1 } },
  { ...SAME, machine: "pmd", bounds: { pages: 4, mms: 3 } },
  { ...SAME, machine: "split", bounds: { pages: 4, mms: 2 } },
];

/** All profiles, the fastest first. */
export const PROFILES: readonly Profile[] = [
  { name: "quick", summary: "every claim at small bounds: for each change", runs: QUICK },
  { name: "ci", summary: "larger bounds, many without symmetry: for each merge", runs: CI },
  { name: "deep", summary: "the largest bounds that a machine with 16 GB explores: for a night", runs: DEEP },
];

/**
 * Returns the profile with a name.
 *
 * @throws UsageError when there is no profile with this name
 */
export function profileNamed(name: string): Profile {
  const profile = PROFILES.find((each) => each.name === name);
  if (profile === undefined) {
    throw new UsageError(`unknown profile "${name}"; want ${oneOf(PROFILES.map((each) => each.name))}`);
  }
  return profile;
}
