/** Queries of a folio, and warnings. @source include/linux/mm.h, include/linux/page-flags.h, include/linux/mmdebug.h */
import { at } from "../../explore/model/schema.ts";
import {
  type Folio,
  GUP_PIN_COUNTING_BIAS,
  type MmStruct,
  PGTY_MAPCOUNT_UNDERFLOW,
  type TrackedFolio,
} from "../state/structs.ts";
import type { Kernel } from "./kernel.ts";

/**
 * Warns if the condition is true. Does nothing by itself; reportingTo() overrides it to log the warning.
 *
 * @param _warning one of Warning
 * @source include/linux/mmdebug.h, VM_WARN_ON_ONCE(), VM_WARN_ON_FOLIO()
 */
export function vmWarnOn(this: Kernel, _condition: boolean, _warning: number): void {}

/**
 * Asserts a claim about a decision that the kernel just took and does not check itself.
 *
 * @param _claim one of Warning: raised if the claim does not hold
 */
export function assertDecision(this: Kernel, _claim: number, _holds: boolean): void {}

/** @source include/linux/page-flags.h, folio_test_large() */
export function folioTestLarge(this: Kernel, folio: Pick<Folio, "nrPages">): boolean {
  return folio.nrPages > 1;
}

/** Whether a logical mapcount is a page type. @source include/linux/page-flags.h, page_mapcount_is_type() */
export function pageMapcountIsType(this: Kernel, mapcount: number): boolean {
  return mapcount - 1 < PGTY_MAPCOUNT_UNDERFLOW;
}

/**
 * Returns the logical number of page table mappings of any part of the folio; 0 for a page that has a type.
 *
 * @source include/linux/mm.h, folio_mapcount(), folio_large_mapcount()
 */
export function folioMapcount(this: Kernel, folio: TrackedFolio): number {
  if (this.folioTestLarge(folio)) {
    return folio.largeMapcount + 1;
  }
  const mapcount = at(folio.pages, 0).mapcount + 1;
  return this.pageMapcountIsType(mapcount) ? 0 : mapcount;
}

/**
 * Whether the folio may be mapped by more than one MM. False is exact; true may be wrong.
 *
 * @source include/linux/mm.h, folio_maybe_mapped_shared(); series v3 14/20 (003fde4492c8)
 */
export function folioMaybeMappedShared(this: Kernel, folio: TrackedFolio): boolean {
  const mapcount = this.folioMapcount(folio);
  if (!this.folioTestLarge(folio)) {
    return mapcount > 1;
  }
  if (!this.config.mmId) {
    return true;
  }
  // A single mapping is exclusive, regardless of the shared bit.
  if (mapcount <= 1) {
    return false;
  }
  return folio.mmIdsShared;
}

/**
 * Returns the logical number of PMD mappings; 0 for a folio of order 1 on 32-bit, which has no room for the field.
 *
 * @source include/linux/mm.h, folio_entire_mapcount()
 */
export function folioEntireMapcount(this: Kernel, folio: Folio): number {
  return !this.config.is64Bit && folio.nrPages === 2 ? 0 : folio.entireMapcount + 1;
}

/**
 * Whether the folio has a pincount; on 32-bit a folio of order 1 has no room for it.
 *
 * @source include/linux/mm.h, folio_has_pincount()
 */
export function folioHasPincount(this: Kernel, folio: Pick<Folio, "nrPages">): boolean {
  return this.config.is64Bit ? folio.nrPages > 1 : folio.nrPages > 2;
}

/**
 * Whether a page of the folio may be pinned. For folios without a pincount, true may be wrong if there are very many
 * references.
 *
 * @source include/linux/mm.h, folio_maybe_dma_pinned()
 */
export function folioMaybeDmaPinned(this: Kernel, folio: Folio): boolean {
  return this.folioHasPincount(folio) ? folio.pincount > 0 : folio.refcount >= GUP_PIN_COUNTING_BIAS;
}

/**
 * Whether fork must copy exclusive pages of the folio immediately.
 *
 * @source include/linux/mm.h, folio_needs_cow_for_dma()
 */
export function folioNeedsCowForDma(this: Kernel, mm: MmStruct, folio: Folio): boolean {
  return mm.hasPinned && this.folioMaybeDmaPinned(folio);
}

/**
 * Returns the number of references of mappings and caches. A higher refcount means that there are other references.
 *
 * @source include/linux/mm.h, folio_expected_ref_count(); PG_private is not modelled
 */
export function folioExpectedRefCount(this: Kernel, folio: Folio): number {
  const swapCache = folio.swapcache ? folio.nrPages : 0;
  const pageCache = !folio.anon && folio.inPageCache ? folio.nrPages : 0;
  return swapCache + pageCache + this.folioMapcount(folio);
}
