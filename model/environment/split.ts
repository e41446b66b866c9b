/** Splits of folios, and collapse of pages into one folio. @source mm/huge_memory.c, mm/khugepaged.c */
import { at } from "../../explore/model/schema.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { Warning } from "../kernel/warnings.ts";
import type { Folio } from "../state/structs.ts";
import type { World, WorldFolio } from "../state/world.ts";
import { updateHistoryAfterUnmapping } from "./history.ts";
import { assertProgress, isCollapsible, isMovable } from "./progress.ts";
import { isRepresentative, walkNamed } from "./walk.ts";

/**
 * Splits an anon folio, as reclaim, migration and a write to split_huge_pages do. Fails if there are other references
 * (P1).
 */
export function split(world: World, kernel: Kernel, p: { readonly folio: number; readonly walk: string }): boolean {
  const folio = at(world.folios, p.folio);
  const walk = walkNamed(p.walk);
  if (!folio.allocated || !folio.anon || folio.nrPages === 1 || folio.locked || !hasRoom(world, folio)) {
    return false;
  }
  if (!isRepresentative(world, folio, walk)) {
    return false;
  }
  const splittable = isMovable(world, folio);
  kernel.folioRefAdd(folio, 1);
  kernel.splitFolio(world, folio, walk);
  kernel.freeFolioAndSwapCache(world, folio);
  assertProgress(kernel, Warning.notSplit, splittable, folio.nrPages === 1);
  updateHistoryAfterUnmapping(world, kernel);
  return true;
}

/**
 * Memory pressure: the shrinker tries to split the queued folio. Enabled for one queued folio only, since each split
 * needs free folios within the bounds.
 */
export function shrinkDeferred(world: World, kernel: Kernel, p: { readonly walk: string }): boolean {
  const folio = onlyQueued(world);
  const walk = walkNamed(p.walk);
  if (folio === undefined || !hasRoom(world, folio) || !isRepresentative(world, folio, walk)) {
    return false;
  }
  const splittable = folio.partiallyMapped && isMovable(world, folio);
  kernel.deferredSplitScan(world, walk);
  assertProgress(kernel, Warning.notSplitByShrinker, splittable, folio.nrPages === 1);
  updateHistoryAfterUnmapping(world, kernel);
  return true;
}

function onlyQueued(world: World): WorldFolio | undefined {
  let queued: WorldFolio | undefined;
  for (let f = 0; f < world.folios.length; f++) {
    const folio = at(world.folios, f);
    if (folio.onDeferredList) {
      if (queued !== undefined) {
        return undefined;
      }
      queued = folio;
    }
  }
  return queued;
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
 * Collapse by khugepaged or MADV_COLLAPSE: replaces the pages of an anon VMA by a PMD-mapped folio.
 *
 * @param maxPtesShared khugepaged_max_ptes_shared: 0, or the number of entries (equivalent to MADV_COLLAPSE)
 */
export function collapse(
  world: World,
  kernel: Kernel,
  p: { readonly mm: number; readonly maxPtesShared: number },
): boolean {
  const mm = at(world.mms, p.mm);
  const vma = at(mm.vmas, 0);
  const pages = vma.ptes.length;
  // Also undefined if there are no PMD mappings.
  if (!mm.live || vma.pmd.folio !== 0 || kernel.folioFree(world, pages)?.hpagePmdNr !== pages) {
    return false;
  }
  let mapped = 0;
  for (let i = 0; i < pages; i++) {
    mapped += at(vma.ptes, i).folio === 0 ? 0 : 1;
  }
  if (mapped === 0) {
    return false;
  }
  const collapsible = isCollapsible(world, kernel, mm, p.maxPtesShared);
  const isolated = kernel.collapseHugePageIsolate(world, vma, p.maxPtesShared);
  assertProgress(kernel, Warning.notCollapsed, collapsible, isolated);
  if (!isolated) {
    // A failure is a step only if it violates P4.
    return collapsible;
  }
  kernel.collapseHugePage(world, mm, vma, kernel.folioAlloc(world, pages));
  updateHistoryAfterUnmapping(world, kernel);
  return true;
}
