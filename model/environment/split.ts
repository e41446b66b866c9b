/** Splitting folios, and collapsing pages into one. @source mm/huge_memory.c, mm/khugepaged.c */
import { at } from "../../explore/schema.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Folio } from "../kernel/structs.ts";
import type { World } from "../world.ts";
import { rememberAfterUnmapping } from "./history.ts";
import { isUseful, walkNamed } from "./walk.ts";

/** Somebody splits an anon folio: reclaim, migration, or a write to split_huge_pages. It may fail. */
export function split(world: World, kernel: Kernel, p: { readonly folio: number; readonly walk: string }): boolean {
  const folio = at(world.folios, p.folio);
  const walk = walkNamed(p.walk);
  if (!folio.allocated || !folio.anon || folio.nrPages === 1 || folio.locked || !hasRoom(world, folio)) {
    return false;
  }
  if (!isUseful(world, folio, walk)) {
    return false;
  }
  folio.refcount += 1;
  kernel.splitFolio(world, folio, walk);
  kernel.freeFolioAndSwapCache(world, folio);
  rememberAfterUnmapping(world, kernel);
  return true;
}

/** Memory gets tight: the shrinker tries to split what is queued. One folio at a time, so that there is room for its pages. */
export function shrinkDeferred(world: World, kernel: Kernel, p: { readonly walk: string }): boolean {
  const folio = onlyQueued(world);
  const walk = walkNamed(p.walk);
  if (folio === undefined || !hasRoom(world, folio) || !isUseful(world, folio, walk)) {
    return false;
  }
  kernel.deferredSplitScan(world, walk);
  rememberAfterUnmapping(world, kernel);
  return true;
}

function onlyQueued(world: World): Folio | undefined {
  let found: Folio | undefined;
  for (let f = 0; f < world.folios.length; f++) {
    const folio = at(world.folios, f);
    if (folio.onDeferredList) {
      if (found !== undefined) {
        return undefined;
      }
      found = folio;
    }
  }
  return found;
}

/** Whether there are small folios for all pages but the first. */
function hasRoom(world: World, folio: Folio): boolean {
  let room = 0;
  for (let f = 0; f < world.folios.length; f++) {
    room += at(world.folios, f).allocated ? 0 : 1;
  }
  return room >= folio.nrPages - 1;
}

/**
 * khugepaged, or MADV_COLLAPSE, makes a PMD-mapped folio of what an anon VMA maps.
 *
 * @param maxPtesShared khugepaged_max_ptes_shared: 0, or as many as there are (what MADV_COLLAPSE does)
 */
export function collapse(
  world: World,
  kernel: Kernel,
  p: { readonly mm: number; readonly maxPtesShared: number },
): boolean {
  const mm = at(world.mms, p.mm);
  const vma = at(mm.vmas, 0);
  const pages = vma.ptes.length;
  // Undefined where there are no PMD mappings, too.
  if (!mm.live || vma.pmd.folio !== 0 || kernel.folioFree(world, pages)?.hpagePmdNr !== pages) {
    return false;
  }
  let mapped = 0;
  for (let i = 0; i < pages; i++) {
    mapped += at(vma.ptes, i).folio === 0 ? 0 : 1;
  }
  if (mapped === 0 || !kernel.collapseHugePageIsolate(world, vma, p.maxPtesShared)) {
    return false;
  }
  kernel.collapseHugePage(world, mm, vma, kernel.folioAlloc(world, pages));
  rememberAfterUnmapping(world, kernel);
  return true;
}
