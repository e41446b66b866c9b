/** File backed by shmem: writes, swap-out and swap-in. @source mm/shmem.c, mm/vmscan.c */
import { at } from "../../explore/model/schema.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { entryAt, isPresent, pageAt } from "../kernel/pgtable.ts";
import { Warning } from "../kernel/warnings.ts";
import type { Folio } from "../state/structs.ts";
import type { World, WorldMm } from "../state/world.ts";
import { storeInFile } from "./contents.ts";
import { updateHistoryAfterUnmapping } from "./history.ts";
import { assertProgress, isWritable } from "./progress.ts";

/**
 * Write of a process to a page of the file that it maps. Every process that maps the file reads it. The write fault on
 * a read-only entry changes nothing in the model: the writable bit and the dirty bit are not modelled.
 */
export function storeShared(
  world: World,
  _kernel: Kernel,
  p: { readonly mm: number; readonly vma: number; readonly entry: number; readonly value: number },
): boolean {
  const vma = at(at(world.mms, p.mm).vmas, p.vma);
  const mapping = entryAt(vma, p.entry);
  if (!isPresent(mapping)) {
    return false;
  }
  const { pages } = at(world.folios, mapping.folio - 1);
  storeInFile(world, p.entry, at(pages, pageAt(vma, p.entry)), p.value);
  return true;
}

/**
 * Reclaim unmaps a folio of the page cache from one MM. As for anon folios, the kernel walks all MMs in one operation;
 * in the model the walk may end after any MM.
 *
 * @source mm/rmap.c, try_to_unmap()
 */
export function tryToUnmapFile(
  world: World,
  kernel: Kernel,
  p: { readonly folio: number; readonly mm: number },
): boolean {
  const folio = at(world.folios, p.folio);
  const mm = at(world.mms, p.mm);
  if (!folio.inPageCache || !maps(mm, folio)) {
    return false;
  }
  for (let v = 0; v < mm.vmas.length; v++) {
    kernel.tryToUnmapOne(world, folio, mm, at(mm.vmas, v));
  }
  // References do not prevent unmapping: a page of a file is never exclusive.
  assertProgress(kernel, Warning.notUnmappedForSwap, true, !maps(mm, folio));
  updateHistoryAfterUnmapping(world, kernel);
  return true;
}

function maps({ vmas }: WorldMm, folio: Folio): boolean {
  for (let v = 0; v < vmas.length; v++) {
    const { pmd, ptes } = at(vmas, v);
    if (pmd.folio === folio.frameNumber) {
      return true;
    }
    for (let i = 0; i < ptes.length; i++) {
      if (at(ptes, i).folio === folio.frameNumber) {
        return true;
      }
    }
  }
  return false;
}

/** Reclaim moves an unmapped folio of the page cache to the swap cache. @source mm/vmscan.c, pageout() */
export function shmemWriteout(world: World, kernel: Kernel, p: { readonly folio: number }): boolean {
  const folio = at(world.folios, p.folio);
  if (!folio.inPageCache) {
    return false;
  }
  const writable = isWritable(world, folio);
  const moved = kernel.shrinkFolioPageoutShmem(world, folio);
  assertProgress(kernel, Warning.notAddedToSwap, writable, folio.swapcache);
  // A failure is a step only if it violates P3.
  return moved || writable;
}

/**
 * Swaps in a page of the file for a fault, a read or swapoff. A folio that is not in the swap cache any more is read
 * from its slot into a new small folio.
 *
 * @source mm/shmem.c, shmem_get_folio_gfp()
 */
export function shmemSwapIn(world: World, kernel: Kernel, p: { readonly index: number }): boolean {
  const slotNumber = at(world.filePages, p.index).swap - 1;
  if (slotNumber < 0) {
    return false;
  }
  if (at(world.swapSlots, slotNumber).folio === 0 && kernel.folioFree(world, 1) === undefined) {
    return false;
  }
  const folio = kernel.readSwapCacheAsync(world, slotNumber);
  kernel.shmemSwapinFolio(world, p.index, folio);
  kernel.folioPutRefs(folio, 1);
  return true;
}
