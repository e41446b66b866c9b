/**
 * Damage of one struct page of a folio, in fields that a folio of the model does not have: stale and uninitialised values. The
 * struct page of a tail page is initialised twice, with the memory map and when the folio is made; either may have been left
 * out.
 */
import { at } from "../../explore/model/schema.ts";
import { type Folio, hasNoOwner, PGTY_TABLE } from "../state/structs.ts";
import type { Kernel } from "./kernel.ts";

/** The kinds of damage. */
export const PageDamage = {
  none: 0,
  /** `mapping` of a tail page is not TAIL_MAPPING; or that of a first page is set, and the folio is not anon. */
  mapping: 1,
  /** A tail page is not marked as one. */
  notTail: 2,
  /** A tail page is linked to another head page. */
  otherHead: 3,
  /** `_refcount` is 1. */
  refcount: 4,
  /** PG_locked is set. */
  locked: 5,
  /** `private` is not 0. */
  private: 6,
  /** It has a page type, which overlays `_mapcount`. */
  pageType: 7,
  /** All bits are set, as page_init_poison() leaves the memory map until it is initialised. */
  poisoned: 8,
  /** All bits are clear: a memory map that was not poisoned, and never initialised. */
  zeroed: 9,
  /** A tail page is as the free page that it was: prep_compound_tail() was left out. */
  notPrepared: 10,
  /** A tail page was poisoned when prep_compound_tail() ran, which leaves flags and `_refcount` alone. */
  onlyPrepared: 11,
} as const;

/** The words of a struct page that are all alike, as stored counts: 0 or all bits set. */
const WORDS: ReadonlyMap<number, number> = new Map([
  [PageDamage.poisoned, -1],
  [PageDamage.zeroed, 0],
  [PageDamage.notPrepared, 0],
]);

/** Damage of tail pages only. */
const OF_TAILS: readonly number[] = [
  PageDamage.notTail,
  PageDamage.otherHead,
  PageDamage.notPrepared,
  PageDamage.onlyPrepared,
];

/**
 * Whether a page of a folio can have a kind of damage: others have something else in the place, or the folio of the model has
 * it as a field of its own.
 *
 * @param page 0 … nrPages − 1
 */
export function damageApplies(kernel: Kernel, damage: number, page: number, nrPages: number): boolean {
  const isTail = page > 0;
  switch (damage) {
    case PageDamage.none:
      return page === 0;
    case PageDamage.mapping:
      // Counts and the deferred list lie where the first two tail pages have it.
      return page === 0 || page > 2;
    case PageDamage.locked:
      // Flags of the second page are those of the folio.
      return page > 1;
    case PageDamage.pageType:
      return hasMapcount(kernel, page);
    case PageDamage.poisoned:
    case PageDamage.zeroed:
      return isTail || nrPages === 1;
    default:
      return isTail || !OF_TAILS.includes(damage);
  }
}

/** Whether a page has a mapcount. Where they are gone for good, with the counts that came with them, tail pages may have something else there. */
export function hasMapcount({ config, tracksEntireMapcount }: Kernel, page: number): boolean {
  return page === 0 || config.pageMapcount || tracksEntireMapcount;
}

/**
 * Whether a kernel may warn of a folio on free although the model's does not: `private` of one of its pages is not 0. Linux up
 * to 7.1 does not check that; a kernel that does, or that clears it, is right as well. `_mm_ids` lies where the second page has
 * private.
 *
 * @source mm/page_alloc.c, page_expected_state(); include/linux/mm_types.h, struct folio
 */
export function mayWarnOnFree(folio: Folio, damage: number): boolean {
  return damage === PageDamage.private || !hasNoOwner(folio);
}

/** The same of a folio split, which warned of private until 6.18. @source mm/huge_memory.c, __split_folio_to_order() */
export function mayWarnOnSplit(damage: number): boolean {
  return damage === PageDamage.private || damage === PageDamage.poisoned;
}

/**
 * Damages what the folio of the model has in a struct page: counts of the folio, and the page's mapcount. Of the second tail page,
 * the deferred list is checked before the counts that 32-bit has there.
 */
export function damageCounts(
  { config, tracksTotalMappedPages }: Kernel,
  folio: Folio,
  damage: number,
  page: number,
): void {
  const word = WORDS.get(damage);
  if (damage === PageDamage.pageType) {
    at(folio.pages, page).mapcount = PGTY_TABLE;
  } else if (word !== undefined && page === 0) {
    at(folio.pages, 0).mapcount = word;
  } else if (word !== undefined && page === 1) {
    // In the place of the second page's mapcount since the RFC of 2026-04-12: -1 on a free page.
    folio.largeMapcount = tracksTotalMappedPages && damage === PageDamage.notPrepared ? -1 : word;
    folio.nrPagesMapped = word;
    folio.totalMappedPages = word;
    for (let i = 0; i < folio.slots.length; i++) {
      at(folio.slots, i).mapcount = word;
    }
    if (config.is64Bit || tracksTotalMappedPages) {
      folio.entireMapcount = word;
      folio.pincount = word;
    }
  } else if (word !== undefined && page === 2) {
    folio.onDeferredList = true;
  }
}
