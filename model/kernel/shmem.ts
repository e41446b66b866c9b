/** Files backed by shmem: their folios move between the page cache and the swap cache. @source mm/shmem.c */
import { at } from "../../explore/model/schema.ts";
import type { Folio, KernelState } from "../state/structs.ts";
import type { Kernel } from "./kernel.ts";

/**
 * Moves an unmapped folio from the page cache to the swap cache, before it is written to the swap device. The caller
 * holds the folio lock. The kernel splits a large folio if no consecutive slots are free; this is not modelled.
 *
 * @returns false (AOP_WRITEPAGE_ACTIVATE) if no swap slots are free
 * @source mm/shmem.c, shmem_writeout()
 */
export function shmemWriteout(this: Kernel, state: KernelState, folio: Folio): boolean {
  if (!this.folioAllocSwap(state, folio)) {
    return false;
  }
  for (let i = 0; i < folio.nrPages; i++) {
    this.swapDuplicate(state, folio.swap + i);
  }
  this.shmemDeleteFromPageCache(state, folio);
  return true;
}

/**
 * Replaces a folio of the page cache by the entries of its swap slots.
 *
 * @source mm/shmem.c, shmem_delete_from_page_cache()
 */
export function shmemDeleteFromPageCache(this: Kernel, state: KernelState, folio: Folio): void {
  for (let i = 0; i < folio.nrPages; i++) {
    at(state.filePages, folio.index + i).swap = folio.swap + i + 1;
  }
  this.filemapRemoveFolio(folio);
  this.folioPutRefs(folio, folio.nrPages);
}

/**
 * Adds a folio to the page cache, which takes a reference for each page; it replaces swap entries, or a hole.
 *
 * @param index offset of the folio in the file
 * @source mm/shmem.c, shmem_add_to_page_cache()
 */
export function shmemAddToPageCache(this: Kernel, state: KernelState, folio: Folio, index: number): void {
  this.folioRefAdd(folio, folio.nrPages);
  folio.inPageCache = true;
  folio.index = index;
  for (let i = index; i < index + folio.nrPages; i++) {
    at(state.filePages, i).swap = 0;
  }
}

/**
 * Moves a folio from the swap cache to the page cache. The caller has a reference and the folio lock. A folio of one
 * page, read from the device, replaces one entry of a large folio (shmem_split_large_entry()).
 *
 * @param index offset of a page of the folio in the file
 * @source mm/shmem.c, shmem_swapin_folio(); devices that bypass the swap cache are not modelled
 */
export function shmemSwapinFolio(this: Kernel, state: KernelState, index: number, folio: Folio): void {
  const { swap, nrPages } = folio;
  const first = index - (at(state.filePages, index).swap - 1 - swap);
  this.shmemAddToPageCache(state, folio, first);
  this.swapCacheDelFolio(state, folio);
  this.swapFreeNr(state, swap, nrPages);
}
