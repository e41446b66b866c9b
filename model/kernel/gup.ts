/** Pins and references that are taken through page tables. @source mm/gup.c, mm/internal.h */
import { at } from "../../explore/model/schema.ts";
import {
  type Folio,
  Followed,
  GUP_PIN_COUNTING_BIAS,
  type KernelState,
  type MmStruct,
  type Pmd,
  type Pte,
  type Vma,
} from "../state/structs.ts";
import type { Kernel } from "./kernel.ts";
import { isPresent } from "./pgtable.ts";
import { Warning } from "./warnings.ts";

/**
 * Whether a page must be made exclusive before it is pinned: only an exclusive anon page is not replaced by a copy.
 *
 * @param pin FOLL_PIN; otherwise FOLL_GET, which gives no guarantee
 * @param write FOLL_WRITE: the entry is writable already, and so the page exclusive
 * @source mm/internal.h, gup_must_unshare(); FOLL_LONGTERM of file pages is not modelled
 */
export function gupMustUnshare(this: Kernel, folio: Folio, page: number, pin: boolean, write: boolean): boolean {
  if (!pin || write || !folio.anon) {
    return false;
  }
  // Pairs with the barrier in folioTryShareAnonRmap() after the flag is cleared.
  this.smpRmb();
  return !at(folio.pages, page).anonExclusive;
}

/**
 * Takes a reference to, or pins, the page that an entry maps, if the entry can be used as it is.
 *
 * @param pin FOLL_PIN; otherwise FOLL_GET
 * @param write FOLL_WRITE
 * @source mm/gup.c, follow_page_mask(), follow_pmd_mask()
 */
export function followPageMask(
  this: Kernel,
  state: KernelState,
  mm: MmStruct,
  vma: Vma,
  entry: number,
  pin: boolean,
  write: boolean,
): Followed {
  return vma.pmd.folio === 0
    ? this.followPagePte(state, mm, at(vma.ptes, entry), pin, write)
    : this.followHugePmd(state, mm, vma.pmd, pin, write);
}

/**
 * @source mm/gup.c, follow_page_pte(); its warning about a pinned page that is not exclusive is covered by
 *   sanityCheckPinnedPages()
 */
export function followPagePte(
  this: Kernel,
  state: KernelState,
  mm: MmStruct,
  pte: Pte,
  pin: boolean,
  write: boolean,
): Followed {
  if (!isPresent(pte) || (write && !pte.writable)) {
    return Followed.noPage;
  }
  const folio = at(state.folios, pte.folio - 1);
  if (!pte.writable && this.gupMustUnshare(folio, pte.page, pin, write)) {
    return Followed.mustUnshare;
  }
  this.tryGrabFolio(folio, mm, pin);
  return Followed.page;
}

/**
 * Implements followPageMask() at PMD level, where the flag of the head page is used.
 *
 * @source mm/gup.c, follow_huge_pmd()
 */
export function followHugePmd(
  this: Kernel,
  state: KernelState,
  mm: MmStruct,
  pmd: Pmd,
  pin: boolean,
  write: boolean,
): Followed {
  if (!isPresent(pmd) || (write && !pmd.writable)) {
    return Followed.noPage;
  }
  const folio = at(state.folios, pmd.folio - 1);
  if (!pmd.writable && this.gupMustUnshare(folio, 0, pin, write)) {
    return Followed.mustUnshare;
  }
  this.tryGrabFolio(folio, mm, pin);
  return Followed.page;
}

/**
 * Takes a reference (FOLL_GET) or a pin (FOLL_PIN).
 *
 * @source mm/gup.c, try_grab_folio(), mm_set_has_pinned_flag()
 */
export function tryGrabFolio(this: Kernel, folio: Folio, mm: MmStruct, pin: boolean): void {
  if (!pin) {
    this.folioRefAdd(folio, 1);
    return;
  }
  if (!mm.hasPinned) {
    mm.hasPinned = true;
  }
  if (this.folioHasPincount(folio)) {
    this.folioRefAdd(folio, 1);
    this.pincountAdd(folio, 1);
  } else {
    this.folioRefAdd(folio, GUP_PIN_COUNTING_BIAS);
  }
}

/**
 * Takes a reference (FOLL_GET) or a pin (FOLL_PIN) to the folio of an entry that was loaded without the page table
 * lock. The caller loads the entry again, and drops the reference or pin if the entry has changed.
 *
 * @returns false if the folio is free, or about to be
 * @source mm/gup.c, try_grab_folio_fast(), try_get_folio(); a concurrent split of the folio is not modelled
 */
export function tryGrabFolioFast(this: Kernel, folio: Folio, pin: boolean): boolean {
  if (!this.folioTryGet(folio)) {
    return false;
  }
  if (!pin) {
    return true;
  }
  if (this.folioHasPincount(folio)) {
    this.pincountAdd(folio, 1);
  } else {
    this.folioRefAdd(folio, GUP_PIN_COUNTING_BIAS - 1);
  }
  // Pairs with the barrier in folioTryShareAnonRmap() between clearing the entry and loading the pins.
  this.smpMbAfterAtomic();
  return true;
}

/**
 * Whether the entry changed while GUP-fast took its reference: then the folio may not be mapped there any more. Inline
 * in the kernel.
 *
 * @param entry the value loaded before
 * @param load loads the entry
 * @source mm/gup.c, gup_fast_pte_range(), gup_fast_pmd_leaf()
 */
export function gupFastEntryChanged(this: Kernel, entry: number, load: () => number): boolean {
  return load() !== entry;
}

/**
 * Whether fork() copied page tables while GUP-fast pinned a page of them. Inline in the kernel.
 *
 * @param seq the value of `write_protect_seq` loaded before
 * @param load loads `write_protect_seq`
 * @source mm/gup.c, gup_fast(), read_seqcount_retry()
 */
export function gupFastRacedWithFork(this: Kernel, seq: number, load: () => number): boolean {
  return load() !== seq;
}

/**
 * Warns if a page that was pinned, or is about to be unpinned, is not exclusive. The level of the mapping is unknown:
 * with a PMD the flag of the head page is used, with a PTE that of the page; one of them must be set.
 *
 * @source mm/gup.c, sanity_check_pinned_pages()
 */
export function sanityCheckPinnedPages(this: Kernel, folio: Folio, page: number): void {
  this.vmWarnOn(
    folio.anon && !at(folio.pages, 0).anonExclusive && !at(folio.pages, page).anonExclusive,
    Warning.pinnedNotExclusive,
  );
}

/** Drops a reference or pin of tryGrabFolio(). @source mm/gup.c, gup_put_folio() */
export function gupPutFolio(this: Kernel, folio: Folio, pin: boolean): void {
  if (!pin) {
    this.folioPutRefs(folio, 1);
    return;
  }
  if (this.folioHasPincount(folio)) {
    this.pincountAdd(folio, -1);
    this.folioPutRefs(folio, 1);
  } else {
    this.folioPutRefs(folio, GUP_PIN_COUNTING_BIAS);
  }
}
