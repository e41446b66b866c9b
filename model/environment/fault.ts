/** Faults on entries that are none. @source mm/memory.c, mm/filemap.c, mm/huge_memory.c */
import { at } from "../../explore/model/schema.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { isNone, pteRangeNone } from "../kernel/pgtable.ts";
import type { World, WorldVma } from "../state/world.ts";
import { rememberAfterMapping } from "./history.ts";

/**
 * A write fault in an anon VMA that is served with a new folio, mapped completely and exclusively. The entries must all
 * be none, and the folio naturally aligned. Any order may be chosen, as if larger ones were off or could not be
 * allocated; a folio of PMD size is mapped by a PMD. The kernel offers no anon folios of order 1
 * (THP_ORDERS_ALL_ANON); here there are, as the smallest large ones.
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
  // One MM maps each page of a new folio once: there is nothing to remember.
  return true;
}

/**
 * A read fault in a VMA that maps the file, with fault-around: maps every entry of the range that is none and whose page
 * is in the page cache. Enabled when it would map the first and the last entry of the range: a range with other ends does
 * what a smaller one does.
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
  rememberAfterMapping(world, kernel);
  return true;
}

function canMap(world: World, kernel: Kernel, vma: WorldVma, entry: number): boolean {
  return isNone(at(vma.ptes, entry)) && kernel.filemapGetEntry(world, entry) !== undefined;
}

/**
 * A read fault in a VMA that maps the file, where the page cache has a folio of PMD size: maps it by a PMD, if no PTE is
 * in the way.
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
  rememberAfterMapping(world, kernel);
  return true;
}
