/**
 * Reverse mapping: mapcounts, owner slots and statistics when mappings are added and removed.
 *
 * `page` is the position of the first page in its folio, `nrPages` the number of consecutive pages, `level` the page
 * table level; at PMD level the pages are always those of the whole folio. `stats` are the statistics of the folio's
 * node (which the kernel derives from the folio).
 *
 * @source mm/rmap.c, include/linux/rmap.h; series v3 7/20, 8/20, 12/20, 15/20, 20/20
 */
import { at } from "../../explore/model/schema.ts";
import {
  ENTIRELY_MAPPED,
  FOLIO_PAGES_MAPPED,
  type Folio,
  type MmStruct,
  type NodeStats,
  type Page,
  type PgtableLevel,
} from "../state/structs.ts";
import type { Kernel } from "./kernel.ts";
import { Warning } from "./warnings.ts";

/** @source mm/rmap.c, __folio_mod_stat() */
export function folioModStat(this: Kernel, stats: NodeStats, folio: Folio, nr: number, nrPmdmapped: number): void {
  if (nr !== 0) {
    this.nodeStatAdd(stats, folio.anon ? "nrAnonMapped" : "nrFileMapped", nr);
  }
  if (nrPmdmapped !== 0) {
    this.nodeStatAdd(stats, folio.anon ? "nrAnonThps" : "nrFilePmdmapped", nrPmdmapped);
  }
}

/**
 * Adds mappings and accounts the pages that become mapped by them. Accounts nothing if the counter shows a concurrent
 * removal or addition that is incomplete.
 *
 * @source mm/rmap.c, __folio_add_rmap()
 */
export function folioAddRmap(
  this: Kernel,
  stats: NodeStats,
  folio: Folio,
  page: number,
  nrPages: number,
  mm: MmStruct,
  level: PgtableLevel,
): void {
  let nr = 0;
  let nrPmdmapped = 0;
  if (level === "pte") {
    if (!this.folioTestLarge(folio)) {
      nr = this.incPageMapcounts(folio, page, 1);
    } else if (!this.config.pageMapcount) {
      // Account the whole folio if it was unmapped before.
      nr = this.folioAddReturnLargeMapcount(folio, nrPages, mm) === nrPages ? folio.nrPages : 0;
    } else {
      const first = this.incPageMapcounts(folio, page, nrPages);
      if (first > 0 && this.nrPagesMappedAddReturn(folio, first) < ENTIRELY_MAPPED) {
        nr = first;
      }
      this.folioAddReturnLargeMapcount(folio, nrPages, mm);
    }
  } else {
    const first = this.entireMapcountAddReturn(folio, 1) === 0;
    if (!this.config.pageMapcount) {
      if (first) {
        nrPmdmapped = folio.nrPages;
      }
      nr = this.folioAddReturnLargeMapcount(folio, 1, mm) === 1 ? folio.nrPages : 0;
    } else {
      if (first) {
        const nrPagesMapped = this.nrPagesMappedAddReturn(folio, ENTIRELY_MAPPED);
        // Otherwise a concurrent removal has not subtracted ENTIRELY_MAPPED yet, and the PMD mapping is still
        // accounted.
        if (nrPagesMapped < ENTIRELY_MAPPED + ENTIRELY_MAPPED) {
          nrPmdmapped = folio.nrPages;
          nr = Math.max(folio.nrPages - (nrPagesMapped & FOLIO_PAGES_MAPPED), 0);
        }
      }
      this.folioAddReturnLargeMapcount(folio, 1, mm);
    }
  }
  this.folioModStat(stats, folio, nr, nrPmdmapped);
}

/**
 * Increments the mapcounts of consecutive pages.
 *
 * @returns the number of pages that were not mapped before
 */
export function incPageMapcounts(this: Kernel, folio: Folio, page: number, nrPages: number): number {
  let first = 0;
  for (let i = page; i < page + nrPages; i++) {
    if (this.pageMapcountAddReturn(at(folio.pages, i), 1) === 0) {
      first++;
    }
  }
  return first;
}

/**
 * Decrements the mapcounts of consecutive pages.
 *
 * @returns the number of pages that are no longer mapped
 */
export function decPageMapcounts(this: Kernel, folio: Folio, page: number, nrPages: number): number {
  let last = 0;
  for (let i = page; i < page + nrPages; i++) {
    if (this.pageMapcountAddReturn(at(folio.pages, i), -1) < 0) {
      last++;
    }
  }
  return last;
}

/**
 * Maps a new anon folio, to which no other CPU has access yet, completely: by a PMD if it is PMD-sized, otherwise by
 * PTEs.
 *
 * @param exclusive RMAP_EXCLUSIVE; false only for a folio that was read from swap
 * @source mm/rmap.c, folio_add_new_anon_rmap()
 */
export function folioAddNewAnonRmap(
  this: Kernel,
  stats: NodeStats,
  folio: Folio,
  mm: MmStruct,
  exclusive: boolean,
): void {
  folio.anon = true;
  let nrPmdmapped = 0;
  if (!this.folioTestLarge(folio)) {
    const page = at(folio.pages, 0);
    page.mapcount = 0;
    if (exclusive) {
      page.anonExclusive = true;
    }
  } else if (!this.folioTestPmdMappable(folio)) {
    for (let i = 0; i < folio.nrPages; i++) {
      const page = at(folio.pages, i);
      if (this.config.pageMapcount) {
        page.mapcount = 0;
      }
      if (exclusive) {
        page.anonExclusive = true;
      }
    }
    this.folioSetLargeMapcount(folio, folio.nrPages, mm);
    if (this.config.pageMapcount) {
      folio.nrPagesMapped = folio.nrPages;
    }
  } else {
    folio.entireMapcount = 0;
    this.folioSetLargeMapcount(folio, 1, mm);
    if (this.config.pageMapcount) {
      folio.nrPagesMapped = ENTIRELY_MAPPED;
    }
    if (exclusive) {
      at(folio.pages, 0).anonExclusive = true;
    }
    nrPmdmapped = folio.nrPages;
  }
  this.folioModStat(stats, folio, folio.nrPages, nrPmdmapped);
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
  this.folioAddRmap(stats, folio, page, nrPages, mm, "pte");
}

/** @source mm/rmap.c, folio_add_file_rmap_pmd() */
export function folioAddFileRmapPmd(this: Kernel, stats: NodeStats, folio: Folio, mm: MmStruct): void {
  this.folioAddRmap(stats, folio, 0, folio.nrPages, mm, "pmd");
}

/**
 * Maps pages of an anon folio that other MMs may map already.
 *
 * @param exclusive RMAP_EXCLUSIVE: the pages become exclusive
 * @source mm/rmap.c, folio_add_anon_rmap_ptes()
 */
export function folioAddAnonRmapPtes(
  this: Kernel,
  stats: NodeStats,
  folio: Folio,
  page: number,
  nrPages: number,
  mm: MmStruct,
  exclusive: boolean,
): void {
  this.folioAddAnonRmap(stats, folio, page, nrPages, mm, exclusive, "pte");
}

/** @source mm/rmap.c, folio_add_anon_rmap_pmd() */
export function folioAddAnonRmapPmd(
  this: Kernel,
  stats: NodeStats,
  folio: Folio,
  mm: MmStruct,
  exclusive: boolean,
): void {
  this.folioAddAnonRmap(stats, folio, 0, folio.nrPages, mm, exclusive, "pmd");
}

/** @source mm/rmap.c, __folio_add_anon_rmap() */
export function folioAddAnonRmap(
  this: Kernel,
  stats: NodeStats,
  folio: Folio,
  page: number,
  nrPages: number,
  mm: MmStruct,
  exclusive: boolean,
  level: PgtableLevel,
): void {
  this.folioAddRmap(stats, folio, page, nrPages, mm, level);
  if (exclusive) {
    const end = level === "pte" ? page + nrPages : page + 1;
    for (let i = page; i < end; i++) {
      at(folio.pages, i).anonExclusive = true;
    }
  }
  const large = this.folioTestLarge(folio);
  if (!large) {
    const only = at(folio.pages, page);
    this.vmWarnOn(only.anonExclusive && only.mapcount > 0, Warning.exclusiveMappedTwice);
  }
  for (let i = page; i < page + nrPages; i++) {
    const each = at(folio.pages, i);
    if (large) {
      this.vmWarnOn(this.folioEntireMapcount(folio) > 1 && each.anonExclusive, Warning.exclusiveMappedTwice);
    }
    // While a PMD is being split into PTEs both mappings exist, in different counters.
    if (this.config.pageMapcount) {
      this.vmWarnOn(each.mapcount > 0 && each.anonExclusive, Warning.exclusiveMappedTwice);
    }
  }
}

/**
 * Duplicates file mappings for a child. The parent maps the pages already, so no statistics change.
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
  this.dupMappings(folio, page, nrPages, dstMm, srcMm, "pte");
}

/**
 * Duplicates anon mappings for a child; the pages stop being exclusive.
 *
 * @param dstMm the child
 * @param srcMm the parent
 * @returns false (-EBUSY) if a page is exclusive and the folio may be pinned; nothing is changed then
 * @source include/linux/rmap.h, folio_try_dup_anon_rmap_ptes()
 */
export function folioTryDupAnonRmapPtes(
  this: Kernel,
  folio: Folio,
  page: number,
  nrPages: number,
  dstMm: MmStruct,
  srcMm: MmStruct,
): boolean {
  return this.folioTryDupAnonRmap(folio, page, nrPages, dstMm, srcMm, "pte");
}

/**
 * Duplicates the PMD mapping of an anon folio for a child.
 *
 * @returns false (-EBUSY) if the folio is exclusive and may be pinned; nothing is changed then
 * @source include/linux/rmap.h, folio_try_dup_anon_rmap_pmd()
 */
export function folioTryDupAnonRmapPmd(this: Kernel, folio: Folio, dstMm: MmStruct, srcMm: MmStruct): boolean {
  return this.folioTryDupAnonRmap(folio, 0, folio.nrPages, dstMm, srcMm, "pmd");
}

/** @source include/linux/rmap.h, __folio_try_dup_anon_rmap() */
export function folioTryDupAnonRmap(
  this: Kernel,
  folio: Folio,
  page: number,
  nrPages: number,
  dstMm: MmStruct,
  srcMm: MmStruct,
  level: PgtableLevel,
): boolean {
  if (this.folioNeedsCowForDma(srcMm, folio)) {
    // At PMD level only the flag of the head page is used.
    const end = level === "pte" ? page + nrPages : page + 1;
    for (let i = page; i < end; i++) {
      if (at(folio.pages, i).anonExclusive) {
        return false;
      }
    }
  }
  this.dupMappings(folio, page, nrPages, dstMm, srcMm, level, true);
  return true;
}

/**
 * Duplicates mappings of anon and file folios. Inline in the kernel, once for each kind.
 *
 * @param share whether to clear the exclusive flag of the pages, for an anon folio
 * @source include/linux/rmap.h, __folio_dup_file_rmap(), __folio_try_dup_anon_rmap()
 */
export function dupMappings(
  this: Kernel,
  folio: Folio,
  page: number,
  nrPages: number,
  dstMm: MmStruct,
  _srcMm: MmStruct,
  level: PgtableLevel,
  share = false,
): void {
  if (level === "pmd") {
    const head = at(folio.pages, page);
    if (share && head.anonExclusive) {
      head.anonExclusive = false;
    }
    this.entireMapcountAdd(folio, 1);
    this.folioAddReturnLargeMapcount(folio, 1, dstMm);
    return;
  }
  for (let i = page; i < page + nrPages; i++) {
    this.dupPageMapping(folio, at(folio.pages, i), share);
  }
  if (this.folioTestLarge(folio)) {
    this.folioAddReturnLargeMapcount(folio, nrPages, dstMm);
  }
}

/** Duplicates the PTE mapping of a page in the fields of the page. Inline in the kernel. */
export function dupPageMapping(this: Kernel, folio: Folio, page: Page, share: boolean): void {
  if (share && page.anonExclusive) {
    page.anonExclusive = false;
  }
  if (!this.folioTestLarge(folio) || this.config.pageMapcount) {
    this.pageMapcountAdd(page, 1);
  }
}

/**
 * Makes an exclusive page shared, so that its mapping can be replaced by a swap or migration entry. The entry has been
 * cleared: the page cannot be pinned any more. At PMD level `page` is the head page.
 *
 * @returns false (-EBUSY) if the folio may be pinned; nothing is changed then
 * @source include/linux/rmap.h, __folio_try_share_anon_rmap()
 */
export function folioTryShareAnonRmap(this: Kernel, folio: Folio, page: number): boolean {
  const shared = at(folio.pages, page);
  this.vmWarnOn(!shared.anonExclusive, Warning.sharedBefore);
  // Orders clearing the entry before loading the pins; tryGrabFolioFast() orders its pin before loading the entry.
  this.smpMb();
  if (this.folioMaybeDmaPinned(folio)) {
    return false;
  }
  shared.anonExclusive = false;
  // Orders the flag before the entry that the caller sets; gupMustUnshare() orders loading the entry before the flag.
  this.smpMbAfterAtomic();
  return true;
}

/** @source mm/rmap.c, folio_remove_rmap_ptes() */
export function folioRemoveRmapPtes(
  this: Kernel,
  stats: NodeStats,
  folio: Folio,
  page: number,
  nrPages: number,
  mm: MmStruct,
): void {
  this.folioRemoveRmap(stats, folio, page, nrPages, mm, "pte");
}

/** @source mm/rmap.c, folio_remove_rmap_pmd() */
export function folioRemoveRmapPmd(this: Kernel, stats: NodeStats, folio: Folio, mm: MmStruct): void {
  this.folioRemoveRmap(stats, folio, 0, folio.nrPages, mm, "pmd");
}

/**
 * Removes mappings, accounts the pages that are no longer mapped, and queues an anon folio for deferred split if it
 * became partially mapped.
 *
 * @source mm/rmap.c, __folio_remove_rmap()
 */
export function folioRemoveRmap(
  this: Kernel,
  stats: NodeStats,
  folio: Folio,
  page: number,
  nrPages: number,
  mm: MmStruct,
  level: PgtableLevel,
): void {
  let nr = 0;
  let nrPmdmapped = 0;
  let partiallyMapped = false;
  if (level === "pte") {
    if (!this.folioTestLarge(folio)) {
      nr = this.decPageMapcounts(folio, page, 1);
    } else if (!this.config.pageMapcount) {
      const mapcount = this.folioSubReturnLargeMapcount(folio, nrPages, mm);
      if (mapcount === 0) {
        nr = folio.nrPages;
      } else {
        partiallyMapped = mapcount < folio.nrPages && this.folioEntireMapcount(folio) === 0;
      }
    } else {
      this.folioSubReturnLargeMapcount(folio, nrPages, mm);
      const last = this.decPageMapcounts(folio, page, nrPages);
      if (last > 0 && this.nrPagesMappedAddReturn(folio, -last) < ENTIRELY_MAPPED) {
        nr = last;
      }
      // The kernel loads the counter again: another CPU may have changed it.
      partiallyMapped = nr > 0 && folio.nrPagesMapped !== 0;
    }
  } else if (!this.config.pageMapcount) {
    const last = this.entireMapcountAddReturn(folio, -1) < 0;
    if (last) {
      nrPmdmapped = folio.nrPages;
    }
    const mapcount = this.folioSubReturnLargeMapcount(folio, 1, mm);
    if (mapcount === 0) {
      nr = folio.nrPages;
    } else {
      partiallyMapped = last && mapcount < folio.nrPages;
    }
  } else {
    this.folioSubReturnLargeMapcount(folio, 1, mm);
    if (this.entireMapcountAddReturn(folio, -1) < 0) {
      const nrPagesMapped = this.nrPagesMappedAddReturn(folio, -ENTIRELY_MAPPED);
      // Otherwise a concurrent addition has added ENTIRELY_MAPPED already and accounts as the PMD mapping.
      if (nrPagesMapped < ENTIRELY_MAPPED) {
        nrPmdmapped = folio.nrPages;
        nr = Math.max(folio.nrPages - nrPagesMapped, 0);
      }
    }
    partiallyMapped = nr > 0 && nr < nrPmdmapped;
  }
  if (partiallyMapped && folio.anon && !folio.partiallyMapped) {
    this.deferredSplitFolio(folio, true);
  }
  this.folioModStat(stats, folio, -nr, -nrPmdmapped);
}
