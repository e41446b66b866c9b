/** The deferred split queue. @source mm/huge_memory.c */
import type { Kernel } from "./kernel.ts";
import type { Folio } from "./structs.ts";

/**
 * Queues a partially mapped folio, to be split when memory gets tight. Folios of order 1 have no room for the list.
 * Without CONFIG_TRANSPARENT_HUGEPAGE, which is what CONFIG_MM_ID being off means, there is no queue.
 *
 * @source mm/huge_memory.c, deferred_split_folio(); include/linux/huge_mm.h, its empty version
 */
export function deferredSplitFolio(this: Kernel, folio: Folio): void {
  if (!this.config.mmId || folio.nrPages <= 2) {
    return;
  }
  folio.partiallyMapped = true;
  folio.onDeferredList = true;
}

/**
 * Takes a folio that is about to be freed off the queue.
 *
 * @source mm/huge_memory.c, __folio_unqueue_deferred_split()
 */
export function folioUnqueueDeferredSplit(this: Kernel, folio: Folio): void {
  if (folio.onDeferredList) {
    folio.partiallyMapped = false;
    folio.onDeferredList = false;
  }
}
