/** What /proc tells about mappings. @source fs/proc/internal.h, fs/proc/page.c, fs/proc/task_mmu.c; series v3 16/20 … 19/20 */
import { at } from "../../explore/model/schema.ts";
import type { Folio } from "../state/structs.ts";
import type { Kernel } from "./kernel.ts";

/**
 * How many entries, of both levels, map a page; none of a page that has a type. CONFIG_PAGE_MAPCOUNT only.
 *
 * @source fs/proc/internal.h, folio_precise_page_mapcount()
 */
export function folioPrecisePageMapcount(this: Kernel, folio: Folio, page: number): number {
  const stored = at(folio.pages, page).mapcount;
  const mapcount = this.pageMapcountIsType(stored + 1) ? 0 : stored + 1;
  return this.folioTestLarge(folio) ? mapcount + this.folioEntireMapcount(folio) : mapcount;
}

/**
 * How many entries map a page of the folio on average: PMD mappings in full, PTE mappings rounded to the closest integer,
 * and at least 1 while anything maps the folio. Of a small folio it takes `_mapcount` as it is, also where that is a page
 * type (up to 7.1; the RFC of 2026-04-12 changes it in 13/13).
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

/** /proc/kpagecount of a page. @source fs/proc/page.c, get_kpage_count(); series v3 16/20 */
export function kpagecount(this: Kernel, folio: Folio, page: number): number {
  return this.config.pageMapcount ? this.folioPrecisePageMapcount(folio, page) : this.folioAveragePageMapcount(folio);
}

/**
 * PM_MMAP_EXCLUSIVE, bit 56 of /proc/PID/pagemap, of a present page.
 *
 * @source fs/proc/task_mmu.c, __folio_page_mapped_exclusively(); series v3 17/20 (eb16876971ea)
 */
export function pagemapMmapExclusive(this: Kernel, folio: Folio, page: number): boolean {
  return this.config.pageMapcount
    ? this.folioPrecisePageMapcount(folio, page) === 1
    : !this.folioMaybeMappedShared(folio);
}

/**
 * The same of a page that a PMD maps: the head page stands for all, since pagemap_pmd_range() asks about the page that
 * the PMD names and never advances it.
 *
 * @source fs/proc/task_mmu.c, pagemap_pmd_range(); 6.18
 */
export function pagemapPmdMmapExclusive(this: Kernel, folio: Folio, _page: number): boolean {
  return this.pagemapMmapExclusive(folio, 0);
}

/** `mapmax` of /proc/PID/numa_maps, as far as this page decides it. @source fs/proc/task_mmu.c, gather_stats(); series v3 18/20 */
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
 * By how much smaps divides a present page for the proportional set size (PSS): 1 is the full size.
 *
 * @source fs/proc/task_mmu.c, smaps_account(); series v3 19/20
 */
export function smapsPssDivisor(this: Kernel, folio: Folio, page: number): number {
  return folio.refcount === 1 ? 1 : Math.max(this.kpagecount(folio, page), 1);
}
