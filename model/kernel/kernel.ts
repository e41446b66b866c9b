/**
 * Interface of the kernel under test. The environment calls it through this interface only, so a patch, a bug, a mutant
 * and a later release are each an implementation of Kernel. Functions call each other through `this`: an override takes
 * effect everywhere. Each function and its source are documented at its definition in this folder.
 */
import type {
  Folio,
  Followed,
  KernelState,
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
  swapClusterLock(state: KernelState): void;
  swapClusterUnlock(state: KernelState): void;
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
  tryToUnmapOne(state: KernelState, folio: Folio, mm: MmStruct, vma: Vma): boolean;
  tryToMigrateOne(state: KernelState, folio: Folio, mm: MmStruct, vma: Vma, splitPmd: boolean): boolean;
  tryToMigrate(state: KernelState, folio: Folio, splitPmd: boolean, walk: readonly number[]): void;
  removeMigrationPtes(state: KernelState, src: Folio, dst: Folio, walk: readonly number[]): void;
  removeMigrationPte(state: KernelState, mm: MmStruct, pte: Pte, dst: Folio, page: number): void;

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
  copyPmdRange(state: KernelState, dstMm: MmStruct, srcMm: MmStruct, dstVma: Vma, srcVma: Vma): void;
  copyPteRange(state: KernelState, dstMm: MmStruct, srcMm: MmStruct, dstVma: Vma, srcVma: Vma): void;
  copyPresentPtes(
    state: KernelState,
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
    state: KernelState,
    dstMm: MmStruct,
    dstVma: Vma,
    srcVma: Vma,
    entry: number,
    prealloc: Prealloc,
  ): boolean;
  copyNonpresentPte(state: KernelState, dstPte: Pte, srcPte: Pte): void;
  zapPmdRange(state: KernelState, mm: Mm, vma: Vma, first: number, end: number): void;
  zapPteRange(state: KernelState, mm: MmStruct, vma: Vma, first: number, end: number): void;
  zapNonpresentPtes(state: KernelState, vma: Vma, first: number, end: number): number;
  zapPresentFolioPtes(state: KernelState, mm: MmStruct, vma: Vma, folio: Folio, first: number, nr: number): void;
  doAnonymousPage(state: KernelState, mm: MmStruct, vma: Vma, first: number, folio: Folio): boolean;
  mapAnonFolioPtes(state: KernelState, mm: MmStruct, vma: Vma, first: number, folio: Folio): void;
  setPteRange(state: KernelState, mm: MmStruct, vma: Vma, folio: Folio, page: number, nr: number, entry: number): void;
  doSetPmd(state: KernelState, mm: MmStruct, vma: Vma, folio: Folio): boolean;
  doWpPage(state: KernelState, mm: Mm, vma: Vma, entry: number, unshare: boolean): boolean;
  wpPageCopy(state: KernelState, mm: Mm, vma: Vma, entry: number, unshare: boolean): void;
  wpCanReuseAnonFolio(state: KernelState, folio: Folio, mm: MmStruct): boolean;
  wpCanReuseLargeAnonFolio(state: KernelState, folio: Folio, mm: MmStruct): boolean;
  wpReuseChecks(folio: Folio): void;
  doSwapPage(state: KernelState, mm: Mm, vma: Vma, entry: number, folio: Folio, write: boolean): void;
  swapInBeforeMapping(state: KernelState, folio: Folio, page: number, nr: number, write: boolean): void;
  swapInEntryChanged(entry: number, load: () => number): boolean;
  swapInBackOut(state: KernelState, folio: Folio): void;
  swapInAfterMapping(state: KernelState, folio: Folio, page: number, nr: number, write: boolean): void;
  swapInExclusive(state: KernelState, folio: Folio, exclusive: boolean): boolean;
  swappedOutCompletely(ptes: readonly Pte[], first: number, folio: Folio): boolean;
  shouldTryToFreeSwap(folio: Folio, extraRefs: number, write: boolean): boolean;

  // mm/filemap.c: filemap.ts
  filemapAddFolio(folio: Folio, index: number): void;
  filemapRemoveFolio(folio: Folio): void;
  filemapGetEntry(state: KernelState, index: number): Folio | undefined;
  nextUptodateFolio(state: KernelState, startPgoff: number, endPgoff: number): Folio | undefined;
  filemapMapPages(state: KernelState, mm: MmStruct, vma: Vma, startPgoff: number, endPgoff: number): void;
  filemapMapFolioRange(
    state: KernelState,
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
  doHugePmdAnonymousPage(state: KernelState, mm: MmStruct, vma: Vma, folio: Folio): boolean;
  mapAnonFolioPmd(state: KernelState, mm: MmStruct, vma: Vma, folio: Folio): void;
  copyHugePmd(state: KernelState, dstMm: MmStruct, srcMm: MmStruct, dstVma: Vma, srcVma: Vma): boolean;
  doHugePmdWpPage(state: KernelState, mm: MmStruct, vma: Vma, unshare: boolean): boolean;
  hugePmdCanReuse(state: KernelState, folio: Folio): boolean;
  zapHugePmd(state: KernelState, mm: MmStruct, vma: Vma): void;
  splitHugePmdLocked(state: KernelState, mm: MmStruct, vma: Vma, freeze: boolean): void;
  setPmdMigrationEntry(state: KernelState, mm: MmStruct, vma: Vma): boolean;
  removeMigrationPmd(state: KernelState, mm: MmStruct, vma: Vma, folio: Folio): void;
  deferredSplitFolio(folio: Folio, partiallyMapped: boolean): void;
  folioUnqueueDeferredSplit(folio: Folio): void;
  canSplitFolio(folio: Folio, callerPins: number): boolean;
  splitFolio(state: KernelState, folio: Folio, walk: readonly number[], newPages?: number): boolean;
  unqueueSplitFolio(folio: Folio): void;
  splitUnmappedFolio(state: KernelState, folio: Folio, newPages?: number, walk?: readonly number[]): void;
  splitOffPage(state: KernelState, folio: Folio, page: number, newPages?: number): Folio;
  splitFolioPrivate(pages: readonly StructPage[]): void;
  splitDamagedPages(folio: Folio, damage: number, page: number): void;
  remapPage(
    state: KernelState,
    folio: Folio,
    page: number,
    newFolio: Folio,
    newPages?: number,
    walk?: readonly number[],
  ): void;
  freeFolioAndSwapCache(state: KernelState, folio: Folio): void;
  deferredSplitScan(state: KernelState, walk: readonly number[]): void;
  splitQueued(state: KernelState, folio: Folio, walk: readonly number[]): void;
  thpUnderused(folio: Folio): boolean;
  takeQueued(folio: Folio): boolean;
  folioTestPmdMappable(folio: Folio): boolean;
  splitHugePmd(state: KernelState, mm: Mm, vma: Vma): void;

  // mm/khugepaged.c: khugepaged.ts
  collapseHugePageIsolate(state: KernelState, vma: Vma, maxPtesShared: number): boolean;
  collapseHugePage(state: KernelState, mm: MmStruct, vma: Vma, folio: Folio): void;

  // mm/migrate.c: migrate.ts
  migrateFolioUnmap(state: KernelState, folio: Folio, walk: readonly number[]): boolean;
  migrateFolioUndo(state: KernelState, folio: Folio, walk: readonly number[]): void;
  migrateFolioMove(state: KernelState, src: Folio, dst: Folio, walk: readonly number[]): boolean;
  moveToNewFolio(state: KernelState, dst: Folio, src: Folio): boolean;

  // mm/gup.c: gup.ts
  gupMustUnshare(folio: Folio, page: number, pin: boolean, write: boolean): boolean;
  followPageMask(state: KernelState, mm: MmStruct, vma: Vma, entry: number, pin: boolean, write: boolean): Followed;
  followPagePte(state: KernelState, mm: MmStruct, pte: Pte, pin: boolean, write: boolean): Followed;
  followHugePmd(state: KernelState, mm: MmStruct, pmd: Pmd, pin: boolean, write: boolean): Followed;
  tryGrabFolio(folio: Folio, mm: MmStruct, pin: boolean): void;
  tryGrabFolioFast(folio: Folio, pin: boolean): boolean;
  gupFastEntryChanged(entry: number, load: () => number): boolean;
  gupFastRacedWithFork(seq: number, load: () => number): boolean;
  sanityCheckPinnedPages(folio: Folio, page: number): void;
  gupPutFolio(folio: Folio, pin: boolean): void;

  // mm/shmem.c: shmem.ts
  shmemWriteout(state: KernelState, folio: Folio): boolean;
  shmemDeleteFromPageCache(state: KernelState, folio: Folio): void;
  shmemAddToPageCache(state: KernelState, folio: Folio, index: number): void;
  shmemSwapinFolio(state: KernelState, index: number, folio: Folio): void;

  // mm/swapfile.c, mm/swap_state.c: swapfile.ts
  folioAllocSwap(state: KernelState, folio: Folio): boolean;
  swapCacheAddFolio(state: KernelState, folio: Folio, first: number): void;
  swapCacheGetFolio(state: KernelState, slot: number): Folio | undefined;
  readSwapCacheAsync(state: KernelState, slot: number): Folio;
  folioMatchesSwapEntry(folio: Folio, slot: number): boolean;
  swapCacheDelFolio(state: KernelState, folio: Folio): void;
  folioSwapped(state: KernelState, folio: Folio): boolean;
  areSlotsNeeded(state: KernelState, first: number, nr: number): boolean;
  folioFreeSwap(state: KernelState, folio: Folio): boolean;
  freeSwapCache(state: KernelState, folio: Folio): void;
  swapDuplicate(state: KernelState, slot: number): void;
  swapFreeNr(state: KernelState, first: number, nr: number): boolean;
  freeSwapAndCacheNr(state: KernelState, first: number, nr: number): void;
  tryToReclaimSwap(state: KernelState, slot: number, anyway: boolean): number;
  swapOnlyHasCache(state: KernelState, first: number, nr: number): boolean;

  // mm/vmscan.c: vmscan.ts
  shrinkFolioAddToSwap(state: KernelState, folio: Folio): boolean;
  shrinkFolioPageoutShmem(state: KernelState, folio: Folio): boolean;
  shrinkFolioRemoveFile(folio: Folio): boolean;
  shrinkFolioRemoveMapping(state: KernelState, folio: Folio): boolean;

  // mm/page_alloc.c: page-alloc.ts
  folioFree(state: KernelState, nrPages: number): Folio | undefined;
  folioAlloc(state: KernelState, nrPages: number): Folio;
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
