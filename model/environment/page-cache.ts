/** Page cache of the file. @source mm/filemap.c, mm/vmscan.c */
import { at } from "../../explore/model/schema.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { World } from "../state/world.ts";

/**
 * Reads a range of the file into a new folio in the page cache, which has one reference for each page. If shmem backs
 * the file, a hole gets a zero-filled folio.
 *
 * @param index offset of the folio in the file, a multiple of its size
 * @source mm/readahead.c, page_cache_ra_unbounded(); mm/shmem.c, shmem_alloc_and_add_folio()
 */
export function readFile(world: World, kernel: Kernel, p: { readonly index: number; readonly pages: number }): boolean {
  if (kernel.folioFree(world, p.pages) === undefined || isSwappedOut(world, p.index, p.index + p.pages)) {
    return false;
  }
  for (let f = 0; f < world.folios.length; f++) {
    const other = at(world.folios, f);
    if (other.inPageCache && p.index < other.index + other.nrPages && other.index < p.index + p.pages) {
      return false;
    }
  }
  const folio = kernel.folioAlloc(world, p.pages);
  if (world.filePages.length > 0) {
    kernel.shmemAddToPageCache(world, folio, p.index);
  } else {
    kernel.filemapAddFolio(folio, p.index);
  }
  kernel.folioPutRefs(folio, 1);
  return true;
}

/** Whether shmem has a swap entry for a page [index, end) of the file. */
function isSwappedOut({ filePages }: World, index: number, end: number): boolean {
  for (let i = index; i < end && i < filePages.length; i++) {
    if (at(filePages, i).swap !== 0) {
      return true;
    }
  }
  return false;
}

/**
 * Reclaims an unmapped folio of the file: removes it from the page cache and frees it. Folios of shmem are never clean:
 * they leave the page cache only for the swap cache.
 */
export function reclaim(world: World, kernel: Kernel, p: { readonly folio: number }): boolean {
  const folio = at(world.folios, p.folio);
  return folio.inPageCache && world.filePages.length === 0 && kernel.shrinkFolioRemoveFile(folio);
}
