/**
 * Information about mappings in /proc.
 *
 * @source fs/proc/internal.h, fs/proc/page.c, fs/proc/task_mmu.c; series v3 16/20 … 19/20
 */
import { at } from "../../explore/model/schema.ts";
import type { Folio } from "../state/structs.ts";
import type { Kernel } from "./kernel.ts";

/**
 * Returns the number of entries of both levels that map a page; 0 for a page that has a type. CONFIG_PAGE_MAPCOUNT
 * only.
 *
 * @source fs/proc/internal.h, folio_precise_page_mapcount()
 */
export function folioPrecisePageMapcount(this: Kernel, folio: Folio, page: number): number {
  const stored = at(folio.pages, page).mapcount;
  const mapcount = this.pageMapcountIsType(stored + 1) ? 0 : stored + 1;
  return this.folioTestLarge(folio) ? mapcount + this.folioEntireMapcount(folio) : mapcount;
}

/**
 * Returns the average number of entries that map a page of the folio: all PMD mappings, plus PTE mappings per page
 * rounded to the nearest integer; at least 1 if the folio is mapped. For a small folio returns `_mapcount` plus one,
 * even if it is a page type (up to 7.1; RFC 2026-04-12 13/13 changes that).
 *
 * @source fs/proc/internal.h, folio_average_page_mapcount(); series v3 16/20 (ae4192b7691c)
 */
export function folioAveragePageMapcount(this: Kernel, folio: Folio): number {
  if (!this.folioTestLarge(folio)) {
    return at(folio.pages, 0).mapcount + 1;
  }
  const mapcount = this.folioMapcount(folio);
  if (mapcount <= 0) {
    return 0;
  }
  const entireMapcount = this.folioEntireMapcount(folio);
  if (mapcount <= entireMapcount) {
    return entireMapcount;
  }
  const average = Math.floor((mapcount - entireMapcount + folio.nrPages / 2) / folio.nrPages);
  return Math.max(average + entireMapcount, 1);
}

/** Returns the /proc/kpagecount value of a page. @source fs/proc/page.c, get_kpage_count(); series v3 16/20 */
export function kpagecount(this: Kernel, folio: Folio, page: number): number {
  return this.config.pageMapcount ? this.folioPrecisePageMapcount(folio, page) : this.folioAveragePageMapcount(folio);
}

/**
 * Returns PM_MMAP_EXCLUSIVE, bit 56 of /proc/PID/pagemap, for a present page.
 *
 * @source fs/proc/task_mmu.c, __folio_page_mapped_exclusively(); series v3 17/20 (eb16876971ea)
 */
export function pagemapMmapExclusive(this: Kernel, folio: Folio, page: number): boolean {
  return this.config.pageMapcount
    ? this.folioPrecisePageMapcount(folio, page) === 1
    : !this.folioMaybeMappedShared(folio);
}

/**
 * Returns PM_MMAP_EXCLUSIVE for a page that a PMD maps: the value of the head page for every page, since
 * pagemap_pmd_range() evaluates the first page that the PMD maps and does not advance.
 *
 * @source fs/proc/task_mmu.c, pagemap_pmd_range(); 6.18
 */
export function pagemapPmdMmapExclusive(this: Kernel, folio: Folio, _page: number): boolean {
  return this.pagemapMmapExclusive(folio, 0);
}

/**
 * Returns the contribution of a page to `mapmax` of /proc/PID/numa_maps.
 *
 * @source fs/proc/task_mmu.c, gather_stats(); series v3 18/20
 */
export function numaMapsMapmax(this: Kernel, folio: Folio, page: number): number {
  return this.kpagecount(folio, page);
}

/**
 * Whether smaps counts a present page as private: part of the MM's unique set size (USS).
 *
 * @source fs/proc/task_mmu.c, smaps_account(), smaps_page_accumulate(); series v3 19/20 (6dd55dd1c555)
 */
export function smapsPrivate(this: Kernel, folio: Folio, page: number): boolean {
  if (folio.refcount === 1) {
    return true;
  }
  return this.config.pageMapcount
    ? this.folioPrecisePageMapcount(folio, page) < 2
    : !this.folioMaybeMappedShared(folio);
}

/**
 * Returns the divisor of a present page in the proportional set size (PSS) of smaps: 1 for the full size.
 *
 * @source fs/proc/task_mmu.c, smaps_account(); series v3 19/20
 */
export function smapsPssDivisor(this: Kernel, folio: Folio, page: number): number {
  return folio.refcount === 1 ? 1 : Math.max(this.kpagecount(folio, page), 1);
}
