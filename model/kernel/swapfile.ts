/** Swap area and swap cache. @source mm/swapfile.c, mm/swap_state.c */
import { at } from "../../explore/model/schema.ts";
import { type Folio, type KernelState, nextSlot } from "../state/structs.ts";
import type { Kernel } from "./kernel.ts";

/**
 * Allocates consecutive, naturally aligned swap slots for the folio and adds it to the swap cache, which takes a
 * reference for each page. The kernel reserves the slots that it selects; in the model no other CPU allocates
 * concurrently.
 *
 * @returns false if no such slots are free
 * @source mm/swapfile.c, folio_alloc_swap(); mm/swap_state.c, swap_cache_add_folio()
 */
export function folioAllocSwap(this: Kernel, state: KernelState, folio: Folio): boolean {
  const { swapSlots } = state;
  const nr = folio.nrPages;
  for (let first = 0; first + nr <= swapSlots.length; first += nr) {
    let free = true;
    this.swapClusterLock(state);
    for (let i = first; i < first + nr; i++) {
      const slot = at(swapSlots, i);
      free &&= slot.count === 0 && slot.folio === 0;
    }
    this.swapClusterUnlock(state);
    if (free) {
      this.swapCacheAddFolio(state, folio, first);
      return true;
    }
  }
  return false;
}

/** @source mm/swap_state.c, swap_cache_add_folio() */
export function swapCacheAddFolio(this: Kernel, state: KernelState, folio: Folio, first: number): void {
  this.folioRefAdd(folio, folio.nrPages);
  folio.swapcache = true;
  folio.swap = first;
  this.swapClusterLock(state);
  for (let i = 0; i < folio.nrPages; i++) {
    at(state.swapSlots, first + i).folio = folio.frameNumber;
  }
  this.swapClusterUnlock(state);
}

/**
 * Looks up the folio of a slot in the swap cache and takes a reference. The folio may leave the swap cache or be reused
 * before the caller locks it: under the folio lock the caller checks folioMatchesSwapEntry(). If the reference cannot
 * be taken, the kernel repeats the lookup.
 *
 * @returns undefined if there is none
 * @source mm/swap_state.c, swap_cache_get_folio(); before 6.18 filemap_get_folio()
 */
export function swapCacheGetFolio(this: Kernel, state: KernelState, slot: number): Folio | undefined {
  const { folio: reference } = at(state.swapSlots, slot);
  if (reference === 0) {
    return undefined;
  }
  const folio = at(state.folios, reference - 1);
  return this.folioTryGet(folio) ? folio : undefined;
}

/**
 * Looks up the folio of a slot in the swap cache; if there is none, adds a new small one that is read from the swap
 * device.
 *
 * @returns the folio, with a reference for the caller
 * @source mm/swap_state.c, swapin_readahead(), read_swap_cache_async(), __read_swap_cache_async(), without readahead
 */
export function readSwapCacheAsync(this: Kernel, state: KernelState, slot: number): Folio {
  const cached = this.swapCacheGetFolio(state, slot);
  if (cached !== undefined) {
    return cached;
  }
  const folio = this.folioAlloc(state, 1);
  this.swapCacheAddFolio(state, folio, slot);
  at(folio.pages, 0).content = at(state.swapSlots, slot).content;
  return folio;
}

/**
 * Whether the folio is in the swap cache for a slot. The caller holds the folio lock.
 *
 * @source mm/swap.h, folio_matches_swap_entry()
 */
export function folioMatchesSwapEntry(this: Kernel, folio: Folio, slot: number): boolean {
  return folio.swapcache && folio.swap === slot - (slot % folio.nrPages);
}

/**
 * Removes the folio from the swap cache. A slot to which no swap entry refers becomes free.
 *
 * @source mm/swap_state.c, swap_cache_del_folio()
 */
export function swapCacheDelFolio(this: Kernel, state: KernelState, folio: Folio): void {
  const { swap } = folio;
  this.swapClusterLock(state);
  for (let i = 0; i < folio.nrPages; i++) {
    const slot = at(state.swapSlots, swap + i);
    slot.folio = 0;
    if (slot.count === 0) {
      slot.content = 0;
    }
  }
  folio.swap = 0;
  folio.swapcache = false;
  this.swapClusterUnlock(state);
  this.folioRefSub(folio, folio.nrPages);
}

/**
 * Whether any swap entry refers to a slot of the folio.
 *
 * @source mm/swapfile.c, folio_swapped(), swap_page_trans_huge_swapped(); until 6.18
 */
export function folioSwapped(this: Kernel, state: KernelState, folio: Folio): boolean {
  const { swap, nrPages } = folio;
  this.swapClusterLock(state);
  const swapped = this.areSlotsNeeded(state, swap, nrPages);
  this.swapClusterUnlock(state);
  return swapped;
}

/** Whether any swap entry refers to one of consecutive slots. Inline in the kernel. */
export function areSlotsNeeded(this: Kernel, state: KernelState, first: number, nr: number): boolean {
  for (let i = first; i < first + nr; i++) {
    if (at(state.swapSlots, i).count > 0) {
      return true;
    }
  }
  return false;
}

/**
 * Removes the folio from the swap cache if no swap entry refers to its slots. The caller holds the folio lock.
 *
 * @source mm/swapfile.c, folio_free_swap(); writeback and hibernation are not modelled
 */
export function folioFreeSwap(this: Kernel, state: KernelState, folio: Folio): boolean {
  if (!folio.swapcache || this.folioSwapped(state, folio)) {
    return false;
  }
  this.swapCacheDelFolio(state, folio);
  return true;
}

/** Removes an unmapped folio from the swap cache if its lock is free. @source mm/swap_state.c, free_swap_cache() */
export function freeSwapCache(this: Kernel, state: KernelState, folio: Folio): void {
  if (folio.swapcache && this.folioMapcount(folio) === 0 && this.folioTrylock(folio)) {
    this.folioFreeSwap(state, folio);
    this.folioUnlock(folio);
  }
}

/**
 * Counts one more swap entry for a slot.
 *
 * @source mm/swapfile.c, swap_duplicate(); 7.1: swap_dup_entry_direct(), folio_dup_swap()
 */
export function swapDuplicate(this: Kernel, state: KernelState, slot: number): void {
  this.swapClusterLock(state);
  at(state.swapSlots, slot).count += 1;
  this.swapClusterUnlock(state);
}

/**
 * Subtracts one swap entry from each of consecutive slots.
 *
 * @returns whether one of the slots is now used by the swap cache only
 * @source mm/swapfile.c, swap_free_nr(), swap_entries_put_map_nr(); 7.1: folio_put_swap()
 */
export function swapFreeNr(this: Kernel, state: KernelState, first: number, nr: number): boolean {
  let onlyCached = false;
  this.swapClusterLock(state);
  for (let i = first; i < first + nr; i++) {
    const slot = at(state.swapSlots, i);
    const count = slot.count - 1;
    slot.count = count;
    if (count === 0) {
      if (slot.folio === 0) {
        slot.content = 0;
      } else {
        onlyCached = true;
      }
    }
  }
  this.swapClusterUnlock(state);
  return onlyCached;
}

/**
 * Subtracts consecutive swap entries that were unmapped. Removes a folio from the swap cache if only the swap cache
 * uses its slots.
 *
 * @source mm/swapfile.c, free_swap_and_cache_nr(); 7.1: swap_put_entries_direct()
 */
export function freeSwapAndCacheNr(this: Kernel, state: KernelState, first: number, nr: number): void {
  if (!this.swapFreeNr(state, first, nr)) {
    return;
  }
  let i = first;
  while (i < first + nr) {
    const slot = at(state.swapSlots, i);
    const nrPages = slot.count === 0 && slot.folio !== 0 ? this.tryToReclaimSwap(state, i, false) : 0;
    i = nextSlot(i, nrPages);
  }
}

/**
 * Removes the folio of a slot from the swap cache if no swap entry refers to its slots and its lock is free. If the
 * folio left the slot meanwhile, the kernel repeats the lookup.
 *
 * @param anyway TTRS_ANYWAY; otherwise TTRS_UNMAPPED: only if it is not mapped
 * @returns the number of pages of the folio, whether or not it is still in the swap cache; 0 if there is none
 * @source mm/swapfile.c, __try_to_reclaim_swap()
 */
export function tryToReclaimSwap(this: Kernel, state: KernelState, slot: number, anyway: boolean): number {
  const folio = this.swapCacheGetFolio(state, slot);
  if (folio === undefined) {
    return 0;
  }
  const { nrPages } = folio;
  if (this.folioTrylock(folio)) {
    const reclaims = this.folioMatchesSwapEntry(folio, slot) && (anyway || this.folioMapcount(folio) === 0);
    if (reclaims && this.swapOnlyHasCache(state, folio.swap, nrPages)) {
      this.swapCacheDelFolio(state, folio);
    }
    this.folioUnlock(folio);
  }
  this.folioPutRefs(folio, 1);
  return nrPages;
}

/**
 * Whether only the swap cache uses the slots.
 *
 * @source mm/swapfile.c, swap_only_has_cache() and its callers, which hold the lock
 */
export function swapOnlyHasCache(this: Kernel, state: KernelState, first: number, nr: number): boolean {
  this.swapClusterLock(state);
  const needed = this.areSlotsNeeded(state, first, nr);
  this.swapClusterUnlock(state);
  return !needed;
}
