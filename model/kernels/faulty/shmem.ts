/** Patches to shmem. The overridden functions are in model/kernel/shmem.ts. */
import { at } from "../../../explore/model/schema.ts";
import * as base from "../../kernel/shmem.ts";
import { faulty, type Variant } from "../variant.ts";
import { violates } from "./catch.ts";

const SHMEM = { pages: 2, minPages: 2, mms: 1, smallFolios: 0, swapSlots: 2 };

/** Faulty versions of swap-out and swap-in of shmem. */
export const shmemVariants: readonly Variant[] = [
  faulty("shmem-writeout-keeps-references", {
    summary: "The references of the page cache are not dropped when a folio of shmem moves to the swap cache",
    caught: violates("C7", 2, "shmem", SHMEM),
    overrides: {
      shmemDeleteFromPageCache(state, folio) {
        base.shmemDeleteFromPageCache.call(this, state, folio);
        this.folioRefAdd(folio, folio.nrPages);
      },
    },
  }),
  faulty("shmem-writeout-one-entry", {
    summary:
      "Swapping out a large folio of shmem leaves a swap entry for its first page only: the other pages are lost",
    caught: violates("C7.swap", 2, "shmem", SHMEM),
    overrides: {
      shmemDeleteFromPageCache(state, folio) {
        base.shmemDeleteFromPageCache.call(this, state, folio);
        for (let i = 1; i < folio.nrPages; i++) {
          at(state.filePages, folio.index + i).swap = 0;
        }
      },
    },
  }),
  faulty("shmem-writeout-of-small-folios", {
    summary: "Large folios of shmem are never written out",
    caught: violates("P3.swap-cache", 2, "shmem", SHMEM),
    overrides: {
      shmemWriteout(state, folio) {
        return !this.folioTestLarge(folio) && base.shmemWriteout.call(this, state, folio);
      },
    },
  }),
  faulty("shmem-swap-in-keeps-slot", {
    summary: "Swapping a folio of shmem in does not free its swap slots",
    caught: violates("C7.swap", 3, "shmem", SHMEM),
    overrides: {
      shmemSwapinFolio(state, index, folio) {
        const { swap, nrPages } = folio;
        base.shmemSwapinFolio.call(this, state, index, folio);
        for (let i = 0; i < nrPages; i++) {
          this.swapDuplicate(state, swap + i);
        }
      },
    },
  }),
];
