/** The `split` machine: splits of anon folios. */
import { notChecked } from "../../invariants/not-checked.ts";
import { anonFaults, life, references, splits, unmapping, writes } from "./actions.ts";
import { FOLIOS, HOLDERS, MIN_PAGES, MMS, ONE_ANON, PAGES, SMALL_FOLIOS, WITH_PMD } from "./bounds.ts";
import { NO_FEATURES, type PageTableMachine } from "./machine.ts";

/** Bounds, actions, and items that are not checked. */
export const split: PageTableMachine = {
  name: "split",
  summary: "splitting anon folios: partially mapped folios, the deferred split queue, its shrinker, failures",
  bounds: {
    pages: { ...PAGES, values: [2, 4, 8] },
    minPages: MIN_PAGES,
    mms: MMS,
    folios: FOLIOS,
    smallFolios: { ...SMALL_FOLIOS, default: 3 },
    pmd: WITH_PMD,
    anon: ONE_ANON,
    holders: { ...HOLDERS, default: 0 },
  },
  absent: [notChecked("mremap, pins, swap, files", "see the other machines; splitting into large folios")],
  features: { ...NO_FEATURES, contents: true, migration: "within" },
  actions: (bounds) => [
    ...life(bounds),
    ...unmapping(bounds),
    ...anonFaults(bounds),
    ...writes(bounds),
    ...references(bounds),
    ...splits(bounds),
  ],
};
