/**
 * The kernel's own warnings, as the model raises them. Each is a property: a kernel that raises one is wrong, or its
 * warning is. Not modelled: the checks of arguments that the model's types rule out (ids above MM_ID_MAX, hugetlb,
 * zero folios, anon_vma), and those of __folio_rmap_sanity_checks(), where a page outside its folio ends the model run.
 */
import type { WarningLog } from "../../explore/machine.ts";

/** The code of each modelled warning. */
export const Warning = {
  diffNotPositive: 1,
  mmIdOutOfRange: 2,
  diffAboveNrPages: 3,
  folioAboveMapcountMax: 4,
  freeSlotCounts: 5,
  takenSlotEmpty: 6,
  unmappedButShared: 7,
  newFolioTracked: 8,
  badPageMapcount: 9,
  badLargeMapcount: 10,
  badNrPagesMapped: 11,
  badMmIdMapcount: 12,
  badEntireMapcount: 13,
  onDeferredList: 14,
  badPte: 15,
  notLarge: 16,
} as const;

/** A claim that warnings belong to. */
export type WarningClaim = "C4" | "C5" | "C6";

interface WarningRow {
  readonly claim: WarningClaim;
  /** The kernel function that warns. */
  readonly by: string;
  /** What it warns of. */
  readonly of: string;
}

const SANITY = "__folio_large_mapcount_sanity_checks()";
const TAIL = "free_tail_page_prepare()";

const ROWS: { readonly [N in keyof typeof Warning]: WarningRow } = {
  notLarge: { claim: "C5", by: SANITY, of: "the folio is not large" },
  diffNotPositive: { claim: "C5", by: SANITY, of: "the number of mappings is not positive" },
  mmIdOutOfRange: { claim: "C5", by: SANITY, of: "the MM has no valid id" },
  diffAboveNrPages: { claim: "C5", by: SANITY, of: "more mappings at once than the folio has pages" },
  folioAboveMapcountMax: { claim: "C5", by: SANITY, of: "one complete mapping does not fit a slot mapcount" },
  freeSlotCounts: { claim: "C5", by: SANITY, of: "a free slot has a mapcount other than -1" },
  takenSlotEmpty: { claim: "C5", by: SANITY, of: "a taken slot has a negative mapcount" },
  unmappedButShared: { claim: "C5", by: SANITY, of: "an unmapped folio is marked as shared" },
  newFolioTracked: { claim: "C5", by: "folio_set_large_mapcount()", of: "a new folio has a taken slot" },
  badPageMapcount: { claim: "C4", by: "free_page_is_bad()", of: "bad page: nonzero mapcount" },
  badLargeMapcount: { claim: "C4", by: TAIL, of: "bad page: nonzero large_mapcount" },
  badNrPagesMapped: { claim: "C4", by: TAIL, of: "bad page: nonzero nr_pages_mapped" },
  badMmIdMapcount: { claim: "C4", by: TAIL, of: "bad page: nonzero mm mapcount" },
  badEntireMapcount: { claim: "C4", by: TAIL, of: "bad page: nonzero entire_mapcount" },
  onDeferredList: { claim: "C4", by: TAIL, of: "bad page: on deferred list" },
  badPte: { claim: "C6", by: "zap_present_folio_ptes()", of: "bad pte: the folio's mapcount is negative" },
};

const BY_CODE: ReadonlyMap<number, WarningRow> = new Map(
  Object.entries(ROWS).map(([name, row]) => [Warning[name as keyof typeof Warning], row]),
);

/** A warning in words: who warns, and of what. */
export function warningText(code: number): string {
  const row = BY_CODE.get(code);
  return row === undefined ? `unknown warning ${code}` : `${row.by} warns: ${row.of}`;
}

/** The codes of the warnings that belong to a claim. */
export function warningsOf(claim: WarningClaim): number[] {
  return [...BY_CODE].filter(([, row]) => row.claim === claim).map(([code]) => code);
}

/** Keeps the first warning since it was last cleared. */
export class Warnings implements WarningLog {
  first = 0;
}
