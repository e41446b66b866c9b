/**
 * `_nr_pages_mapped` in the exchange buffer: a number of pages and a number of multiples of ENTIRELY_MAPPED, which is
 * smaller in the model than in the kernel.
 */
import { ENTIRELY_MAPPED } from "../../model/state/structs.ts";

/** Offset of the value, so that a negative number of pages is visible. A correct kernel never gets below it. */
const PAGES_BELOW = 4;

/** Returns the number of multiples of ENTIRELY_MAPPED in a value of the model. */
export function entirelyMappedOf(nrPagesMapped: number): number {
  return Math.floor((nrPagesMapped + PAGES_BELOW) / ENTIRELY_MAPPED);
}

/** Returns the number of pages in a value of the model, without the multiples of ENTIRELY_MAPPED. */
export function pagesMappedOf(nrPagesMapped: number): number {
  return nrPagesMapped - entirelyMappedOf(nrPagesMapped) * ENTIRELY_MAPPED;
}

/** Returns the value of the model. */
export function nrPagesMappedOf(pagesMapped: number, entirelyMapped: number): number {
  return pagesMapped + entirelyMapped * ENTIRELY_MAPPED;
}
