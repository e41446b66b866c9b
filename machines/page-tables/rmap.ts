/** The `rmap` machine: the reverse mapping of anon and file folios. */
import { notChecked } from "../../invariants/not-checked.ts";
import { anonFaults, fileFaults, life, unmapping } from "./actions.ts";
import { FOLIOS, MIN_PAGES, MMS, PAGES } from "./bounds.ts";
import { NO_FEATURES, type PageTableMachine } from "./machine.ts";

/** Bounds, actions, and items that are not checked. */
export const rmap: PageTableMachine = {
  name: "rmap",
  summary: "anon and file folios with page tables: fault, fault-around, fork, unmap, exit, reclaim, reuse",
  bounds: {
    pages: PAGES,
    minPages: MIN_PAGES,
    mms: MMS,
    folios: FOLIOS,
    anon: { description: "anon VMAs of each MM", values: [0, 1], default: 1 },
    file: { description: "VMAs of each MM that map the file", values: [0, 1, 2], default: 0 },
  },
  absent: [notChecked("Writes, references and pins, swap, migration, folio split", "see the other machines")],
  features: NO_FEATURES,
  actions: (bounds) => [
    ...life(bounds),
    ...unmapping(bounds),
    ...(bounds.anon > 0 ? anonFaults(bounds) : []),
    ...(bounds.file > 0 ? fileFaults(bounds) : []),
  ],
};
