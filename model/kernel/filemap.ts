/** Page cache of the file, and faults that it serves. @source mm/filemap.c */
import { at } from "../../explore/model/schema.ts";
import type { Folio, KernelState, MmStruct, Vma } from "../state/structs.ts";
import type { Kernel } from "./kernel.ts";
import { isNone } from "./pgtable.ts";

/**
 * Adds a folio to the page cache, which takes a reference for each page.
 *
 * @param index offset of the folio in the file, a multiple of its size; the range is not cached
 * @source mm/filemap.c, filemap_add_folio(), __filemap_add_folio()
 */
export function filemapAddFolio(this: Kernel, folio: Folio, index: number): void {
  this.folioRefAdd(folio, folio.nrPages);
  folio.inPageCache = true;
  folio.index = index;
}

/**
 * Removes a folio from the page cache. The caller drops its references; its index does not change.
 *
 * @source mm/filemap.c, __filemap_remove_folio(), page_cache_delete()
 */
export function filemapRemoveFolio(this: Kernel, folio: Folio): void {
  folio.inPageCache = false;
}

/**
 * Looks up the folio of a page of the file in the page cache. Takes no reference, unlike the kernel's function.
 *
 * @returns undefined if there is none
 * @source mm/filemap.c, filemap_get_entry()
 */
export function filemapGetEntry(this: Kernel, state: KernelState, index: number): Folio | undefined {
  for (let f = 0; f < state.folios.length; f++) {
    const folio = at(state.folios, f);
    if (folio.inPageCache && index >= folio.index && index < folio.index + folio.nrPages) {
      return folio;
    }
  }
  return undefined;
}

/**
 * Looks up the first folio of a range of the file in the page cache and takes a reference.
 *
 * @param startPgoff offset of the first page
 * @param endPgoff offset of the last page
 * @returns undefined if there is none
 * @source mm/filemap.c, next_uptodate_folio()
 */
export function nextUptodateFolio(
  this: Kernel,
  state: KernelState,
  startPgoff: number,
  endPgoff: number,
): Folio | undefined {
  for (let index = startPgoff; index <= endPgoff; index++) {
    const folio = this.filemapGetEntry(state, index);
    if (folio !== undefined && this.folioTryGet(folio)) {
      return folio;
    }
  }
  return undefined;
}

/**
 * Fault-around: maps the cached pages of a range of the file by PTEs, read-only, where the entries are none. An entry
 * maps the page of the same offset. A PMD-sized folio is mapped by PTEs, too: the caller decides whether to try
 * filemap_map_pmd() first.
 *
 * @param startPgoff offset of the first page
 * @param endPgoff offset of the last page
 * @source mm/filemap.c, filemap_map_pages()
 */
export function filemapMapPages(
  this: Kernel,
  state: KernelState,
  mm: MmStruct,
  vma: Vma,
  startPgoff: number,
  endPgoff: number,
): void {
  let folio = this.nextUptodateFolio(state, startPgoff, endPgoff);
  let pgoff = startPgoff;
  while (folio !== undefined) {
    pgoff = Math.max(pgoff, folio.index);
    const end = folio.index + folio.nrPages - 1;
    const nrPages = Math.min(end, endPgoff) - pgoff + 1;
    this.filemapMapFolioRange(state, mm, vma, folio, pgoff - folio.index, pgoff, nrPages);
    pgoff += nrPages;
    folio = this.nextUptodateFolio(state, pgoff, endPgoff);
  }
}

/**
 * Maps pages of a folio where the entries are none, each run of entries at once. The caller's reference is transferred
 * to the first mapping; the other references are taken after the rmap update.
 *
 * Linux 6.18 extends the range to the whole folio if it fits the VMA; in the model the caller passes the extended
 * range.
 *
 * @param start the first page of the folio
 * @param entry position of the entry that maps it
 * @source mm/filemap.c, filemap_map_folio_range(); for a small folio filemap_map_order0_folio()
 */
export function filemapMapFolioRange(
  this: Kernel,
  state: KernelState,
  mm: MmStruct,
  vma: Vma,
  folio: Folio,
  start: number,
  entry: number,
  nrPages: number,
): void {
  let refFromCaller = 1;
  let first = 0;
  for (let end = 0; end <= nrPages; end++) {
    if (end < nrPages && isNone(at(vma.ptes, entry + end))) {
      continue;
    }
    const count = end - first;
    if (count > 0) {
      this.setPteRange(state, mm, vma, folio, start + first, count, entry + first);
      this.folioRefAdd(folio, count - refFromCaller);
      refFromCaller = 0;
    }
    first = end + 1;
  }
  if (refFromCaller === 1) {
    this.folioRefSub(folio, 1);
  }
}
