/**
 * Warnings of the kernel, as the model raises them. Each is a property: if a warning is raised, the kernel or the
 * warning is wrong. Not modelled: checks of arguments that the model's types rule out (ids above MM_ID_MAX, hugetlb,
 * zero folios, anon_vma), and those of __folio_rmap_sanity_checks(): a page outside its folio aborts the exploration.
 */
import type { WarningLog } from "../../explore/model/machine.ts";
import type { Kernel } from "./kernel.ts";

/** Codes of the modelled warnings. */
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
  badPincount: 17,
  freedLocked: 18,
  exclusiveMappedTwice: 19,
  sharedBefore: 20,
  exclusiveAfterFork: 21,
  exclusiveInSwap: 22,
  writableNotExclusive: 23,
  reuseAboveRefcount: 24,
  reuseAbovePages: 25,
  reuseWhilePmdMapped: 26,
  reuseByUntracked: 27,
  reusedWhileReachable: 28,
  copiedThoughAlone: 29,
  pinnedWhileShared: 30,
  badTotalMappedPages: 31,
  pinnedNotExclusive: 32,
  notSplit: 33,
  notSplitByShrinker: 34,
  notUnmappedForMigration: 35,
  notMigrated: 36,
  notAddedToSwap: 37,
  notUnmappedForSwap: 38,
  notSwappedOut: 39,
  notCollapsed: 40,
  ownerLeftInPrivate: 41,
  badMapping: 42,
  badTailMapping: 43,
  tailNotMarked: 44,
  otherHead: 45,
  badRefcount: 46,
  splitMapcount: 47,
  splitPrivate: 48,
  freedTail: 49,
  neverExclusive: 50,
  usedAfterFree: 51,
} as const;

/** Name of a warning. */
export type WarningName = keyof typeof Warning;

const NAMES: ReadonlyMap<number, WarningName> = new Map(
  Object.entries(Warning).map(([name, code]) => [code, name as WarningName]),
);

/** Returns the name of a warning by its code; undefined for a code that is not the model's. */
export function warningName(code: number): WarningName | undefined {
  return NAMES.get(code);
}

/** Claim that warnings belong to. */
export type WarningClaim = "C4" | "C5" | "C6" | "C9" | "C10" | "C11" | "C18" | "C22" | "L3" | "P1" | "P2" | "P3" | "P4";

/** Claims about single decisions of the kernel, which the kernel does not check itself. */
const DECISIONS: Readonly<Record<number, { readonly claim: WarningClaim; readonly sentence: string }>> = {
  [Warning.reusedWhileReachable]: {
    claim: "C9",
    sentence: "a page was reused for writing although another MM or reference holder can reach it",
  },
  [Warning.copiedThoughAlone]: {
    claim: "C10",
    sentence: "a page was copied although its large folio is mapped by this MM alone and has no other references",
  },
  [Warning.pinnedWhileShared]: { claim: "C11", sentence: "a page was pinned although another MM can reach it" },
  [Warning.ownerLeftInPrivate]: {
    claim: "C22",
    sentence: "a folio was split with an owner or the shared bit in _mm_ids, where its second page has private",
  },
  [Warning.neverExclusive]: {
    claim: "C18",
    sentence:
      'folio_maybe_mapped_shared() answered "exclusive" although more than one MM mapped the folio at every instant of the call',
  },
  [Warning.usedAfterFree]: {
    claim: "L3",
    sentence: "the folio is freed while another CPU holds its large-mapcount lock",
  },
  [Warning.notSplit]: { claim: "P1", sentence: "the folio was not split although nothing prevents it" },
  [Warning.notSplitByShrinker]: {
    claim: "P1",
    sentence: "the shrinker did not split a queued folio although nothing prevents it",
  },
  [Warning.notUnmappedForMigration]: {
    claim: "P2",
    sentence: "a mapping was not replaced by a migration entry although nothing prevents it",
  },
  [Warning.notMigrated]: { claim: "P2", sentence: "the folio was not migrated although nothing prevents it" },
  [Warning.notAddedToSwap]: {
    claim: "P3",
    sentence: "the folio was not put into the swap cache although nothing prevents it",
  },
  [Warning.notUnmappedForSwap]: {
    claim: "P3",
    sentence: "a mapping was not removed, or replaced by a swap entry, although nothing prevents it",
  },
  [Warning.notSwappedOut]: { claim: "P3", sentence: "the folio was not swapped out although nothing prevents it" },
  [Warning.notCollapsed]: { claim: "P4", sentence: "the pages were not collapsed although nothing prevents it" },
};

interface WarningRow {
  readonly claim: WarningClaim;
  /** Kernel functions that warn. */
  readonly by: string | readonly string[];
  /** Condition that raises the warning. */
  readonly of: string;
}

const SANITY = "__folio_large_mapcount_sanity_checks";
const TAIL = "free_tail_page_prepare";
const SPLIT = "__split_folio_to_order";
const REUSE = "__wp_can_reuse_large_anon_folio";
const WRITABLE = ["do_swap_page", "try_to_migrate_one", "remove_migration_pmd"];

type Decision =
  | "reusedWhileReachable"
  | "copiedThoughAlone"
  | "pinnedWhileShared"
  | "notSplit"
  | "notSplitByShrinker"
  | "notUnmappedForMigration"
  | "notMigrated"
  | "notAddedToSwap"
  | "notUnmappedForSwap"
  | "notSwappedOut"
  | "notCollapsed"
  | "ownerLeftInPrivate"
  | "neverExclusive"
  | "usedAfterFree";

const ROWS: { readonly [N in Exclude<keyof typeof Warning, Decision>]: WarningRow } = {
  notLarge: { claim: "C5", by: SANITY, of: "the folio is not large" },
  diffNotPositive: { claim: "C5", by: SANITY, of: "the number of mappings is not positive" },
  mmIdOutOfRange: { claim: "C5", by: SANITY, of: "the MM has no valid id" },
  diffAboveNrPages: { claim: "C5", by: SANITY, of: "more mappings at once than the folio has pages" },
  folioAboveMapcountMax: { claim: "C5", by: SANITY, of: "one complete mapping does not fit a slot mapcount" },
  freeSlotCounts: { claim: "C5", by: SANITY, of: "a free slot has a mapcount other than -1" },
  takenSlotEmpty: { claim: "C5", by: SANITY, of: "a taken slot has a negative mapcount" },
  unmappedButShared: { claim: "C5", by: SANITY, of: "an unmapped folio is marked as shared" },
  newFolioTracked: { claim: "C5", by: "folio_set_large_mapcount", of: "a new folio has a taken slot" },
  badPageMapcount: { claim: "C4", by: "free_page_is_bad", of: "bad page: nonzero mapcount" },
  badLargeMapcount: { claim: "C4", by: TAIL, of: "bad page: nonzero large_mapcount" },
  badNrPagesMapped: { claim: "C4", by: TAIL, of: "bad page: nonzero nr_pages_mapped" },
  badMmIdMapcount: { claim: "C4", by: TAIL, of: "bad page: nonzero mm mapcount" },
  badEntireMapcount: { claim: "C4", by: TAIL, of: "bad page: nonzero entire_mapcount" },
  badTotalMappedPages: { claim: "C4", by: TAIL, of: "bad page: nonzero total_mapped_pages" },
  onDeferredList: { claim: "C4", by: TAIL, of: "bad page: on deferred list" },
  badPincount: { claim: "C4", by: TAIL, of: "bad page: nonzero pincount" },
  freedLocked: { claim: "C4", by: "free_page_is_bad", of: "bad page: PAGE_FLAGS_CHECK_AT_FREE flag(s) set" },
  badMapping: { claim: "C4", by: "free_page_is_bad", of: "bad page: non-NULL mapping" },
  badTailMapping: { claim: "C4", by: TAIL, of: "bad page: corrupted mapping in tail page" },
  tailNotMarked: { claim: "C4", by: TAIL, of: "bad page: PageTail not set" },
  otherHead: { claim: "C4", by: TAIL, of: "bad page: compound_head not consistent" },
  badRefcount: { claim: "C4", by: "free_page_is_bad", of: "bad page: nonzero _refcount" },
  freedTail: { claim: "C4", by: "__free_pages_prepare", of: "the page is a tail page" },
  splitMapcount: { claim: "C5", by: SPLIT, of: "a page that is split off has a mapcount" },
  splitPrivate: { claim: "C5", by: SPLIT, of: "private of a page that is split off is not 0" },
  exclusiveMappedTwice: {
    claim: "C11",
    by: "__folio_add_anon_rmap",
    of: "an exclusive page is mapped more than once",
  },
  sharedBefore: { claim: "C11", by: "__folio_try_share_anon_rmap", of: "the page was not exclusive" },
  exclusiveAfterFork: { claim: "C11", by: "copy_present_ptes", of: "a page that was duplicated is still exclusive" },
  exclusiveInSwap: {
    claim: "C11",
    by: "do_swap_page",
    of: "a page in the swap cache is exclusive before it is mapped",
  },
  writableNotExclusive: { claim: "C11", by: WRITABLE, of: "an anon page is mapped writable and is not exclusive" },
  pinnedNotExclusive: { claim: "C11", by: "sanity_check_pinned_pages", of: "a pinned anon page is not exclusive" },
  reuseAboveRefcount: { claim: "C9", by: REUSE, of: "more mappings than references" },
  reuseAbovePages: { claim: "C9", by: REUSE, of: "more mappings than pages" },
  reuseWhilePmdMapped: { claim: "C9", by: REUSE, of: "a PMD maps the folio" },
  reuseByUntracked: { claim: "C9", by: REUSE, of: "no slot holds the MM that faults" },
  badPte: { claim: "C6", by: "zap_present_folio_ptes", of: "bad pte: the folio's mapcount is negative" },
};

const BY_CODE: ReadonlyMap<number, WarningRow> = new Map(
  Object.entries(ROWS).map(([name, row]) => [Warning[name as keyof typeof Warning], row]),
);

/** Warning that a kernel of the model raised, or violated claim about one of its decisions. */
export interface KernelWarning {
  readonly kind: "kernel-warning";
  readonly name: WarningName;
  /** Kernel functions that warn; empty for a decision. */
  readonly by: readonly string[];
}

/** Returns the warning with a code; undefined for a code that is not the model's. */
export function kernelWarning(code: number): KernelWarning | undefined {
  const name = warningName(code);
  const by = BY_CODE.get(code)?.by ?? [];
  return name && { kind: "kernel-warning", name, by: typeof by === "string" ? [by] : by };
}

/** Returns the condition that raises a warning, or the violated claim about a decision, as a clause. */
export function warningSentence(name: WarningName): string {
  const code = Warning[name];
  return DECISIONS[code]?.sentence ?? BY_CODE.get(code)?.of ?? name;
}

/** Returns the codes of the warnings that belong to a claim. */
export function warningsOf(claim: WarningClaim): number[] {
  return [...BY_CODE].filter(([, row]) => row.claim === claim).map(([code]) => code);
}

/**
 * Log that stores the first warning since it was last cleared, and counts the evaluations of each claim about a
 * decision.
 */
export class Warnings implements WarningLog {
  first = 0;
  evaluations: Float64Array = new Float64Array(1 + Math.max(...Object.values(Warning)));

  /** Evaluates a claim about a decision that the kernel just took: it is violated if `holds` is false. */
  assert(claim: number, holds: boolean): void {
    this.evaluations[claim] = (this.evaluations[claim] as number) + 1;
    if (!holds && this.first === 0) {
      this.first = claim;
    }
  }
}

/**
 * Wraps a kernel so that its warnings and claims about decisions are logged. Its own handling of warnings stays active.
 */
export function reportingTo(log: Warnings, kernel: Kernel): Kernel {
  return {
    ...kernel,
    vmWarnOn(condition, warning) {
      if (condition) {
        kernel.vmWarnOn.call(this, condition, warning);
        if (log.first === 0) {
          log.first = warning;
        }
      }
    },
    assertDecision: (claim, holds) => log.assert(claim, holds),
  };
}

/** Returns a log that ignores warnings, for executions whose correctness is checked elsewhere. */
export function silentWarnings(): Warnings {
  return Object.defineProperty(new Warnings(), "first", { get: () => 0, set: () => {} });
}
