/** `_nr_pages_mapped` of a folio of an image. */
import { ENTIRELY_MAPPED } from "../../../model/state/structs.ts";

/**
 * Base-2 logarithm of the kernel's ENTIRELY_MAPPED.
 *
 * @source mm/internal.h
 */
const ENTIRELY_MAPPED_SHIFT = 23;

/** Converts `_nr_pages_mapped` to the model's value of ENTIRELY_MAPPED. */
export function nrPagesMappedOf(value: number): number {
  const pmds = value >> ENTIRELY_MAPPED_SHIFT;
  return pmds * ENTIRELY_MAPPED + value - (pmds << ENTIRELY_MAPPED_SHIFT);
}
