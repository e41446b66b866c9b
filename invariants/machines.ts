/** The machines with the claims that are checked on them. */
import type { Model, Property } from "../explore/model.ts";
import type { Pair } from "../explore/product.ts";
import { type BadPageBounds, badPage } from "../model/bad-page.ts";
import type { KernelConfig } from "../model/config.ts";
import type { WorldBounds } from "../model/environment/world-schema.ts";
import type { Kernel } from "../model/kernel/kernel.ts";
import { warningText } from "../model/kernel/warnings.ts";
import { type OwnerTrackingBounds, ownerTracking } from "../model/owner-tracking.ts";
import { SCOPES, type Scope, scopeModel } from "../model/scopes.ts";
import { type OverflowView, type SlotOverflowBounds, slotOverflow } from "../model/slot-overflow.ts";
import { type RaceChoices, raceMachine } from "../model/race/race.ts";
import type { RaceBounds } from "../model/race/race-world.ts";
import { sequentialOwnerships } from "../model/race/sequential.ts";
import { type StructPagesBounds, type StructPagesView, structPages } from "../model/struct-pages.ts";
import type { View, WorldView } from "../model/view.ts";
import * as copyOnWrite from "./copy-on-write.ts";
import * as counters from "./counters.ts";
import * as equivalence from "./equivalence.ts";
import * as exclusivity from "./exclusivity.ts";
import * as partiallyMapped from "./partially-mapped.ts";
import * as progress from "./progress.ts";
import * as races from "./races.ts";
import * as readers from "./readers.ts";
import * as sharedFiles from "./shared-files.ts";
import * as slots from "./slots.ts";
import * as stats from "./stats.ts";
import * as structPage from "./struct-pages.ts";
import * as witnesses from "./witnesses.ts";

/** The bounds of a run, by name. */
export type Bounds = { readonly [name: string]: number };

/** One bound of a machine. */
export interface BoundDefinition {
  readonly name: string;
  readonly description: string;
  readonly values: readonly number[];
  readonly default: number;
}

/** A model whose types do not matter. */
export type AnyModel = Model<unknown, unknown, unknown>;

/** A machine that can be asked for by name. */
export interface MachineDefinition {
  readonly name: string;
  readonly summary: string;
  readonly bounds: readonly BoundDefinition[];
  /** What is wrong with bounds that are each within their range; undefined when nothing is. */
  readonly conflict: (bounds: Bounds, config: KernelConfig) => string | undefined;
  /** The model at given bounds under a kernel, with every property that applies. */
  readonly build: (bounds: Bounds, kernel: Kernel) => AnyModel;
  /** What says that two kernels in lockstep do the same. */
  readonly equivalence: (bounds: Bounds, kernels: Pair<Kernel>) => readonly Property<Pair<unknown>>[];
  /** What a run at these bounds says nothing about, in sentences. */
  readonly notChecked: (bounds: Bounds, kernel: Kernel) => string[];
}

/** What decides whether a property says anything: bounds, configuration, scope and kernel. */
interface Situation {
  readonly bounds: Bounds;
  readonly config: KernelConfig;
  /** Absent in machines without page tables. */
  readonly scope?: Scope;
  /** Which counts the kernel keeps, and what it does by version. */
  readonly kernel: Pick<
    Kernel,
    | "tracksTotalMappedPages"
    | "tracksEntireMapcount"
    | "tracksNrPagesMapped"
    | "requeuesOnMigration"
    | "averageTakesPageType"
  >;
}

/** Why a property says nothing, or undefined where it applies. */
type Unless = (situation: Situation) => string | undefined;

interface Applicability<V> {
  readonly property: Property<V>;
  readonly unless?: Unless;
}

const bound = ({ bounds }: Situation, name: string): number => bounds[name] ?? 0;

const needsMmId: Unless = ({ config }) => (config.mmId ? undefined : "CONFIG_MM_ID is off");

const needsPageMapcount: Unless = ({ config }) =>
  config.pageMapcount ? undefined : "it is about CONFIG_PAGE_MAPCOUNT";

const needsNoPageMapcount: Unless = ({ config }) =>
  config.pageMapcount ? "it is about CONFIG_NO_PAGE_MAPCOUNT" : undefined;

const needsLargeFolios: Unless = ({ bounds }) => ((bounds["pages"] ?? 0) > 1 ? undefined : "it is about large folios");

const needsPages =
  (pages: number): Unless =>
  (situation) =>
    bound(situation, "pages") < pages ? `it takes a folio of ${pages} pages` : undefined;

const needsMms =
  (mms: number): Unless =>
  (situation) =>
    bound(situation, "mms") < mms ? `it takes ${mms} MMs` : undefined;

const needsAnon: Unless = (situation) => (bound(situation, "anon") > 0 ? undefined : "it is about anon folios");

const needsPmd: Unless = (situation) => (bound(situation, "pmd") > 0 ? undefined : "there are no PMD mappings");

const needsNoPmd: Unless = (situation) =>
  bound(situation, "pmd") > 0 ? "a folio that a PMD maps is not unmapped page by page" : undefined;

/** A PMD-mapped folio of two pages has one page mapped when its PMD is split, or its pages get folios of their own. */
const needsPtesOfLarge: Unless = (situation) => (bound(situation, "pmd") > 0 ? needsPages(4)(situation) : undefined);

const needsContents: Unless = ({ scope }) =>
  scope?.features.contents === true ? undefined : "there are no contents of pages";

const needsShmem: Unless = ({ scope }) => (scope?.features.shmem === true ? undefined : "no file is swapped out");

const needsPins: Unless = (situation) =>
  situation.scope?.features.pins === true && bound(situation, "holders") > 0 ? undefined : "nothing is pinned";

const needsHolders: Unless = (situation) =>
  bound(situation, "holders") > 0 ? undefined : "nobody holds a reference besides mappings and caches";

const needsSwap: Unless = (situation) => (bound(situation, "swapSlots") > 0 ? undefined : "there is no swap");

const needsNoSwap: Unless = (situation) =>
  bound(situation, "swapSlots") > 0 ? "a folio in the swap cache is not queued" : undefined;

const needsMigration: Unless = ({ scope }) =>
  scope?.features.migration === "between" ? undefined : "nothing migrates";

/** A migration that unmaps a folio page by page queues it, and so the new one: whether that is mapped partially is no matter. */
const migratesQueued = (situation: Situation): boolean =>
  situation.kernel.requeuesOnMigration && bound(situation, "pmd") === 0;

const needsNoticedMigration: Unless = (situation) =>
  situation.scope?.features.migration === "between" && !migratesQueued(situation)
    ? "migration entries can be unmapped unnoticed"
    : undefined;

const needsUnnoticedMigration: Unless = (situation) =>
  needsMigration(situation) ??
  (migratesQueued(situation) ? "folios that are unmapped page by page stay queued when they migrate" : undefined);

const needsScope =
  (name: string): Unless =>
  ({ scope }) =>
    scope?.name === name ? undefined : `it is about scope ${name}`;

const needsEntireMapcount: Unless = ({ kernel }) =>
  kernel.tracksEntireMapcount
    ? undefined
    : kernel.tracksTotalMappedPages
      ? "this kernel has _total_mapped_pages instead"
      : "this kernel has no _entire_mapcount";

const needsTotalMappedPages: Unless = ({ kernel }) =>
  kernel.tracksTotalMappedPages ? undefined : "this kernel has no _total_mapped_pages";

const needsNrPagesMapped: Unless = ({ kernel }) =>
  kernel.tracksNrPagesMapped ? undefined : "this kernel has no _nr_pages_mapped";

/** Without mapcounts of pages, kpagecount is the average. */
const needsTypeAwareProc: Unless = ({ config, kernel }) =>
  config.pageMapcount || !kernel.averageTakesPageType
    ? undefined
    : "this kernel is known to report the type (C16.page-type-average)";

const needsTypeInAverage: Unless = (situation) =>
  needsTypeAwareProc(situation) === undefined ? "this kernel's kpagecount does not report page types" : undefined;

const needsOverflow: Unless = (situation) => {
  const { bounds, config } = situation;
  if (config.is64Bit || !config.mmId) {
    return needsMmId(situation) ?? "a slot cannot overflow on 64-bit";
  }
  const { pages = 0, anon = 0, file = 0, vmas = 0 } = bounds;
  const most = pages * Math.max(anon, file, vmas);
  return most - 1 > config.mmIdMapcountMax ? undefined : "no MM can map the folio often enough for a slot to overflow";
};

const needsNoOverflow: Unless = (situation) =>
  needsOverflow(situation) === undefined ? "an MM that lost its slot to an overflow looks the same" : undefined;

const needsVerdicts: Unless = ({ bounds, config }) =>
  config.mmId || (bounds["minPages"] ?? 2) === 1
    ? undefined
    : "CONFIG_MM_ID is off: every large folio is reported as maybe shared";

/** All of them; the first that is not met is the reason. */
const allOf =
  (...conditions: readonly Unless[]): Unless =>
  (situation) => {
    for (const condition of conditions) {
      const reason = condition(situation);
      if (reason !== undefined) {
        return reason;
      }
    }
    return undefined;
  };

/** Writes to private memory. */
const needsPrivate: Unless = allOf(needsContents, needsAnon);

/** Machine pmd has write faults, and nothing that pages contain. */
const needsWriteFaults: Unless = (situation) =>
  situation.scope?.name === "pmd" ? needsAnon(situation) : needsPrivate(situation);

const TRACKING: readonly Applicability<View>[] = [
  { property: exclusivity.exclusiveImpliesSingleMm, unless: needsVerdicts },
  { property: exclusivity.singleMappingIsExclusive, unless: needsVerdicts },
  { property: slots.unmappedIsUntracked, unless: needsMmId },
  { property: slots.noSanityWarning, unless: needsMmId },
  { property: slots.slotsAreConsistent, unless: needsMmId },
  { property: counters.largeMapcountIsExact, unless: needsLargeFolios },
  { property: slots.slotNeverOvercounts, unless: allOf(needsMmId, needsLargeFolios) },
  {
    property: witnesses.untrackedMmLooksShared,
    unless: allOf(needsMmId, needsMms(3), needsLargeFolios, needsNoOverflow, needsPtesOfLarge),
  },
];

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

function applicable<V>(all: readonly Applicability<V>[], situation: Situation): Property<V>[] {
  return all.filter(({ unless }) => unless?.(situation) === undefined).map(({ property }) => property);
}

function skipped<V>(all: readonly Applicability<V>[], situation: Situation): string[] {
  return all.flatMap(({ property, unless }) => {
    const reason = unless?.(situation);
    return reason === undefined ? [] : [`${property.id}: ${reason}`];
  });
}

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

const range = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i);

const ATOMIC = "Concurrency: every operation is atomic; lockless readers and races are not modelled";

/** A machine that tracks the owners of one folio by counts. @param make makes its model, with the claims that apply */
function countingMachine<V>(
  { name, summary, bounds: known }: Pick<MachineDefinition, "name" | "summary" | "bounds">,
  claims: readonly Applicability<V>[],
  make: (bounds: Bounds, kernel: Kernel, properties: readonly Property<V>[]) => unknown,
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
    build: (bounds, kernel) => make(bounds, kernel, applicable(claims, situationOf(bounds, kernel))) as AnyModel,
    equivalence: () => equivalence.TRACKING as Property<Pair<unknown>>[],
    notChecked: (bounds, kernel) => [
      ...skipped(claims, situationOf(bounds, kernel)),
      "Page tables: this machine counts mappings and does not say which pages they map",
      "Everything but mapping and unmapping: see the other machines",
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
  (bounds, kernel, properties) =>
    ownerTracking(bounds as Bounds & OwnerTrackingBounds, kernel, properties, warningText),
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
  (bounds, kernel, properties) => slotOverflow(bounds as Bounds & SlotOverflowBounds, kernel, properties, warningText),
);

/** Damaged folios on their way to the allocator. For C code: what the model says of them is what C code is compared with. */
export const BAD_PAGE: MachineDefinition = {
  name: "bad-page",
  summary: "a folio that is freed with one field wrong: what the allocator's checks say of it",
  bounds: [{ name: "pages", description: "pages of the largest folio (order 1 to 3)", values: [2, 4, 8], default: 8 }],
  conflict: () => undefined,
  build: (bounds, kernel) => badPage(bounds as Bounds & BadPageBounds, kernel, warningText) as AnyModel,
  equivalence: () => [],
  notChecked: () => ["Every claim: this machine compares what two kernels say of a damaged folio"],
};

const structPagesMachine: MachineDefinition = {
  name: "struct-pages",
  summary: "what an owner of a page leaves in its struct page for the next one: private, page types",
  bounds: [{ name: "pages", description: "pages of a block (order 1 or 2)", values: [2, 4], default: 2 }],
  conflict: () => undefined,
  build: (bounds, kernel) =>
    structPages(
      bounds as Bounds & StructPagesBounds,
      kernel,
      applicable(STRUCT_PAGES, situationOf(bounds, kernel)),
      warningText,
    ) as AnyModel,
  equivalence: () => [],
  notChecked: (bounds, kernel) => [
    ...skipped(STRUCT_PAGES, situationOf(bounds, kernel)),
    "Mappings, references and everything else of a page in use: see the other machines",
    "Fields of struct page other than private and the page type; tail pages of a block while it is in use",
    ATOMIC,
  ],
};

function situationOf(bounds: Bounds, kernel: Kernel, scope?: Scope): Situation {
  return { bounds, config: kernel.config, kernel, ...(scope !== undefined && { scope }) };
}

/** What is said of a scope, and its bounds; one that is not listed is 0. */
interface ScopeText {
  readonly summary: string;
  readonly bounds: Partial<Record<keyof WorldBounds, Omit<BoundDefinition, "name">>>;
  /** What is left out, beside what every scope leaves out. */
  readonly absent: readonly string[];
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
    absent: ["Writes, references and pins, swap, migration, folio split: see the other scopes"],
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
    absent: ["Contents of pages, pins, swap, migration, folio split: see the other scopes"],
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
    absent: ["mremap, pins, swap, migration, folio split, files: see the other scopes"],
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
    absent: ["References and pins, swap, migration, folio split, files: see the other scopes"],
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
    absent: ["mremap, swap, migration, folio split, files: see the other scopes"],
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
    absent: ["mremap, migration, folio split, files: see the other scopes; swapping without the swap cache, readahead"],
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
      "mremap, pins, migration, folio split: see the other scopes; truncation, swapping without the swap cache, readahead",
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
    absent: ["mremap, swap, folio split, files: see the other scopes"],
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
    absent: ["mremap, pins, swap, files: see the other scopes; splitting into large folios"],
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
    build: (bounds, kernel) =>
      scopeModel(
        scope,
        worldBounds(bounds),
        kernel,
        applicable(PAGE_TABLES, situationOf(bounds, kernel, scope)),
        warningText,
      ) as AnyModel,
    equivalence: (bounds, kernels) =>
      [
        ...equivalence.TRACKING,
        ...equivalence.PAGE_TABLES,
        ...(pinsDiffer(bounds, kernels, scope) ? [equivalence.pinsAreCountedElsewhere] : []),
      ] as Property<Pair<unknown>>[],
    notChecked: (bounds, kernel) => [
      ...skipped(PAGE_TABLES, situationOf(bounds, kernel, scope)),
      "W2: machine owner-tracking shows it; here one step removes several batches",
      ...((bounds["pmd"] ?? 0) === 0 ? ["PMD mappings"] : []),
      ...((bounds["anon"] ?? 0) === 0 ? ["Anon folios"] : []),
      ...((bounds["file"] ?? 0) === 0 ? ["File folios"] : []),
      ...absent,
      ATOMIC,
    ],
  };
}

/** Claims of the machines with page tables that are made of every state at rest of the race machine. */
const AT_REST: readonly Applicability<WorldView>[] = [
  ...TRACKING.filter(({ property }) => property.kind === "always"),
  { property: slots.noBadPage },
  { property: counters.entireMapcountIsExact, unless: needsEntireMapcount },
  { property: counters.totalMappedPagesIsExact, unless: needsTotalMappedPages },
  { property: counters.pageMapcountsAreExact },
  { property: counters.nrPagesMappedIsExact, unless: allOf(needsPageMapcount, needsNrPagesMapped) },
  { property: counters.noBadPte },
  { property: counters.refcountIsExact },
  { property: counters.unreferencedIsFree },
  { property: copyOnWrite.noReuseWarning, unless: needsMmId },
  { property: copyOnWrite.exclusiveIsMappedOnce },
  { property: copyOnWrite.writableIsExclusive },
  { property: copyOnWrite.noExclusiveWarning },
  { property: stats.wholeFoliosAreAccounted, unless: needsNoPageMapcount },
  { property: stats.pmdMappedIsAccounted, unless: allOf(needsNoPageMapcount, needsPmd) },
  { property: stats.mappedPagesAreAccounted, unless: needsPageMapcount },
  { property: stats.pmdMappedPagesAreAccounted, unless: allOf(needsPageMapcount, needsPmd) },
  { property: partiallyMapped.partialMappingIsDetected, unless: allOf(needsMmId, needsPages(4)) },
  { property: slots.freeIdIsHeldByNoSlot, unless: needsMmId },
  { property: slots.liveMmHasId, unless: needsMmId },
];

const RACE_OPERATIONS: { readonly [group: string]: readonly string[] } = {
  writes: ["writeFault", "unshare"],
  gup: ["gupFast", "gupSlow"],
  references: ["speculativeReference"],
  readers: ["maybeMappedShared"],
  shrinker: ["shrinkDeferred"],
};

const TWO_VALUES = [0, 1];

const RACE_BOUNDS: readonly BoundDefinition[] = [
  { name: "cpus", description: "CPUs", values: range(1, 4), default: 2 },
  { name: "pages", description: "pages of the folio", values: [2, 4, 8], default: 2 },
  { name: "mms", description: "MMs", values: range(1, 4), default: 2 },
  { name: "pmd", description: "1: the folio is of PMD size", values: TWO_VALUES, default: 0 },
  { name: "writes", description: "1: write faults and unsharing", values: TWO_VALUES, default: 0 },
  { name: "gup", description: "1: GUP-fast and GUP", values: TWO_VALUES, default: 0 },
  { name: "references", description: "1: speculative references", values: TWO_VALUES, default: 1 },
  { name: "readers", description: "1: lockless folio_maybe_mapped_shared()", values: TWO_VALUES, default: 1 },
  { name: "shrinker", description: "1: the shrinker takes folios off the deferred split queue", values: TWO_VALUES, default: 0 },
  { name: "tso", description: "memory model: 0 sequential consistency, 1 x86-TSO", values: TWO_VALUES, default: 0 },
  { name: "merge", description: "1: accesses that no other CPU can interfere with are not interleaved", values: TWO_VALUES, default: 1 },
  { name: "frames", description: "1: values that a thread can no longer know are forgotten", values: TWO_VALUES, default: 1 },
];

function raceChoices(bounds: Bounds): RaceChoices {
  const off = Object.entries(RACE_OPERATIONS).flatMap(([group, names]) => (bounds[group] === 0 ? names : []));
  const all = ["newMm", "fork", "exit", "anonFault", "zap", "splitPmd", ...Object.values(RACE_OPERATIONS).flat()];
  return {
    memoryModel: bounds["tso"] === 1 ? "tso" : "sc",
    reductions: { protectedAccesses: bounds["merge"] === 1, callFrames: bounds["frames"] === 1 },
    operations: all.filter((name) => !off.includes(name)),
  };
}

function raceBounds(bounds: Bounds): RaceBounds {
  const { cpus = 1, pages = 2, mms = 1, pmd = 0 } = bounds;
  return { cpus, pages, mms, pmd, holders: 0 };
}

const RACE_SCOPE: Scope = {
  name: "race",
  features: { contents: false, shmem: false, pins: true, migration: "none" },
  actions: () => [],
};

const raceSituation = (bounds: Bounds, kernel: Kernel): Situation =>
  situationOf({ ...bounds, anon: 1, file: 0, minPages: bounds["pages"] ?? 0 }, kernel, RACE_SCOPE);

const raceMachineDefinition: MachineDefinition = {
  name: "race",
  summary: "CPUs that execute MM operations at the same time, interleaved at every access to shared memory",
  bounds: RACE_BOUNDS,
  conflict: (_bounds, config) => (config.mmId ? undefined : "machine race needs mm-id: without it there is nothing to track"),
  build: (bounds, kernel) => {
    const choices = raceChoices(bounds);
    let ownerships: ReadonlySet<string> | undefined;
    const sequential = (): ReadonlySet<string> => {
      ownerships ??= sequentialOwnerships(raceBounds(bounds), kernel, choices.operations);
      return ownerships;
    };
    const properties = [
      ...applicable(AT_REST, raceSituation(bounds, kernel)).map(races.atRest),
      races.refcountAlwaysCovers,
      races.writableIsMappedOnce,
      ...(bounds["readers"] === 1 ? [races.exclusiveWasTrue] : []),
      races.slotsAreSequential(sequential),
      races.noDeadlock,
      races.noLockLeft,
      races.noUseAfterFree,
      races.onlyExpectedDataRaces,
    ];
    return raceMachine("race", raceBounds(bounds), kernel, choices, properties, warningText) as unknown as AnyModel;
  },
  equivalence: () => [],
  notChecked: (bounds, kernel) => [
    ...skipped(AT_REST, raceSituation(bounds, kernel)),
    bounds["tso"] === 1
      ? "Memory models weaker than x86-TSO; stores that are still buffered when an operation ends"
      : "Memory models weaker than sequential consistency: --tso 1 checks x86-TSO",
    "Interleavings inside the allocator and of mmap_lock, which an operation has from its start to its end",
    "More than one folio and page table for each MM; IRQs, RCU and TLB flushes",
  ],
};

/** Every machine. */
export const MACHINES: readonly MachineDefinition[] = [
  ownerTrackingMachine,
  ...SCOPES.map(scopeMachine),
  structPagesMachine,
  raceMachineDefinition,
];
