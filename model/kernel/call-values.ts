/** Calls of modelled functions as traces show them: kernel names, and selected arguments and results. */

import { type Entry, Followed, type Pte } from "../state/structs.ts";
import type { CallNode, CallValue } from "./call-node.ts";
import type { Kernel } from "./kernel.ts";

/** Name of a modelled function. */
export type FunctionName = {
  [N in keyof Modelled]: Modelled[N] extends (...parameters: never[]) => unknown ? N : never;
}[keyof Modelled];

type Modelled = Omit<Kernel, "forThreads">;

type ParametersOf<N extends FunctionName> = Parameters<Extract<Kernel[N], (...parameters: never[]) => unknown>>;
type ResultOf<N extends FunctionName> = ReturnType<Extract<Kernel[N], (...parameters: never[]) => unknown>>;

/** Kernel names that differ from the snake case of the model's names. */
const NAMES: { readonly [N in FunctionName]?: string } = {
  folioAddRmap: "__folio_add_rmap",
  folioAddAnonRmap: "__folio_add_anon_rmap",
  folioTryDupAnonRmap: "__folio_try_dup_anon_rmap",
  folioTryShareAnonRmap: "__folio_try_share_anon_rmap",
  folioRemoveRmap: "__folio_remove_rmap",
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
  shrinkFolioRemoveFile: "__remove_mapping",
  filemapRemoveFolio: "__filemap_remove_folio",
  shrinkFolioPageoutShmem: "pageout",
};

/** Returns the kernel's name of a modelled function; returns a name of C code unchanged. */
export function kernelNameOf(name: string): string {
  const isModelled = /^_*[a-z][A-Za-z]*$/.test(name);
  return isModelled ? (NAMES[name as FunctionName] ?? snakeCase(name)) : name;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Function of the model whose code is inline in the surrounding function of the kernel. */
export type InLineName = Extract<
  FunctionName,
  | "setMmIdSlot"
  | "takeMmIdSlot"
  | "addToMmIdSlot"
  | "subFromMmIdSlot"
  | "freeMmIdSlot"
  | "hugePmdCanReuse"
  | "swapInExclusive"
  | "swapInEntryChanged"
  | "gupFastEntryChanged"
  | "gupFastRacedWithFork"
>;

const IN_LINE: { readonly [N in InLineName]: true } = {
  setMmIdSlot: true,
  takeMmIdSlot: true,
  addToMmIdSlot: true,
  subFromMmIdSlot: true,
  freeMmIdSlot: true,
  hugePmdCanReuse: true,
  swapInExclusive: true,
  swapInEntryChanged: true,
  gupFastEntryChanged: true,
  gupFastRacedWithFork: true,
};

/** Whether the kernel has the code of a modelled function inline. */
export function isInLine(name: string): name is InLineName {
  return name in IN_LINE;
}

/** Arguments that a trace shows, by function. For other functions: all folios, MMs, numbers and strings. */
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

  tryToMigrate: (_state, folio, splitPmd) => [folio, flag("TTU_SPLIT_HUGE_PMD", splitPmd)],
  tryToMigrateOne: (_state, folio, mm, _vma, splitPmd) => [folio, mm, flag("TTU_SPLIT_HUGE_PMD", splitPmd)],
  removeMigrationPtes: (_state, from, to) => [from, to],
  removeMigrationPte: (_state, mm, _pte, folio, page) => [folio, pages(page, 1), mm],

  copyPteRange: (_state, to, from) => fork(from, to),
  __copyPresentPtes: (_toVma, _fromVma, first, nr) => [entries(first, nr)],
  copyPresentPage: (_state, mm, _toVma, _fromVma, entry, { folio }) => [mm, entries(entry, 1), folio],
  copyNonpresentPte: (_state, _to, from) => [nonpresent(from)],
  doAnonymousPage: (_state, mm, _vma, first, folio) => [mm, entries(first, folio.nrPages), folio],
  setPteRange: (_state, mm, _vma, folio, page, nr) => [folio, pages(page, nr), mm],
  filemapAddFolio: (folio, index) => [folio, { kind: "index", value: index }],
  filemapMapPages: (_state, mm, _vma, first, last) => [mm, pages(first, last - first + 1)],
  filemapMapFolioRange: (_state, mm, _vma, folio, start, _entry, nr) => [folio, pages(start, nr), mm],
  movePtes: (_vma, from, to) => [entries(from, 1), entries(to, 1)],
  followPageMask: (_state, mm, _vma, entry, pin, write) => [
    mm,
    entries(entry, 1),
    follow(pin),
    flag("FOLL_WRITE", write),
  ],
  zapPteRange: (_state, mm, _vma, first, end) => [mm, entries(first, end - first)],
  zapPresentFolioPtes: (_state, mm, _vma, folio, first, nr) => [folio, mm, entries(first, nr)],
  doWpPage: (_state, mm, _vma, entry, unshare) => [mm, entries(entry, 1), faultUnshare(unshare)],
  wpPageCopy: (_state, mm, _vma, entry, unshare) => [mm, entries(entry, 1), faultUnshare(unshare)],
  doSwapPage: (_state, mm, _vma, entry, folio, write) => [
    mm,
    entries(entry, 1),
    folio,
    flag("FAULT_FLAG_WRITE", write),
  ],

  copyHugePmd: (_state, to, from) => fork(from, to),
  doHugePmdWpPage: (_state, mm, _vma, unshare) => [mm, faultUnshare(unshare)],
  splitHugePmdLocked: (_state, mm, _vma, freeze) => [mm, flag("freeze", freeze)],
  postAllocHook: blockOf,
  prepCompoundPage: blockOf,
  resetFreedPages: blockOf,
  splitFolioPrivate: blockOf,
  deferredSplitFolio: (folio, partiallyMapped) => [folio, flag("partially_mapped", partiallyMapped)],
  canSplitFolio: (folio) => [folio],
  splitUnmappedFolio: (_state, folio) => [folio],
  splitOffPage: (_state, folio, page) => [folio, pages(page, 1)],
  remapPage: (_state, folio, page, newFolio) => [folio, pages(page, 1), newFolio],

  gupMustUnshare: (folio, page, pin, write) => [folio, pages(page, 1), follow(pin), flag("FOLL_WRITE", write)],
  tryGrabFolio: (folio, _mm, pin) => [folio, follow(pin)],
  gupPutFolio: (folio, pin) => [folio, follow(pin)],

  shmemAddToPageCache: (_state, folio, index) => [folio, { kind: "index", value: index }],
  shmemSwapinFolio: (_state, index, folio) => [{ kind: "index", value: index }, folio],
  swapCacheAddFolio: (_state, folio, first) => [folio, slots(first, folio.nrPages)],
  swapDuplicate: (_state, slot) => [slots(slot, 1)],
  swapFreeNr: (_state, first, nr) => [slots(first, nr)],
  freeSwapAndCacheNr: (_state, first, nr) => [slots(first, nr)],

  collapseHugePageIsolate: (_state, _vma, maxPtesShared) => [{ kind: "max_ptes_shared", value: maxPtesShared }],
  folioAlloc: (_state, nrPages) => [{ kind: "order", value: Math.log2(nrPages) }],
};

/** Results that a trace shows, for functions whose result differs in the kernel or is omitted. */
const RESULTS: { readonly [N in FunctionName]?: (result: ResultOf<N>) => CallValue | undefined } = {
  folioTryDupAnonRmapPtes: unless("-EBUSY"),
  folioTryDupAnonRmapPmd: unless("-EBUSY"),
  folioTryDupAnonRmap: unless("-EBUSY"),
  folioTryShareAnonRmap: unless("-EBUSY"),
  setPmdMigrationEntry: unless("-EBUSY"),
  copyHugePmd: unless("-EAGAIN"),
  copyPresentPage: unless("-EAGAIN"),
  doAnonymousPage: () => undefined,
  doHugePmdAnonymousPage: () => undefined,
  doSetPmd: unless("VM_FAULT_FALLBACK"),
  followPageMask: (followed) => (followed === Followed.page ? undefined : followed),
  splitFolio: unless("-EAGAIN"),
  migrateFolioUnmap: unless("-EAGAIN"),
  migrateFolioMove: unless("-EAGAIN"),
  folioAllocSwap: unless("-ENOMEM"),
  shmemWriteout: unless("AOP_WRITEPAGE_ACTIVATE"),
  doHugePmdWpPage: unless("VM_FAULT_FALLBACK"),
  tryToUnmapOne: unless("false"),
  tryToMigrateOne: unless("false"),
  doWpPage: () => undefined,
  folioPutRefs: () => undefined,
  subFromMmIdSlot: () => undefined,
  shrinkFolioAddToSwap: () => undefined,
  shrinkFolioPageoutShmem: () => undefined,
  shrinkFolioRemoveMapping: () => undefined,
  shrinkFolioRemoveFile: () => undefined,
};

/** Returns the node of a call without its result. */
export function callOf(name: FunctionName, parameters: readonly unknown[]): Omit<CallNode, "calls"> {
  if (isInLine(name)) {
    return { kind: "code", name, args: [] };
  }
  const show = ARGUMENTS[name] as ((...parameters: readonly unknown[]) => readonly unknown[]) | undefined;
  const shown = show === undefined ? parameters : show(...parameters);
  return { kind: "function", name: kernelNameOf(name), args: shown.flatMap(argumentsOf) };
}

/** Returns the result of a call; undefined if a trace omits it. */
export function resultOf(name: FunctionName, result: unknown): CallValue | undefined {
  const show = RESULTS[name] as ((result: unknown) => CallValue | undefined) | undefined;
  if (show !== undefined) {
    return show(result);
  }
  return typeof result === "boolean" ? result : argumentsOf(result)[0];
}

/** Converts an argument; returns none for statistics, slots, entries and booleans. */
function argumentsOf(value: unknown): CallValue[] {
  if (typeof value === "number" || typeof value === "string") {
    return [value];
  }
  if (typeof value !== "object" || value === null) {
    return [];
  }
  if ("kind" in value && typeof value.kind === "string") {
    return [value as CallValue];
  }
  if ("idNumber" in value) {
    return [{ kind: "mm", mm: mmOf(value) }];
  }
  if ("frameNumber" in value) {
    return [{ kind: "folio", folio: Number(value.frameNumber) - 1 }];
  }
  return "nrPages" in value ? [{ kind: "folio" }] : [];
}

function mmOf(mm: object): number {
  return Number((mm as { readonly idNumber: number }).idNumber) - 1;
}

function pages(first: number, count: number): CallValue {
  return { kind: "pages", first, count };
}

function entries(first: number, count: number): CallValue {
  return { kind: "entries", first, count };
}

function slots(first: number, count: number): CallValue {
  return { kind: "slots", first, count };
}

/** Returns the order of a block of struct pages. */
function blockOf(block: readonly unknown[]): [CallValue] {
  return [{ kind: "order", value: Math.log2(block.length) }];
}

/** Arguments of a fork in the kernel's order: destination, source. */
function fork(from: object, to: object): [object, CallValue] {
  return [to, { kind: "from", mm: mmOf(from) }];
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

function nonpresent(pte: Pte & Entry): CallValue {
  return pte.swap
    ? { kind: "swap-entry", slot: pte.page }
    : { kind: "migration-entry", folio: pte.folio - 1, page: pte.page };
}

/** Returns a function that shows `error` for failure and nothing for success. */
function unless(error: string): (success: boolean) => string | undefined {
  return (success) => (success ? undefined : error);
}
