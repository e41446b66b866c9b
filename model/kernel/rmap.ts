/**
 * The reverse mapping: mapcounts, owner slots and statistics when page table entries come and go. PTE level; the PMD
 * level is not modelled yet, so `_entire_mapcount` stays at −1 and `_nr_pages_mapped` below ENTIRELY_MAPPED.
 *
 * `page` is the position of the first page in its folio, `nrPages` the number of consecutive pages, `stats` the
 * statistics of the folio's node (which the kernel finds from the folio).
 *
 * @source mm/rmap.c, include/linux/rmap.h; series v3 12/20, 15/20, 20/20
 */
import { at } from "../../explore/schema.ts";
import type { Kernel } from "./kernel.ts";
import type { Folio, MmStruct, NodeStats } from "./structs.ts";

/** @source mm/rmap.c, __folio_mod_stat() */
export function folioModStat(this: Kernel, stats: NodeStats, folio: Folio, nr: number): void {
  if (folio.anon) {
    stats.nrAnonMapped += nr;
  } else {
    stats.nrFileMapped += nr;
  }
}

/**
 * Adds mappings and accounts the pages that become mapped by them.
 *
 * @source mm/rmap.c, __folio_add_rmap(), PGTABLE_LEVEL_PTE
 */
export function folioAddRmap(
  this: Kernel,
  stats: NodeStats,
  folio: Folio,
  page: number,
  nrPages: number,
  mm: MmStruct,
): void {
  let nr = 0;
  if (!this.folioTestLarge(folio)) {
    nr = this.incPageMapcounts(folio, page, 1);
  } else if (!this.config.pageMapcount) {
    // Account the whole folio if it was completely unmapped.
    nr = this.folioAddReturnLargeMapcount(folio, nrPages, mm) === nrPages ? folio.nrPages : 0;
  } else {
    nr = this.incPageMapcounts(folio, page, nrPages);
    folio.nrPagesMapped += nr;
    this.folioAddReturnLargeMapcount(folio, nrPages, mm);
  }
  this.folioModStat(stats, folio, nr);
}

/**
 * Raises the mapcounts of consecutive pages.
 *
 * @returns the number of pages that were not mapped before
 */
export function incPageMapcounts(this: Kernel, folio: Folio, page: number, nrPages: number): number {
  let first = 0;
  for (let i = page; i < page + nrPages; i++) {
    const each = at(folio.pages, i);
    each.mapcount += 1;
    if (each.mapcount === 0) {
      first++;
    }
  }
  return first;
}

/**
 * Lowers the mapcounts of consecutive pages.
 *
 * @returns the number of pages that are no longer mapped
 */
export function decPageMapcounts(this: Kernel, folio: Folio, page: number, nrPages: number): number {
  let last = 0;
  for (let i = page; i < page + nrPages; i++) {
    const each = at(folio.pages, i);
    each.mapcount -= 1;
    if (each.mapcount < 0) {
      last++;
    }
  }
  return last;
}

/**
 * Maps a new anon folio, which no other CPU can see yet, completely by PTEs.
 *
 * @source mm/rmap.c, folio_add_new_anon_rmap() with RMAP_EXCLUSIVE, folio smaller than a PMD
 */
export function folioAddNewAnonRmap(this: Kernel, stats: NodeStats, folio: Folio, mm: MmStruct): void {
  folio.anon = true;
  const large = this.folioTestLarge(folio);
  for (let i = 0; i < folio.nrPages; i++) {
    const page = at(folio.pages, i);
    if (!large || this.config.pageMapcount) {
      page.mapcount = 0;
    }
    page.anonExclusive = true;
  }
  if (large) {
    this.folioSetLargeMapcount(folio, folio.nrPages, mm);
    if (this.config.pageMapcount) {
      folio.nrPagesMapped = folio.nrPages;
    }
  }
  this.folioModStat(stats, folio, folio.nrPages);
}

/** @source mm/rmap.c, folio_add_file_rmap_ptes() */
export function folioAddFileRmapPtes(
  this: Kernel,
  stats: NodeStats,
  folio: Folio,
  page: number,
  nrPages: number,
  mm: MmStruct,
): void {
  this.folioAddRmap(stats, folio, page, nrPages, mm);
}

/**
 * Duplicates file mappings for a child. The parent maps the pages already, so nothing is accounted.
 *
 * @param dstMm the child
 * @source include/linux/rmap.h, folio_dup_file_rmap_ptes()
 */
export function folioDupFileRmapPtes(
  this: Kernel,
  folio: Folio,
  page: number,
  nrPages: number,
  dstMm: MmStruct,
  srcMm: MmStruct,
): void {
  this.dupMappings(folio, page, nrPages, dstMm, srcMm);
}

/**
 * Duplicates anon mappings for a child; the pages stop being exclusive. Without pins it cannot fail.
 *
 * @param dstMm the child
 * @param srcMm the parent
 * @source include/linux/rmap.h, folio_try_dup_anon_rmap_ptes()
 */
export function folioTryDupAnonRmapPtes(
  this: Kernel,
  folio: Folio,
  page: number,
  nrPages: number,
  dstMm: MmStruct,
  srcMm: MmStruct,
): void {
  for (let i = page; i < page + nrPages; i++) {
    at(folio.pages, i).anonExclusive = false;
  }
  this.dupMappings(folio, page, nrPages, dstMm, srcMm);
}

/**
 * What both kinds of duplication do to the mapcounts. In line in the kernel, once in each.
 *
 * @source include/linux/rmap.h, __folio_dup_file_rmap(), __folio_try_dup_anon_rmap(), PGTABLE_LEVEL_PTE
 */
export function dupMappings(
  this: Kernel,
  folio: Folio,
  page: number,
  nrPages: number,
  dstMm: MmStruct,
  _srcMm: MmStruct,
): void {
  if (!this.folioTestLarge(folio)) {
    this.incPageMapcounts(folio, page, 1);
    return;
  }
  if (this.config.pageMapcount) {
    this.incPageMapcounts(folio, page, nrPages);
  }
  this.folioAddReturnLargeMapcount(folio, nrPages, dstMm);
}

/**
 * Removes mappings, accounts the pages that are no longer mapped, and queues an anon folio that became partially mapped.
 *
 * @source mm/rmap.c, folio_remove_rmap_ptes(), __folio_remove_rmap(), PGTABLE_LEVEL_PTE
 */
export function folioRemoveRmapPtes(
  this: Kernel,
  stats: NodeStats,
  folio: Folio,
  page: number,
  nrPages: number,
  mm: MmStruct,
): void {
  let nr = 0;
  let partiallyMapped = false;
  if (!this.folioTestLarge(folio)) {
    nr = this.decPageMapcounts(folio, page, 1);
  } else if (!this.config.pageMapcount) {
    const mapcount = this.folioSubReturnLargeMapcount(folio, nrPages, mm);
    if (mapcount === 0) {
      nr = folio.nrPages;
    } else {
      partiallyMapped = mapcount < folio.nrPages && folio.entireMapcount === -1;
    }
  } else {
    this.folioSubReturnLargeMapcount(folio, nrPages, mm);
    nr = this.decPageMapcounts(folio, page, nrPages);
    folio.nrPagesMapped -= nr;
    partiallyMapped = nr > 0 && folio.nrPagesMapped !== 0;
  }
  if (partiallyMapped && folio.anon && !folio.partiallyMapped) {
    this.deferredSplitFolio(folio);
  }
  this.folioModStat(stats, folio, -nr);
}
