/** Reclaim. @source mm/vmscan.c */
import { at } from "../../explore/model/schema.ts";
import type { Folio, KernelState } from "../state/structs.ts";
import type { Kernel } from "./kernel.ts";

/**
 * Adds an anon folio to the swap cache, before it is written to the swap device.
 *
 * The kernel splits a partially mapped folio that is queued instead; this is not modelled.
 *
 * @returns false if the folio may be pinned, has other references, or there is no swap space
 * @source mm/vmscan.c, shrink_folio_list()
 */
export function shrinkFolioAddToSwap(this: Kernel, state: KernelState, folio: Folio): boolean {
  if (this.folioMaybeDmaPinned(folio)) {
    return false;
  }
  if (
    this.folioTestLarge(folio) &&
    (!this.canSplitFolio(folio, 0) || (folio.onDeferredList && folio.partiallyMapped))
  ) {
    return false;
  }
  return this.folioAllocSwap(state, folio);
}

/**
 * Moves an unmapped folio of shmem from the page cache to the swap cache, if there are no other references.
 *
 * @returns whether it was moved
 * @source mm/vmscan.c, shrink_folio_list(), pageout()
 */
export function shrinkFolioPageoutShmem(this: Kernel, state: KernelState, folio: Folio): boolean {
  if (this.folioMapcount(folio) !== 0 || folio.refcount !== folio.nrPages) {
    return false;
  }
  return this.shmemWriteout(state, folio);
}

/**
 * Frees an unmapped folio of the file if only the page cache has references.
 *
 * @returns whether it was freed
 * @source mm/vmscan.c, shrink_folio_list(), __remove_mapping()
 */
export function shrinkFolioRemoveFile(this: Kernel, folio: Folio): boolean {
  if (this.folioMapcount(folio) !== 0 || folio.refcount !== folio.nrPages) {
    return false;
  }
  this.filemapRemoveFolio(folio);
  this.folioPutRefs(folio, folio.nrPages);
  return true;
}

/**
 * Writes an unmapped folio of the swap cache to its slots and frees it, if there are no other references.
 *
 * @returns whether it was freed
 * @source mm/vmscan.c, shrink_folio_list(), pageout(), __remove_mapping()
 */
export function shrinkFolioRemoveMapping(this: Kernel, state: KernelState, folio: Folio): boolean {
  if (this.folioMapcount(folio) !== 0 || this.folioMaybeDmaPinned(folio) || folio.refcount !== folio.nrPages) {
    return false;
  }
  for (let i = 0; i < folio.nrPages; i++) {
    at(state.swapSlots, folio.swap + i).content = at(folio.pages, i).content;
  }
  this.folioRefAdd(folio, 1);
  this.swapCacheDelFolio(state, folio);
  this.folioPutRefs(folio, 1);
  return true;
}
