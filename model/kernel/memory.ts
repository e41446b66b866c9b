/** Faults, fork and unmapping at PTE level. @source mm/memory.c; series v3 8/20, 13/20 */
import { at } from "../../explore/model/schema.ts";
import {
  EAGAIN,
  type Folio,
  type KernelState,
  type Mm,
  type MmStruct,
  type Prealloc,
  type Pte,
  type Vma,
} from "../state/structs.ts";
import type { Kernel } from "./kernel.ts";
import { clearPtes, copyPte, isNone, isPresent, isReadableMigration, pteRangeNone, setPtes } from "./pgtable.ts";
import { Warning } from "./warnings.ts";

/** Argument of the first call of copy_present_ptes(). */
const NO_PREALLOC: Prealloc = { folio: undefined };

/** Returns the folio that an entry maps or refers to. */
function folioOf(state: KernelState, entry: { readonly folio: number }): Folio {
  return at(state.folios, entry.folio - 1);
}

/**
 * Copies the PMD of a VMA, or the entries of the page table below it, for a child.
 *
 * @source mm/memory.c, copy_pmd_range()
 */
export function copyPmdRange(
  this: Kernel,
  state: KernelState,
  dstMm: MmStruct,
  srcMm: MmStruct,
  dstVma: Vma,
  srcVma: Vma,
): void {
  if (srcVma.pmd.folio !== 0 && this.copyHugePmd(state, dstMm, srcMm, dstVma, srcVma)) {
    return;
  }
  this.copyPteRange(state, dstMm, srcMm, dstVma, srcVma);
}

/**
 * Copies the entries of a VMA for a child. If a page has to be copied immediately, a folio for it is allocated between
 * two entries: the kernel drops the page table locks for that, and retries the same entry.
 *
 * @source mm/memory.c, copy_pte_range()
 */
export function copyPteRange(
  this: Kernel,
  state: KernelState,
  dstMm: MmStruct,
  srcMm: MmStruct,
  dstVma: Vma,
  srcVma: Vma,
): void {
  const end = srcVma.ptes.length;
  let prealloc = NO_PREALLOC;
  let i = 0;
  while (i < end) {
    const pte = at(srcVma.ptes, i);
    if (isNone(pte)) {
      i += 1;
      continue;
    }
    if (!isPresent(pte)) {
      this.copyNonpresentPte(state, at(dstVma.ptes, i), pte);
      i += 1;
      continue;
    }
    // Clears `prealloc.folio` if it uses the folio.
    const nr = this.copyPresentPtes(state, dstMm, srcMm, dstVma, srcVma, i, end - i, prealloc);
    if (nr === -EAGAIN) {
      // folio_prealloc()
      prealloc = { folio: this.folioAlloc(state, 1) };
      continue;
    }
    if (prealloc.folio !== undefined) {
      // It was allocated for this entry and not used. A later entry that needs a folio allocates a new one.
      this.folioPutRefs(prealloc.folio, 1);
      prealloc = NO_PREALLOC;
    }
    i += nr;
  }
}

/**
 * Copies a present entry, and those after it that map the next pages of the same folio. References are taken before
 * mappings are duplicated. A page that the parent may have pinned is copied immediately for the child, so that the
 * parent still maps the pinned page. With a preallocated folio only one entry is copied.
 *
 * Batches are maximal: the kernel also ends one where the dirty bit changes or the page table ends.
 *
 * @param first position of the entry
 * @param maxNr largest number of entries to copy
 * @param prealloc a folio for a page that has to be copied; cleared if used
 * @returns the number of entries copied, at least 1; or -EAGAIN if a folio is needed to copy the entry
 * @source mm/memory.c, copy_present_ptes()
 */
export function copyPresentPtes(
  this: Kernel,
  state: KernelState,
  dstMm: MmStruct,
  srcMm: MmStruct,
  dstVma: Vma,
  srcVma: Vma,
  first: number,
  maxNr: number,
  prealloc: Prealloc,
): number {
  const pte = at(srcVma.ptes, first);
  const folio = folioOf(state, pte);
  if (prealloc.folio === undefined && this.folioTestLarge(folio) && maxNr !== 1) {
    const nr = this.folioPteBatch(srcVma.ptes, first, first + maxNr, folio.nrPages);
    this.folioRefAdd(folio, nr);
    if (folio.anon) {
      if (!this.folioTryDupAnonRmapPtes(folio, pte.page, nr, dstMm, srcMm)) {
        this.folioRefSub(folio, nr);
        return -EAGAIN;
      }
      this.vmWarnOn(at(folio.pages, pte.page).anonExclusive, Warning.exclusiveAfterFork);
    } else {
      this.folioDupFileRmapPtes(folio, pte.page, nr, dstMm, srcMm);
    }
    this.__copyPresentPtes(dstVma, srcVma, first, nr);
    return nr;
  }
  this.folioRefAdd(folio, 1);
  if (folio.anon) {
    if (!this.folioTryDupAnonRmapPtes(folio, pte.page, 1, dstMm, srcMm)) {
      this.folioPutRefs(folio, 1);
      return this.copyPresentPage(state, dstMm, dstVma, srcVma, first, prealloc) ? 1 : -EAGAIN;
    }
    this.vmWarnOn(at(folio.pages, pte.page).anonExclusive, Warning.exclusiveAfterFork);
  } else {
    this.folioDupFileRmapPtes(folio, pte.page, 1, dstMm, srcMm);
  }
  this.__copyPresentPtes(dstVma, srcVma, first, 1);
  return 1;
}

/**
 * Writes the child's entries, after their mappings have been duplicated. In private mappings both sides become
 * read-only.
 *
 * @source mm/memory.c, __copy_present_ptes()
 */
export function __copyPresentPtes(this: Kernel, dstVma: Vma, srcVma: Vma, first: number, nr: number): void {
  for (let i = first; i < first + nr; i++) {
    const pte = at(srcVma.ptes, i);
    pte.writable = false;
    copyPte(at(dstVma.ptes, i), pte);
  }
}

/**
 * Gives the child a copy of a page that the parent may have pinned.
 *
 * @param prealloc has a fresh small folio, or none; cleared if used
 * @returns false (-EAGAIN) if it has none
 * @source mm/memory.c, copy_present_page()
 */
export function copyPresentPage(
  this: Kernel,
  state: KernelState,
  dstMm: MmStruct,
  dstVma: Vma,
  srcVma: Vma,
  entry: number,
  prealloc: Prealloc,
): boolean {
  const { folio: newFolio } = prealloc;
  if (newFolio === undefined) {
    return false;
  }
  const { page, folio } = at(srcVma.ptes, entry);
  at(newFolio.pages, 0).content = at(at(state.folios, folio - 1).pages, page).content;
  prealloc.folio = undefined;
  this.folioAddNewAnonRmap(state.stats, newFolio, dstMm, true);
  setPtes(dstVma.ptes, entry, newFolio, 0, 1, true);
  return true;
}

/**
 * Copies a swap or migration entry for a child. An exclusive entry becomes shared in both.
 *
 * @source mm/memory.c, copy_nonpresent_pte()
 */
export function copyNonpresentPte(this: Kernel, state: KernelState, dstPte: Pte, srcPte: Pte): void {
  if (srcPte.swap) {
    this.swapDuplicate(state, srcPte.page);
    if (srcPte.exclusive) {
      srcPte.exclusive = false;
    }
  } else if (!isReadableMigration(srcPte)) {
    srcPte.writable = false;
    srcPte.exclusive = false;
  }
  copyPte(dstPte, srcPte);
}

/**
 * Clears a range of a VMA: the PMD as a whole, or PTEs. If the range covers only a part of a PMD, the PMD is split
 * first.
 *
 * @param first position of the first entry
 * @param end position after the last
 * @source mm/memory.c, zap_pmd_range()
 */
export function zapPmdRange(this: Kernel, state: KernelState, mm: Mm, vma: Vma, first: number, end: number): void {
  if (vma.pmd.folio !== 0) {
    if (end - first === vma.ptes.length) {
      this.zapHugePmd(state, mm, vma);
      return;
    }
    this.splitHugePmd(state, mm, vma);
  }
  this.zapPteRange(state, mm, vma, first, end);
}

/**
 * Clears the entries of a range.
 *
 * The kernel drops the references of all batches after the TLB flush, and removes the rmap of dirty file entries only
 * then (`tlb_delay_rmap()`). The model cannot observe the states in between, so each batch does everything. Batches are
 * maximal: the kernel also ends one at the end of a page table or if the mmu_gather is full, which corresponds to
 * several unmaps of the model.
 *
 * @param first position of the first entry
 * @param end position after the last
 * @source mm/memory.c, zap_pte_range()
 */
export function zapPteRange(
  this: Kernel,
  state: KernelState,
  mm: MmStruct,
  vma: Vma,
  first: number,
  end: number,
): void {
  const { ptes } = vma;
  let i = first;
  while (i < end) {
    const pte = at(ptes, i);
    if (isNone(pte)) {
      i += 1;
      continue;
    }
    if (isPresent(pte)) {
      const folio = folioOf(state, pte);
      const large = this.folioTestLarge(folio);
      const nr = large && end - i > 1 ? this.folioPteBatch(ptes, i, end, folio.nrPages) : 1;
      this.zapPresentFolioPtes(state, mm, vma, folio, i, nr);
      i += nr;
      continue;
    }
    i += this.zapNonpresentPtes(state, vma, i, end);
  }
}

/**
 * Clears swap entries of consecutive slots, or one migration entry, which counts as neither a mapping nor a reference.
 *
 * @param end position after the last entry to consider
 * @returns the number of entries cleared
 * @source mm/memory.c, zap_nonpresent_ptes()
 */
export function zapNonpresentPtes(this: Kernel, state: KernelState, vma: Vma, first: number, end: number): number {
  const { ptes } = vma;
  const { swap, page } = at(ptes, first);
  if (swap) {
    const nr = this.swapPteBatch(ptes, first, end);
    this.freeSwapAndCacheNr(state, page, nr);
    clearPtes(ptes, first, nr);
    return nr;
  }
  clearPtes(ptes, first, 1);
  return 1;
}

/**
 * Clears entries that map consecutive pages of one folio. Order: entries, reverse mapping, references.
 *
 * @source mm/memory.c, zap_present_folio_ptes(); mm/swap_state.c, free_pages_and_swap_cache()
 */
export function zapPresentFolioPtes(
  this: Kernel,
  state: KernelState,
  mm: MmStruct,
  vma: Vma,
  folio: Folio,
  first: number,
  nr: number,
): void {
  const { page } = at(vma.ptes, first);
  clearPtes(vma.ptes, first, nr);
  this.folioRemoveRmapPtes(state.stats, folio, page, nr, mm);
  this.vmWarnOn(this.folioMapcount(folio) < 0, Warning.badPte);
  this.freeSwapCache(state, folio);
  this.folioPutRefs(folio, nr);
}

/**
 * Handles a write fault on a none entry in an anon VMA: maps a new folio completely by PTEs. The caller chooses its
 * order and allocates it, as alloc_anon_folio() does.
 *
 * @param first position of the first entry; the folio is naturally aligned
 * @param folio a fresh folio with one reference, which is transferred to a mapping
 * @returns false if an entry is not none any more; the folio is freed then
 * @source mm/memory.c, do_anonymous_page()
 */
export function doAnonymousPage(
  this: Kernel,
  state: KernelState,
  mm: MmStruct,
  vma: Vma,
  first: number,
  folio: Folio,
): boolean {
  if (!pteRangeNone(vma, first, folio.nrPages)) {
    this.folioPutRefs(folio, 1);
    return false;
  }
  this.mapAnonFolioPtes(state, mm, vma, first, folio);
  return true;
}

/**
 * Maps a new anon folio by PTEs.
 *
 * @source mm/memory.c, inline in do_anonymous_page(); 7.1: map_anon_folio_pte_nopf()
 */
export function mapAnonFolioPtes(
  this: Kernel,
  state: KernelState,
  mm: MmStruct,
  vma: Vma,
  first: number,
  folio: Folio,
): void {
  const { nrPages } = folio;
  this.folioRefAdd(folio, nrPages - 1);
  this.folioAddNewAnonRmap(state.stats, folio, mm, true);
  setPtes(vma.ptes, first, folio, 0, nrPages, true);
}

/**
 * Maps pages of a folio of the file by PTEs, read-only.
 *
 * @param entry position of the first entry
 * @source mm/memory.c, set_pte_range(); a write to a private mapping, which gets a copy, is not modelled
 */
export function setPteRange(
  this: Kernel,
  state: KernelState,
  mm: MmStruct,
  vma: Vma,
  folio: Folio,
  page: number,
  nr: number,
  entry: number,
): void {
  this.folioAddFileRmapPtes(state.stats, folio, page, nr, mm);
  setPtes(vma.ptes, entry, folio, page, nr, false);
}

/**
 * Maps a folio of the file by a PMD, read-only, if it is PMD-sized and no entry is set. The caller's reference is
 * transferred to the mapping.
 *
 * @returns false (VM_FAULT_FALLBACK) if it was not mapped
 * @source mm/memory.c, do_set_pmd()
 */
export function doSetPmd(this: Kernel, state: KernelState, mm: MmStruct, vma: Vma, folio: Folio): boolean {
  const { pmd, ptes } = vma;
  if (!this.folioTestPmdMappable(folio) || !pteRangeNone(vma, 0, ptes.length)) {
    return false;
  }
  this.folioAddFileRmapPmd(state.stats, folio, mm);
  pmd.folio = folio.frameNumber;
  return true;
}

/**
 * Handles a fault on a present read-only entry of a private mapping: a write, or (unshare) a read-only pin that needs
 * an exclusive page. The page is reused in place or copied.
 *
 * @param unshare FAULT_FLAG_UNSHARE: the entry stays read-only
 * @returns whether the page was reused
 * @source mm/memory.c, do_wp_page(), wp_page_reuse()
 */
export function doWpPage(this: Kernel, state: KernelState, mm: Mm, vma: Vma, entry: number, unshare: boolean): boolean {
  const pte = at(vma.ptes, entry);
  const folio = folioOf(state, pte);
  const page = at(folio.pages, pte.page);
  if (folio.anon && (page.anonExclusive || this.wpCanReuseAnonFolio(state, folio, mm))) {
    if (!page.anonExclusive) {
      page.anonExclusive = true;
    }
    if (!unshare) {
      pte.writable = true;
    }
    return true;
  }
  this.wpPageCopy(state, mm, vma, entry, unshare);
  return false;
}

/**
 * Replaces a page by a copy that is exclusive to the MM. The old mapping is removed only after the entry has changed.
 *
 * @source mm/memory.c, wp_page_copy()
 */
export function wpPageCopy(this: Kernel, state: KernelState, mm: Mm, vma: Vma, entry: number, unshare: boolean): void {
  const pte = at(vma.ptes, entry);
  const oldFolio = folioOf(state, pte);
  const oldPage = pte.page;
  this.folioRefAdd(oldFolio, 1);
  const newFolio = this.folioAlloc(state, 1);
  at(newFolio.pages, 0).content = at(oldFolio.pages, oldPage).content;
  clearPtes(vma.ptes, entry, 1);
  this.folioAddNewAnonRmap(state.stats, newFolio, mm, true);
  setPtes(vma.ptes, entry, newFolio, 0, 1, !unshare);
  this.folioRemoveRmapPtes(state.stats, oldFolio, oldPage, 1, mm);
  // The reference of the mapping, then that of this function.
  this.folioPutRefs(oldFolio, 1);
  this.freeSwapCache(state, oldFolio);
  this.folioPutRefs(oldFolio, 1);
}

/**
 * Whether a write fault may reuse the page in place because no other MM or reference holder can reach it. May remove
 * the folio from the swap cache in either case.
 *
 * @source mm/memory.c, wp_can_reuse_anon_folio()
 */
export function wpCanReuseAnonFolio(this: Kernel, state: KernelState, folio: Folio, mm: MmStruct): boolean {
  if (this.folioTestLarge(folio) && this.config.mmId) {
    return this.wpCanReuseLargeAnonFolio(state, folio, mm);
  }
  if (folio.refcount > 3 || folio.refcount > 1 + (folio.swapcache ? 1 : 0) || !this.folioTrylock(folio)) {
    return false;
  }
  if (folio.swapcache) {
    this.folioFreeSwap(state, folio);
  }
  const isOnlyReference = folio.refcount === 1;
  this.folioUnlock(folio);
  return isOnlyReference;
}

/**
 * Whether a write fault may reuse a page of a large folio that is mapped by PTEs. It may if every reference belongs to
 * a mapping and every mapping to this MM.
 *
 * @source mm/memory.c, __wp_can_reuse_large_anon_folio(); series v3 13/20 (1da190f4d0a6)
 */
export function wpCanReuseLargeAnonFolio(this: Kernel, state: KernelState, folio: Folio, mm: MmStruct): boolean {
  // If only a single page is mapped, copying it frees the folio.
  if (this.folioMapcount(folio) <= 1) {
    return false;
  }
  if (folio.mmIdsShared) {
    return false;
  }
  if (folio.swapcache) {
    if (!this.folioTrylock(folio)) {
      return false;
    }
    this.folioFreeSwap(state, folio);
    this.folioUnlock(folio);
  }
  if (this.folioMapcount(folio) !== folio.refcount) {
    return false;
  }
  // The mapcount can change until the lock is taken: the comparison is repeated under the lock.
  this.folioLockLargeMapcount(folio);
  this.vmWarnOn(this.folioMapcount(folio) > folio.refcount, Warning.reuseAboveRefcount);
  const exclusive = !folio.mmIdsShared && this.folioMapcount(folio) === folio.refcount;
  if (exclusive) {
    this.wpReuseChecks(folio);
    this.vmWarnOn(
      at(folio.slots, 0).mmId !== mm.idNumber && at(folio.slots, 1).mmId !== mm.idNumber,
      Warning.reuseByUntracked,
    );
  }
  this.folioUnlockLargeMapcount(folio);
  return exclusive;
}

/** Warns if not every mapping maps a different page. Inline in the kernel, under the large-mapcount lock. */
export function wpReuseChecks(this: Kernel, folio: Folio): void {
  this.vmWarnOn(this.folioMapcount(folio) > folio.nrPages, Warning.reuseAbovePages);
  this.vmWarnOn(this.folioEntireMapcount(folio) !== 0, Warning.reuseWhilePmdMapped);
}

/**
 * Handles a fault on a swap entry. The folio is in the swap cache (the environment has read it if necessary), and the
 * caller has a reference to it, which is transferred to the mapping. Several entries are mapped at once if all pages of
 * a large folio are swapped out in consecutive entries.
 *
 * Not modelled: devices that bypass the swap cache (SWP_SYNCHRONOUS_IO), and devices that require stable pages during
 * writeback (SWP_STABLE_WRITES).
 *
 * @param write FAULT_FLAG_WRITE
 * @source mm/memory.c, do_swap_page()
 */
export function doSwapPage(
  this: Kernel,
  state: KernelState,
  mm: Mm,
  vma: Vma,
  entry: number,
  folio: Folio,
  write: boolean,
): void {
  const pte = at(vma.ptes, entry);
  let page = pte.page - folio.swap;
  let first = entry;
  let nr = 1;
  if (this.folioTestLarge(folio) && this.swappedOutCompletely(vma.ptes, entry - page, folio)) {
    first = entry - page;
    page = 0;
    nr = folio.nrPages;
  }
  this.vmWarnOn(folio.anon && at(folio.pages, page).anonExclusive, Warning.exclusiveInSwap);
  const { exclusive } = pte;
  this.swapInBeforeMapping(state, folio, page, nr, write);
  const makeExclusive = this.swapInExclusive(state, folio, exclusive);
  this.folioRefAdd(folio, nr - 1);
  if (folio.anon) {
    this.folioAddAnonRmapPtes(state.stats, folio, page, nr, mm, makeExclusive);
  } else {
    this.folioAddNewAnonRmap(state.stats, folio, mm, makeExclusive);
  }
  this.vmWarnOn(makeExclusive && !at(folio.pages, page).anonExclusive, Warning.writableNotExclusive);
  setPtes(vma.ptes, first, folio, page, nr, makeExclusive);
  this.swapInAfterMapping(state, folio, page, nr, write);
}

/**
 * Part of a swap-in before pages are mapped: frees the swap entries, and the swap cache if possible. Inline in the
 * kernel.
 *
 * @param nr number of entries that are mapped, starting with `page` of the folio
 * @source mm/memory.c, do_swap_page()
 */
export function swapInBeforeMapping(
  this: Kernel,
  state: KernelState,
  folio: Folio,
  page: number,
  nr: number,
  write: boolean,
): void {
  this.swapFreeNr(state, folio.swap + page, nr);
  if (this.shouldTryToFreeSwap(folio, 1, write)) {
    this.folioFreeSwap(state, folio);
  }
}

/**
 * Whether the entry changed before the folio lock and the page table lock were taken: another CPU handled the fault or
 * removed the entry. Inline in the kernel.
 *
 * @param entry the value loaded before
 * @param load loads the entry
 * @source mm/memory.c, do_swap_page(), pte_same()
 */
export function swapInEntryChanged(this: Kernel, entry: number, load: () => number): boolean {
  return load() !== entry;
}

/**
 * Releases a folio whose entry has changed: its lock and the caller's reference. Inline in the kernel.
 *
 * @source mm/memory.c, do_swap_page(), out_page
 */
export function swapInBackOut(this: Kernel, _state: KernelState, folio: Folio): void {
  this.folioUnlock(folio);
  this.folioPutRefs(folio, 1);
}

/** Part of a swap-in after pages are mapped. Empty before 7.1. @source mm/memory.c, do_swap_page() */
export function swapInAfterMapping(
  this: Kernel,
  _state: KernelState,
  _folio: Folio,
  _page: number,
  _nr: number,
  _write: boolean,
): void {}

/**
 * Whether a page that is swapped in becomes exclusive to this MM. Inline in the kernel.
 *
 * @param exclusive pte_swp_exclusive() of the swap entry
 * @source mm/memory.c, do_swap_page()
 */
export function swapInExclusive(this: Kernel, _state: KernelState, folio: Folio, exclusive: boolean): boolean {
  return exclusive || folio.refcount === 1;
}

/**
 * Whether all pages of a folio are swapped out in consecutive entries, all exclusive or none.
 *
 * @param first position of the entry of the first page; may be outside the VMA
 * @source mm/memory.c, do_swap_page(); mm/internal.h, swap_pte_batch()
 */
export function swappedOutCompletely(this: Kernel, ptes: readonly Pte[], first: number, folio: Folio): boolean {
  if (first < 0 || first + folio.nrPages > ptes.length) {
    return false;
  }
  const pte = at(ptes, first);
  return pte.swap && pte.page === folio.swap && this.swapPteBatch(ptes, first, first + folio.nrPages) === folio.nrPages;
}

/**
 * Whether the folio is likely to become exclusive to this MM if it is removed from the swap cache.
 *
 * @param extraRefs references of the fault: the caller's reference, or those of the mappings that it added
 * @source mm/memory.c, should_try_to_free_swap(); memory cgroups that run out of swap are not modelled
 */
export function shouldTryToFreeSwap(this: Kernel, folio: Folio, extraRefs: number, write: boolean): boolean {
  return folio.swapcache && write && folio.refcount === extraRefs + folio.nrPages;
}
