/** Linux 7.1. */
import type { KernelConfig } from "../config.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { v6_18 } from "./v6-18.ts";

/** The kernel `v7.1` in a configuration. */
export function v7_1(config: KernelConfig): Kernel {
  return { ...v6_18(config), name: "v7.1", ...sinceV6_18 };
}

/** Changes to the modelled functions since 6.18. */
const sinceV6_18: Partial<Kernel> = {
  // mm/huge_memory.c, __folio_split(); mm/vmscan.c, shrink_folio_list(): what can_split_folio() counted is what
  // folio_expected_ref_count() counts.

  canSplitFolio(folio, callerPins) {
    return this.folioExpectedRefCount(folio) === folio.refcount - callerPins;
  },

  // mm/huge_memory.c, __split_folio_to_order(): private of tail pages is neither checked nor cleared any more.

  splitChecksPrivate: false,

  splitFolioPrivate() {},

  // mm/memory.c, do_swap_page(): swap entries and swap cache are given up after the pages are mapped. A page whose entry is
  // not exclusive is mapped read-only, and a write goes on to do_wp_page().

  swapInBeforeMapping() {},

  swapInAfterMapping(machine, folio, page, nr, write) {
    this.swapFreeNr(machine, folio.swap + page, nr);
    if (this.shouldTryToFreeSwap(folio, nr, write)) {
      this.folioFreeSwap(machine, folio);
    }
  },
};
