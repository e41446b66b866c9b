/** The machines with the claims that are checked on them. */

import type { Property } from "../explore/model/model.ts";
import type { Pair } from "../explore/model/product.ts";
import {
  type Applicability,
  allOf,
  applicable,
  bound,
  needsAnon,
  needsContents,
  needsEntireMapcount,
  needsHolders,
  needsLargeFolios,
  needsMigration,
  needsMmId,
  needsMms,
  needsNoPageMapcount,
  needsNoPmd,
  needsNoSwap,
  needsNoticedMigration,
  needsNrPagesMapped,
  needsOverflow,
  needsPageMapcount,
  needsPages,
  needsPins,
  needsPmd,
  needsPrivate,
  needsPtesOfLarge,
  needsScope,
  needsShmem,
  needsSwap,
  needsTotalMappedPages,
  needsTypeAwareProc,
  needsTypeInAverage,
  needsUnnoticedMigration,
  needsWriteFaults,
  situationOf,
  skipped,
} from "../invariants/applicability.ts";
import * as copyOnWrite from "../invariants/copy-on-write.ts";
import * as counters from "../invariants/counters.ts";
import * as equivalence from "../invariants/equivalence.ts";
import * as exclusivity from "../invariants/exclusivity.ts";
import { type NotChecked, notChecked } from "../invariants/not-checked.ts";
import * as partiallyMapped from "../invariants/partially-mapped.ts";
import * as progress from "../invariants/progress.ts";
import * as readers from "../invariants/readers.ts";
import * as sharedFiles from "../invariants/shared-files.ts";
import * as slots from "../invariants/slots.ts";
import * as stats from "../invariants/stats.ts";
import * as structPage from "../invariants/struct-pages.ts";
import { TRACKING } from "../invariants/tracking.ts";
import * as witnesses from "../invariants/witnesses.ts";
import type { View, WorldView } from "../model/environment/view.ts";
import type { KernelConfig } from "../model/kernel/config.ts";
import type { Kernel } from "../model/kernel/kernel.ts";
import type { Warnings } from "../model/kernel/warnings.ts";
import type { WorldBounds } from "../model/state/world-schema.ts";
import { type BadPageBounds, badPage } from "./bad-page.ts";
import {
  type AnyModel,
  type BoundDefinition,
  type Bounds,
  type MachineDefinition,
  pmdConflict,
  range,
} from "./machine.ts";
import { type OwnerTrackingBounds, ownerTracking } from "./owner-tracking.ts";
import { RACE_MACHINE } from "./race.ts";
import { SCOPES, type Scope, scopeModel } from "./scopes.ts";
import { type OverflowView, type SlotOverflowBounds, slotOverflow } from "./slot-overflow.ts";
import { type StructPagesBounds, type StructPagesView, structPages } from "./struct-pages.ts";

export type { AnyModel, BoundDefinition, Bounds, MachineDefinition } from "./machine.ts";

const COUNTS: readonly Applicability<View>[] = [
  ...TRACKING,
  { property: witnesses.slotUnderflows, unless: allOf(needsMmId, needsMms(3), needsLargeFolios) },
];

const OVERFLOWING: readonly Applicability<OverflowView>[] = [
  ...COUNTS,
  { property: exclusivity.exactForTwoMms, unless: needsMmId },
  { property: exclusivity.overflowIsNeverExclusive, unless: needsOverflow },
  { property: witnesses.overflowFreesSlot, unless: needsOverflow },
];

const PAGE_TABLES: readonly Applicability<WorldView>[] = [
  ...TRACKING,
  { property: exclusivity.exactForTwoMms, unless: allOf(needsMmId, needsLargeFolios) },
  { property: slots.freeIsFresh },
  { property: slots.noBadPage },
  { property: counters.entireMapcountIsExact, unless: allOf(needsLargeFolios, needsEntireMapcount) },
  { property: counters.totalMappedPagesIsExact, unless: allOf(needsLargeFolios, needsTotalMappedPages) },
  { property: counters.pageMapcountsAreExact },
  {
    property: counters.nrPagesMappedIsExact,
    unless: allOf(needsLargeFolios, needsPageMapcount, needsNrPagesMapped),
  },
  { property: counters.noBadPte },
  { property: counters.refcountCoversMappings },
  { property: counters.refcountIsExact },
  { property: counters.expectedRefcountIsExact },
  { property: counters.pincountIsExact, unless: needsPins },
  { property: counters.swapCountIsExact, unless: needsSwap },
  { property: counters.unreferencedIsFree },
  { property: copyOnWrite.writesArePrivate, unless: needsPrivate },
  { property: sharedFiles.writesAreShared, unless: needsShmem },
  { property: copyOnWrite.heldPagesArePrivate, unless: allOf(needsContents, needsPins) },
  { property: copyOnWrite.pinnedPageStaysMapped, unless: allOf(needsContents, needsPins) },
  { property: copyOnWrite.reuseOnlyWhenAlone, unless: allOf(needsWriteFaults, needsMms(2)) },
  { property: copyOnWrite.noReuseWarning, unless: allOf(needsWriteFaults, needsMmId) },
  {
    property: copyOnWrite.reuseWhenAlone,
    unless: allOf(needsWriteFaults, needsMmId, needsLargeFolios, needsMms(2), needsPtesOfLarge),
  },
  { property: copyOnWrite.exclusiveIsMappedOnce, unless: needsAnon },
  { property: copyOnWrite.writableIsExclusive, unless: needsAnon },
  { property: copyOnWrite.pinnedIsExclusive, unless: needsPins },
  { property: copyOnWrite.pinOnlyWhenAlone, unless: needsPins },
  { property: copyOnWrite.noExclusiveWarning, unless: needsAnon },
  { property: copyOnWrite.exclusiveEntryIsTheOnlyOne, unless: allOf(needsSwap, needsAnon) },
  { property: stats.wholeFoliosAreAccounted, unless: needsNoPageMapcount },
  { property: stats.pmdMappedIsAccounted, unless: allOf(needsNoPageMapcount, needsPmd) },
  { property: stats.mappedPagesAreAccounted, unless: needsPageMapcount },
  { property: stats.pmdMappedPagesAreAccounted, unless: allOf(needsPageMapcount, needsPmd) },
  {
    property: partiallyMapped.partialMappingIsDetected,
    unless: allOf(needsMmId, needsAnon, needsPages(4), needsNoSwap, needsNoticedMigration),
  },
  { property: partiallyMapped.queueIsRight, unless: allOf(needsMmId, needsAnon, needsPages(4)) },
  {
    property: partiallyMapped.undetectedAfterSwap,
    unless: allOf(needsMmId, needsAnon, needsPages(4), needsSwap),
  },
  {
    property: partiallyMapped.undetectedAfterMigration,
    unless: allOf(needsMmId, needsAnon, needsPages(4), needsUnnoticedMigration),
  },
  {
    property: partiallyMapped.markedThoughWhole,
    unless: allOf(needsMmId, needsAnon, needsPages(4), needsMigration, needsNoPmd),
  },
  { property: readers.privateIsPrivate },
  { property: readers.mmapExclusiveIsExclusive },
  { property: readers.privateIsExact, unless: needsPageMapcount },
  { property: readers.pagemapLooksAtHead, unless: allOf(needsPageMapcount, needsPmd, needsAnon, needsMms(2)) },
  { property: readers.kpagecountIsPrecise, unless: needsPageMapcount },
  { property: readers.kpagecountIsAverage, unless: needsNoPageMapcount },
  { property: exclusivity.overflowIsNeverExclusive, unless: needsOverflow },
  { property: slots.freeIdIsHeldByNoSlot, unless: needsMmId },
  { property: slots.liveMmHasId, unless: needsMmId },
  {
    property: partiallyMapped.sameHalfUnmappedByBoth,
    unless: allOf(needsNoPageMapcount, needsAnon, needsPages(4), needsMms(2)),
  },
  {
    property: partiallyMapped.onePageEach,
    unless: allOf(needsNoPageMapcount, needsAnon, needsPages(4), needsMms(4)),
  },
  { property: witnesses.overflowFreesSlot, unless: needsOverflow },
  { property: readers.privateIsMissed, unless: allOf(needsNoPageMapcount, needsLargeFolios, needsMms(2)) },
  { property: structPage.splitLeavesNoOwner, unless: allOf(needsScope("split"), needsMmId) },
  { property: progress.folioIsSplit, unless: needsScope("split") },
  { property: progress.queuedFolioIsSplit, unless: allOf(needsScope("split"), needsPages(4)) },
  { property: progress.folioIsUnmappedForMigration, unless: needsMigration },
  { property: progress.folioIsMigrated, unless: needsMigration },
  { property: progress.folioEntersSwapCache, unless: needsSwap },
  { property: progress.folioIsUnmappedForSwap, unless: needsSwap },
  { property: progress.folioIsSwappedOut, unless: needsSwap },
  { property: progress.pagesAreCollapsed, unless: allOf(needsScope("pmd"), needsAnon) },
  {
    property: copyOnWrite.referencePreventsReuse,
    unless: allOf(needsMmId, needsPrivate, needsHolders, needsLargeFolios, needsMms(2), needsPtesOfLarge),
  },
];

const STRUCT_PAGES: readonly Applicability<StructPagesView>[] = [
  { property: structPage.privateIsCleared },
  { property: structPage.tailPrivateIsLeft },
  { property: structPage.typeIsReset },
  { property: structPage.typeIsNoMapcount },
  { property: structPage.typeIsNotReported, unless: needsTypeAwareProc },
  { property: structPage.typeIsReported, unless: needsTypeInAverage },
];

/** Whether one of two kernels has no pincount for folios of order 1, and there are pins of such folios. */
function pinsDiffer(bounds: Bounds, { one, other }: Pair<Kernel>, scope: Scope): boolean {
  const situation = situationOf(bounds, one, scope);
  return (
    one.tracksTotalMappedPages !== other.tracksTotalMappedPages &&
    !one.config.is64Bit &&
    needsPins(situation) === undefined &&
    bound(situation, "pages") >= 2 &&
    bound(situation, "minPages") <= 2
  );
}

const ATOMIC = notChecked("Interleavings", "every operation is atomic here; machine race interleaves them");

/** A machine that tracks the owners of one folio by counts. @param make makes its model, with the claims that apply */
function countingMachine<V>(
  { name, summary, bounds: known }: Pick<MachineDefinition, "name" | "summary" | "bounds">,
  claims: readonly Applicability<V>[],
  make: (bounds: Bounds, kernel: Kernel, properties: readonly Property<V>[], log: Warnings | undefined) => unknown,
): MachineDefinition {
  return {
    name,
    summary,
    bounds: known,
    conflict: ({ pages = 0 }, config) => {
      if (!config.mmId) {
        return `machine ${name} needs mm-id: without it there is nothing to track`;
      }
      return pages - 1 > config.mmIdMapcountMax
        ? `a folio of ${pages} pages needs mm-id-mapcount-max=${pages - 1} or more`
        : undefined;
    },
    build: (bounds, kernel, _calls, log) =>
      make(bounds, kernel, applicable(claims, situationOf(bounds, kernel)), log) as AnyModel,
    equivalence: () => equivalence.TRACKING as Property<Pair<unknown>>[],
    notChecked: (bounds, kernel) => [
      ...skipped(claims, situationOf(bounds, kernel)),
      notChecked("Page tables", "this machine counts mappings and does not say which pages they map"),
      notChecked("Everything but mapping and unmapping", "see the other machines"),
      ATOMIC,
    ],
  };
}

const ownerTrackingMachine = countingMachine(
  {
    name: "owner-tracking",
    summary: "one large folio as counts: MMs map and unmap any number of its pages",
    bounds: [
      { name: "pages", description: "pages of the folio", values: range(2, 64), default: 4 },
      { name: "mms", description: "MMs that can map it", values: range(1, 8), default: 3 },
    ],
  },
  COUNTS,
  (bounds, kernel, properties, log) => ownerTracking(bounds as Bounds & OwnerTrackingBounds, kernel, properties, log),
);

/**
 * Owner tracking with the kernel's own numbers. For C code, whose MM_ID_MAPCOUNT_MAX is what it is: of the model's, a small
 * one can be chosen (`mm-id-mapcount-max`), and the machines with page tables get past it.
 */
export const SLOT_OVERFLOW: MachineDefinition = countingMachine(
  {
    name: "slot-overflow",
    summary: "one large folio as counts, at real widths: MMs map and unmap all of it, or a page, through several VMAs",
    bounds: [
      {
        name: "pages",
        description: "pages of the folio (order 2 to 15)",
        values: range(2, 15).map((order) => 2 ** order),
        default: 32_768,
      },
      { name: "mms", description: "MMs that can map it", values: range(1, 4), default: 3 },
      { name: "vmas", description: "VMAs through which each MM can map it", values: range(1, 3), default: 2 },
    ],
  },
  OVERFLOWING,
  (bounds, kernel, properties, log) => slotOverflow(bounds as Bounds & SlotOverflowBounds, kernel, properties, log),
);

/** Damaged folios on their way to the allocator. For C code: what the model says of them is what C code is compared with. */
export const BAD_PAGE: MachineDefinition = {
  name: "bad-page",
  summary:
    "a folio that is freed or split with one field wrong, or one struct page: what the kernel's checks say of it",
  bounds: [{ name: "pages", description: "pages of the largest folio (order 1 to 3)", values: [2, 4, 8], default: 8 }],
  conflict: () => undefined,
  build: (bounds, kernel, _calls, log) => badPage(bounds as Bounds & BadPageBounds, kernel, log) as AnyModel,
  equivalence: () => [],
  notChecked: () => [notChecked("Every claim", "this machine compares what two kernels say of a damaged folio")],
};

const structPagesMachine: MachineDefinition = {
  name: "struct-pages",
  summary: "what an owner of a page leaves in its struct page for the next one: private, page types",
  bounds: [{ name: "pages", description: "pages of a block (order 1 or 2)", values: [2, 4], default: 2 }],
  conflict: () => undefined,
  build: (bounds, kernel, _calls, log) =>
    structPages(
      bounds as Bounds & StructPagesBounds,
      kernel,
      applicable(STRUCT_PAGES, situationOf(bounds, kernel)),
      log,
    ) as AnyModel,
  equivalence: () => [],
  notChecked: (bounds, kernel) => [
    ...skipped(STRUCT_PAGES, situationOf(bounds, kernel)),
    notChecked("Mappings, references and everything else of a page in use", "see the other machines"),
    notChecked("Fields of struct page other than private and the page type; tail pages of a block while it is in use"),
    ATOMIC,
  ],
};

/** What is said of a scope, and its bounds; one that is not listed is 0. */
interface ScopeText {
  readonly summary: string;
  readonly bounds: Partial<Record<keyof WorldBounds, Omit<BoundDefinition, "name">>>;
  /** What is left out, beside what every scope leaves out. */
  readonly absent: readonly NotChecked[];
}

const PAGES = {
  description: "pages of the largest folio and entries of each VMA (order 0 to 3)",
  values: [1, 2, 4, 8],
  default: 4,
};
/** For scopes with many actions, where 4 pages take minutes: default bounds are explored in less than one. */
const FEW_PAGES = { ...PAGES, default: 2 };
const MIN_PAGES = { description: "pages of the smallest folio that a fault chooses", values: [1, 2, 4, 8], default: 1 };
const MMS = { description: "MMs that can live at one time", values: range(1, 5), default: 2 };
const FOLIOS = { description: "folios that can be in use at one time", values: range(1, 4), default: 1 };
const SMALL_FOLIOS = { description: "folios of one page besides, for copies", values: range(0, 8), default: 2 };
const HOLDERS = { description: "references and pins that can be held at one time", values: range(0, 3), default: 1 };
const PMD = { description: "1: a PMD maps `pages` pages", values: [0, 1], default: 0 };
const WITH_PMD = { ...PMD, default: 1 };
const ONE_ANON = { description: "anon VMAs of each MM", values: [1], default: 1 };

const SCOPE_TEXTS: Readonly<Record<string, ScopeText>> = {
  rmap: {
    summary: "anon and file folios with page tables: fault, fault-around, fork, unmap, exit, reclaim, reuse",
    bounds: {
      pages: PAGES,
      minPages: MIN_PAGES,
      mms: MMS,
      folios: FOLIOS,
      anon: { description: "anon VMAs of each MM", values: [0, 1], default: 1 },
      file: { description: "VMAs of each MM that map the file", values: [0, 1, 2], default: 0 },
    },
    absent: [notChecked("Writes, references and pins, swap, migration, folio split", "see the other scopes")],
  },
  pmd: {
    summary: "PMD mappings of anon and file folios: fault, fork, PMD split, write faults, collapse",
    bounds: {
      pages: { ...PAGES, values: [2, 4, 8] },
      minPages: MIN_PAGES,
      mms: MMS,
      folios: FOLIOS,
      smallFolios: SMALL_FOLIOS,
      pmd: { ...PMD, values: [1], default: 1 },
      anon: { description: "anon VMAs of each MM", values: [0, 1], default: 1 },
      file: { description: "VMAs of each MM that map the file", values: [0, 1, 2], default: 0 },
      holders: { ...HOLDERS, default: 0 },
    },
    absent: [notChecked("Contents of pages, pins, swap, migration, folio split", "see the other scopes")],
  },
  cow: {
    summary: "copy-on-write of anon folios: fork, write faults that reuse or copy, partial unmaps, contents",
    bounds: {
      pages: PAGES,
      minPages: MIN_PAGES,
      mms: MMS,
      folios: FOLIOS,
      smallFolios: SMALL_FOLIOS,
      pmd: PMD,
      anon: ONE_ANON,
      holders: HOLDERS,
    },
    absent: [notChecked("mremap, pins, swap, migration, folio split, files", "see the other scopes")],
  },
  mremap: {
    summary: "copy-on-write while pages move inside an MM, so that a folio is mapped in any order",
    bounds: {
      pages: FEW_PAGES,
      minPages: MIN_PAGES,
      mms: MMS,
      folios: FOLIOS,
      smallFolios: SMALL_FOLIOS,
      anon: ONE_ANON,
    },
    absent: [notChecked("References and pins, swap, migration, folio split, files", "see the other scopes")],
  },
  pins: {
    summary: "GUP on anon folios: references and pins for reading and writing, fork with pins, unshare, DMA writes",
    bounds: {
      pages: FEW_PAGES,
      minPages: MIN_PAGES,
      mms: MMS,
      folios: FOLIOS,
      smallFolios: SMALL_FOLIOS,
      pmd: PMD,
      anon: ONE_ANON,
      holders: HOLDERS,
    },
    absent: [notChecked("mremap, swap, migration, folio split, files", "see the other scopes")],
  },
  swap: {
    summary: "swap of anon folios: swap cache, swap-out page by page, pins that prevent it, swap-in, freeing swap",
    bounds: {
      pages: FEW_PAGES,
      minPages: MIN_PAGES,
      mms: MMS,
      folios: FOLIOS,
      smallFolios: SMALL_FOLIOS,
      pmd: PMD,
      anon: ONE_ANON,
      swapSlots: { description: "slots of the swap area", values: range(1, 8), default: 4 },
      holders: { ...HOLDERS, default: 0 },
    },
    absent: [
      notChecked(
        "mremap, migration, folio split, files",
        "see the other scopes; swapping without the swap cache, readahead",
      ),
    ],
  },
  shmem: {
    summary: "a file that shmem backs: shared writes, unmapping by reclaim, swap-out from the page cache, swap-in",
    bounds: {
      pages: PAGES,
      minPages: MIN_PAGES,
      mms: MMS,
      folios: FOLIOS,
      smallFolios: { ...SMALL_FOLIOS, default: 1 },
      file: { description: "VMAs of each MM that map the file", values: [1, 2], default: 1 },
      swapSlots: { description: "slots of the swap area", values: range(1, 8), default: 4 },
      holders: { ...HOLDERS, default: 0 },
    },
    absent: [
      notChecked(
        "mremap, pins, migration, folio split",
        "see the other scopes; truncation, swapping without the swap cache, readahead",
      ),
    ],
  },
  migration: {
    summary: "migration of anon folios: migration entries at both levels, success, failure, what happens meanwhile",
    bounds: {
      pages: { ...FEW_PAGES, values: [2, 4, 8] },
      minPages: MIN_PAGES,
      mms: MMS,
      folios: { ...FOLIOS, default: 2 },
      smallFolios: { ...SMALL_FOLIOS, default: 1 },
      pmd: WITH_PMD,
      anon: ONE_ANON,
      holders: { ...HOLDERS, default: 0 },
    },
    absent: [notChecked("mremap, swap, folio split, files", "see the other scopes")],
  },
  split: {
    summary: "splitting anon folios: partially mapped folios, the deferred split queue, its shrinker, failures",
    bounds: {
      pages: { ...PAGES, values: [2, 4, 8] },
      minPages: MIN_PAGES,
      mms: MMS,
      folios: FOLIOS,
      smallFolios: { ...SMALL_FOLIOS, default: 3 },
      pmd: WITH_PMD,
      anon: ONE_ANON,
      holders: { ...HOLDERS, default: 0 },
    },
    absent: [notChecked("mremap, pins, swap, files", "see the other scopes; splitting into large folios")],
  },
};

function scopeConflict(bounds: Bounds, config: KernelConfig): string | undefined {
  const { pages = 0, minPages = 0, pmd = 0, anon = 0, file = 0 } = bounds;
  if (minPages > pages) {
    return `minPages ${minPages} is more than pages ${pages}`;
  }
  if (anon + file === 0) {
    return "an MM without any VMA maps nothing: want anon 1, or file 1 or 2";
  }
  const atPmd = pmdConflict(bounds, config);
  if (atPmd !== undefined) {
    return atPmd;
  }
  // While an anon PMD is being split, its MM has one mapping more than the folio has pages.
  const most = pmd > 0 && anon > 0 ? pages : pages - 1;
  return config.mmId && most > config.mmIdMapcountMax
    ? `a folio of ${pages} pages needs mm-id-mapcount-max=${most} or more`
    : undefined;
}

function worldBounds(bounds: Bounds): WorldBounds {
  const { pages = 1, minPages = 1, mms = 1, folios = 1, smallFolios = 0, anon = 0, file = 0 } = bounds;
  const { pmd = 0, swapSlots = 0, holders = 0 } = bounds;
  return { pages, minPages, mms, folios, smallFolios, pmd, anon, file, swapSlots, holders };
}

function scopeMachine(scope: Scope): MachineDefinition {
  const { summary, bounds: texts, absent } = SCOPE_TEXTS[scope.name] as ScopeText;
  return {
    name: scope.name,
    summary,
    bounds: Object.entries(texts).map(([name, text]) => ({ name, ...text })),
    conflict: scopeConflict,
    build: (bounds, kernel, _calls, log) =>
      scopeModel(
        scope,
        worldBounds(bounds),
        kernel,
        applicable(PAGE_TABLES, situationOf(bounds, kernel, scope)),
        log,
      ) as AnyModel,
    equivalence: (bounds, kernels) =>
      [
        ...equivalence.TRACKING,
        ...equivalence.PAGE_TABLES,
        ...(pinsDiffer(bounds, kernels, scope) ? [equivalence.pinsAreCountedElsewhere] : []),
      ] as Property<Pair<unknown>>[],
    notChecked: (bounds, kernel) => [
      ...skipped(PAGE_TABLES, situationOf(bounds, kernel, scope)),
      notChecked({ property: "W2" }, "machine owner-tracking shows it; here one step removes several batches"),
      ...((bounds["pmd"] ?? 0) === 0 ? [notChecked("PMD mappings")] : []),
      ...((bounds["anon"] ?? 0) === 0 ? [notChecked("Anon folios")] : []),
      ...((bounds["file"] ?? 0) === 0 ? [notChecked("File folios")] : []),
      ...absent,
      ATOMIC,
    ],
  };
}

/** Every machine. */
export const MACHINES: readonly MachineDefinition[] = [
  ownerTrackingMachine,
  ...SCOPES.map(scopeMachine),
  structPagesMachine,
  RACE_MACHINE,
];
