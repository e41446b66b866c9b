/** Preparation of an allocated folio, and checks of a freed one. @source mm/page_alloc.c, mm/internal.h */
import { at } from "../../explore/model/schema.ts";
import {
  type Folio,
  type KernelState,
  MM_ID_DUMMY,
  type Page,
  PagePrivate,
  type StructPage,
} from "../state/structs.ts";
import type { Kernel } from "./kernel.ts";
import { damageCounts, PageDamage } from "./page-damage.ts";
import { Warning } from "./warnings.ts";

/** Kinds of damage that set flags in PAGE_FLAGS_CHECK_AT_FREE. */
const BAD_FLAGS: readonly number[] = [PageDamage.locked, PageDamage.poisoned, PageDamage.onlyPrepared];

/**
 * Returns the free folio that an allocation takes: the first of the smallest with enough pages. The choice does not
 * matter, since nothing refers to a free folio.
 *
 * @param nrPages 1, or a power of two
 * @returns undefined if there is none
 */
export function folioFree(this: Kernel, state: KernelState, nrPages: number): Folio | undefined {
  let best: Folio | undefined;
  for (let f = 0; f < state.folios.length; f++) {
    const folio = at(state.folios, f);
    const room = folio.pages.length;
    if (!folio.allocated && room >= nrPages && (best === undefined || room < best.pages.length)) {
      best = folio;
    }
  }
  return best;
}

/**
 * Allocates a folio with one reference. The number of folios is a bound of the model: the environment checks
 * folioFree() before it starts an operation.
 *
 * @throws RangeError if there is none
 * @source include/linux/gfp.h, folio_alloc()
 */
export function folioAlloc(this: Kernel, state: KernelState, nrPages: number): Folio {
  const folio = this.folioFree(state, nrPages);
  if (folio === undefined) {
    throw new RangeError(`no free folio of ${nrPages} pages: an action must check folioFree() before it allocates`);
  }
  this.prepNewPage(folio, nrPages);
  return folio;
}

/**
 * Prepares a folio with one reference.
 *
 * @param nrPages 1, or a power of two
 * @source mm/page_alloc.c, prep_new_page(), prep_compound_page(); mm/internal.h, set_page_refcounted()
 */
export function prepNewPage(this: Kernel, folio: Folio, nrPages: number): void {
  folio.allocated = true;
  folio.nrPages = nrPages;
  if (nrPages > 1) {
    this.prepCompoundHead(folio);
  }
  // Last: from now on folioTryGet() succeeds for a CPU that looked up the folio before it was freed.
  folio.refcount = 1;
}

/**
 * Initialises the fields of a large folio. Page mapcounts are unchanged since the pages were freed.
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
    const slot0 = at(folio.slots, 0);
    const slot1 = at(folio.slots, 1);
    slot0.mmId = MM_ID_DUMMY;
    slot1.mmId = MM_ID_DUMMY;
    slot0.mapcount = -1;
    slot1.mapcount = -1;
  }
  // On 32-bit a folio of order 1 has no room for the entire mapcount and the pincount.
  if (this.config.is64Bit || folio.nrPages > 2) {
    folio.entireMapcount = -1;
    folio.pincount = 0;
  }
  if (folio.nrPages > 2) {
    folio.onDeferredList = false;
  }
}

/**
 * Prepares a block of allocated struct pages: clears private of the first page only.
 *
 * @source mm/page_alloc.c, post_alloc_hook()
 */
export function postAllocHook(this: Kernel, pages: readonly StructPage[]): void {
  at(pages, 0).private = PagePrivate.none;
}

/**
 * Makes a block of struct pages a compound page.
 *
 * @source mm/page_alloc.c, prep_compound_page(); mm/internal.h, prep_compound_tail()
 */
export function prepCompoundPage(this: Kernel, pages: readonly StructPage[]): void {
  for (let i = 1; i < pages.length; i++) {
    at(pages, i).private = PagePrivate.none;
  }
}

/**
 * Resets a block of freed struct pages: page type and private of the first page. Private of the others is neither
 * changed nor checked.
 *
 * @param _compound whether the block is a compound page
 * @source mm/page_alloc.c, __free_pages_prepare(); clearing of private: ac1ea219590c
 */
export function resetFreedPages(this: Kernel, pages: readonly StructPage[], _compound: boolean): void {
  const head = at(pages, 0);
  this.resetPageType(head);
  head.private = PagePrivate.none;
}

/** Clears the page type of the first page of a folio. @source mm/page_alloc.c, __free_pages_prepare() */
export function resetPageType(this: Kernel, folio: Folio): void {
  const page = at(folio.pages, 0);
  if (this.pageMapcountIsType(page.mapcount + 1)) {
    page.mapcount = -1;
  }
}

/**
 * Drops references; the last one frees the folio.
 *
 * @returns whether the folio was freed
 * @source include/linux/mm.h, folio_put_refs(); mm/swap.c, __folio_put()
 */
export function folioPutRefs(this: Kernel, folio: Folio, refs: number): boolean {
  if (!this.folioRefSubAndTest(folio, refs)) {
    return false;
  }
  this.folioUnqueueDeferredSplit(folio);
  this.freePagesPrepare(folio);
  return true;
}

/**
 * Checks a folio that is being freed, with check_pages_enabled(), and clears its page flags. Also clears contents and
 * index: the kernel leaves the index unchanged, and never reads it in a free page (page_cache_delete()).
 *
 * The kernel checks the mapcounts of the slots here, not their ids and not the shared bit; claim C4 is stronger. It
 * checks page by page, tail pages first: if several checks fail, its first warning may differ from the model's.
 *
 * @source mm/page_alloc.c, free_pages_prepare(), free_tail_page_prepare(), free_page_is_bad()
 */
export function freePagesPrepare(this: Kernel, folio: Folio): void {
  if (this.folioTestLarge(folio)) {
    this.freeTailPagePrepare(folio);
  }
  this.resetPageType(folio);
  for (let i = 0; i < folio.nrPages; i++) {
    const page = at(folio.pages, i);
    this.vmWarnOn(page.mapcount !== -1, Warning.badPageMapcount);
    page.anonExclusive = false;
    page.content = 0;
  }
  this.vmWarnOn(folio.locked, Warning.freedLocked);
  folio.anon = false;
  folio.partiallyMapped = false;
  folio.nrPages = 1;
  folio.index = 0;
  folio.allocated = false;
}

/**
 * Frees a folio with one damaged struct page. Warnings about that page are in the kernel's order. No check covers
 * private.
 *
 * @param damage one of PageDamage
 * @param page position of the damaged page, from 0
 * @source mm/page_alloc.c, free_pages_prepare(), free_tail_page_prepare(), free_page_is_bad(), page_bad_reason()
 */
export function freeDamagedPages(this: Kernel, folio: Folio, damage: number, page: number): void {
  damageCounts(this, folio, damage, page);
  this.vmWarnOn(damage === PageDamage.poisoned && page === 0, Warning.freedTail);
  if (page > 0) {
    this.freeTailPagePrepare(folio);
    this.checkDamagedTail(damage, page);
  }
  this.vmWarnOn(damage === PageDamage.mapping, Warning.badMapping);
  this.vmWarnOn(damage === PageDamage.refcount, Warning.badRefcount);
  this.vmWarnOn(BAD_FLAGS.includes(damage), Warning.freedLocked);
  this.freePagesPrepare(folio);
}

/**
 * Checks that apply to every damaged tail page: mapping (except for the first two), tail flag and link to the head
 * page.
 *
 * @source mm/page_alloc.c, free_tail_page_prepare()
 */
export function checkDamagedTail(this: Kernel, damage: number, page: number): void {
  const isReset = damage === PageDamage.zeroed || damage === PageDamage.notPrepared;
  const isPoisoned = damage === PageDamage.poisoned;
  this.vmWarnOn(page > 2 && (damage === PageDamage.mapping || isReset || isPoisoned), Warning.badTailMapping);
  this.vmWarnOn(damage === PageDamage.notTail || isReset, Warning.tailNotMarked);
  this.vmWarnOn(damage === PageDamage.otherHead || isPoisoned, Warning.otherHead);
}

/** Resets a tail page after its content has been moved to another folio. */
export function resetPage(this: Kernel, page: Page): void {
  page.mapcount = -1;
  page.anonExclusive = false;
  page.content = 0;
}

/**
 * Checks the first two tail pages, which store the counters of a large folio.
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
  // On 32-bit these fields are in the second tail page, which a folio of order 1 does not have.
  if (this.config.is64Bit || folio.nrPages > 2) {
    this.vmWarnOn(folio.entireMapcount !== -1, Warning.badEntireMapcount);
    this.vmWarnOn(folio.pincount !== 0, Warning.badPincount);
  }
  if (folio.nrPages > 2) {
    this.vmWarnOn(folio.onDeferredList, Warning.onDeferredList);
  }
}
