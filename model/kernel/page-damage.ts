/**
 * Damage of one struct page of a folio, in fields that a folio of the model does not have: stale and uninitialised
 * values. The struct page of a tail page is initialised twice, with the memory map and when the folio is allocated; a
 * faulty kernel may omit either.
 */
import { at } from "../../explore/model/schema.ts";
import { type Folio, hasNoOwner, PGTY_TABLE } from "../state/structs.ts";
import type { Kernel } from "./kernel.ts";

/** Kinds of damage. */
export const PageDamage = {
  none: 0,
  /** `mapping` of a tail page is not TAIL_MAPPING; or that of the first page is set although the folio is not anon. */
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
  /** The page has a page type, which overlays `_mapcount`. */
  pageType: 7,
  /** All bits are set, as page_init_poison() leaves the memory map until it is initialised. */
  poisoned: 8,
  /** All bits are clear: the memory map was not poisoned and never initialised. */
  zeroed: 9,
  /** A tail page is unchanged since it was free: prep_compound_tail() was omitted. */
  notPrepared: 10,
  /** A tail page was poisoned when prep_compound_tail() ran, which does not change flags and `_refcount`. */
  onlyPrepared: 11,
} as const;

/** Stored value of every count of a struct page whose words are all equal: 0 or all bits set. */
const WORDS: ReadonlyMap<number, number> = new Map([
  [PageDamage.poisoned, -1],
  [PageDamage.zeroed, 0],
  [PageDamage.notPrepared, 0],
]);

/** Kinds of damage that apply to tail pages only. */
const OF_TAILS: readonly number[] = [
  PageDamage.notTail,
  PageDamage.otherHead,
  PageDamage.notPrepared,
  PageDamage.onlyPrepared,
];

/**
 * Whether a kind of damage applies to a page of a folio. It does not if another field overlays the damaged one, or if
 * the folio of the model has the field.
 *
 * @param page 0 … nrPages − 1
 */
export function damageApplies(kernel: Kernel, damage: number, page: number, nrPages: number): boolean {
  const isTail = page > 0;
  switch (damage) {
    case PageDamage.none:
      return page === 0;
    case PageDamage.mapping:
      // Counts and the deferred list overlay it in the first two tail pages.
      return page === 0 || page > 2;
    case PageDamage.locked:
      // The flags of the second page are flags of the folio.
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

/**
 * Whether a page has a mapcount. A kernel that removed page mapcounts and the counts that depend on them may use the
 * field of tail pages otherwise.
 */
export function hasMapcount({ config, tracksEntireMapcount }: Kernel, page: number): boolean {
  return page === 0 || config.pageMapcount || tracksEntireMapcount;
}

/**
 * Whether a kernel may warn when it frees a folio although the model does not: `private` of one of its pages is not 0.
 * Linux up to 7.1 does not check that; a kernel that checks or clears it is correct as well. `_mm_ids` overlays private
 * of the second page.
 *
 * @source mm/page_alloc.c, page_expected_state(); include/linux/mm_types.h, struct folio
 */
export function mayWarnOnFree(folio: Folio, damage: number): boolean {
  return damage === PageDamage.private || !hasNoOwner(folio);
}

/**
 * Whether a kernel may warn when it splits a folio although the model does not: Linux warned about private until 6.18.
 *
 * @source mm/huge_memory.c, __split_folio_to_order()
 */
export function mayWarnOnSplit(damage: number): boolean {
  return damage === PageDamage.private || damage === PageDamage.poisoned;
}

/**
 * Damages the fields of the model that are stored in a struct page: counts of the folio, and the mapcount of the page.
 * In the second tail page only the deferred list: it is checked before the counts that 32-bit stores there.
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
    // It overlays the mapcount of the second page since the RFC of 2026-04-12: -1 on a free page.
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
