/** PMD mappings, and the splitting of PMDs and folios. @source mm/huge_memory.c */
import { at } from "../../explore/model/schema.ts";
import {
  type Folio,
  hasNoOwner,
  type KernelState,
  type Mm,
  type MmStruct,
  PagePrivate,
  type Pmd,
  type StructPage,
  type Vma,
} from "../state/structs.ts";
import type { Kernel } from "./kernel.ts";
import { PageDamage } from "./page-damage.ts";
import { clearEntry, copyEntry, isReadableMigration, makeMigrationEntry, pteRangeNone, setPtes } from "./pgtable.ts";
import { Warning } from "./warnings.ts";

/** Returns the folio that a PMD maps or refers to. */
function folioOf(state: KernelState, pmd: Pmd): Folio {
  return at(state.folios, pmd.folio - 1);
}

/**
 * Handles a write fault in an anon VMA without entries: maps a new folio of PMD size by a PMD.
 *
 * @param folio a fresh folio with one reference, which is transferred to the mapping
 * @returns false if the VMA has entries meanwhile; the folio is freed then
 * @source mm/huge_memory.c, do_huge_pmd_anonymous_page(), __do_huge_pmd_anonymous_page()
 */
export function doHugePmdAnonymousPage(
  this: Kernel,
  state: KernelState,
  mm: MmStruct,
  vma: Vma,
  folio: Folio,
): boolean {
  if (!pteRangeNone(vma, 0, vma.ptes.length)) {
    this.folioPutRefs(folio, 1);
    return false;
  }
  this.mapAnonFolioPmd(state, mm, vma, folio);
  return true;
}

/** @source mm/huge_memory.c, map_anon_folio_pmd(); 7.1: map_anon_folio_pmd_nopf() */
export function mapAnonFolioPmd(this: Kernel, state: KernelState, mm: MmStruct, { pmd }: Vma, folio: Folio): void {
  this.folioAddNewAnonRmap(state.stats, folio, mm, true);
  pmd.folio = folio.frameNumber;
  pmd.writable = true;
  this.deferredSplitFolio(folio, false);
}

/**
 * Copies the PMD of a VMA for a child. The PMD of a file VMA is not copied: the child faults it in.
 *
 * @returns false (-EAGAIN) if the folio may be pinned: the PMD has been split, and the caller copies the PTEs
 * @source mm/huge_memory.c, copy_huge_pmd()
 */
export function copyHugePmd(
  this: Kernel,
  state: KernelState,
  dstMm: MmStruct,
  srcMm: MmStruct,
  dstVma: Vma,
  srcVma: Vma,
): boolean {
  if (!srcVma.anonymous) {
    return true;
  }
  const { pmd } = srcVma;
  if (pmd.migration) {
    if (!isReadableMigration(pmd)) {
      pmd.writable = false;
      pmd.exclusive = false;
    }
    copyEntry(dstVma.pmd, pmd);
    return true;
  }
  const folio = folioOf(state, pmd);
  this.folioRefAdd(folio, 1);
  if (!this.folioTryDupAnonRmapPmd(folio, dstMm, srcMm)) {
    this.folioPutRefs(folio, 1);
    this.splitHugePmdLocked(state, srcMm, srcVma, false);
    return false;
  }
  pmd.writable = false;
  copyEntry(dstVma.pmd, pmd);
  return true;
}

/**
 * Handles a write to a read-only PMD, or (unshare) a read-only pin that needs an exclusive page. The folio is reused in
 * place, or the PMD is split and the fault continues with the PTE.
 *
 * @returns whether the folio was reused; otherwise VM_FAULT_FALLBACK
 * @source mm/huge_memory.c, do_huge_pmd_wp_page()
 */
export function doHugePmdWpPage(this: Kernel, state: KernelState, mm: MmStruct, vma: Vma, unshare: boolean): boolean {
  const { pmd } = vma;
  const folio = folioOf(state, pmd);
  const head = at(folio.pages, 0);
  if (!head.anonExclusive) {
    if (!this.hugePmdCanReuse(state, folio)) {
      this.splitHugePmdLocked(state, mm, vma, false);
      return false;
    }
    head.anonExclusive = true;
    this.folioUnlock(folio);
  }
  if (!unshare) {
    pmd.writable = true;
  }
  return true;
}

/**
 * Whether the PMD mapping has the only reference to the folio. Inline in the kernel, which waits for the folio lock
 * without the page table lock and then retries; in the model a locked folio cannot be reused.
 *
 * @returns true with the folio lock held, so that the caller can set PageAnonExclusive before it unlocks the folio
 * @source mm/huge_memory.c, do_huge_pmd_wp_page()
 */
export function hugePmdCanReuse(this: Kernel, state: KernelState, folio: Folio): boolean {
  if (!this.folioTrylock(folio)) {
    return false;
  }
  if (folio.refcount <= 1 + (folio.swapcache ? folio.nrPages : 0)) {
    if (folio.swapcache) {
      this.folioFreeSwap(state, folio);
    }
    if (folio.refcount === 1) {
      return true;
    }
  }
  this.folioUnlock(folio);
  return false;
}

/** Clears a PMD entry. @source mm/huge_memory.c, zap_huge_pmd() */
export function zapHugePmd(this: Kernel, state: KernelState, mm: MmStruct, vma: Vma): void {
  const { pmd } = vma;
  const folio = folioOf(state, pmd);
  const present = !pmd.migration;
  clearEntry(pmd);
  if (present) {
    this.folioRemoveRmapPmd(state.stats, folio, mm);
    this.vmWarnOn(this.folioMapcount(folio) < 0, Warning.badPte);
    this.freeSwapCache(state, folio);
    this.folioPutRefs(folio, 1);
  }
}

/**
 * Replaces a PMD by PTEs. The PTE mappings are added before the PMD mapping is removed: meanwhile the MM has one
 * mapping more than the folio has pages. The PMD of a file VMA is only cleared, and faulted in again later.
 *
 * @param freeze whether to replace the PMD by migration entries instead, unless the folio may be pinned
 * @source mm/huge_memory.c, __split_huge_pmd_locked()
 */
export function splitHugePmdLocked(this: Kernel, state: KernelState, mm: MmStruct, vma: Vma, freeze: boolean): void {
  const { pmd, ptes } = vma;
  const folio = folioOf(state, pmd);
  if (!vma.anonymous) {
    this.zapHugePmd(state, mm, vma);
    return;
  }
  const { writable, migration } = pmd;
  let { exclusive } = pmd;
  let toMigration = migration || freeze;
  // The entry is cleared before the page stops being exclusive, so that GUP-fast cannot use it.
  clearEntry(pmd);
  if (!migration) {
    exclusive = at(folio.pages, 0).anonExclusive;
    if (freeze && exclusive && !this.folioTryShareAnonRmap(folio, 0)) {
      toMigration = false;
    }
    if (!toMigration) {
      this.folioRefAdd(folio, folio.nrPages - 1);
      this.folioAddAnonRmapPtes(state.stats, folio, 0, folio.nrPages, mm, exclusive);
    }
  }
  setPtes(ptes, 0, folio, 0, folio.nrPages, writable);
  if (toMigration) {
    for (let i = 0; i < folio.nrPages; i++) {
      makeMigrationEntry(at(ptes, i), folio, writable, exclusive);
    }
  }
  if (!migration) {
    this.folioRemoveRmapPmd(state.stats, folio, mm);
    if (toMigration) {
      this.folioPutRefs(folio, 1);
    }
  }
}

/**
 * Replaces a PMD by a migration entry.
 *
 * @returns false (-EBUSY) if the folio is exclusive and may be pinned
 * @source mm/huge_memory.c, set_pmd_migration_entry()
 */
export function setPmdMigrationEntry(this: Kernel, state: KernelState, mm: MmStruct, vma: Vma): boolean {
  const { pmd } = vma;
  const folio = folioOf(state, pmd);
  const { writable } = pmd;
  clearEntry(pmd);
  const exclusive = at(folio.pages, 0).anonExclusive;
  if (exclusive && !this.folioTryShareAnonRmap(folio, 0)) {
    pmd.folio = folio.frameNumber;
    pmd.writable = writable;
    return false;
  }
  makeMigrationEntry(pmd, folio, writable, exclusive);
  this.folioRemoveRmapPmd(state.stats, folio, mm);
  this.folioPutRefs(folio, 1);
  return true;
}

/**
 * Replaces a migration entry at PMD level by a mapping of the folio.
 *
 * @source mm/huge_memory.c, remove_migration_pmd()
 */
export function removeMigrationPmd(this: Kernel, state: KernelState, mm: MmStruct, vma: Vma, folio: Folio): void {
  const { pmd } = vma;
  const exclusive = !isReadableMigration(pmd);
  this.folioRefAdd(folio, 1);
  this.folioAddAnonRmapPmd(state.stats, folio, mm, exclusive);
  this.vmWarnOn(pmd.writable && !at(folio.pages, 0).anonExclusive, Warning.writableNotExclusive);
  pmd.folio = folio.frameNumber;
  pmd.migration = false;
  pmd.exclusive = false;
}

/**
 * Queues a folio for a split under memory pressure. Folios of order 1 have no room for the list. Without
 * CONFIG_TRANSPARENT_HUGEPAGE, which implies no CONFIG_MM_ID and vice versa, there is no queue.
 *
 * @param partiallyMapped whether the folio is partially mapped; otherwise it is queued because its pages may be
 *   zero-filled
 * @source mm/huge_memory.c, deferred_split_folio(); include/linux/huge_mm.h, its empty version
 */
export function deferredSplitFolio(this: Kernel, folio: Folio, partiallyMapped: boolean): void {
  if (!this.config.mmId || folio.nrPages <= 2 || folio.swapcache) {
    return;
  }
  this.splitQueueLock(folio);
  if (partiallyMapped && !folio.partiallyMapped) {
    folio.partiallyMapped = true;
  }
  if (!folio.onDeferredList) {
    folio.onDeferredList = true;
  }
  this.splitQueueUnlock(folio);
}

/**
 * Removes a folio that is about to be freed or migrated from the queue. No other CPU queues such a folio: the list can
 * be checked before the lock is taken.
 *
 * @source mm/internal.h, folio_unqueue_deferred_split(); mm/huge_memory.c, __folio_unqueue_deferred_split()
 */
export function folioUnqueueDeferredSplit(this: Kernel, folio: Folio): void {
  if (!folio.onDeferredList) {
    return;
  }
  this.splitQueueLock(folio);
  // The shrinker may have removed it before the lock was taken.
  if (folio.onDeferredList) {
    if (folio.partiallyMapped) {
      folio.partiallyMapped = false;
    }
    folio.onDeferredList = false;
  }
  this.splitQueueUnlock(folio);
}

/**
 * Whether only mappings, caches and the caller have references to the folio.
 *
 * @param callerPins number of references of the caller
 * @source mm/huge_memory.c, can_split_folio(); 7.1: inline, by folio_expected_ref_count()
 */
export function canSplitFolio(this: Kernel, folio: Folio, callerPins: number): boolean {
  const extraPins = folio.anon ? (folio.swapcache ? folio.nrPages : 0) : folio.nrPages;
  return this.folioMapcount(folio) === folio.refcount - extraPins - callerPins;
}

/**
 * Splits an anon folio into smaller ones, by default of one page: replaces its mappings by migration entries, freezes
 * its references, and makes its pages separate folios. The caller holds the folio lock and a reference. In the model
 * page 0 keeps its folio and the other pages move to other positions (in the kernel all struct pages stay in place). In
 * the kernel the references stay frozen until every page belongs to its new folio; in the model until the folio is off
 * the queue.
 *
 * Not modelled: replacement of zero-filled pages by the shared zero page.
 *
 * @param walk positions of the MMs in the order of rmap walks
 * @param newPages pages of the new folios: 1, or a power of two
 * @returns false (-EAGAIN) if the folio has other references; its mappings are restored then
 * @source mm/huge_memory.c, __folio_split(), unmap_folio(), remap_page(), __split_unmapped_folio()
 */
export function splitFolio(
  this: Kernel,
  state: KernelState,
  folio: Folio,
  walk: readonly number[],
  newPages = 1,
): boolean {
  if (!this.canSplitFolio(folio, 1)) {
    return false;
  }
  this.tryToMigrate(state, folio, true, walk);
  const extraPins = folio.swapcache ? folio.nrPages : 0;
  // Under the queue lock: the shrinker either takes a reference before the freeze or does not find the folio.
  this.splitQueueLock(folio);
  const frozen = this.folioRefFreeze(folio, 1 + extraPins);
  if (frozen) {
    this.unqueueSplitFolio(folio);
  }
  this.splitQueueUnlock(folio);
  if (!frozen) {
    this.removeMigrationPtes(state, folio, folio, walk);
    return false;
  }
  this.folioRefUnfreeze(folio, 1 + extraPins);
  this.splitUnmappedFolio(state, folio, newPages, walk);
  return true;
}

/**
 * Removes a folio that is being split from the queue. Inline in the kernel, under the queue lock.
 *
 * @source mm/huge_memory.c, __folio_split(); until 6.18
 */
export function unqueueSplitFolio(this: Kernel, folio: Folio): void {
  if (folio.nrPages > 2 && folio.onDeferredList) {
    if (folio.partiallyMapped) {
      folio.partiallyMapped = false;
    }
    folio.onDeferredList = false;
  }
}

/**
 * Makes smaller folios of the pages of an unmapped folio, maps them where the migration entries are, and drops the
 * caller's reference to each but the first: a folio without mapped pages is freed by that.
 *
 * @param newPages pages of the new folios: 1, or a power of two
 * @param walk positions of the MMs in the order of rmap walks; irrelevant for small folios, which have no owner slots
 * @source mm/huge_memory.c, __split_unmapped_folio(), __split_folio_to_order(), remap_page(), end of __folio_split()
 */
export function splitUnmappedFolio(
  this: Kernel,
  state: KernelState,
  folio: Folio,
  newPages = 1,
  walk?: readonly number[],
): void {
  const { nrPages } = folio;
  for (let i = nrPages - newPages; i >= 0; i -= newPages) {
    const newFolio = i === 0 ? folio : this.splitOffPage(state, folio, i, newPages);
    this.remapPage(state, folio, i, newFolio, newPages, walk);
    if (i !== 0) {
      this.freeFolioAndSwapCache(state, newFolio);
    }
  }
}

/**
 * Moves pages of a folio that is being split to a new folio. Called from the last pages to the first; the first ones
 * stay in `folio`. `_mm_ids` overlays private of the second page, which its new folio inherits: it must be 0.
 *
 * @param page the first of them
 * @param newPages their number: 1, or a power of two
 * @returns the new folio, with the caller's reference and those of the swap cache
 * @source mm/huge_memory.c, __split_folio_to_order(); mm/swap_state.c, __swap_cache_replace_folio()
 */
export function splitOffPage(this: Kernel, state: KernelState, folio: Folio, page: number, newPages = 1): Folio {
  if (page === 1) {
    this.assertDecision(Warning.ownerLeftInPrivate, hasNoOwner(folio));
  }
  const newFolio = this.folioAlloc(state, newPages);
  newFolio.anon = true;
  for (let i = 0; i < newPages; i++) {
    const from = at(folio.pages, page + i);
    const to = at(newFolio.pages, i);
    to.mapcount = from.mapcount;
    to.content = from.content;
    // The flags of a new head page are set anew. A tail page that is not mapped may still be exclusive.
    to.anonExclusive = i > 0 && from.anonExclusive;
    this.resetPage(from);
  }
  if (folio.swapcache) {
    this.swapCacheAddFolio(state, newFolio, folio.swap + page);
    this.folioRefSub(folio, newPages);
  }
  folio.nrPages = page;
  return newFolio;
}

/**
 * Clears private of the tail pages of a compound page that is split into folios. The kernel warns if private is not 0:
 * an error of the previous owner of the page, not raised in the model.
 *
 * @source mm/huge_memory.c, __split_folio_to_order(); until 6.18
 */
export function splitFolioPrivate(this: Kernel, pages: readonly StructPage[]): void {
  for (let i = 1; i < pages.length; i++) {
    at(pages, i).private = PagePrivate.none;
  }
}

/**
 * Splits a folio with one damaged struct page. In a tail page mapcount is checked, and private until 6.18. Other damage
 * is overwritten or inherited by the new folio, such as `_refcount`, which the caller then finds not to be 0.
 *
 * @param damage one of PageDamage
 * @param page the damaged page
 * @source mm/huge_memory.c, __split_folio_to_order()
 */
export function splitDamagedPages(this: Kernel, _folio: Folio, damage: number, page: number): void {
  if (page > 0) {
    this.vmWarnOn(damage === PageDamage.pageType || damage === PageDamage.zeroed, Warning.splitMapcount);
    const hasPrivate = damage === PageDamage.private || damage === PageDamage.poisoned;
    this.vmWarnOn(this.splitChecksPrivate && hasPrivate, Warning.splitPrivate);
  }
}

/**
 * Maps split-off pages where their migration entries are.
 *
 * @param page the first of them
 * @param walk as for splitUnmappedFolio()
 * @source mm/huge_memory.c, remap_page()
 */
export function remapPage(
  this: Kernel,
  state: KernelState,
  folio: Folio,
  page: number,
  newFolio: Folio,
  newPages = 1,
  walk?: readonly number[],
): void {
  const mms = walk === undefined ? state.mms.length : walk.length;
  for (let m = 0; m < mms; m++) {
    const mm = at(state.mms, walk === undefined ? m : at(walk, m));
    for (let v = 0; v < mm.vmas.length; v++) {
      const { ptes } = at(mm.vmas, v);
      for (let i = 0; i < ptes.length; i++) {
        const pte = at(ptes, i);
        if (pte.migration && pte.folio === folio.frameNumber && pte.page >= page && pte.page < page + newPages) {
          this.removeMigrationPte(state, mm, pte, newFolio, pte.page - page);
        }
      }
    }
  }
}

/**
 * Drops a reference; frees the folio if it is otherwise only in the swap cache.
 *
 * @source mm/swap_state.c, free_folio_and_swap_cache()
 */
export function freeFolioAndSwapCache(this: Kernel, state: KernelState, folio: Folio): void {
  this.freeSwapCache(state, folio);
  this.folioPutRefs(folio, 1);
}

/**
 * Shrinker: tries to split every folio on the queue. A folio that is not partially mapped (queued by a fault or a
 * collapse) is split only if it has zero-filled pages, and leaves the queue. The shrinker holds a reference to each, so
 * that none is freed meanwhile. The kernel removes all of them from the queue under one lock acquisition; the model one
 * by one.
 *
 * @source mm/huge_memory.c, deferred_split_scan()
 */
export function deferredSplitScan(this: Kernel, state: KernelState, walk: readonly number[]): void {
  for (let f = 0; f < state.folios.length; f++) {
    const folio = at(state.folios, f);
    if (this.takeQueued(folio)) {
      this.splitQueued(state, folio, walk);
      this.folioPutRefs(folio, 1);
    }
  }
}

/**
 * Tries to split a folio that was taken from the queue. The folio stays on a private list of the shrinker, from which
 * it is removed without the queue lock. Inline in the kernel.
 *
 * @source mm/huge_memory.c, deferred_split_scan(); until 6.18
 */
export function splitQueued(this: Kernel, state: KernelState, folio: Folio, walk: readonly number[]): void {
  let didSplit = false;
  if ((folio.partiallyMapped || this.thpUnderused(folio)) && this.folioTrylock(folio)) {
    didSplit = this.splitFolio(state, folio, walk);
    this.folioUnlock(folio);
  }
  if (!didSplit && !folio.partiallyMapped) {
    folio.onDeferredList = false;
  }
}

/**
 * Whether a folio that is not partially mapped has enough zero-filled pages to be split. Zero-filled pages are not
 * modelled: returns false.
 *
 * @source mm/huge_memory.c, thp_underused()
 */
export function thpUnderused(this: Kernel, _folio: Folio): boolean {
  return false;
}

/**
 * Takes a reference to a folio on the queue. A folio that is about to be freed is removed from the queue instead.
 * Inline in the kernel.
 *
 * @returns whether it took a reference
 * @source mm/huge_memory.c, deferred_split_scan(); until 6.18
 */
export function takeQueued(this: Kernel, folio: Folio): boolean {
  this.splitQueueLock(folio);
  let hasReference = false;
  if (folio.onDeferredList) {
    hasReference = this.folioTryGet(folio);
    if (!hasReference) {
      if (folio.partiallyMapped) {
        folio.partiallyMapped = false;
      }
      folio.onDeferredList = false;
    }
  }
  this.splitQueueUnlock(folio);
  return hasReference;
}

/** Whether the folio is large enough for a PMD mapping. @source include/linux/huge_mm.h, folio_test_pmd_mappable() */
export function folioTestPmdMappable(this: Kernel, folio: Folio): boolean {
  return folio.hpagePmdNr !== 0 && folio.nrPages >= folio.hpagePmdNr;
}

/**
 * Splits the PMD of a VMA, if it is set, before a part of its range changes.
 *
 * @source include/linux/huge_mm.h, split_huge_pmd()
 */
export function splitHugePmd(this: Kernel, state: KernelState, mm: Mm, vma: Vma): void {
  if (vma.pmd.folio !== 0) {
    this.splitHugePmdLocked(state, mm, vma, false);
  }
}
