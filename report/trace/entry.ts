/** Short texts of page table entries. */
import type { DrawnEntry, DrawnPte } from "./state.ts";

/** Text of an empty entry, and of a free place. */
export const NOTHING = "·";

/** Returns a folio's letter: A for position 0. */
export function folioName(position: number): string {
  return position < 26 ? String.fromCharCode(65 + position) : `F${position}.`;
}

/** Returns the name of a page of a folio: A2. */
export function pageName(position: number, page: number): string {
  return `${folioName(position)}${page}`;
}

/** Returns the name of an MM, with its position as in the arguments of actions. */
export function mmName(position: number): string {
  return `mm ${position}`;
}

/** Whether a PTE or PMD entry maps its folio. */
export function isPresent({ folio, migration }: DrawnEntry): boolean {
  return folio !== 0 && migration !== true;
}

/** Formats the rights of an entry: `w` for writable, `x` for exclusive in an entry that is not present. */
export function rightsOf({ writable, exclusive }: DrawnEntry): string {
  return writable === true ? "w" : exclusive === true ? "x" : "";
}

/** Formats a PTE: `·` if empty, `A2` or `A2w` if present, `(A2x)` for a migration entry, `s3` for a swap entry. */
export function pteText(pte: DrawnPte): string {
  if (pte.swap === true) {
    return `s${pte.page}${rightsOf(pte)}`;
  }
  if (pte.folio === 0) {
    return NOTHING;
  }
  const text = `${pageName(pte.folio - 1, pte.page)}${rightsOf(pte)}`;
  return pte.migration === true ? `(${text})` : text;
}

/** Formats one page of a PMD entry, without rights, which are at the end of its bar. */
export function pmdPageText(pmd: DrawnEntry, page: number): string {
  const text = pageName(pmd.folio - 1, page);
  return pmd.migration === true ? `(${text})` : text;
}
