/** The `swap` machine: swap of anon folios. */
import { notChecked } from "../../invariants/not-checked.ts";
import { range } from "../machine.ts";
import { anonFaults, gupPins, life, swapping, unmapping, writes } from "./actions.ts";
import { FEW_PAGES, FOLIOS, HOLDERS, MIN_PAGES, MMS, ONE_ANON, PMD, SMALL_FOLIOS } from "./bounds.ts";
import { NO_FEATURES, type PageTableMachine } from "./machine.ts";

/** Bounds, actions, and items that are not checked. */
export const swap: PageTableMachine = {
  name: "swap",
  summary: "swap of anon folios: swap cache, swap-out page by page, pins that prevent it, swap-in, freeing swap",
  bounds: {
    pages: FEW_PAGES,
    minPages: MIN_PAGES,
    mms: MMS,
    folios: FOLIOS,
    smallFolios: SMALL_FOLIOS,
    pmd: PMD,
    anon: ONE_ANON,
    swapSlots: { description: "slots of the swap area", values: range(1, 8), default: 4 },
    holders: { ...HOLDERS, default: 0 },
  },
  absent: [
    notChecked(
      "mremap, migration, folio split, files",
      "see the other machines; swapping without the swap cache, readahead",
    ),
  ],
  features: { ...NO_FEATURES, contents: true, pins: true },
  actions: (bounds) => [
    ...life(bounds),
    ...unmapping(bounds),
    ...anonFaults(bounds),
    ...writes(bounds),
    ...gupPins(bounds),
    ...swapping(bounds),
  ],
};
