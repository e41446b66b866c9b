/** Patches to reclaim. The overridden functions are in model/kernel/vmscan.ts. */
import { at } from "../../../explore/model/schema.ts";
import * as base from "../../kernel/vmscan.ts";
import { faultFree, faulty, type Variant } from "../variant.ts";
import { violates } from "./catch.ts";

/** Faulty and fault-free versions of reclaim. */
export const vmscanVariants: readonly Variant[] = [
  faulty("pageout-writes-head-page", {
    summary: "Swap-out writes the content of the first page of a large folio only",
    caught: violates("C9.contents", 5, "swap", { pages: 2, minPages: 2, mms: 1, smallFolios: 1, swapSlots: 2 }),
    alsoCaught: [violates("C9.file", 6, "shmem", { pages: 2, minPages: 2, mms: 1, smallFolios: 1, swapSlots: 2 })],
    overrides: {
      shrinkFolioRemoveMapping(state, folio) {
        if (this.folioMapcount(folio) !== 0 || folio.refcount !== folio.nrPages) {
          return false;
        }
        at(state.swapSlots, folio.swap).content = at(folio.pages, 0).content;
        this.folioRefAdd(folio, 1);
        this.swapCacheDelFolio(state, folio);
        this.folioPutRefs(folio, 1);
        return true;
      },
    },
  }),
  faulty("pageout-frees-with-references", {
    summary: "Swap-out frees an unmapped folio although there are other references",
    caught: violates("C9.held", 6, "swap", { pages: 1, mms: 1, smallFolios: 0, swapSlots: 1, holders: 1 }),
    overrides: {
      shrinkFolioRemoveMapping(state, folio) {
        if (this.folioMapcount(folio) !== 0 || this.folioMaybeDmaPinned(folio)) {
          return false;
        }
        for (let i = 0; i < folio.nrPages; i++) {
          at(state.swapSlots, folio.swap + i).content = at(folio.pages, i).content;
        }
        this.swapCacheDelFolio(state, folio);
        this.folioPutRefs(folio, folio.refcount);
        return true;
      },
    },
  }),
  faultFree("add-to-swap-without-early-tests", {
    summary:
      "Reclaim adds a folio to the swap cache even if there are references or pins: a pinned page cannot be " +
      "unmapped, and a folio with references cannot be freed",
    explored: [
      { machine: "swap", bounds: { pages: 1, mms: 2, smallFolios: 0, swapSlots: 1, holders: 1 }, config: "" },
      {
        machine: "swap",
        bounds: { pages: 2, minPages: 2, mms: 1, smallFolios: 0, swapSlots: 2, holders: 1 },
        config: "",
      },
    ],
    overrides: {
      shrinkFolioAddToSwap(state, folio) {
        return this.folioAllocSwap(state, folio);
      },
    },
  }),
  faulty("pageout-expects-one-reference", {
    summary:
      "Swap-out expects one reference of the swap cache instead of one for each page: no large folio is ever freed",
    caught: violates("P3", 4, "swap", { pages: 2, minPages: 2, mms: 1, smallFolios: 0, swapSlots: 2 }),
    overrides: {
      shrinkFolioRemoveMapping(state, folio) {
        return folio.refcount === 1 && base.shrinkFolioRemoveMapping.call(this, state, folio);
      },
    },
  }),
  faulty("swap-never", {
    summary: "Reclaim never adds a folio to the swap cache",
    caught: violates("P3.swap-cache", 2, "swap", { pages: 1, mms: 2, smallFolios: 1, swapSlots: 1 }),
    overrides: {
      shrinkFolioAddToSwap() {
        return false;
      },
    },
  }),
];
