/** Preparing a folio for use and checking it when it is freed. @source mm/page_alloc.c, mm/internal.h */
import { at } from "../../explore/schema.ts";
import type { Kernel } from "./kernel.ts";
import { type Folio, MM_ID_DUMMY } from "./structs.ts";
import { Warning } from "./warnings.ts";

/**
 * Allocates the folio with one reference.
 *
 * @param nrPages 1, or a power of two
 * @source mm/page_alloc.c, prep_new_page(), prep_compound_page(); mm/internal.h, set_page_refcounted()
 */
export function prepNewPage(this: Kernel, folio: Folio, nrPages: number): void {
  folio.nrPages = nrPages;
  folio.refcount = 1;
  if (nrPages > 1) {
    this.prepCompoundHead(folio);
  }
}

/**
 * Gives the fields of a large folio their first values. Page mapcounts are left as the last free left them.
 *
 * @source mm/internal.h, prep_compound_head()
 */
export function prepCompoundHead(this: Kernel, folio: Folio): void {
  folio.largeMapcount = -1;
  if (this.config.pageMapcount) {
    folio.nrPagesMapped = 0;
  }
  if (this.config.mmId) {
    folio.mmIdsShared = false;
    for (const slot of folio.slots) {
      slot.mmId = MM_ID_DUMMY;
      slot.mapcount = -1;
    }
  }
  // On 32-bit a folio of order 1 has no room for the entire mapcount.
  if (this.config.is64Bit || folio.nrPages > 2) {
    folio.entireMapcount = -1;
  }
  if (folio.nrPages > 2) {
    folio.onDeferredList = false;
  }
}

/**
 * Drops references; the last one frees the folio.
 *
 * @returns whether the folio was freed
 * @source mm/swap.c, folio_put_refs(), __folio_put()
 */
export function folioPutRefs(this: Kernel, folio: Folio, refs: number): boolean {
  folio.refcount -= refs;
  if (folio.refcount > 0) {
    return false;
  }
  this.folioUnqueueDeferredSplit(folio);
  this.freePagesPrepare(folio);
  return true;
}

/**
 * Checks a folio that is being freed, with check_pages_enabled(), and clears its page flags.
 *
 * The kernel checks the slots' mapcounts here, not their ids and not the shared bit; claim C4 is stronger. It goes page
 * by page, tail pages first: when several checks fail, the first to warn may be another one than here.
 *
 * @source mm/page_alloc.c, free_pages_prepare(), free_tail_page_prepare(), free_page_is_bad()
 */
export function freePagesPrepare(this: Kernel, folio: Folio): void {
  if (this.folioTestLarge(folio)) {
    this.freeTailPagePrepare(folio);
  }
  for (let i = 0; i < folio.nrPages; i++) {
    const page = at(folio.pages, i);
    this.vmWarnOn(page.mapcount !== -1, Warning.badPageMapcount);
    page.anonExclusive = false;
  }
  folio.anon = false;
  folio.partiallyMapped = false;
  folio.nrPages = 1;
}

/**
 * The checks of the first two tail pages, where a large folio keeps its counters.
 *
 * @source mm/page_alloc.c, free_tail_page_prepare(), cases 1 and 2
 */
export function freeTailPagePrepare(this: Kernel, folio: Folio): void {
  this.vmWarnOn(folio.largeMapcount !== -1, Warning.badLargeMapcount);
  this.vmWarnOn(this.config.pageMapcount && folio.nrPagesMapped !== 0, Warning.badNrPagesMapped);
  if (this.config.mmId) {
    this.vmWarnOn(at(folio.slots, 0).mapcount !== -1, Warning.badMmIdMapcount);
    this.vmWarnOn(at(folio.slots, 1).mapcount !== -1, Warning.badMmIdMapcount);
  }
  // On 32-bit the entire mapcount lies in the second tail page, which a folio of order 1 does not have.
  if (this.config.is64Bit || folio.nrPages > 2) {
    this.vmWarnOn(folio.entireMapcount !== -1, Warning.badEntireMapcount);
  }
  if (folio.nrPages > 2) {
    this.vmWarnOn(folio.onDeferredList, Warning.onDeferredList);
  }
}
