/** Pins and references that are taken through page tables. @source mm/gup.c, mm/internal.h */
import { at } from "../../explore/schema.ts";
import type { Kernel } from "./kernel.ts";
import { type Folio, GUP_PIN_COUNTING_BIAS, type MmStruct } from "./structs.ts";
import { Warning } from "./warnings.ts";

/**
 * Whether a page must be made exclusive before it is pinned: only an exclusive anon page stays the mapped page.
 *
 * @param pin FOLL_PIN; otherwise FOLL_GET, which promises nothing
 * @param write FOLL_WRITE: the entry is writable already, and so the page exclusive
 * @source mm/internal.h, gup_must_unshare(); FOLL_LONGTERM of file pages is not modelled
 */
export function gupMustUnshare(this: Kernel, folio: Folio, page: number, pin: boolean, write: boolean): boolean {
  if (!pin || write || !folio.anon) {
    return false;
  }
  return !at(folio.pages, page).anonExclusive;
}

/**
 * Takes a reference (FOLL_GET) or a pin (FOLL_PIN).
 *
 * @source mm/gup.c, try_grab_folio(), mm_set_has_pinned_flag()
 */
export function tryGrabFolio(this: Kernel, folio: Folio, mm: MmStruct, pin: boolean): void {
  if (!pin) {
    folio.refcount += 1;
    return;
  }
  mm.hasPinned = true;
  if (this.folioHasPincount(folio)) {
    folio.refcount += 1;
    folio.pincount += 1;
  } else {
    folio.refcount += GUP_PIN_COUNTING_BIAS;
  }
}

/**
 * Warns when a page that is pinned, or about to be let go, is not exclusive. How it is mapped is not known here: by a PMD
 * the head page's flag counts, by a PTE its own, and one of them is enough.
 *
 * @source mm/gup.c, sanity_check_pinned_pages()
 */
export function sanityCheckPinnedPages(this: Kernel, folio: Folio, page: number): void {
  this.vmWarnOn(
    folio.anon && !at(folio.pages, 0).anonExclusive && !at(folio.pages, page).anonExclusive,
    Warning.pinnedNotExclusive,
  );
}

/** Drops what tryGrabFolio() took. @source mm/gup.c, gup_put_folio() */
export function gupPutFolio(this: Kernel, folio: Folio, pin: boolean): void {
  if (!pin) {
    this.folioPutRefs(folio, 1);
    return;
  }
  if (this.folioHasPincount(folio)) {
    folio.pincount -= 1;
    this.folioPutRefs(folio, 1);
  } else {
    this.folioPutRefs(folio, GUP_PIN_COUNTING_BIAS);
  }
}
