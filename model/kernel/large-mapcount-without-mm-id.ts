/**
 * Large mapcount without CONFIG_MM_ID: an atomic counter, no owner tracking.
 *
 * @source include/linux/rmap.h, the functions below `#else // !CONFIG_MM_ID`; series v3 12/20
 */

import type { MmStruct, TrackedFolio } from "../state/structs.ts";
import type { Kernel } from "./kernel.ts";

/** @source include/linux/rmap.h, folio_set_large_mapcount() */
export function folioSetLargeMapcount(this: Kernel, folio: TrackedFolio, mapcount: number, _mm: MmStruct): void {
  folio.largeMapcount = mapcount - 1;
}

/** @source include/linux/rmap.h, folio_add_large_mapcount() */
export function folioAddReturnLargeMapcount(this: Kernel, folio: TrackedFolio, diff: number, _mm: MmStruct): number {
  return this.largeMapcountAddReturn(folio, diff) + 1;
}

/** @source include/linux/rmap.h, folio_sub_large_mapcount() */
export function folioSubReturnLargeMapcount(this: Kernel, folio: TrackedFolio, diff: number, _mm: MmStruct): number {
  return this.largeMapcountAddReturn(folio, -diff) + 1;
}
