/** Keys of the places of a picture, for faults and changes. */
import type { Fault } from "../../../invariants/fault.ts";

/** Returns the key of an entry of a VMA. */
export function entryKey(mm: number, vma: number, entry: number): string {
  return `entry ${mm} ${vma} ${entry}`;
}

/** Returns the key of a page of a folio. */
export function pageKey(folio: number, page: number): string {
  return `page ${folio} ${page}`;
}

/** Returns the key of an owner slot of a folio. */
export function ownerSlotKey(folio: number, slot: number): string {
  return `owner slot ${folio} ${slot}`;
}

/** Returns the key of a slot of the swap area. */
export function swapSlotKey(slot: number): string {
  return `swap slot ${slot}`;
}

/** Returns the key of a holder of a reference. */
export function holderKey(holder: number): string {
  return `holder ${holder}`;
}

/** Returns the key of a page of the file. */
export function filePageKey(page: number): string {
  return `file page ${page}`;
}

/**
 * Returns the key of the most exact place of a fault; undefined if it names none. A fault without a folio is about the
 * only one.
 */
export function placeOf({
  folio = 0,
  page,
  ownerSlot,
  mm,
  vma,
  entry,
  swapSlot,
  holder,
  filePage,
}: Fault): string | undefined {
  if (mm !== undefined && entry !== undefined) {
    return entryKey(mm, vma ?? 0, entry);
  }
  if (holder !== undefined) {
    return holderKey(holder);
  }
  if (swapSlot !== undefined) {
    return swapSlotKey(swapSlot);
  }
  if (filePage !== undefined) {
    return filePageKey(filePage);
  }
  if (ownerSlot !== undefined) {
    return ownerSlotKey(folio, ownerSlot);
  }
  return page === undefined ? undefined : pageKey(folio, page);
}
