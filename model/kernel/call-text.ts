/** How traces write calls of modelled functions: as the kernel spells them, with the arguments that tell something. */
import type { Kernel } from "./kernel.ts";
import type { Entry, Pte } from "./structs.ts";

/** The name of a modelled function. */
export type FunctionName = {
  [N in keyof Modelled]: Modelled[N] extends (...parameters: never[]) => unknown ? N : never;
}[keyof Modelled];

type Modelled = Omit<Kernel, "forThreads">;

type ParametersOf<N extends FunctionName> = Parameters<Extract<Kernel[N], (...parameters: never[]) => unknown>>;
type ResultOf<N extends FunctionName> = ReturnType<Extract<Kernel[N], (...parameters: never[]) => unknown>>;

/** Where the kernel's name is another one than ours with underscores between the words. */
const NAMES: { readonly [N in FunctionName]?: string } = {
  folioAddRmap: "__folio_add_rmap",
  folioAddAnonRmap: "__folio_add_anon_rmap",
  folioTryDupAnonRmap: "__folio_try_dup_anon_rmap",
  folioTryShareAnonRmap: "__folio_try_share_anon_rmap",
  folioRemoveRmap: "__folio_remove_rmap",
  copyPresentPtes: "__copy_present_ptes",
  wpCanReuseLargeAnonFolio: "__wp_can_reuse_large_anon_folio",
  splitHugePmdLocked: "__split_huge_pmd_locked",
  splitFolio: "__folio_split",
  splitUnmappedFolio: "__split_unmapped_folio",
  splitOffPage: "__split_folio_to_order",
  resetFreedPages: "__free_pages_prepare",
  splitFolioPrivate: "__split_folio_to_order",
  folioUnqueueDeferredSplit: "__folio_unqueue_deferred_split",
  unqueueSplitFolio: "__folio_unqueue_deferred_split",
  collapseHugePageIsolate: "__collapse_huge_page_isolate",
  migrateFolioUndo: "migrate_folio_undo_src",
  swapInBackOut: "do_swap_page",
  tryToReclaimSwap: "__try_to_reclaim_swap",
  shrinkFolioAddToSwap: "shrink_folio_list",
  shrinkFolioRemoveMapping: "__remove_mapping",
  shrinkFolioPageoutShmem: "pageout",
};

/** The kernel's name of a modelled function; a name of C code as it is. */
export function kernelNameOf(name: string): string {
  const isModelled = /^[a-z][A-Za-z]*$/.test(name);
  return isModelled ? (NAMES[name as FunctionName] ?? snakeCase(name)) : name;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Whether the kernel has no such function, and its code in line. */
export function isInLine(name: string): boolean {
  return name in IN_LINE;
}

/** What the kernel has in line, in words. */
const IN_LINE: { readonly [N in FunctionName]?: string } = {
  setMmIdSlot: "takes a free slot",
  takeMmIdSlot: "takes a free slot",
  addToMmIdSlot: "adds to the slot of the MM",
  subFromMmIdSlot: "subtracts from the slot of the MM",
  freeMmIdSlot: "frees the slot",
  hugePmdCanReuse: "is the PMD mapping the only reference?",
  swapInExclusive: "is the page this MM's alone?",
  swapInEntryChanged: "has the entry changed?",
  gupFastEntryChanged: "has the entry changed?",
  gupFastRacedWithFork: "has fork() copied page tables?",
};

/** The arguments of a call. A function that shows none of its own shows its folios, MMs, numbers and words, in order. */
const ARGUMENTS: { readonly [N in FunctionName]?: (...parameters: ParametersOf<N>) => readonly unknown[] } = {
  folioAddReturnLargeMapcount: (folio, diff, mm) => [folio, diff, mm],
  folioSubReturnLargeMapcount: (folio, diff, mm) => [folio, diff, mm],

  folioAddRmap: (_stats, folio, page, nr, mm, level) => [folio, pages(page, nr), mm, level],
  folioAddNewAnonRmap: (_stats, folio, mm, exclusive) => [folio, mm, rmapExclusive(exclusive)],
  folioAddFileRmapPtes: (_stats, folio, page, nr, mm) => [folio, pages(page, nr), mm],
  folioAddAnonRmapPtes: (_stats, folio, page, nr, mm, exclusive) => [
    folio,
    pages(page, nr),
    mm,
    rmapExclusive(exclusive),
  ],
  folioAddAnonRmapPmd: (_stats, folio, mm, exclusive) => [folio, mm, rmapExclusive(exclusive)],
  folioAddAnonRmap: (_stats, folio, page, nr, mm, exclusive, level) => [
    folio,
    pages(page, nr),
    mm,
    rmapExclusive(exclusive),
    level,
  ],
  folioDupFileRmapPtes: (folio, page, nr, to, from) => [folio, pages(page, nr), ...fork(from, to)],
  folioTryDupAnonRmapPtes: (folio, page, nr, to, from) => [folio, pages(page, nr), ...fork(from, to)],
  folioTryDupAnonRmapPmd: (folio, to, from) => [folio, ...fork(from, to)],
  folioTryDupAnonRmap: (folio, page, nr, to, from, level) => [folio, pages(page, nr), ...fork(from, to), level],
  folioTryShareAnonRmap: (folio, page) => [folio, pages(page, 1)],
  folioRemoveRmapPtes: (_stats, folio, page, nr, mm) => [folio, pages(page, nr), mm],
  folioRemoveRmap: (_stats, folio, page, nr, mm, level) => [folio, pages(page, nr), mm, level],

  tryToMigrate: (_machine, folio, splitPmd) => [folio, flag("TTU_SPLIT_HUGE_PMD", splitPmd)],
  tryToMigrateOne: (_machine, folio, mm, _vma, splitPmd) => [folio, mm, flag("TTU_SPLIT_HUGE_PMD", splitPmd)],
  removeMigrationPtes: (_machine, from, to) => [from, to],
  removeMigrationPte: (_machine, mm, _pte, folio, page) => [folio, pages(page, 1), mm],

  copyPteRange: (_machine, to, from) => fork(from, to),
  copyPresentPtes: (_toVma, _fromVma, first, nr) => [entries(first, nr)],
  copyPresentPage: (_machine, mm, _toVma, _fromVma, entry, folio) => [mm, entries(entry, 1), folio],
  copyNonpresentPte: (_machine, _to, from) => [nonpresent(from)],
  zapPteRange: (_machine, mm, _vma, first, end) => [mm, entries(first, end - first)],
  zapPresentFolioPtes: (_machine, mm, _vma, folio, first, nr) => [folio, mm, entries(first, nr)],
  doWpPage: (_machine, mm, _vma, entry, unshare) => [mm, entries(entry, 1), faultUnshare(unshare)],
  wpPageCopy: (_machine, mm, _vma, entry, unshare) => [mm, entries(entry, 1), faultUnshare(unshare)],
  doSwapPage: (_machine, mm, _vma, entry, folio, write) => [
    mm,
    entries(entry, 1),
    folio,
    flag("FAULT_FLAG_WRITE", write),
  ],

  copyHugePmd: (_machine, to, from) => fork(from, to),
  doHugePmdWpPage: (_machine, mm, _vma, unshare) => [mm, faultUnshare(unshare)],
  splitHugePmdLocked: (_machine, mm, _vma, freeze) => [mm, flag("freeze", freeze)],
  postAllocHook: blockOf,
  prepCompoundPage: blockOf,
  resetFreedPages: blockOf,
  splitFolioPrivate: blockOf,
  deferredSplitFolio: (folio, partiallyMapped) => [folio, flag("partially_mapped", partiallyMapped)],
  canSplitFolio: (folio) => [folio],
  splitUnmappedFolio: (_machine, folio) => [folio],
  splitOffPage: (_machine, folio, page) => [folio, pages(page, 1)],
  remapPage: (_machine, folio, page, newFolio) => [folio, pages(page, 1), newFolio],

  gupMustUnshare: (folio, page, pin, write) => [folio, pages(page, 1), follow(pin), flag("FOLL_WRITE", write)],
  tryGrabFolio: (folio, _mm, pin) => [folio, follow(pin)],
  gupPutFolio: (folio, pin) => [folio, follow(pin)],

  shmemAddToPageCache: (_machine, folio, index) => [folio, `index ${index}`],
  shmemSwapinFolio: (_machine, index, folio) => [`index ${index}`, folio],
  swapCacheAddFolio: (_machine, folio, first) => [folio, slots(first, folio.nrPages)],
  swapDuplicate: (_machine, slot) => [slots(slot, 1)],
  swapFreeNr: (_machine, first, nr) => [slots(first, nr)],
  freeSwapAndCacheNr: (_machine, first, nr) => [slots(first, nr)],

  collapseHugePageIsolate: (_machine, _vma, maxPtesShared) => [`max_ptes_shared ${maxPtesShared}`],
  folioAlloc: (_machine, nrPages) => [`order ${Math.log2(nrPages)}`],
};

/** What a call returned, where that is another value in the kernel than here, or one that tells nothing. */
const RESULTS: { readonly [N in FunctionName]?: (result: ResultOf<N>) => string | undefined } = {
  folioTryDupAnonRmapPtes: unless("-EBUSY"),
  folioTryDupAnonRmapPmd: unless("-EBUSY"),
  folioTryDupAnonRmap: unless("-EBUSY"),
  folioTryShareAnonRmap: unless("-EBUSY"),
  setPmdMigrationEntry: unless("-EBUSY"),
  copyHugePmd: unless("-EAGAIN"),
  splitFolio: unless("-EAGAIN"),
  migrateFolioUnmap: unless("-EAGAIN"),
  migrateFolioMove: unless("-EAGAIN"),
  folioAllocSwap: unless("-ENOMEM"),
  shmemWriteout: unless("AOP_WRITEPAGE_ACTIVATE"),
  doHugePmdWpPage: unless("VM_FAULT_FALLBACK"),
  tryToUnmapOne: unless("false"),
  tryToMigrateOne: unless("false"),
  hugePmdCanReuse: (reuse) => (reuse ? "yes" : "no"),
  swapInExclusive: (exclusive) => (exclusive ? "yes" : "no"),
  doWpPage: () => undefined,
  folioPutRefs: () => undefined,
  subFromMmIdSlot: () => undefined,
  shrinkFolioAddToSwap: () => undefined,
  shrinkFolioPageoutShmem: () => undefined,
  shrinkFolioRemoveMapping: () => undefined,
};

/** The call of a function, before it runs. */
export function callText(name: FunctionName, parameters: readonly unknown[]): string {
  const show = ARGUMENTS[name] as ((...parameters: readonly unknown[]) => readonly unknown[]) | undefined;
  const shown = show === undefined ? parameters : show(...parameters);
  const spelled = kernelNameOf(name);
  return IN_LINE[name] ?? `${spelled}(${shown.flatMap(argumentText).join(", ")})`;
}

/** What the function returned, or nothing worth telling. */
export function resultText(name: FunctionName, result: unknown): string | undefined {
  const show = RESULTS[name] as ((result: unknown) => string | undefined) | undefined;
  if (show !== undefined) {
    return show(result);
  }
  return typeof result === "boolean" ? String(result) : argumentText(result)[0];
}

/** MMs and folios by position, numbers and words as they are; the rest (statistics, slots, entries) tells nothing. */
function argumentText(value: unknown): string[] {
  if (typeof value === "number" || typeof value === "string") {
    return [String(value)];
  }
  if (typeof value !== "object" || value === null) {
    return [];
  }
  if ("idNumber" in value) {
    return [`mm ${Number(value.idNumber) - 1}`];
  }
  if ("frameNumber" in value) {
    return [`folio ${Number(value.frameNumber) - 1}`];
  }
  return "nrPages" in value ? ["folio"] : [];
}

function range(one: string, several: string, first: number, count: number): string {
  return count === 1 ? `${one} ${first}` : `${several} ${first}–${first + count - 1}`;
}

function pages(first: number, count: number): string {
  return range("page", "pages", first, count);
}

function entries(first: number, count: number): string {
  return range("entry", "entries", first, count);
}

function slots(first: number, count: number): string {
  return range("slot", "slots", first, count);
}

/** Struct pages that are handled together. */
function blockOf(block: readonly unknown[]): [string] {
  return [`order ${Math.log2(block.length)}`];
}

/** From one MM to another, in the kernel's order: destination, source. */
function fork(from: unknown, to: unknown): [unknown, string] {
  return [to, `from ${argumentText(from)[0]}`];
}

function flag(word: string, set: boolean): string | undefined {
  return set ? word : undefined;
}

function rmapExclusive(exclusive: boolean): string | undefined {
  return flag("RMAP_EXCLUSIVE", exclusive);
}

function faultUnshare(unshare: boolean): string | undefined {
  return flag("FAULT_FLAG_UNSHARE", unshare);
}

function follow(pin: boolean): string {
  return pin ? "FOLL_PIN" : "FOLL_GET";
}

function nonpresent(pte: Pte & Entry): string {
  return pte.swap ? `swap entry, slot ${pte.page}` : `migration entry, folio ${pte.folio - 1}, page ${pte.page}`;
}

/** What is told of a failure; success is not worth telling. */
function unless(error: string): (success: boolean) => string | undefined {
  return (success) => (success ? undefined : error);
}
