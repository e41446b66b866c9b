/** Batches of page table entries. @source mm/internal.h */
import { at } from "../../explore/model/schema.ts";
import type { Pte } from "../state/structs.ts";
import type { Kernel } from "./kernel.ts";
import { isPresent } from "./pgtable.ts";

/**
 * Returns the number of entries, starting with `first`, that map consecutive pages of one large folio. Not called for
 * small folios.
 *
 * @param first position of a present entry
 * @param end position after the last entry to consider
 * @param nrPages number of pages of the folio that the entry maps
 * @returns 1 … end − first
 * @source mm/internal.h, folio_pte_batch_flags(); accessed, dirty and write bits are not modelled
 */
export function folioPteBatch(this: Kernel, ptes: readonly Pte[], first: number, end: number, nrPages: number): number {
  const { folio, page } = at(ptes, first);
  const most = Math.min(end - first, nrPages - page);
  let nr = 1;
  while (nr < most) {
    const pte = at(ptes, first + nr);
    if (pte.folio !== folio || pte.page !== page + nr || !isPresent(pte)) {
      break;
    }
    nr++;
  }
  return nr;
}

/**
 * Returns the number of entries, starting with `first`, that are swap entries of consecutive slots, either all
 * exclusive or none.
 *
 * @param first position of a swap entry
 * @param end position after the last entry to consider
 * @source mm/internal.h, swap_pte_batch()
 */
export function swapPteBatch(this: Kernel, ptes: readonly Pte[], first: number, end: number): number {
  const { page, exclusive } = at(ptes, first);
  let nr = 1;
  while (first + nr < end) {
    const pte = at(ptes, first + nr);
    if (!pte.swap || pte.page !== page + nr || pte.exclusive !== exclusive) {
      break;
    }
    nr++;
  }
  return nr;
}
