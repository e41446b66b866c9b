/**
 * Atomic read-modify-write operations. Each function is one access to its field; a caller that needs the new value uses
 * the result and does not read the field again. "Stored" values are as in folio-fields.ts.
 *
 * Memory order, as the kernel documents it: an operation without a result is unordered. One with a result is a full
 * barrier before and after; a conditional one only if it succeeds. Exceptions are documented at the function.
 *
 * @source include/linux/atomic/atomic-instrumented.h, include/linux/page_ref.h, Documentation/atomic_t.txt
 */

import type { Folio, NodeStats, Page, TrackedFolio } from "../state/structs.ts";
import type { Kernel } from "./kernel.ts";

/** Adds references. @source include/linux/page_ref.h, folio_ref_add(); include/linux/mm.h, folio_get() */
export function folioRefAdd(this: Kernel, folio: Folio, nr: number): void {
  folio.refcount += nr;
}

/** Drops references that are not the last. @source include/linux/page_ref.h, folio_ref_sub() */
export function folioRefSub(this: Kernel, folio: Folio, nr: number): void {
  folio.refcount -= nr;
}

/**
 * Drops references.
 *
 * @returns whether no reference is left; also true if a faulty kernel drops more than there are, where Linux leaks the
 *   folio
 * @source include/linux/page_ref.h, folio_ref_sub_and_test()
 */
export function folioRefSubAndTest(this: Kernel, folio: Folio, nr: number): boolean {
  const refcount = folio.refcount - nr;
  folio.refcount = refcount;
  return refcount <= 0;
}

/**
 * Takes a reference unless the refcount is 0: then the folio is free, or about to be.
 *
 * @returns whether it took a reference
 * @source include/linux/page_ref.h, folio_try_get()
 */
export function folioTryGet(this: Kernel, folio: Folio): boolean {
  const { refcount } = folio;
  if (refcount === 0) {
    return false;
  }
  folio.refcount = refcount + 1;
  return true;
}

/**
 * Sets the refcount to 0 if it is `refs`: afterwards folioTryGet() fails.
 *
 * @returns whether the refcount was `refs`
 * @source include/linux/page_ref.h, folio_ref_freeze()
 */
export function folioRefFreeze(this: Kernel, folio: Folio, refs: number): boolean {
  if (folio.refcount !== refs) {
    return false;
  }
  folio.refcount = 0;
  return true;
}

/**
 * Restores the refcount after folioRefFreeze(). A store-release.
 *
 * @source include/linux/page_ref.h, folio_ref_unfreeze()
 */
export function folioRefUnfreeze(this: Kernel, folio: Folio, refs: number): void {
  folio.refcount = refs;
}

/**
 * Adds to the entire mapcount.
 *
 * @returns the new stored value: 0 after the first PMD mapping was added, -1 after the last one was removed
 * @source include/linux/atomic/atomic-instrumented.h, atomic_inc_and_test(), atomic_add_negative()
 */
export function entireMapcountAddReturn(this: Kernel, folio: Folio, nr: number): number {
  const mapcount = folio.entireMapcount + nr;
  folio.entireMapcount = mapcount;
  return mapcount;
}

/** Adds to the entire mapcount. @source include/linux/atomic/atomic-instrumented.h, atomic_inc() */
export function entireMapcountAdd(this: Kernel, folio: Folio, nr: number): void {
  folio.entireMapcount += nr;
}

/**
 * Adds to `_nr_pages_mapped`. Unordered.
 *
 * @returns the new value
 * @source include/linux/atomic/atomic-instrumented.h, atomic_add_return_relaxed(), atomic_sub_return_relaxed()
 */
export function nrPagesMappedAddReturn(this: Kernel, folio: Folio, nr: number): number {
  const nrPagesMapped = folio.nrPagesMapped + nr;
  folio.nrPagesMapped = nrPagesMapped;
  return nrPagesMapped;
}

/**
 * Adds to the mapcount of a page.
 *
 * @returns the new stored value: 0 after the first mapping was added, -1 after the last one was removed
 * @source include/linux/atomic/atomic-instrumented.h, atomic_inc_and_test(), atomic_add_negative()
 */
export function pageMapcountAddReturn(this: Kernel, page: Page, nr: number): number {
  const mapcount = page.mapcount + nr;
  page.mapcount = mapcount;
  return mapcount;
}

/** Adds to the mapcount of a page. @source include/linux/atomic/atomic-instrumented.h, atomic_inc() */
export function pageMapcountAdd(this: Kernel, page: Page, nr: number): void {
  page.mapcount += nr;
}

/**
 * Adds to the large mapcount without a lock: without CONFIG_MM_ID. Unordered, since the kernel's operation has no
 * result.
 *
 * @returns the new stored value
 * @source include/linux/atomic/atomic-instrumented.h, atomic_add(), atomic_sub()
 */
export function largeMapcountAddReturn(this: Kernel, folio: TrackedFolio, nr: number): number {
  const mapcount = folio.largeMapcount + nr;
  folio.largeMapcount = mapcount;
  return mapcount;
}

/** Adds pins. @source include/linux/atomic/atomic-instrumented.h, atomic_add(), atomic_sub() */
export function pincountAdd(this: Kernel, folio: Folio, nr: number): void {
  folio.pincount += nr;
}

/**
 * Adds to a node statistic. Counters are per CPU: no memory order depends on them.
 *
 * @param nr pages
 * @source mm/vmstat.c, mod_node_page_state()
 */
export function nodeStatAdd(this: Kernel, stats: NodeStats, item: keyof NodeStats, nr: number): void {
  // Literal field names: a computed one is several times slower.
  switch (item) {
    case "nrAnonMapped":
      stats.nrAnonMapped += nr;
      break;
    case "nrAnonThps":
      stats.nrAnonThps += nr;
      break;
    case "nrFileMapped":
      stats.nrFileMapped += nr;
      break;
    default:
      stats.nrFilePmdmapped += nr;
  }
}
