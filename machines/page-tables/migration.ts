/** The `migration` machine: migration of anon folios. */
import { notChecked } from "../../invariants/not-checked.ts";
import { anonFaults, gupPins, life, migrations, unmapping, writes } from "./actions.ts";
import { FEW_PAGES, FOLIOS, HOLDERS, MIN_PAGES, MMS, ONE_ANON, SMALL_FOLIOS, WITH_PMD } from "./bounds.ts";
import { NO_FEATURES, type PageTableMachine } from "./machine.ts";

/** Bounds, actions, and items that are not checked. */
export const migration: PageTableMachine = {
  name: "migration",
  summary: "migration of anon folios: migration entries at both levels, success, failure, what happens meanwhile",
  bounds: {
    pages: { ...FEW_PAGES, values: [2, 4, 8] },
    minPages: MIN_PAGES,
    mms: MMS,
    folios: { ...FOLIOS, default: 2 },
    smallFolios: { ...SMALL_FOLIOS, default: 1 },
    pmd: WITH_PMD,
    anon: ONE_ANON,
    holders: { ...HOLDERS, default: 0 },
  },
  absent: [notChecked("mremap, swap, folio split, files", "see the other machines")],
  features: { ...NO_FEATURES, contents: true, pins: true, migration: "between" },
  actions: (bounds) => [
    ...life(bounds),
    ...unmapping(bounds),
    ...anonFaults(bounds),
    ...writes(bounds),
    ...gupPins(bounds),
    ...migrations(bounds),
  ],
};
