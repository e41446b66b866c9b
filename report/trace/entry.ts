/** Page table entries in a few characters. */
import type { DrawnEntry, DrawnPte } from "./state.ts";

/** An entry that is none, and a place that nobody has taken. */
export const NOTHING = "·";

/** A folio's letter: A is the folio at position 0. */
export function folioName(position: number): string {
  return position < 26 ? String.fromCharCode(65 + position) : `F${position}.`;
}

/** A page of a folio: A2. */
export function pageName(position: number, page: number): string {
  return `${folioName(position)}${page}`;
}

/** An MM's name, as in the arguments of actions: its position. */
export function mmName(position: number): string {
  return `mm ${position}`;
}

/** Whether an entry of either level maps its folio. */
export function isPresent({ folio, migration }: DrawnEntry): boolean {
  return folio !== 0 && migration !== true;
}

/** `w`: writable. `x`: exclusive, in an entry that is not present. */
export function rightsOf({ writable, exclusive }: DrawnEntry): string {
  return writable === true ? "w" : exclusive === true ? "x" : "";
}

/** A PTE: `·`, present as in `A2` or `A2w`, a migration entry as in `(A2x)`, a swap entry as in `s3`. */
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

/** What a PMD says of one page of its folio; its rights stand at its end. */
export function pmdPageText(pmd: DrawnEntry, page: number): string {
  const text = pageName(pmd.folio - 1, page);
  return pmd.migration === true ? `(${text})` : text;
}
