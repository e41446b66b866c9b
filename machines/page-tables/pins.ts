/** The `pins` machine: GUP. */
import { notChecked } from "../../invariants/not-checked.ts";
import { anonFaults, gupPins, life, unmapping, writes } from "./actions.ts";
import { FEW_PAGES, FOLIOS, HOLDERS, MIN_PAGES, MMS, ONE_ANON, PMD, SMALL_FOLIOS } from "./bounds.ts";
import { NO_FEATURES, type PageTableMachine } from "./machine.ts";

/** Bounds, actions, and items that are not checked. */
export const pins: PageTableMachine = {
  name: "pins",
  summary: "GUP on anon folios: references and pins for reading and writing, fork with pins, unshare, DMA writes",
  bounds: {
    pages: FEW_PAGES,
    minPages: MIN_PAGES,
    mms: MMS,
    folios: FOLIOS,
    smallFolios: SMALL_FOLIOS,
    pmd: PMD,
    anon: ONE_ANON,
    holders: HOLDERS,
  },
  absent: [notChecked("mremap, swap, migration, folio split, files", "see the other machines")],
  features: { ...NO_FEATURES, contents: true, pins: true },
  actions: (bounds) => [
    ...life(bounds),
    ...unmapping(bounds),
    ...anonFaults(bounds),
    ...writes(bounds),
    ...gupPins(bounds),
  ],
};
