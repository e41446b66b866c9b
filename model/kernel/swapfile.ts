/** The swap area and the swap cache. @source mm/swapfile.c, mm/swap_state.c */
import { at } from "../../explore/schema.ts";
import type { Kernel } from "./kernel.ts";
import type { Folio, Machine } from "./structs.ts";

/**
 * Gives the folio consecutive, naturally aligned swap slots and puts it into the swap cache, which takes a reference for
 * each page.
 *
 * @returns false when no such slots are free
 * @source mm/swapfile.c, folio_alloc_swap(); mm/swap_state.c, swap_cache_add_folio()
 */
export function folioAllocSwap(this: Kernel, machine: Machine, folio: Folio): boolean {
  const { swapSlots } = machine;
  const nr = folio.nrPages;
  for (let first = 0; first + nr <= swapSlots.length; first += nr) {
    let free = true;
    for (let i = first; i < first + nr; i++) {
      const slot = at(swapSlots, i);
      free &&= slot.count === 0 && slot.folio === 0;
    }
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
  for (let i = 0; i < folio.nrPages; i++) {
    at(machine.swapSlots, first + i).folio = folio.frameNumber;
  }
}

/**
 * Takes the folio out of the swap cache. A slot that no entry needs any more is free.
 *
 * @source mm/swap_state.c, swap_cache_del_folio()
 */
export function swapCacheDelFolio(this: Kernel, machine: Machine, folio: Folio): void {
  for (let i = 0; i < folio.nrPages; i++) {
    const slot = at(machine.swapSlots, folio.swap + i);
    slot.folio = 0;
    if (slot.count === 0) {
      slot.content = 0;
    }
  }
  folio.swapcache = false;
  folio.swap = 0;
  this.folioRefSub(folio, folio.nrPages);
}

/** Whether any swap entry needs a slot of the folio. @source mm/swapfile.c, folio_swapped() */
export function folioSwapped(this: Kernel, machine: Machine, folio: Folio): boolean {
  for (let i = 0; i < folio.nrPages; i++) {
    if (at(machine.swapSlots, folio.swap + i).count > 0) {
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
  at(machine.swapSlots, slot).count += 1;
}

/** Consecutive swap entries are gone. @source mm/swapfile.c, swap_free_nr() */
export function swapFreeNr(this: Kernel, machine: Machine, first: number, nr: number): void {
  for (let i = first; i < first + nr; i++) {
    const slot = at(machine.swapSlots, i);
    slot.count -= 1;
    if (slot.count === 0 && slot.folio === 0) {
      slot.content = 0;
    }
  }
}

/**
 * Consecutive swap entries are gone, by unmapping: a folio that is left only in the swap cache goes, too.
 *
 * @source mm/swapfile.c, free_swap_and_cache_nr(), __try_to_reclaim_swap() with TTRS_UNMAPPED
 */
export function freeSwapAndCacheNr(this: Kernel, machine: Machine, first: number, nr: number): void {
  this.swapFreeNr(machine, first, nr);
  for (let i = first; i < first + nr; i++) {
    const slot = at(machine.swapSlots, i);
    if (slot.count === 0 && slot.folio !== 0) {
      const folio = at(machine.folios, slot.folio - 1);
      this.folioRefAdd(folio, 1);
      this.freeSwapCache(machine, folio);
      this.folioPutRefs(folio, 1);
    }
  }
}
