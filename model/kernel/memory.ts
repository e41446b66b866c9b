/** Faults, fork and unmapping at PTE level. @source mm/memory.c; series v3 8/20, 13/20 */
import { at } from "../../explore/schema.ts";
import type { Kernel } from "./kernel.ts";
import { clearPtes, copyPte, isNone, isPresent, isReadableMigration, setPtes } from "./pgtable.ts";
import type { Folio, Machine, Mm, MmStruct, Pte, Vma } from "./structs.ts";
import { Warning } from "./warnings.ts";

/** The folio that an entry maps or stands for. */
function folioOf(machine: Machine, entry: { readonly folio: number }): Folio {
  return at(machine.folios, entry.folio - 1);
}

/**
 * Copies the entries of a VMA for a child. References are taken before mappings are duplicated. A page that the parent
 * may have pinned is copied at once for the child, so that the parent keeps it.
 *
 * Entries are copied in the largest batches: the kernel also ends one where the dirty bit changes or the page table ends.
 *
 * @source mm/memory.c, copy_pte_range(), copy_present_ptes()
 */
export function copyPteRange(
  this: Kernel,
  machine: Machine,
  dstMm: MmStruct,
  srcMm: MmStruct,
  dstVma: Vma,
  srcVma: Vma,
): void {
  const end = srcVma.ptes.length;
  // While a page is at hand for a copy, entries are taken one by one.
  let prealloc: Folio | undefined;
  let i = 0;
  while (i < end) {
    const pte = at(srcVma.ptes, i);
    if (isNone(pte)) {
      i += 1;
      continue;
    }
    if (!isPresent(pte)) {
      this.copyNonpresentPte(machine, at(dstVma.ptes, i), pte);
      i += 1;
      continue;
    }
    const folio = folioOf(machine, pte);
    const batched = prealloc === undefined && this.folioTestLarge(folio) && end - i > 1;
    const nr = batched ? this.folioPteBatch(srcVma.ptes, i, end, folio.nrPages) : 1;
    this.folioRefAdd(folio, nr);
    if (!folio.anon) {
      this.folioDupFileRmapPtes(folio, pte.page, nr, dstMm, srcMm);
    } else if (!this.folioTryDupAnonRmapPtes(folio, pte.page, nr, dstMm, srcMm)) {
      this.folioRefSub(folio, nr);
      prealloc ??= this.folioAlloc(machine, 1);
      if (batched) {
        continue;
      }
      this.copyPresentPage(machine, dstMm, dstVma, srcVma, i, prealloc);
      prealloc = undefined;
      i += 1;
      continue;
    }
    this.vmWarnOn(folio.anon && at(folio.pages, pte.page).anonExclusive, Warning.exclusiveAfterFork);
    this.copyPresentPtes(dstVma, srcVma, i, nr);
    i += nr;
  }
  if (prealloc !== undefined) {
    this.folioPutRefs(prealloc, 1);
  }
}

/**
 * Writes the child's entries, after their mappings have been duplicated. In private mappings both sides become read-only.
 *
 * @source mm/memory.c, __copy_present_ptes()
 */
export function copyPresentPtes(this: Kernel, dstVma: Vma, srcVma: Vma, first: number, nr: number): void {
  for (let i = first; i < first + nr; i++) {
    const pte = at(srcVma.ptes, i);
    pte.writable = false;
    copyPte(at(dstVma.ptes, i), pte);
  }
}

/**
 * Gives the child a copy of a page that the parent may have pinned.
 *
 * @param newFolio a fresh small folio
 * @source mm/memory.c, copy_present_page()
 */
export function copyPresentPage(
  this: Kernel,
  machine: Machine,
  dstMm: MmStruct,
  dstVma: Vma,
  srcVma: Vma,
  entry: number,
  newFolio: Folio,
): void {
  const { page, folio } = at(srcVma.ptes, entry);
  at(newFolio.pages, 0).content = at(at(machine.folios, folio - 1).pages, page).content;
  this.folioAddNewAnonRmap(machine.stats, newFolio, dstMm, true);
  setPtes(dstVma.ptes, entry, newFolio, 0, 1, true);
}

/**
 * Copies a swap or migration entry for a child: what was exclusive is no longer.
 *
 * @source mm/memory.c, copy_nonpresent_pte()
 */
export function copyNonpresentPte(this: Kernel, machine: Machine, dstPte: Pte, srcPte: Pte): void {
  if (srcPte.swap) {
    this.swapDuplicate(machine, srcPte.page);
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
 * Clears the entries of a range.
 *
 * The kernel drops the references of all batches after the TLB flush, and removes the rmap of dirty file entries only
 * then (`tlb_delay_rmap()`). Nothing looks in between here, so each batch does all of it. Batches are the largest
 * possible: the kernel also ends one with a page table or a full mmu_gather, which is several unmaps here.
 *
 * @param first position of the first entry
 * @param end position after the last
 * @source mm/memory.c, zap_pte_range()
 */
export function zapPteRange(this: Kernel, machine: Machine, mm: MmStruct, vma: Vma, first: number, end: number): void {
  const { ptes } = vma;
  let i = first;
  while (i < end) {
    const pte = at(ptes, i);
    if (isNone(pte)) {
      i += 1;
      continue;
    }
    if (isPresent(pte)) {
      const folio = folioOf(machine, pte);
      const large = this.folioTestLarge(folio);
      const nr = large && end - i > 1 ? this.folioPteBatch(ptes, i, end, folio.nrPages) : 1;
      this.zapPresentFolioPtes(machine, mm, vma, folio, i, nr);
      i += nr;
      continue;
    }
    i += this.zapNonpresentPtes(machine, vma, i, end);
  }
}

/**
 * Clears swap entries of consecutive slots, or a migration entry, which has neither a mapping nor a reference.
 *
 * @param end position after the last entry to consider
 * @returns the number of entries that it dealt with
 * @source mm/memory.c, zap_nonpresent_ptes()
 */
export function zapNonpresentPtes(this: Kernel, machine: Machine, vma: Vma, first: number, end: number): number {
  const { ptes } = vma;
  const { swap, page } = at(ptes, first);
  if (swap) {
    const nr = this.swapPteBatch(ptes, first, end);
    this.freeSwapAndCacheNr(machine, page, nr);
    clearPtes(ptes, first, nr);
    return nr;
  }
  clearPtes(ptes, first, 1);
  return 1;
}

/**
 * Clears entries that map consecutive pages of one folio: entries, then reverse mapping, then references.
 *
 * @source mm/memory.c, zap_present_folio_ptes(); mm/swap_state.c, free_pages_and_swap_cache()
 */
export function zapPresentFolioPtes(
  this: Kernel,
  machine: Machine,
  mm: MmStruct,
  vma: Vma,
  folio: Folio,
  first: number,
  nr: number,
): void {
  const { page } = at(vma.ptes, first);
  clearPtes(vma.ptes, first, nr);
  this.folioRemoveRmapPtes(machine.stats, folio, page, nr, mm);
  this.vmWarnOn(this.folioMapcount(folio) < 0, Warning.badPte);
  this.freeSwapCache(machine, folio);
  this.folioPutRefs(folio, nr);
}

/**
 * A fault on a present read-only entry of a private mapping: a write, or (unshare) a read-only pin that needs an
 * exclusive page. The page is reused in place or copied.
 *
 * @param unshare FAULT_FLAG_UNSHARE: the entry stays read-only
 * @returns whether the page was reused
 * @source mm/memory.c, do_wp_page(), wp_page_reuse()
 */
export function doWpPage(this: Kernel, machine: Machine, mm: Mm, vma: Vma, entry: number, unshare: boolean): boolean {
  const pte = at(vma.ptes, entry);
  const folio = folioOf(machine, pte);
  const page = at(folio.pages, pte.page);
  if (folio.anon && (page.anonExclusive || this.wpCanReuseAnonFolio(machine, folio, mm))) {
    if (!page.anonExclusive) {
      page.anonExclusive = true;
    }
    if (!unshare) {
      pte.writable = true;
    }
    return true;
  }
  this.wpPageCopy(machine, mm, vma, entry, unshare);
  return false;
}

/**
 * Replaces a page by a copy that is exclusive to the MM. The old mapping is removed only after the entry has changed.
 *
 * @source mm/memory.c, wp_page_copy()
 */
export function wpPageCopy(this: Kernel, machine: Machine, mm: Mm, vma: Vma, entry: number, unshare: boolean): void {
  const pte = at(vma.ptes, entry);
  const oldFolio = folioOf(machine, pte);
  const oldPage = pte.page;
  this.folioRefAdd(oldFolio, 1);
  const newFolio = this.folioAlloc(machine, 1);
  at(newFolio.pages, 0).content = at(oldFolio.pages, oldPage).content;
  clearPtes(vma.ptes, entry, 1);
  this.folioAddNewAnonRmap(machine.stats, newFolio, mm, true);
  setPtes(vma.ptes, entry, newFolio, 0, 1, !unshare);
  this.folioRemoveRmapPtes(machine.stats, oldFolio, oldPage, 1, mm);
  // The mapping's reference, then ours.
  this.folioPutRefs(oldFolio, 1);
  this.freeSwapCache(machine, oldFolio);
  this.folioPutRefs(oldFolio, 1);
}

/**
 * Whether a write fault may write to the page in place because nobody else can reach it. May take the folio out of the
 * swap cache, whatever it answers.
 *
 * @source mm/memory.c, wp_can_reuse_anon_folio()
 */
export function wpCanReuseAnonFolio(this: Kernel, machine: Machine, folio: Folio, mm: MmStruct): boolean {
  if (this.folioTestLarge(folio) && this.config.mmId) {
    return this.wpCanReuseLargeAnonFolio(machine, folio, mm);
  }
  if (folio.refcount > 3 || folio.refcount > 1 + (folio.swapcache ? 1 : 0) || !this.folioTrylock(folio)) {
    return false;
  }
  if (folio.swapcache) {
    this.folioFreeSwap(machine, folio);
  }
  const alone = folio.refcount === 1;
  this.folioUnlock(folio);
  return alone;
}

/**
 * The same for a large folio that is mapped by PTEs. If all references are mappings, and all mappings are this MM's, then
 * nobody else can reach it.
 *
 * @source mm/memory.c, __wp_can_reuse_large_anon_folio(); series v3 13/20 (1da190f4d0a6)
 */
export function wpCanReuseLargeAnonFolio(this: Kernel, machine: Machine, folio: Folio, mm: MmStruct): boolean {
  // With a single page mapped, the folio had better be freed.
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
    this.folioFreeSwap(machine, folio);
    this.folioUnlock(folio);
  }
  if (this.folioMapcount(folio) !== folio.refcount) {
    return false;
  }
  // The mapcount can change until the lock is taken: what was compared before is compared again.
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

/** Warns when not every mapping is one of a page of its own. In line in the kernel, under the large-mapcount lock. */
export function wpReuseChecks(this: Kernel, folio: Folio): void {
  this.vmWarnOn(this.folioMapcount(folio) > folio.nrPages, Warning.reuseAbovePages);
  this.vmWarnOn(this.folioEntireMapcount(folio) !== 0, Warning.reuseWhilePmdMapped);
}

/**
 * A fault on a swap entry. The folio is in the swap cache (the environment has read it, if need be), and the caller has a
 * reference to it, which becomes the mapping's. Several entries are mapped at once when all pages of a large folio are
 * swapped out in their places.
 *
 * Not modelled: devices that are read around the swap cache (SWP_SYNCHRONOUS_IO), and those that must not see a page
 * change while it is written (SWP_STABLE_WRITES).
 *
 * @param write FAULT_FLAG_WRITE
 * @source mm/memory.c, do_swap_page()
 */
export function doSwapPage(
  this: Kernel,
  machine: Machine,
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
  this.swapInBeforeMapping(machine, folio, page, nr, write);
  const makeExclusive = this.swapInExclusive(machine, folio, exclusive);
  this.folioRefAdd(folio, nr - 1);
  if (folio.anon) {
    this.folioAddAnonRmapPtes(machine.stats, folio, page, nr, mm, makeExclusive);
  } else {
    this.folioAddNewAnonRmap(machine.stats, folio, mm, makeExclusive);
  }
  this.vmWarnOn(makeExclusive && !at(folio.pages, page).anonExclusive, Warning.writableNotExclusive);
  setPtes(vma.ptes, first, folio, page, nr, makeExclusive);
  this.swapInAfterMapping(machine, folio, page, nr, write);
}

/**
 * The part of a swap-in before pages are mapped: gives up the swap entries, and the swap cache if it can. In line in the
 * kernel.
 *
 * @param nr entries that are mapped, from `page` of the folio on
 * @source mm/memory.c, do_swap_page()
 */
export function swapInBeforeMapping(
  this: Kernel,
  machine: Machine,
  folio: Folio,
  page: number,
  nr: number,
  write: boolean,
): void {
  this.swapFreeNr(machine, folio.swap + page, nr);
  if (this.shouldTryToFreeSwap(folio, 1, write)) {
    this.folioFreeSwap(machine, folio);
  }
}

/**
 * Whether the entry of a fault changed until the folio lock and the page table lock were taken: another CPU handled the fault, or
 * removed the entry. In line in the kernel.
 *
 * @param entry what was loaded before
 * @param load loads the entry
 * @source mm/memory.c, do_swap_page(), pte_same()
 */
export function swapInEntryChanged(this: Kernel, entry: number, load: () => number): boolean {
  return load() !== entry;
}

/**
 * Lets go of a folio whose entry has changed meanwhile: its lock and the caller's reference. In line in the kernel.
 *
 * @source mm/memory.c, do_swap_page(), out_page
 */
export function swapInBackOut(this: Kernel, _machine: Machine, folio: Folio): void {
  this.folioUnlock(folio);
  this.folioPutRefs(folio, 1);
}

/** The part after pages are mapped: none before 7.1. @source mm/memory.c, do_swap_page() */
export function swapInAfterMapping(
  this: Kernel,
  _machine: Machine,
  _folio: Folio,
  _page: number,
  _nr: number,
  _write: boolean,
): void {}

/**
 * Whether a page that is swapped in is this MM's alone. In line in the kernel.
 *
 * @param exclusive what the swap entry said (pte_swp_exclusive())
 * @source mm/memory.c, do_swap_page()
 */
export function swapInExclusive(this: Kernel, _machine: Machine, folio: Folio, exclusive: boolean): boolean {
  return exclusive || folio.refcount === 1;
}

/**
 * Whether all pages of a folio are swapped out in consecutive entries, all exclusive or none.
 *
 * @param first where the entry of the first page would be
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
 * Whether freeing the swap cache is likely to leave the folio to this MM alone.
 *
 * @param extraRefs references of the fault: the caller's own, or those of the mappings that it added
 * @source mm/memory.c, should_try_to_free_swap(); memory cgroups that run out of swap are not modelled
 */
export function shouldTryToFreeSwap(this: Kernel, folio: Folio, extraRefs: number, write: boolean): boolean {
  return folio.swapcache && write && folio.refcount === extraRefs + folio.nrPages;
}
