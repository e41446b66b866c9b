/** Swap-out and swap-in of anon folios, step by step. @source mm/vmscan.c, mm/rmap.c, mm/memory.c, mm/swap_state.c */
import { at } from "../../explore/model/schema.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { Warning } from "../kernel/warnings.ts";
import type { World } from "../state/world.ts";
import { isHeld } from "./claims.ts";
import { isMapped, updateHistoryAfterMapping, updateHistoryAfterUnmapping } from "./history.ts";
import { assertProgress, isSwappable, mapsFolio } from "./progress.ts";
import { canResolve, resolveFault } from "./write.ts";

/** Reclaim adds a mapped anon folio to the swap cache. @source mm/vmscan.c, shrink_folio_list() */
export function addToSwap(world: World, kernel: Kernel, p: { readonly folio: number }): boolean {
  const folio = at(world.folios, p.folio);
  if (!folio.allocated || !folio.anon || folio.swapcache || folio.locked) {
    return false;
  }
  const swappable = isSwappable(world, folio);
  const added = kernel.shrinkFolioAddToSwap(world, folio);
  assertProgress(kernel, Warning.notAddedToSwap, swappable, folio.swapcache);
  // A failure is a step only if it violates P3.
  return added || swappable;
}

/**
 * Reclaim unmaps a folio of the swap cache from one MM. The kernel walks all MMs in one operation, under one page table
 * lock after the other: in the model each MM is a step, and the walk may end after any of them.
 *
 * @source mm/rmap.c, try_to_unmap()
 */
export function tryToUnmap(world: World, kernel: Kernel, p: { readonly folio: number; readonly mm: number }): boolean {
  const folio = at(world.folios, p.folio);
  const mm = at(world.mms, p.mm);
  const vma = at(mm.vmas, 0);
  if (!folio.swapcache || folio.locked || !mapsFolio(mm, folio)) {
    return false;
  }
  const unmappable = !isHeld(world, folio);
  kernel.tryToUnmapOne(world, folio, mm, vma);
  assertProgress(kernel, Warning.notUnmappedForSwap, unmappable, !mapsFolio(mm, folio));
  updateHistoryAfterUnmapping(world, kernel);
  return true;
}

/** Reclaim writes an unmapped folio of the swap cache to its slots and frees it. */
export function swapOut(world: World, kernel: Kernel, p: { readonly folio: number }): boolean {
  const folio = at(world.folios, p.folio);
  if (!folio.swapcache || folio.locked) {
    return false;
  }
  const freeable = !isMapped(world, folio.frameNumber) && !isHeld(world, folio);
  const freed = kernel.shrinkFolioRemoveMapping(world, folio);
  assertProgress(kernel, Warning.notSwappedOut, freeable, !folio.allocated);
  // A failure is a step only if it violates P3.
  return freed || freeable;
}

/**
 * Fault on a swap entry. A folio that is not in the swap cache any more is read from its slot into a new small folio.
 */
export function swapIn(
  world: World,
  kernel: Kernel,
  p: { readonly mm: number; readonly entry: number; readonly write: boolean },
): boolean {
  const mm = at(world.mms, p.mm);
  const vma = at(mm.vmas, 0);
  const pte = at(vma.ptes, p.entry);
  if (vma.pmd.folio !== 0 || !pte.swap) {
    return false;
  }
  const slot = at(world.swapSlots, pte.page);
  const isCached = slot.folio !== 0;
  if ((!isCached || p.write) && kernel.folioFree(world, 1) === undefined) {
    return false;
  }
  if (isCached && at(world.folios, slot.folio - 1).locked) {
    return false;
  }
  const folio = kernel.readSwapCacheAsync(world, pte.page);
  kernel.doSwapPage(world, mm, vma, p.entry, folio, p.write);
  if (p.write && !pte.writable && canResolve(world, kernel, mm, p.entry)) {
    resolveFault(world, kernel, mm, p.entry, false);
  }
  updateHistoryAfterMapping(world, kernel);
  updateHistoryAfterUnmapping(world, kernel);
  return true;
}

/**
 * Removes a folio without swap entries from the swap cache, as the kernel does if swap is nearly full.
 *
 * @source mm/swapfile.c, folio_free_swap()
 */
export function freeSwap(world: World, kernel: Kernel, p: { readonly folio: number }): boolean {
  const folio = at(world.folios, p.folio);
  if (!folio.swapcache || folio.locked || kernel.folioSwapped(world, folio)) {
    return false;
  }
  kernel.folioRefAdd(folio, 1);
  kernel.folioFreeSwap(world, folio);
  kernel.folioPutRefs(folio, 1);
  return true;
}
