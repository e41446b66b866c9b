/**
 * The RFC of 2026-04-12. Removes per-page mapcounts of large folios, `_nr_pages_mapped` and `_entire_mapcount`, and
 * adds `_total_mapped_pages`: the number of pages that each mapping maps, summed over all mappings. It changes together
 * with the large mapcount, under the same lock. A PMD mapping adds one to the mapcount and HPAGE_PMD_NR to the pages, a
 * PTE mapping one to both, so the number of PMD mappings follows from the difference.
 *
 * @source RFC "mm/rmap: support arbitrary folio mappings", 2026-04-12, 13 patches
 *   (20260412-mapcount-v1-0-05e8dfab52e0@kernel.org)
 */
import { at } from "../../explore/model/schema.ts";
import { ConfigError, type KernelConfig } from "../kernel/config.ts";
import type { Kernel, KernelPatch } from "../kernel/kernel.ts";
import { Warning } from "../kernel/warnings.ts";
import { type Folio, MappedPages, MM_ID_DUMMY, type PgtableLevel } from "../state/structs.ts";
import { v7_1 } from "./v7-1.ts";

/**
 * Builds the kernel `rfc-2026-04` in a configuration. Functions that the series removes, such as
 * folio_entire_mapcount(), still exist, because a patch cannot remove functions; they are not called.
 *
 * @throws ConfigError for page-mapcount, which the series removes
 */
export function rfc_2026_04(config: KernelConfig): Kernel {
  if (config.pageMapcount) {
    throw new ConfigError("kernel rfc-2026-04 has no page-mapcount any more; want no-page-mapcount");
  }
  return {
    ...v7_1(config),
    name: "rfc-2026-04",
    tracksTotalMappedPages: true,
    tracksEntireMapcount: false,
    tracksNrPagesMapped: false,
    averageTakesPageType: false,
    ...series,
  };
}

/**
 * Returns the number of pages that one entry of the level maps.
 *
 * @source include/linux/pgtable.h, pgtable_level_to_order(); RFC 13/13
 */
function pagesOfEntry(folio: Folio, level: PgtableLevel): number {
  return level === "pte" ? 1 : folio.hpagePmdNr;
}

/**
 * Whether the total of mapped pages is below the number of pages, so that some page is not mapped.
 *
 * @source mm/rmap.c, __folio_certainly_partially_mapped(); RFC 01/13, 13/13
 */
function certainlyPartiallyMapped({ totalMappedPages, nrPages }: Folio): boolean {
  // Loaded after the large-mapcount lock was released: another CPU may have changed it.
  return totalMappedPages > 0 && totalMappedPages < nrPages;
}

/** Changes of the series. */
const series: KernelPatch = {
  // mm/rmap.c; RFC 01/13, 07/13, 13/13

  folioAddRmap(stats, folio, page, nrPages, mm, level) {
    let nr = 0;
    let nrPmdmapped = 0;
    if (level === "pte" && !this.folioTestLarge(folio)) {
      nr = this.incPageMapcounts(folio, page, 1);
    } else {
      const nrMappings = nrPages / pagesOfEntry(folio, level);
      const mapped = new MappedPages();
      const mapcount = this.folioAddReturnLargeMapcount(folio, nrMappings, mm, nrPages, mapped);
      if (mapcount === nrMappings) {
        nr = folio.nrPages;
      }
      // For a PMD-sized folio: the first PMD mapping.
      const isPmdSized = level === "pmd" && folio.nrPages === folio.hpagePmdNr;
      if (isPmdSized && mapped.nr - mapcount === nrPages - nrMappings) {
        nrPmdmapped = folio.hpagePmdNr;
      }
    }
    this.folioModStat(stats, folio, nr, nrPmdmapped);
  },

  folioAddAnonRmap(stats, folio, page, nrPages, mm, exclusive, level) {
    this.folioAddRmap(stats, folio, page, nrPages, mm, level);
    const first = at(folio.pages, page);
    if (exclusive) {
      for (let i = page; i < page + nrPages; i += pagesOfEntry(folio, level)) {
        at(folio.pages, i).anonExclusive = true;
      }
    }
    const mappedTwice = !this.folioTestLarge(folio) && first.anonExclusive && first.mapcount > 0;
    this.vmWarnOn(mappedTwice, Warning.exclusiveMappedTwice);
  },

  folioAddNewAnonRmap(stats, folio, mm, exclusive) {
    folio.anon = true;
    let nrPmdmapped = 0;
    if (!this.folioTestLarge(folio)) {
      const page = at(folio.pages, 0);
      page.mapcount = 0;
      if (exclusive) {
        page.anonExclusive = true;
      }
    } else {
      const pages = pagesOfEntry(folio, this.folioTestPmdMappable(folio) ? "pmd" : "pte");
      if (folio.nrPages === folio.hpagePmdNr) {
        nrPmdmapped = folio.nrPages;
      }
      for (let i = 0; exclusive && i < folio.nrPages; i += pages) {
        at(folio.pages, i).anonExclusive = true;
      }
      folio.totalMappedPages = folio.nrPages;
      this.folioSetLargeMapcount(folio, folio.nrPages / pages, mm);
    }
    this.folioModStat(stats, folio, folio.nrPages, nrPmdmapped);
  },

  folioRemoveRmap(stats, folio, page, nrPages, mm, level) {
    let nr = 0;
    let nrPmdmapped = 0;
    if (level === "pte" && !this.folioTestLarge(folio)) {
      nr = this.decPageMapcounts(folio, page, 1);
    } else {
      const mapped = new MappedPages();
      const nrMappings = nrPages / pagesOfEntry(folio, level);
      const mapcount = this.folioSubReturnLargeMapcount(folio, nrMappings, mm, nrPages, mapped);
      if (mapcount === 0) {
        nr = folio.nrPages;
      }
      // For a PMD-sized folio: the last PMD mapping.
      const isPmdSized = level === "pmd" && folio.nrPages === folio.hpagePmdNr;
      if (isPmdSized && mapped.nr === mapcount) {
        nrPmdmapped = folio.hpagePmdNr;
      }
      if (folio.anon && certainlyPartiallyMapped(folio) && !folio.partiallyMapped) {
        this.deferredSplitFolio(folio, true);
      }
    }
    this.folioModStat(stats, folio, -nr, -nrPmdmapped);
  },

  // include/linux/rmap.h; RFC 07/13, 13/13

  addMappedPages(folio, nrPages, mapped) {
    // The owner-tracking machines do not count mapped pages.
    if (nrPages !== 0) {
      const total = (folio as Folio).totalMappedPages + nrPages;
      (folio as Folio).totalMappedPages = total;
      if (mapped !== undefined) {
        mapped.nr = total;
      }
    }
  },

  dupMappings(folio, page, nrPages, dstMm, _srcMm, level, share = false) {
    const pages = pagesOfEntry(folio, level);
    for (let i = page; i < page + nrPages; i += pages) {
      this.dupPageMapping(folio, at(folio.pages, i), share);
    }
    if (this.folioTestLarge(folio)) {
      this.folioAddReturnLargeMapcount(folio, nrPages / pages, dstMm, nrPages);
    }
  },

  // include/linux/mm.h; RFC 10/13: on 32-bit, folios of order 1 have a pincount.

  folioHasPincount(folio) {
    return this.folioTestLarge(folio);
  },

  // mm/internal.h, mm/page_alloc.c; RFC 01/13, 08/13, 10/13, 13/13

  prepCompoundHead(folio) {
    folio.largeMapcount = -1;
    folio.mmIdsShared = false;
    const slot0 = at(folio.slots, 0);
    const slot1 = at(folio.slots, 1);
    slot0.mmId = MM_ID_DUMMY;
    slot1.mmId = MM_ID_DUMMY;
    slot0.mapcount = -1;
    slot1.mapcount = -1;
    folio.totalMappedPages = 0;
    folio.pincount = 0;
    if (folio.nrPages > 2) {
      folio.onDeferredList = false;
    }
  },

  freeTailPagePrepare(folio) {
    this.vmWarnOn(folio.largeMapcount !== -1, Warning.badLargeMapcount);
    this.vmWarnOn(at(folio.slots, 0).mapcount !== -1, Warning.badMmIdMapcount);
    this.vmWarnOn(at(folio.slots, 1).mapcount !== -1, Warning.badMmIdMapcount);
    this.vmWarnOn(folio.totalMappedPages !== 0, Warning.badTotalMappedPages);
    this.vmWarnOn(folio.pincount !== 0, Warning.badPincount);
    if (folio.nrPages > 2) {
      this.vmWarnOn(folio.onDeferredList, Warning.onDeferredList);
    }
  },

  // mm/memory.c, __wp_can_reuse_large_anon_folio(); RFC 13/13: a PMD mapping and any other mapping together map more
  // pages than the folio has.

  wpReuseChecks(folio) {
    this.vmWarnOn(folio.totalMappedPages > folio.nrPages, Warning.reuseAbovePages);
  },

  // fs/proc/internal.h; RFC 06/13, 13/13

  folioAveragePageMapcount(folio) {
    if (!this.folioTestLarge(folio)) {
      return this.folioMapcount(folio);
    }
    const { totalMappedPages, nrPages } = folio;
    return totalMappedPages === 0 ? 0 : Math.max(Math.floor((totalMappedPages + nrPages / 2) / nrPages), 1);
  },
};
