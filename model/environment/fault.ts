/** Faults on entries that are none. @source mm/memory.c, mm/filemap.c, mm/huge_memory.c */
import { at } from "../../explore/model/schema.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { isNone, pteRangeNone } from "../kernel/pgtable.ts";
import type { World, WorldVma } from "../state/world.ts";
import { updateHistoryAfterMapping } from "./history.ts";

/**
 * Write fault in an anon VMA that maps a new folio, completely and exclusively. All entries must be none, and the folio
 * naturally aligned. Any order may be chosen, as if larger orders were disabled or could not be allocated; a folio of
 * PMD size is mapped by a PMD. The kernel has no anon folios of order 1 (THP_ORDERS_ALL_ANON); the model has them as
 * the smallest large folios.
 *
 * @param first position of the first entry
 */
export function anonFault(
  world: World,
  kernel: Kernel,
  p: { readonly mm: number; readonly first: number; readonly pages: number },
): boolean {
  const mm = at(world.mms, p.mm);
  const vma = at(mm.vmas, 0);
  if (!mm.live || !pteRangeNone(vma, p.first, p.pages) || kernel.folioFree(world, p.pages) === undefined) {
    return false;
  }
  const folio = kernel.folioAlloc(world, p.pages);
  if (kernel.folioTestPmdMappable(folio)) {
    kernel.doHugePmdAnonymousPage(world, mm, vma, folio);
  } else {
    kernel.doAnonymousPage(world, mm, vma, p.first, folio);
  }
  // One MM maps each page of a new folio once: the history does not change.
  return true;
}

/**
 * Read fault in a VMA that maps the file, with fault-around: maps every none entry of the range whose page is in the
 * page cache. Enabled if it maps the first and the last entry of the range: any other range is equivalent to a smaller
 * one.
 */
export function fileFault(
  world: World,
  kernel: Kernel,
  p: { readonly mm: number; readonly vma: number; readonly first: number; readonly count: number },
): boolean {
  const mm = at(world.mms, p.mm);
  const vma = at(mm.vmas, p.vma);
  const last = p.first + p.count - 1;
  if (!mm.live || vma.pmd.folio !== 0 || !canMap(world, kernel, vma, p.first) || !canMap(world, kernel, vma, last)) {
    return false;
  }
  kernel.filemapMapPages(world, mm, vma, p.first, last);
  updateHistoryAfterMapping(world, kernel);
  return true;
}

function canMap(world: World, kernel: Kernel, vma: WorldVma, entry: number): boolean {
  return isNone(at(vma.ptes, entry)) && kernel.filemapGetEntry(world, entry) !== undefined;
}

/**
 * Read fault in a VMA that maps the file, with a folio of PMD size in the page cache: maps it by a PMD if all PTEs are
 * none.
 */
export function filePmdFault(world: World, kernel: Kernel, p: { readonly mm: number; readonly vma: number }): boolean {
  const mm = at(world.mms, p.mm);
  const vma = at(mm.vmas, p.vma);
  const folio = kernel.filemapGetEntry(world, 0);
  if (!mm.live || folio === undefined || !pteRangeNone(vma, 0, vma.ptes.length)) {
    return false;
  }
  if (!kernel.folioTestPmdMappable(folio)) {
    return false;
  }
  kernel.folioRefAdd(folio, 1);
  kernel.doSetPmd(world, mm, vma, folio);
  updateHistoryAfterMapping(world, kernel);
  return true;
}
