/** The `cow` machine: copy-on-write. */
import { notChecked } from "../../invariants/not-checked.ts";
import { anonFaults, life, references, unmapping, writes } from "./actions.ts";
import { FOLIOS, HOLDERS, MIN_PAGES, MMS, ONE_ANON, PAGES, PMD, SMALL_FOLIOS } from "./bounds.ts";
import { NO_FEATURES, type PageTableMachine } from "./machine.ts";

/** Bounds, actions, and items that are not checked. */
export const cow: PageTableMachine = {
  name: "cow",
  summary: "copy-on-write of anon folios: fork, write faults that reuse or copy, partial unmaps, contents",
  bounds: {
    pages: PAGES,
    minPages: MIN_PAGES,
    mms: MMS,
    folios: FOLIOS,
    smallFolios: SMALL_FOLIOS,
    pmd: PMD,
    anon: ONE_ANON,
    holders: HOLDERS,
  },
  absent: [notChecked("mremap, pins, swap, migration, folio split, files", "see the other machines")],
  features: { ...NO_FEATURES, contents: true },
  actions: (bounds) => [
    ...life(bounds),
    ...unmapping(bounds),
    ...anonFaults(bounds),
    ...writes(bounds),
    ...references(bounds),
  ],
};
