/** Patches to the swap area and the swap cache. The overridden functions are in model/kernel/swapfile.ts. */
import { at } from "../../../explore/model/schema.ts";
import * as base from "../../kernel/swapfile.ts";
import { faulty, type Variant } from "../variant.ts";
import { violates } from "./catch.ts";

const LARGE = { pages: 2, minPages: 2, mms: 1, smallFolios: 1, swapSlots: 2 };

/** Faulty versions of swap. */
export const swapfileVariants: readonly Variant[] = [
  faulty("swap-cache-takes-one-reference", {
    summary: "The swap cache takes one reference to a large folio instead of one for each page",
    caught: violates("C7", 2, "swap", LARGE),
    overrides: {
      swapCacheAddFolio(state, folio, first) {
        base.swapCacheAddFolio.call(this, state, folio, first);
        this.folioRefSub(folio, folio.nrPages - 1);
      },
    },
  }),
  faulty("free-swap-ignores-entries", {
    summary: "A folio is removed from the swap cache although swap entries refer to its slots",
    caught: violates("C9", 5, "swap", { pages: 1, mms: 2, smallFolios: 1, swapSlots: 1 }),
    overrides: {
      folioFreeSwap(state, folio) {
        if (!folio.swapcache) {
          return false;
        }
        this.swapCacheDelFolio(state, folio);
        return true;
      },
    },
  }),
  faulty("free-swap-looks-at-first-slot", {
    summary: "Only the first slot of a large folio is checked for swap entries",
    caught: violates("C9.contents", 5, "swap", LARGE),
    overrides: {
      areSlotsNeeded(state, first, _nr) {
        return at(state.swapSlots, first).count > 0;
      },
    },
  }),
  faulty("swap-slots-of-another-folio", {
    summary: "Slots without swap entries are allocated to a folio although another one in the swap cache has them",
    caught: violates("C11.entries", 6, "swap", { pages: 1, mms: 2, smallFolios: 1, swapSlots: 1 }),
    overrides: {
      folioAllocSwap(state, folio) {
        for (let first = 0; first + folio.nrPages <= state.swapSlots.length; first += folio.nrPages) {
          let free = true;
          for (let i = first; i < first + folio.nrPages; i++) {
            free &&= at(state.swapSlots, i).count === 0;
          }
          if (free) {
            this.swapCacheAddFolio(state, folio, first);
            return true;
          }
        }
        return false;
      },
    },
  }),
  faulty("zap-frees-first-swap-slot", {
    summary: "Unmapping a batch of swap entries frees the slot of the first one only",
    caught: violates("C7.swap", 4, "swap", LARGE),
    overrides: {
      freeSwapAndCacheNr(state, first, _nr) {
        base.freeSwapAndCacheNr.call(this, state, first, 1);
      },
    },
  }),
];
