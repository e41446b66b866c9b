/** The claims about states of the image: those of the model that speak of folios, and some that only an image can check. */
import { always, noWarning, type Property } from "../../explore/model.ts";
import { exclusiveIsMappedOnce } from "../../invariants/copy-on-write.ts";
import {
  entireMapcountIsExact,
  expectedRefcountIsExact,
  largeMapcountIsExact,
  pageMapcountsAreExact,
  refcountCoversMappings,
  refcountIsExact,
} from "../../invariants/counters.ts";
import { exclusiveImpliesSingleMm, singleMappingIsExclusive } from "../../invariants/exclusivity.ts";
import { range } from "../../invariants/machine-definition.ts";
import { queueIsRight } from "../../invariants/partially-mapped.ts";
import { slotNeverOvercounts, slotsAreConsistent, unmappedIsUntracked } from "../../invariants/slots.ts";
import {
  mappedPagesAreAccounted,
  pmdMappedIsAccounted,
  pmdMappedPagesAreAccounted,
  wholeFoliosAreAccounted,
} from "../../invariants/stats.ts";
import type { KernelConfig } from "../../model/config.ts";
import type { ImageView } from "./image-view.ts";

const RULES =
  "include/linux/rmap.h; mm/memory.c, wp_can_reuse_anon_folio(); PageAnonExclusive in include/linux/page-flags.h";

const writableIsExclusive: Property<ImageView> = always({
  id: "C11.writable",
  claim: "An entry that lets a process write to an anonymous page maps an exclusive page",
  source: RULES,
  holds: ({ entries }) =>
    entries.every(({ present, writable, anon, frameExclusive }) => !(present && writable && anon) || frameExclusive),
});

const writableOnlyWhereAllowed: Property<ImageView> = always({
  id: "VMA.writable",
  claim: "An entry lets a process write only where its VMA does",
  source: "mprotect(2); mm/mprotect.c",
  holds: ({ entries }) => entries.every(({ present, writable, mayWrite }) => !(present && writable) || mayWrite),
});

const contentsArePrivate: Property<ImageView> = always({
  id: "C9",
  claim: "Each process finds in its pages what it wrote last, or had inherited, and nothing that another one wrote",
  source: "what private memory means: fork(2), mmap(2), MAP_PRIVATE",
  holds: ({ entries }) =>
    entries.every(
      ({ present, migration, expected, found, mayBeZero }) =>
        found === expected || (mayBeZero && found === 0) || !(present || migration),
    ),
});

const pagesAreNotLost: Property<ImageView> = always({
  id: "C9.kept",
  claim: "A page that a process wrote to stays until the process gives it up",
  source: "what private memory means: madvise(2), munmap(2)",
  holds: ({ entries }) =>
    entries.every(({ present, migration, expected, mayBeZero }) => expected === 0 || mayBeZero || present || migration),
});

const anonPagesAreCounted: Property<ImageView> = always({
  id: "RSS.anon",
  claim:
    "MM_ANONPAGES of an MM is the number of anonymous pages that its page tables map, or have a migration entry for",
  source: "include/linux/mm_types_task.h; mm/memory.c",
  holds: ({ mms }) => mms.every(({ live, anonPages, mappedAnon }) => !live || anonPages === mappedAnon),
});

/** Codes of the reports of kernel and harness while operations run: the texts are known when they come. */
export const REPORT_CODES: readonly number[] = range(1, 200);

const nothingIsReported: Property<ImageView> = noWarning({
  id: "KERNEL",
  claim:
    "No assertion of the kernel fails, no bad page is found, no lock is left taken, nothing is leaked, freed twice or " +
    "used after it was freed, and a split or migration succeeds when nothing prevents it (P1, P2)",
  source: "WARN and BUG of the tree; Documentation/mm/transhuge.rst",
  codes: REPORT_CODES,
});

/** The claims for a configuration. */
export function imageClaims({ pageMapcount, mmId }: KernelConfig): readonly Property<ImageView>[] {
  return [
    nothingIsReported,
    exclusiveImpliesSingleMm,
    ...(mmId ? [singleMappingIsExclusive, unmappedIsUntracked, slotsAreConsistent, slotNeverOvercounts] : []),
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
    writableOnlyWhereAllowed,
    ...(pageMapcount
      ? [mappedPagesAreAccounted, pmdMappedPagesAreAccounted]
      : [wholeFoliosAreAccounted, pmdMappedIsAccounted]),
    queueIsRight,
    anonPagesAreCounted,
  ] as unknown as readonly Property<ImageView>[];
}
