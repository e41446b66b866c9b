/** Linux 7.1. */
import type { KernelConfig } from "../kernel/config.ts";
import type { Kernel, KernelPatch } from "../kernel/kernel.ts";
import { nextSlot } from "../state/structs.ts";
import { v6_18 } from "./v6-18.ts";

/** Builds the kernel `v7.1` in a configuration. */
export function v7_1(config: KernelConfig): Kernel {
  return { ...v6_18(config), name: "v7.1", ...sinceV6_18 };
}

/** Changes to the modelled functions since 6.18. */
const sinceV6_18: KernelPatch = {
  // mm/huge_memory.c, __folio_split(); mm/vmscan.c, shrink_folio_list(): folio_expected_ref_count() replaces the count
  // of can_split_folio().

  canSplitFolio(folio, callerPins) {
    return this.folioExpectedRefCount(folio) === folio.refcount - callerPins;
  },

  // mm/huge_memory.c, __split_folio_to_order(): private of tail pages is neither checked nor cleared any more.

  splitChecksPrivate: false,

  splitFolioPrivate() {},

  // mm/huge_memory.c, __folio_freeze_and_split_unmapped(), deferred_split_scan(): the shrinker removes all folios from
  // the queue and requeues those that stay partially mapped. So a folio that is split may be partially mapped and not
  // queued.

  unqueueSplitFolio(folio) {
    if (folio.nrPages > 2) {
      if (folio.onDeferredList) {
        folio.onDeferredList = false;
      }
      if (folio.partiallyMapped) {
        folio.partiallyMapped = false;
      }
    }
  },

  takeQueued(folio) {
    this.splitQueueLock(folio);
    const queued = folio.onDeferredList;
    const hasReference = queued && this.folioTryGet(folio);
    if (queued && !hasReference && folio.partiallyMapped) {
      folio.partiallyMapped = false;
    }
    if (queued) {
      folio.onDeferredList = false;
    }
    this.splitQueueUnlock(folio);
    return hasReference;
  },

  splitQueued(state, folio, walk) {
    let queueAgain = false;
    if (folio.partiallyMapped || this.thpUnderused(folio)) {
      if (this.folioTrylock(folio)) {
        const didSplit = this.splitFolio(state, folio, walk);
        this.folioUnlock(folio);
        queueAgain = !didSplit && folio.partiallyMapped;
      } else {
        queueAgain = true;
      }
    } else {
      queueAgain = folio.partiallyMapped;
    }
    if (queueAgain) {
      this.splitQueueLock(folio);
      if (!folio.onDeferredList) {
        folio.onDeferredList = true;
      }
      this.splitQueueUnlock(folio);
    }
  },

  // mm/memory.c, do_swap_page(): swap entries and swap cache are freed after the pages are mapped. A page whose entry
  // is not exclusive is mapped read-only, and a write continues in do_wp_page().

  swapInBeforeMapping() {},

  swapInAfterMapping(state, folio, page, nr, write) {
    this.swapFreeNr(state, folio.swap + page, nr);
    if (this.shouldTryToFreeSwap(folio, nr, write)) {
      this.folioFreeSwap(state, folio);
    }
  },

  swapInBackOut(state, folio) {
    if (folio.swapcache) {
      this.folioFreeSwap(state, folio);
    }
    this.folioUnlock(folio);
    this.folioPutRefs(folio, 1);
  },

  // mm/swapfile.c, folio_maybe_swapped(): without the lock of the cluster. swap_put_entries_cluster(): reclaim is tried
  // for every slot of a batch if one of them is used by the swap cache only.

  folioSwapped(state, folio) {
    return this.areSlotsNeeded(state, folio.swap, folio.nrPages);
  },

  freeSwapAndCacheNr(state, first, nr) {
    if (this.swapFreeNr(state, first, nr)) {
      let i = first;
      while (i < first + nr) {
        i = nextSlot(i, this.tryToReclaimSwap(state, i, false));
      }
    }
  },
};
