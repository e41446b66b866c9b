/** The `shmem` machine: a file backed by shmem. */
import { notChecked } from "../../invariants/not-checked.ts";
import { range } from "../machine.ts";
import { life, references, shmemFile, unmapping } from "./actions.ts";
import { FOLIOS, HOLDERS, MIN_PAGES, MMS, PAGES, SMALL_FOLIOS } from "./bounds.ts";
import { NO_FEATURES, type PageTableMachine } from "./machine.ts";

/** Bounds, actions, and items that are not checked. */
export const shmem: PageTableMachine = {
  name: "shmem",
  summary: "a file that shmem backs: shared writes, unmapping by reclaim, swap-out from the page cache, swap-in",
  bounds: {
    pages: PAGES,
    minPages: MIN_PAGES,
    mms: MMS,
    folios: FOLIOS,
    smallFolios: { ...SMALL_FOLIOS, default: 1 },
    file: { description: "VMAs of each MM that map the file", values: [1, 2], default: 1 },
    swapSlots: { description: "slots of the swap area", values: range(1, 8), default: 4 },
    holders: { ...HOLDERS, default: 0 },
  },
  absent: [
    notChecked(
      "mremap, pins, migration, folio split",
      "see the other machines; truncation, swapping without the swap cache, readahead",
    ),
  ],
  features: { ...NO_FEATURES, contents: true, shmem: true },
  actions: (bounds) => [...life(bounds), ...unmapping(bounds), ...shmemFile(bounds), ...references(bounds)],
};
