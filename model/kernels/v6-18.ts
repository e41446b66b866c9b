/** Linux 6.18, with the fixes of its stable releases up to 6.18.35. */
import { at } from "../../explore/model/schema.ts";
import type { KernelConfig } from "../kernel/config.ts";
import type { Kernel, KernelPatch } from "../kernel/kernel.ts";
import * as before from "../kernel/migrate.ts";
import { v6_15 } from "./v6-15.ts";

/** Builds the kernel `v6.18` in a configuration. */
export function v6_18(config: KernelConfig): Kernel {
  return { ...v6_15(config), name: "v6.18", ...sinceV6_15 };
}

/** Changes to the modelled functions since 6.15. */
const sinceV6_15: KernelPatch = {
  // mm/swap_state.c, swap_cache_add_folio(): the slots are updated before references and flag of the folio.

  swapCacheAddFolio(state, folio, first) {
    this.swapClusterLock(state);
    for (let i = 0; i < folio.nrPages; i++) {
      at(state.swapSlots, first + i).folio = folio.frameNumber;
    }
    this.folioRefAdd(folio, folio.nrPages);
    folio.swapcache = true;
    folio.swap = first;
    this.swapClusterUnlock(state);
  },

  // mm/migrate.c, migrate_folio_move(): the new folio replaces the old one in the deferred split queue. 6.18.35 queues
  // it after its mappings are restored, 7.1 before; atomic operations cannot show the difference.

  requeuesOnMigration: true,

  moveToNewFolio(state, dst, src) {
    const queued = src.nrPages > 2 && src.onDeferredList;
    const partiallyMapped = queued && src.partiallyMapped;
    if (!before.moveToNewFolio.call(this, state, dst, src)) {
      return false;
    }
    if (queued) {
      this.deferredSplitFolio(dst, partiallyMapped);
    }
    return true;
  },
};
