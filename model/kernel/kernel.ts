/**
 * Interface of the kernel under test. The environment calls it through this interface only, so a patch, a bug, a mutant
 * and a later release are each an implementation of Kernel. Functions call each other through `this`: an override takes
 * effect everywhere. Each function and its source are documented at its definition in this folder.
 */
import type {
  Folio,
  Followed,
  Machine,
  MappedPages,
  Mm,
  MmIdSlot,
  MmStruct,
  NodeStats,
  Page,
  PgtableLevel,
  Pmd,
  Prealloc,
  Pte,
  StructPage,
  TrackedFolio,
  Vma,
} from "../state/structs.ts";
import type { KernelConfig } from "./config.ts";
import type { ThreadContext } from "./thread-context.ts";

/** Kernel: a name, a configuration, and every modelled function. */
export interface Kernel {
  readonly name: string;
  readonly config: KernelConfig;
  /** Whether the kernel maintains `_total_mapped_pages` instead of `_entire_mapcount` and `_nr_pages_mapped`. */
  readonly tracksTotalMappedPages: boolean;
  /** Whether the kernel maintains `_entire_mapcount`. */
  readonly tracksEntireMapcount: boolean;
  /** Whether the kernel maintains `_nr_pages_mapped`, which requires CONFIG_PAGE_MAPCOUNT. */
  readonly tracksNrPagesMapped: boolean;
  /** Whether folio_average_page_mapcount() returns a number derived from the page type for a page that has one. */
  readonly averageTakesPageType: boolean;
  /** Whether migration queues the new folio for deferred split when the old one was queued. */
  readonly requeuesOnMigration: boolean;
  /** Whether a folio split warns about tail pages whose private is not 0. */
  readonly splitChecksPrivate: boolean;
  /**
   * Replaces functions whose implementation differs when they run as threads, such as the C code of a tree; absent if
   * none does.
   */
  readonly forThreads?: (this: Kernel, context: ThreadContext) => KernelPatch;

  // Fields that are updated by atomic read-modify-write operations: atomic.ts
  folioRefAdd(folio: Folio, nr: number): void;
  folioRefSub(folio: Folio, nr: number): void;
  folioRefSubAndTest(folio: Folio, nr: number): boolean;
  folioTryGet(folio: Folio): boolean;
  folioRefFreeze(folio: Folio, refs: number): boolean;
  folioRefUnfreeze(folio: Folio, refs: number): void;
  entireMapcountAddReturn(folio: Folio, nr: number): number;
  entireMapcountAdd(folio: Folio, nr: number): void;
  nrPagesMappedAddReturn(folio: Folio, nr: number): number;
  pageMapcountAddReturn(page: Page, nr: number): number;
  pageMapcountAdd(page: Page, nr: number): void;
  largeMapcountAddReturn(folio: TrackedFolio, nr: number): number;
  pincountAdd(folio: Folio, nr: number): void;
  nodeStatAdd(stats: NodeStats, item: keyof NodeStats, nr: number): void;

  // Locks: locks.ts
  folioLockLargeMapcount(folio: TrackedFolio): void;
  folioUnlockLargeMapcount(folio: TrackedFolio): void;
  bitSpinLock(folio: TrackedFolio, order: "acquire" | "relaxed"): void;
  bitSpinUnlock(folio: TrackedFolio, order: "release" | "relaxed"): void;
  splitQueueLock(folio: Folio): void;
  splitQueueUnlock(folio: Folio): void;
  swapClusterLock(machine: Machine): void;
  swapClusterUnlock(machine: Machine): void;
  folioTrylock(folio: Folio): boolean;
  folioLock(folio: Folio): void;
  folioUnlock(folio: Folio): void;

  // Memory barriers: barriers.ts
  smpMb(): void;
  smpMbAfterAtomic(): void;
  smpRmb(): void;

  // include/linux/rmap.h, MM owner tracking: large-mapcount.ts
  folioLargeMapcountSanityChecks(folio: TrackedFolio, diff: number, mm: MmStruct): void;
  mmIdSlotSanityChecks(slot: MmIdSlot): void;
  folioSetLargeMapcount(folio: TrackedFolio, mapcount: number, mm: MmStruct): void;
  folioAddReturnLargeMapcount(
    folio: TrackedFolio,
    diff: number,
    mm: MmStruct,
    nrPages?: number,
    mapped?: MappedPages,
  ): number;
  folioSubReturnLargeMapcount(
    folio: TrackedFolio,
    diff: number,
    mm: MmStruct,
    nrPages?: number,
    mapped?: MappedPages,
  ): number;
  addMappedPages(folio: TrackedFolio, nrPages: number, mapped?: MappedPages): void;
  setMmIdSlot(slot: MmIdSlot, mapcount: number, mmId: number): void;
  takeMmIdSlot(slot: MmIdSlot, diff: number, mmId: number): void;
  addToMmIdSlot(folio: TrackedFolio, slot: MmIdSlot, diff: number): void;
  subFromMmIdSlot(slot: MmIdSlot, diff: number): boolean;
  freeMmIdSlot(slot: MmIdSlot): void;

  // mm/rmap.c, include/linux/rmap.h: rmap.ts
  folioModStat(stats: NodeStats, folio: Folio, nr: number, nrPmdmapped: number): void;
  folioAddRmap(stats: NodeStats, folio: Folio, page: number, nrPages: number, mm: MmStruct, level: PgtableLevel): void;
  incPageMapcounts(folio: Folio, page: number, nrPages: number): number;
  decPageMapcounts(folio: Folio, page: number, nrPages: number): number;
  folioAddNewAnonRmap(stats: NodeStats, folio: Folio, mm: MmStruct, exclusive: boolean): void;
  folioAddFileRmapPtes(stats: NodeStats, folio: Folio, page: number, nrPages: number, mm: MmStruct): void;
  folioAddFileRmapPmd(stats: NodeStats, folio: Folio, mm: MmStruct): void;
  folioAddAnonRmapPtes(
    stats: NodeStats,
    folio: Folio,
    page: number,
    nrPages: number,
    mm: MmStruct,
    exclusive: boolean,
  ): void;
  folioAddAnonRmapPmd(stats: NodeStats, folio: Folio, mm: MmStruct, exclusive: boolean): void;
  folioAddAnonRmap(
    stats: NodeStats,
    folio: Folio,
    page: number,
    nrPages: number,
    mm: MmStruct,
    exclusive: boolean,
    level: PgtableLevel,
  ): void;
  folioDupFileRmapPtes(folio: Folio, page: number, nrPages: number, dstMm: MmStruct, srcMm: MmStruct): void;
  folioTryDupAnonRmapPtes(folio: Folio, page: number, nrPages: number, dstMm: MmStruct, srcMm: MmStruct): boolean;
  folioTryDupAnonRmapPmd(folio: Folio, dstMm: MmStruct, srcMm: MmStruct): boolean;
  folioTryDupAnonRmap(
    folio: Folio,
    page: number,
    nrPages: number,
    dstMm: MmStruct,
    srcMm: MmStruct,
    level: PgtableLevel,
  ): boolean;
  dupMappings(
    folio: Folio,
    page: number,
    nrPages: number,
    dstMm: MmStruct,
    srcMm: MmStruct,
    level: PgtableLevel,
    share?: boolean,
  ): void;
  dupPageMapping(folio: Folio, page: Page, share: boolean): void;
  folioTryShareAnonRmap(folio: Folio, page: number): boolean;
  folioRemoveRmapPtes(stats: NodeStats, folio: Folio, page: number, nrPages: number, mm: MmStruct): void;
  folioRemoveRmapPmd(stats: NodeStats, folio: Folio, mm: MmStruct): void;
  folioRemoveRmap(
    stats: NodeStats,
    folio: Folio,
    page: number,
    nrPages: number,
    mm: MmStruct,
    level: PgtableLevel,
  ): void;

  // mm/rmap.c, mm/migrate.c, rmap walks: rmap-walk.ts
  tryToUnmapOne(machine: Machine, folio: Folio, mm: MmStruct, vma: Vma): boolean;
  tryToMigrateOne(machine: Machine, folio: Folio, mm: MmStruct, vma: Vma, splitPmd: boolean): boolean;
  tryToMigrate(machine: Machine, folio: Folio, splitPmd: boolean, walk: readonly number[]): void;
  removeMigrationPtes(machine: Machine, src: Folio, dst: Folio, walk: readonly number[]): void;
  removeMigrationPte(machine: Machine, mm: MmStruct, pte: Pte, dst: Folio, page: number): void;

  // include/linux/mm.h: mm.ts
  vmWarnOn(condition: boolean, warning: number): void;
  assertDecision(claim: number, holds: boolean): void;
  folioTestLarge(folio: Pick<Folio, "nrPages">): boolean;
  pageMapcountIsType(mapcount: number): boolean;
  folioMapcount(folio: TrackedFolio): number;
  folioMaybeMappedShared(folio: TrackedFolio): boolean;
  folioEntireMapcount(folio: Folio): number;
  folioHasPincount(folio: Pick<Folio, "nrPages">): boolean;
  folioMaybeDmaPinned(folio: Folio): boolean;
  folioNeedsCowForDma(mm: MmStruct, folio: Folio): boolean;
  folioExpectedRefCount(folio: Folio): number;

  // mm/internal.h, batches of entries: internal.ts
  folioPteBatch(ptes: readonly Pte[], first: number, end: number, nrPages: number): number;
  swapPteBatch(ptes: readonly Pte[], first: number, end: number): number;

  // mm/memory.c: memory.ts
  copyPmdRange(machine: Machine, dstMm: MmStruct, srcMm: MmStruct, dstVma: Vma, srcVma: Vma): void;
  copyPteRange(machine: Machine, dstMm: MmStruct, srcMm: MmStruct, dstVma: Vma, srcVma: Vma): void;
  copyPresentPtes(
    machine: Machine,
    dstMm: MmStruct,
    srcMm: MmStruct,
    dstVma: Vma,
    srcVma: Vma,
    first: number,
    maxNr: number,
    prealloc: Prealloc,
  ): number;
  __copyPresentPtes(dstVma: Vma, srcVma: Vma, first: number, nr: number): void;
  copyPresentPage(
    machine: Machine,
    dstMm: MmStruct,
    dstVma: Vma,
    srcVma: Vma,
    entry: number,
    prealloc: Prealloc,
  ): boolean;
  copyNonpresentPte(machine: Machine, dstPte: Pte, srcPte: Pte): void;
  zapPmdRange(machine: Machine, mm: Mm, vma: Vma, first: number, end: number): void;
  zapPteRange(machine: Machine, mm: MmStruct, vma: Vma, first: number, end: number): void;
  zapNonpresentPtes(machine: Machine, vma: Vma, first: number, end: number): number;
  zapPresentFolioPtes(machine: Machine, mm: MmStruct, vma: Vma, folio: Folio, first: number, nr: number): void;
  doAnonymousPage(machine: Machine, mm: MmStruct, vma: Vma, first: number, folio: Folio): boolean;
  mapAnonFolioPtes(machine: Machine, mm: MmStruct, vma: Vma, first: number, folio: Folio): void;
  setPteRange(machine: Machine, mm: MmStruct, vma: Vma, folio: Folio, page: number, nr: number, entry: number): void;
  doSetPmd(machine: Machine, mm: MmStruct, vma: Vma, folio: Folio): boolean;
  doWpPage(machine: Machine, mm: Mm, vma: Vma, entry: number, unshare: boolean): boolean;
  wpPageCopy(machine: Machine, mm: Mm, vma: Vma, entry: number, unshare: boolean): void;
  wpCanReuseAnonFolio(machine: Machine, folio: Folio, mm: MmStruct): boolean;
  wpCanReuseLargeAnonFolio(machine: Machine, folio: Folio, mm: MmStruct): boolean;
  wpReuseChecks(folio: Folio): void;
  doSwapPage(machine: Machine, mm: Mm, vma: Vma, entry: number, folio: Folio, write: boolean): void;
  swapInBeforeMapping(machine: Machine, folio: Folio, page: number, nr: number, write: boolean): void;
  swapInEntryChanged(entry: number, load: () => number): boolean;
  swapInBackOut(machine: Machine, folio: Folio): void;
  swapInAfterMapping(machine: Machine, folio: Folio, page: number, nr: number, write: boolean): void;
  swapInExclusive(machine: Machine, folio: Folio, exclusive: boolean): boolean;
  swappedOutCompletely(ptes: readonly Pte[], first: number, folio: Folio): boolean;
  shouldTryToFreeSwap(folio: Folio, extraRefs: number, write: boolean): boolean;

  // mm/filemap.c: filemap.ts
  filemapAddFolio(folio: Folio, index: number): void;
  filemapRemoveFolio(folio: Folio): void;
  filemapGetEntry(machine: Machine, index: number): Folio | undefined;
  nextUptodateFolio(machine: Machine, startPgoff: number, endPgoff: number): Folio | undefined;
  filemapMapPages(machine: Machine, mm: MmStruct, vma: Vma, startPgoff: number, endPgoff: number): void;
  filemapMapFolioRange(
    machine: Machine,
    mm: MmStruct,
    vma: Vma,
    folio: Folio,
    start: number,
    entry: number,
    nrPages: number,
  ): void;

  // mm/mremap.c: mremap.ts
  movePtes(vma: Vma, oldEntry: number, newEntry: number): void;

  // mm/huge_memory.c: huge-memory.ts
  doHugePmdAnonymousPage(machine: Machine, mm: MmStruct, vma: Vma, folio: Folio): boolean;
  mapAnonFolioPmd(machine: Machine, mm: MmStruct, vma: Vma, folio: Folio): void;
  copyHugePmd(machine: Machine, dstMm: MmStruct, srcMm: MmStruct, dstVma: Vma, srcVma: Vma): boolean;
  doHugePmdWpPage(machine: Machine, mm: MmStruct, vma: Vma, unshare: boolean): boolean;
  hugePmdCanReuse(machine: Machine, folio: Folio): boolean;
  zapHugePmd(machine: Machine, mm: MmStruct, vma: Vma): void;
  splitHugePmdLocked(machine: Machine, mm: MmStruct, vma: Vma, freeze: boolean): void;
  setPmdMigrationEntry(machine: Machine, mm: MmStruct, vma: Vma): boolean;
  removeMigrationPmd(machine: Machine, mm: MmStruct, vma: Vma, folio: Folio): void;
  deferredSplitFolio(folio: Folio, partiallyMapped: boolean): void;
  folioUnqueueDeferredSplit(folio: Folio): void;
  canSplitFolio(folio: Folio, callerPins: number): boolean;
  splitFolio(machine: Machine, folio: Folio, walk: readonly number[], newPages?: number): boolean;
  unqueueSplitFolio(folio: Folio): void;
  splitUnmappedFolio(machine: Machine, folio: Folio, newPages?: number, walk?: readonly number[]): void;
  splitOffPage(machine: Machine, folio: Folio, page: number, newPages?: number): Folio;
  splitFolioPrivate(pages: readonly StructPage[]): void;
  splitDamagedPages(folio: Folio, damage: number, page: number): void;
  remapPage(
    machine: Machine,
    folio: Folio,
    page: number,
    newFolio: Folio,
    newPages?: number,
    walk?: readonly number[],
  ): void;
  freeFolioAndSwapCache(machine: Machine, folio: Folio): void;
  deferredSplitScan(machine: Machine, walk: readonly number[]): void;
  splitQueued(machine: Machine, folio: Folio, walk: readonly number[]): void;
  thpUnderused(folio: Folio): boolean;
  takeQueued(folio: Folio): boolean;
  folioTestPmdMappable(folio: Folio): boolean;
  splitHugePmd(machine: Machine, mm: Mm, vma: Vma): void;

  // mm/khugepaged.c: khugepaged.ts
  collapseHugePageIsolate(machine: Machine, vma: Vma, maxPtesShared: number): boolean;
  collapseHugePage(machine: Machine, mm: MmStruct, vma: Vma, folio: Folio): void;

  // mm/migrate.c: migrate.ts
  migrateFolioUnmap(machine: Machine, folio: Folio, walk: readonly number[]): boolean;
  migrateFolioUndo(machine: Machine, folio: Folio, walk: readonly number[]): void;
  migrateFolioMove(machine: Machine, src: Folio, dst: Folio, walk: readonly number[]): boolean;
  moveToNewFolio(machine: Machine, dst: Folio, src: Folio): boolean;

  // mm/gup.c: gup.ts
  gupMustUnshare(folio: Folio, page: number, pin: boolean, write: boolean): boolean;
  followPageMask(machine: Machine, mm: MmStruct, vma: Vma, entry: number, pin: boolean, write: boolean): Followed;
  followPagePte(machine: Machine, mm: MmStruct, pte: Pte, pin: boolean, write: boolean): Followed;
  followHugePmd(machine: Machine, mm: MmStruct, pmd: Pmd, pin: boolean, write: boolean): Followed;
  tryGrabFolio(folio: Folio, mm: MmStruct, pin: boolean): void;
  tryGrabFolioFast(folio: Folio, pin: boolean): boolean;
  gupFastEntryChanged(entry: number, load: () => number): boolean;
  gupFastRacedWithFork(seq: number, load: () => number): boolean;
  sanityCheckPinnedPages(folio: Folio, page: number): void;
  gupPutFolio(folio: Folio, pin: boolean): void;

  // mm/shmem.c: shmem.ts
  shmemWriteout(machine: Machine, folio: Folio): boolean;
  shmemDeleteFromPageCache(machine: Machine, folio: Folio): void;
  shmemAddToPageCache(machine: Machine, folio: Folio, index: number): void;
  shmemSwapinFolio(machine: Machine, index: number, folio: Folio): void;

  // mm/swapfile.c, mm/swap_state.c: swapfile.ts
  folioAllocSwap(machine: Machine, folio: Folio): boolean;
  swapCacheAddFolio(machine: Machine, folio: Folio, first: number): void;
  swapCacheGetFolio(machine: Machine, slot: number): Folio | undefined;
  readSwapCacheAsync(machine: Machine, slot: number): Folio;
  folioMatchesSwapEntry(folio: Folio, slot: number): boolean;
  swapCacheDelFolio(machine: Machine, folio: Folio): void;
  folioSwapped(machine: Machine, folio: Folio): boolean;
  areSlotsNeeded(machine: Machine, first: number, nr: number): boolean;
  folioFreeSwap(machine: Machine, folio: Folio): boolean;
  freeSwapCache(machine: Machine, folio: Folio): void;
  swapDuplicate(machine: Machine, slot: number): void;
  swapFreeNr(machine: Machine, first: number, nr: number): boolean;
  freeSwapAndCacheNr(machine: Machine, first: number, nr: number): void;
  tryToReclaimSwap(machine: Machine, slot: number, anyway: boolean): number;
  swapOnlyHasCache(machine: Machine, first: number, nr: number): boolean;

  // mm/vmscan.c: vmscan.ts
  shrinkFolioAddToSwap(machine: Machine, folio: Folio): boolean;
  shrinkFolioPageoutShmem(machine: Machine, folio: Folio): boolean;
  shrinkFolioRemoveFile(folio: Folio): boolean;
  shrinkFolioRemoveMapping(machine: Machine, folio: Folio): boolean;

  // mm/page_alloc.c: page-alloc.ts
  folioFree(machine: Machine, nrPages: number): Folio | undefined;
  folioAlloc(machine: Machine, nrPages: number): Folio;
  prepNewPage(folio: Folio, nrPages: number): void;
  prepCompoundHead(folio: Folio): void;
  postAllocHook(pages: readonly StructPage[]): void;
  prepCompoundPage(pages: readonly StructPage[]): void;
  resetFreedPages(pages: readonly StructPage[], compound: boolean): void;
  resetPageType(folio: Folio): void;
  folioPutRefs(folio: Folio, refs: number): boolean;
  freePagesPrepare(folio: Folio): void;
  freeDamagedPages(folio: Folio, damage: number, page: number): void;
  checkDamagedTail(damage: number, page: number): void;
  resetPage(page: Page): void;
  freeTailPagePrepare(folio: Folio): void;

  // kernel/fork.c: fork.ts
  mmAllocId(mm: MmStruct): void;
  mmput(mm: MmStruct): void;
  mmdrop(mm: MmStruct): void;

  // fs/proc: proc.ts
  folioPrecisePageMapcount(folio: Folio, page: number): number;
  folioAveragePageMapcount(folio: Folio): number;
  kpagecount(folio: Folio, page: number): number;
  pagemapMmapExclusive(folio: Folio, page: number): boolean;
  pagemapPmdMmapExclusive(folio: Folio, page: number): boolean;
  numaMapsMapmax(folio: Folio, page: number): number;
  smapsPrivate(folio: Folio, page: number): boolean;
  smapsPssDivisor(folio: Folio, page: number): number;
}

/** Functions and values that replace those of a kernel. Their `this` is the patched kernel. */
export type KernelPatch = Partial<Kernel> & ThisType<Kernel>;
