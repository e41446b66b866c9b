/**
 * References other than those of mappings and caches: GUP, and lockless walkers.
 *
 * @source mm/gup.c, include/linux/page_ref.h
 */
import { at } from "../../explore/model/schema.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { entryAt, isPresent, pageAt } from "../kernel/pgtable.ts";
import { Followed } from "../state/structs.ts";
import { type Holder, HolderKind, type World } from "../state/world.ts";
import { assertPinnable } from "./claims.ts";
import { storeThroughPin } from "./contents.ts";
import { updateHistoryAfterUnmapping } from "./history.ts";
import { canResolve, resolveFault } from "./write.ts";

/** Returns the first unused holder. The choice does not matter: holders are interchangeable. */
function freeHolder(world: World): Holder | undefined {
  for (let h = 0; h < world.holders.length; h++) {
    const holder = at(world.holders, h);
    if (holder.kind === HolderKind.none) {
      return holder;
    }
  }
  return undefined;
}

/**
 * Takes a speculative reference to any folio in use, as compaction or page idle tracking does.
 *
 * @source include/linux/page_ref.h, folio_try_get()
 */
export function tryGet(world: World, kernel: Kernel, p: { readonly folio: number }): boolean {
  const folio = at(world.folios, p.folio);
  const holder = freeHolder(world);
  if (!folio.allocated || holder === undefined || !kernel.folioTryGet(folio)) {
    return false;
  }
  holder.kind = HolderKind.speculative;
  holder.folio = folio.frameNumber;
  return true;
}

/**
 * GUP on a present anon entry: FOLL_GET, or FOLL_PIN read-only or for writing. A page that must not be pinned as it is
 * causes a fault first: a write fault, or one that makes the page exclusive and leaves the entry read-only.
 *
 * @param kind HolderKind.get, .pin or .pinWrite
 * @source mm/gup.c, __get_user_pages(), faultin_page()
 */
export function gup(
  world: World,
  kernel: Kernel,
  p: { readonly mm: number; readonly entry: number; readonly kind: number },
): boolean {
  const mm = at(world.mms, p.mm);
  const vma = at(mm.vmas, 0);
  const holder = freeHolder(world);
  if (holder === undefined || !isPresent(entryAt(vma, p.entry))) {
    return false;
  }
  const pin = p.kind !== HolderKind.get;
  const write = p.kind === HolderKind.pinWrite;
  const followed = kernel.followPageMask(world, mm, vma, p.entry, pin, write);
  const faults = followed !== Followed.page;
  if (faults && !canResolve(world, kernel, mm, p.entry)) {
    return false;
  }
  if (faults) {
    resolveFault(world, kernel, mm, p.entry, followed === Followed.mustUnshare);
  }
  const folio = at(world.folios, entryAt(vma, p.entry).folio - 1);
  const page = pageAt(vma, p.entry);
  if (faults && kernel.followPageMask(world, mm, vma, p.entry, pin, write) !== Followed.page) {
    // A faulty kernel would fault forever. The model pins the mapped page, so that claims can check it.
    kernel.tryGrabFolio(folio, mm, pin);
  }
  if (pin) {
    assertPinnable(world, kernel, mm, p.entry);
    kernel.sanityCheckPinnedPages(folio, page);
  }
  holder.kind = p.kind;
  holder.folio = folio.frameNumber;
  holder.page = page;
  holder.mm = mm.idNumber;
  holder.entry = p.entry;
  holder.expected = at(folio.pages, page).content;
  if (faults) {
    updateHistoryAfterUnmapping(world, kernel);
  }
  return true;
}

/** Drops the reference of a holder, even if the page is not mapped any more or its MM is gone. */
export function put(world: World, kernel: Kernel, p: { readonly holder: number }): boolean {
  const holder = at(world.holders, p.holder);
  if (holder.kind === HolderKind.none) {
    return false;
  }
  const folio = at(world.folios, holder.folio - 1);
  const pin = holder.kind === HolderKind.pin || holder.kind === HolderKind.pinWrite;
  if (pin) {
    kernel.sanityCheckPinnedPages(folio, holder.page);
  }
  holder.kind = HolderKind.none;
  holder.folio = 0;
  holder.page = 0;
  holder.mm = 0;
  holder.entry = 0;
  holder.expected = 0;
  kernel.gupPutFolio(folio, pin);
  return true;
}

/** Write of a device to a page that is pinned for writing. */
export function dmaWrite(
  world: World,
  _kernel: Kernel,
  p: { readonly holder: number; readonly value: number },
): boolean {
  const holder = at(world.holders, p.holder);
  if (holder.kind !== HolderKind.pinWrite) {
    return false;
  }
  const { content } = at(at(world.folios, holder.folio - 1).pages, holder.page);
  if (p.value === 0 && content === 0) {
    return false;
  }
  storeThroughPin(world, p.holder, p.value);
  return true;
}
