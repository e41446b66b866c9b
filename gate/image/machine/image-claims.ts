/**
 * Claims about states of the image: those of the model that are about folios, and those that only an image can check.
 */
import { always, noWarning, type Property } from "../../../explore/model/model.ts";
import { exclusiveIsMappedOnce } from "../../../invariants/copy-on-write.ts";
import {
  entireMapcountIsExact,
  expectedRefcountIsExact,
  largeMapcountIsExact,
  pageMapcountsAreExact,
  refcountCoversMappings,
  refcountIsExact,
} from "../../../invariants/counters.ts";
import { exactForTwoMms, exclusiveImpliesSingleMm, singleMappingIsExclusive } from "../../../invariants/exclusivity.ts";
import { partialMappingIsDetected, queueIsRight } from "../../../invariants/partially-mapped.ts";
import { slotNeverOvercounts, slotsAreConsistent, unmappedIsUntracked } from "../../../invariants/slots.ts";
import {
  mappedPagesAreAccounted,
  pmdMappedIsAccounted,
  pmdMappedPagesAreAccounted,
  wholeFoliosAreAccounted,
} from "../../../invariants/stats.ts";
import { type Bounds, range } from "../../../machines/machine.ts";
import type { KernelConfig } from "../../../model/kernel/config.ts";
import { hasFile, hasGup, hasSwap, isInLockstep } from "../world/image-bounds.ts";
import type { ImageFolio, ImageView } from "../world/image-view.ts";
import { MMS } from "../world/world-layout.ts";
import { FILE_CLAIMS, zapForgetsDirtyPmd } from "./file-claims.ts";
import { GUP_CLAIMS } from "./gup-claims.ts";
import { PROC_EXCEPTIONS, procClaims } from "./proc-claims.ts";

const RULES =
  "include/linux/rmap.h; mm/memory.c, wp_can_reuse_anon_folio(); PageAnonExclusive in include/linux/page-flags.h";

const writableIsExclusive: Property<ImageView> = always({
  id: "C11.writable",
  claim: "An entry that lets a process write to an anonymous page maps an exclusive page",
  source: RULES,
  holds: ({ entries }) =>
    entries.every(({ present, writable, anon, frameExclusive }) => !(present && writable && anon) || frameExclusive),
});

const exclusiveSlotIsAlone: Property<ImageView> = always({
  id: "C11.swap",
  claim: "A swap entry that marks its page as exclusive is the only entry of its slot",
  source: "include/linux/pgtable.h, pte_swp_exclusive(); mm/memory.c, copy_nonpresent_pte(), do_swap_page()",
  holds: ({ slots }) => slots.every(({ exclusive, entries }) => !exclusive || entries === 1),
});

const swapCountsAreExact: Property<ImageView> = always({
  id: "SWAP.count",
  claim: "The swap count of a slot is the number of entries that refer to it",
  source: "mm/swapfile.c, swap_duplicate(), swap_free()",
  holds: ({ slots }) => slots.every(({ count, entries }) => count === entries),
});

const freeSlotsAreCounted: Property<ImageView> = always({
  id: "SWAP.free",
  claim: "nr_swap_pages is the number of slots that no entry and no page in the swap cache has",
  source: "mm/swapfile.c, swap_range_alloc(), swap_range_free()",
  holds: ({ freeSlots: { counted, pages } }) => counted === pages,
});

const swapEntriesAreCounted: Property<ImageView> = always({
  id: "RSS.swap",
  claim: "MM_SWAPENTS of an MM is the number of swap entries in its page tables",
  source: "include/linux/mm_types_task.h; mm/rmap.c; mm/memory.c",
  holds: ({ mms }) => mms.every(({ live, swapEntries, swapped }) => !live || swapEntries === swapped),
});

const swapCacheIsCounted: Property<ImageView> = always({
  id: "STATS.swapcache",
  claim: "NR_SWAPCACHE is the number of pages in the swap cache",
  source: "mm/swap_state.c",
  holds: ({ swapCache: { counted, pages } }) => counted === pages,
});

const exclusiveEntryIsAlone: Property<ImageView> = always({
  id: "C11.migration",
  claim: "A migration entry that marks its anonymous page as exclusive is the only entry of that page",
  source: "include/linux/swapops.h, is_readable_migration_entry(); mm/memory.c, copy_nonpresent_pte()",
  holds: ({ entries }) =>
    entries.every(
      (entry) =>
        !(entry.migration && entry.exclusive && entry.anon) ||
        entries.every((other) => other === entry || other.frame !== entry.frame || !(other.present || other.migration)),
    ),
});

const writableOnlyWhereAllowed: Property<ImageView> = always({
  id: "VMA.writable",
  claim: "An entry lets a process write only where its VMA does",
  source: "mprotect(2); mm/mprotect.c",
  holds: ({ entries }) => entries.every(({ present, writable, mayWrite }) => !(present && writable) || mayWrite),
});

const contentsArePrivate: Property<ImageView> = always({
  id: "C9",
  claim: "Each process reads from its pages what it wrote last or inherited, and nothing that another process wrote",
  source: "private memory: fork(2); mmap(2), MAP_PRIVATE",
  holds: ({ entries }) =>
    entries.every(
      ({ present, migration, swap, expected, actual, mayBeZero }) =>
        actual === expected || (mayBeZero && actual === 0) || !(present || migration || swap),
    ),
});

const pagesAreNotLost: Property<ImageView> = always({
  id: "C9.kept",
  claim: "A page that a process wrote to stays until the process gives it up",
  source: "private memory: madvise(2), munmap(2)",
  holds: ({ entries }) =>
    entries.every(
      ({ present, migration, swap, expected, mayBeZero }) =>
        expected === 0 || mayBeZero || present || migration || swap,
    ),
});

const anonPagesAreCounted: Property<ImageView> = always({
  id: "RSS.anon",
  claim:
    "MM_ANONPAGES of an MM is the number of anonymous pages that its page tables map, or have a migration entry for",
  source: "include/linux/mm_types_task.h; mm/memory.c",
  holds: ({ mms }) => mms.every(({ live, anonPages, mappedAnon }) => !live || anonPages === mappedAnon),
});

const tablesAreCounted: Property<ImageView> = always({
  id: "MM.page-tables",
  claim:
    "Each anonymous huge page that a PMD maps has a deposited page table, and mm_pgtables_bytes() counts the page tables of an MM",
  source: "mm/pgtable-generic.c, pgtable_trans_huge_deposit(); Documentation/mm/split_page_table_lock.rst",
  holds: ({ mms }) =>
    mms.every(
      ({ depositedTables, hugePages, tableBytesCounted, tableBytes }) =>
        depositedTables === hugePages && tableBytesCounted === tableBytes,
    ),
});

const hugePagesAreCounted: Property<ImageView> = always({
  id: "STATS.mthp",
  claim:
    "nr_anon and nr_anon_partially_mapped of a size are the anonymous folios of that size, and those marked as partially mapped",
  source: "Documentation/admin-guide/mm/transhuge.rst; mm/huge_memory.c, mod_mthp_stat()",
  holds: ({ hugeStats, folios }) =>
    hugeStats.every(({ nrAnon, nrAnonPartiallyMapped }, order) => {
      const ofSize = folios.filter(({ folio: { anon, nrPages } }) => anon && nrPages === 1 << order);
      return (
        order === 0 ||
        (nrAnon === ofSize.length &&
          nrAnonPartiallyMapped === ofSize.filter(({ folio }) => folio.partiallyMapped).length)
      );
    }),
});

const lruPagesAreCounted: Property<ImageView> = always({
  id: "STATS.lru",
  claim:
    "The sizes of the LRU lists (NR_INACTIVE_ANON and so on) are the pages of the folios on them, and NR_ISOLATED_ANON and " +
    "NR_ISOLATED_FILE those of a folio under migration",
  source: "include/linux/mm_inline.h, update_lru_size(); mm/migrate.c",
  holds: ({ lru, isolated }) => [...lru, isolated].every(({ counted, pages }) => counted === pages),
});

const queueIsCounted: Property<ImageView> = always({
  id: "STATS.queue",
  claim: "The length of the deferred-split queue is the number of folios on it",
  source: "mm/huge_memory.c, deferred_split_count()",
  holds: ({ queueLength, folios }) => queueLength === folios.filter(({ folio }) => folio.onDeferredList).length,
});

const rmapFindsEntries: Property<ImageView> = always({
  id: "RMAP",
  claim:
    "A walk of the reverse mapping of a folio visits each entry that maps a page of it, or waits for its migration to end",
  source: "mm/rmap.c, rmap_walk_anon(), rmap_walk_file(); mm/vma.c; Documentation/mm/process_addrs.rst",
  holds: ({ entries }) =>
    entries.every(
      ({ present, migration, truth, foundByRmap }) => !(present || migration) || truth === undefined || foundByRmap,
    ),
});

const nothingIsLazyfree: Property<ImageView> = always({
  id: "LAZYFREE",
  claim: "Where no process uses MADV_FREE, every anonymous folio is PG_swapbacked: reclaim may not discard it",
  source: "madvise(2), MADV_FREE; mm/swap.c, folio_mark_lazyfree()",
  holds: ({ folios }) => folios.every(({ folio }) => !(folio as ImageFolio).lazyfree),
});

const idsAreOfLiveMms: Property<ImageView> = always({
  id: "C20",
  claim: "A slot holds the id of an MM that lives, and no two MMs have the same",
  source: "series v3 12/20; kernel/fork.c, mm_alloc_id(), mm_free_id()",
  holds: ({ mms, folios }) =>
    folios.every(({ folio: { slots } }) => slots.every(({ mmId }) => mmId <= MMS)) &&
    mms.every(
      ({ live, id }, mm) =>
        !live || (id !== 0 && !mms.some((each, other) => other < mm && each.live && each.id === id)),
    ),
});

/** Ids of known exceptions from claims. A tree without an exception is better, not worse. */
export const IMAGE_EXCEPTIONS: ReadonlySet<string> = new Set(
  [...PROC_EXCEPTIONS, zapForgetsDirtyPmd].map(({ id }) => id),
);

/** Codes of the reports of kernel and harness. Texts are assigned when a report first occurs. */
export const REPORT_CODES: readonly number[] = range(1, 200);

const nothingIsReported: Property<ImageView> = noWarning({
  id: "KERNEL",
  claim:
    "No assertion of the kernel fails, no bad page is found, no lock is left taken, nothing is leaked, freed twice or " +
    "used after it was freed, and a split, migration, swap-out or collapse succeeds when nothing prevents it (P1 to P4)",
  source: "WARN and BUG of the tree; Documentation/mm/transhuge.rst",
  codes: REPORT_CODES,
});

/** Codes of the differences between image and model. They are assigned when a difference first occurs. */
export const LOCKSTEP_CODES: readonly number[] = range(201, 400);

const modelAgrees: Property<ImageView> = noWarning({
  id: "LOCKSTEP",
  claim: "An operation that the model has as well results in the same state in image and model",
  source: "the kernel of the model that is chosen by what the tree contains: model/kernels/",
  codes: LOCKSTEP_CODES,
});

/** Claims about the swap device. */
const SWAP_CLAIMS: readonly Property<ImageView>[] = [
  exclusiveSlotIsAlone,
  swapCountsAreExact,
  freeSlotsAreCounted,
  swapEntriesAreCounted,
  swapCacheIsCounted,
];

/** Claims about owner slots, which exist only with CONFIG_MM_ID. */
export const SLOT_CLAIMS: readonly Property<never>[] = [
  exactForTwoMms,
  singleMappingIsExclusive,
  unmappedIsUntracked,
  slotsAreConsistent,
  slotNeverOvercounts,
  idsAreOfLiveMms,
];

/**
 * Whether C14 is claimed: not with migration (exception C14.migration), splits to an order above 0 (an exception as
 * well), or a swap device, from which a part of a folio may be read.
 */
export function claimsPartialMappings({ split, migrate, swap = 0 }: Bounds): boolean {
  return split !== 1 && migrate !== 1 && swap === 0;
}

/** Returns the claims for a configuration and the operations within the bounds. */
export function imageClaims(config: KernelConfig, bounds: Bounds = {}): readonly Property<ImageView>[] {
  const { pageMapcount, mmId } = config;
  const { mms = MMS } = bounds;
  const has = (bound: string): boolean => bounds[bound] === 1;
  return [
    nothingIsReported,
    ...(isInLockstep(bounds) ? [modelAgrees] : []),
    exclusiveImpliesSingleMm,
    // With three MMs the state would have to record whether all of them ever mapped the folio. Overflows need more
    // pages than there are.
    ...(mmId ? SLOT_CLAIMS.filter((claim) => claim !== exactForTwoMms || mms <= 2) : []),
    largeMapcountIsExact,
    entireMapcountIsExact,
    pageMapcountsAreExact,
    refcountCoversMappings,
    refcountIsExact,
    expectedRefcountIsExact,
    contentsArePrivate,
    pagesAreNotLost,
    exclusiveIsMappedOnce,
    writableIsExclusive,
    exclusiveEntryIsAlone,
    writableOnlyWhereAllowed,
    ...(pageMapcount
      ? [mappedPagesAreAccounted, pmdMappedPagesAreAccounted]
      : [wholeFoliosAreAccounted, pmdMappedIsAccounted]),
    queueIsRight,
    ...(claimsPartialMappings(bounds) ? [partialMappingIsDetected] : []),
    ...(has("free") ? [] : [nothingIsLazyfree]),
    rmapFindsEntries,
    anonPagesAreCounted,
    hugePagesAreCounted,
    lruPagesAreCounted,
    queueIsCounted,
    tablesAreCounted,
    ...(hasSwap(bounds) ? SWAP_CLAIMS : []),
    ...(hasFile(bounds) ? FILE_CLAIMS : []),
    ...(hasGup(bounds) ? GUP_CLAIMS : []),
    ...procClaims(config, bounds),
  ] as unknown as readonly Property<ImageView>[];
}
