/** The swap area and the swap cache. @source mm/swapfile.c, mm/swap_state.c */
import { at } from "../../explore/model/schema.ts";
import { type Folio, type Machine, nextSlot } from "../state/structs.ts";
import type { Kernel } from "./kernel.ts";

/**
 * Gives the folio consecutive, naturally aligned swap slots and puts it into the swap cache, which takes a reference for
 * each page. In the kernel nobody else gets slots that were found free; here no other CPU looks for any.
 *
 * @returns false when no such slots are free
 * @source mm/swapfile.c, folio_alloc_swap(); mm/swap_state.c, swap_cache_add_folio()
 */
export function folioAllocSwap(this: Kernel, machine: Machine, folio: Folio): boolean {
  const { swapSlots } = machine;
  const nr = folio.nrPages;
  for (let first = 0; first + nr <= swapSlots.length; first += nr) {
    let free = true;
    this.swapClusterLock(machine);
    for (let i = first; i < first + nr; i++) {
      const slot = at(swapSlots, i);
      free &&= slot.count === 0 && slot.folio === 0;
    }
    this.swapClusterUnlock(machine);
    if (free) {
      this.swapCacheAddFolio(machine, folio, first);
      return true;
    }
  }
  return false;
}

/** @source mm/swap_state.c, swap_cache_add_folio() */
export function swapCacheAddFolio(this: Kernel, machine: Machine, folio: Folio, first: number): void {
  this.folioRefAdd(folio, folio.nrPages);
  folio.swapcache = true;
  folio.swap = first;
  this.swapClusterLock(machine);
  for (let i = 0; i < folio.nrPages; i++) {
    at(machine.swapSlots, first + i).folio = folio.frameNumber;
  }
  this.swapClusterUnlock(machine);
}

/**
 * The folio that the swap cache has for a slot, with a reference of the caller. What the caller gets may leave the swap cache,
 * or be another folio in the same place by then: under the folio lock it asks folioMatchesSwapEntry(). Where the reference fails,
 * the kernel looks again.
 *
 * @returns undefined when there is none
 * @source mm/swap_state.c, swap_cache_get_folio(); before 6.18 filemap_get_folio()
 */
export function swapCacheGetFolio(this: Kernel, machine: Machine, slot: number): Folio | undefined {
  const { folio: reference } = at(machine.swapSlots, slot);
  if (reference === 0) {
    return undefined;
  }
  const folio = at(machine.folios, reference - 1);
  return this.folioTryGet(folio) ? folio : undefined;
}

/**
 * The folio that the swap cache has for a slot; if it has none, a new small one that is read from the swap device.
 *
 * @returns the folio, with a reference of the caller
 * @source mm/swap_state.c, swapin_readahead(), read_swap_cache_async(), __read_swap_cache_async(), without readahead
 */
export function readSwapCacheAsync(this: Kernel, machine: Machine, slot: number): Folio {
  const cached = this.swapCacheGetFolio(machine, slot);
  if (cached !== undefined) {
    return cached;
  }
  const folio = this.folioAlloc(machine, 1);
  this.swapCacheAddFolio(machine, folio, slot);
  at(folio.pages, 0).content = at(machine.swapSlots, slot).content;
  return folio;
}

/**
 * Whether a folio is what the swap cache has for a slot. The caller holds the folio lock.
 *
 * @source mm/swap.h, folio_matches_swap_entry()
 */
export function folioMatchesSwapEntry(this: Kernel, folio: Folio, slot: number): boolean {
  return folio.swapcache && folio.swap === slot - (slot % folio.nrPages);
}

/**
 * Takes the folio out of the swap cache. A slot that no entry needs any more is free.
 *
 * @source mm/swap_state.c, swap_cache_del_folio()
 */
export function swapCacheDelFolio(this: Kernel, machine: Machine, folio: Folio): void {
  const { swap } = folio;
  this.swapClusterLock(machine);
  for (let i = 0; i < folio.nrPages; i++) {
    const slot = at(machine.swapSlots, swap + i);
    slot.folio = 0;
    if (slot.count === 0) {
      slot.content = 0;
    }
  }
  folio.swap = 0;
  folio.swapcache = false;
  this.swapClusterUnlock(machine);
  this.folioRefSub(folio, folio.nrPages);
}

/** Whether any swap entry needs a slot of the folio. @source mm/swapfile.c, folio_swapped(), swap_page_trans_huge_swapped() */
export function folioSwapped(this: Kernel, machine: Machine, folio: Folio): boolean {
  const { swap, nrPages } = folio;
  this.swapClusterLock(machine);
  const swapped = this.areSlotsNeeded(machine, swap, nrPages);
  this.swapClusterUnlock(machine);
  return swapped;
}

/** Whether any swap entry needs one of consecutive slots. In line in the kernel. */
export function areSlotsNeeded(this: Kernel, machine: Machine, first: number, nr: number): boolean {
  for (let i = first; i < first + nr; i++) {
    if (at(machine.swapSlots, i).count > 0) {
      return true;
    }
  }
  return false;
}

/**
 * Takes the folio out of the swap cache if no swap entry needs it. The caller holds the folio lock.
 *
 * @source mm/swapfile.c, folio_free_swap(); writeback and hibernation are not modelled
 */
export function folioFreeSwap(this: Kernel, machine: Machine, folio: Folio): boolean {
  if (!folio.swapcache || this.folioSwapped(machine, folio)) {
    return false;
  }
  this.swapCacheDelFolio(machine, folio);
  return true;
}

/** Takes an unmapped folio out of the swap cache, if nobody holds its lock. @source mm/swap_state.c, free_swap_cache() */
export function freeSwapCache(this: Kernel, machine: Machine, folio: Folio): void {
  if (folio.swapcache && this.folioMapcount(folio) === 0 && this.folioTrylock(folio)) {
    this.folioFreeSwap(machine, folio);
    this.folioUnlock(folio);
  }
}

/** One more swap entry names the slot. @source mm/swapfile.c, swap_duplicate() */
export function swapDuplicate(this: Kernel, machine: Machine, slot: number): void {
  this.swapClusterLock(machine);
  at(machine.swapSlots, slot).count += 1;
  this.swapClusterUnlock(machine);
}

/**
 * Consecutive swap entries are gone.
 *
 * @returns whether there is a slot that only the swap cache needs now
 * @source mm/swapfile.c, swap_free_nr(), swap_entries_put_map_nr()
 */
export function swapFreeNr(this: Kernel, machine: Machine, first: number, nr: number): boolean {
  let onlyCached = false;
  this.swapClusterLock(machine);
  for (let i = first; i < first + nr; i++) {
    const slot = at(machine.swapSlots, i);
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
  this.swapClusterUnlock(machine);
  return onlyCached;
}

/**
 * Consecutive swap entries are gone, by unmapping: a folio that is left only in the swap cache goes, too.
 *
 * @source mm/swapfile.c, free_swap_and_cache_nr()
 */
export function freeSwapAndCacheNr(this: Kernel, machine: Machine, first: number, nr: number): void {
  if (!this.swapFreeNr(machine, first, nr)) {
    return;
  }
  let i = first;
  while (i < first + nr) {
    const slot = at(machine.swapSlots, i);
    const found = slot.count === 0 && slot.folio !== 0 ? this.tryToReclaimSwap(machine, i, false) : 0;
    i = nextSlot(i, found);
  }
}

/**
 * Takes the folio that has a slot out of the swap cache if no swap entry needs it and nobody holds its lock. Where it left the
 * slot meanwhile, the kernel looks for another one.
 *
 * @param anyway TTRS_ANYWAY; otherwise TTRS_UNMAPPED: only if it is not mapped
 * @returns the pages of the folio that has the slot, whether or not it still is in the swap cache; 0 when there is none
 * @source mm/swapfile.c, __try_to_reclaim_swap()
 */
export function tryToReclaimSwap(this: Kernel, machine: Machine, slot: number, anyway: boolean): number {
  const folio = this.swapCacheGetFolio(machine, slot);
  if (folio === undefined) {
    return 0;
  }
  const { nrPages } = folio;
  if (this.folioTrylock(folio)) {
    const reclaims = this.folioMatchesSwapEntry(folio, slot) && (anyway || this.folioMapcount(folio) === 0);
    if (reclaims && this.swapOnlyHasCache(machine, folio.swap, nrPages)) {
      this.swapCacheDelFolio(machine, folio);
    }
    this.folioUnlock(folio);
  }
  this.folioPutRefs(folio, 1);
  return nrPages;
}

/** Whether only the swap cache needs slots. @source mm/swapfile.c, swap_only_has_cache() and its callers, who hold the lock */
export function swapOnlyHasCache(this: Kernel, machine: Machine, first: number, nr: number): boolean {
  this.swapClusterLock(machine);
  const needed = this.areSlotsNeeded(machine, first, nr);
  this.swapClusterUnlock(machine);
  return !needed;
}
