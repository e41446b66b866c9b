/** Counters of folios that contain a large constant, as text. */
import { ENTIRELY_MAPPED, GUP_PIN_COUNTING_BIAS } from "../../model/state/structs.ts";
import type { DrawnFolio } from "./state.ts";

/**
 * Formats the references of a folio. Without the field _pincount, a pin counts as GUP_PIN_COUNTING_BIAS of them.
 *
 * @param config words of the kernel configuration
 */
export function referencesText({ refcount = 0, nrPages }: DrawnFolio, config: readonly string[]): string {
  const hasPincount = nrPages > (config.includes("32bit") ? 2 : 1);
  return hasPincount ? String(refcount) : sumText(refcount, GUP_PIN_COUNTING_BIAS, "GUP_PIN_COUNTING_BIAS");
}

/** Formats _nr_pages_mapped of a folio, which contains ENTIRELY_MAPPED while a PMD maps it. */
export function pagesMappedText(mapped: number, { hpagePmdNr = 0 }: DrawnFolio): string {
  return hpagePmdNr > 0 ? sumText(mapped, ENTIRELY_MAPPED, "ENTIRELY_MAPPED") : String(mapped);
}

/** Formats a count as a multiple of a large constant and a rest. */
function sumText(count: number, constant: number, name: string): string {
  const times = Math.floor(count / constant);
  if (times < 1) {
    return String(count);
  }
  const rest = count % constant;
  return `${times === 1 ? "" : `${times} × `}${name}${rest === 0 ? "" : ` + ${rest}`}`;
}
