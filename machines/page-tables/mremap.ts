/** The `mremap` machine: moves of pages inside an MM. */
import { notChecked } from "../../invariants/not-checked.ts";
import { anonFaults, life, moves, unmapping, writes } from "./actions.ts";
import { FEW_PAGES, FOLIOS, MIN_PAGES, MMS, ONE_ANON, SMALL_FOLIOS } from "./bounds.ts";
import { NO_FEATURES, type PageTableMachine } from "./machine.ts";

/** Bounds, actions, and items that are not checked. */
export const mremap: PageTableMachine = {
  name: "mremap",
  summary: "copy-on-write while pages move inside an MM, so that a folio is mapped in any order",
  bounds: {
    pages: FEW_PAGES,
    minPages: MIN_PAGES,
    mms: MMS,
    folios: FOLIOS,
    smallFolios: SMALL_FOLIOS,
    anon: ONE_ANON,
  },
  absent: [notChecked("References and pins, swap, migration, folio split, files", "see the other machines")],
  features: { ...NO_FEATURES, contents: true },
  actions: (bounds) => [
    ...life(bounds),
    ...unmapping(bounds),
    ...anonFaults(bounds),
    ...writes(bounds),
    ...moves(bounds),
  ],
};
