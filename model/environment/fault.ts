/** Faults on entries that are none. @source mm/memory.c, mm/filemap.c, mm/huge_memory.c */
import { at } from "../../explore/schema.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { isNone, setPtes } from "../kernel/pgtable.ts";
import type { World, WorldVma } from "../world.ts";
import { rememberAfterMapping } from "./history.ts";

/**
 * A write fault in an anon VMA that is served with a new folio, mapped completely and exclusively. The entries must all
 * be none, and the folio naturally aligned. Any order may be chosen, as if larger ones were off or could not be
 * allocated; a folio of PMD size is mapped by a PMD. The kernel offers no anon folios of order 1
 * (THP_ORDERS_ALL_ANON); here there are, as the smallest large ones.
 *
 * @param first position of the first entry
 * @source mm/memory.c, do_anonymous_page(); mm/huge_memory.c, do_huge_pmd_anonymous_page()
 */
export function anonFault(
  world: World,
  kernel: Kernel,
  p: { readonly mm: number; readonly first: number; readonly pages: number },
): boolean {
  const mm = at(world.mms, p.mm);
  const vma = at(mm.vmas, 0);
  if (!mm.live || !isEmpty(vma, p.first, p.first + p.pages) || kernel.folioFree(world, p.pages) === undefined) {
    return false;
  }
  const folio = kernel.folioAlloc(world, p.pages);
  if (kernel.folioTestPmdMappable(folio)) {
    kernel.folioAddNewAnonRmap(world.stats, folio, mm, true);
    vma.pmd.folio = folio.frameNumber;
    vma.pmd.writable = true;
    kernel.deferredSplitFolio(folio, false);
  } else {
    folio.refcount += p.pages - 1;
    kernel.folioAddNewAnonRmap(world.stats, folio, mm, true);
    setPtes(vma.ptes, p.first, folio, 0, p.pages, true);
  }
  // One MM maps each page of a new folio once: there is nothing to remember.
  return true;
}

function isEmpty(vma: WorldVma, first: number, end: number): boolean {
  if (vma.pmd.folio !== 0) {
    return false;
  }
  for (let i = first; i < end; i++) {
    if (!isNone(at(vma.ptes, i))) {
      return false;
    }
  }
  return true;
}

/**
 * A read fault in a VMA that maps the file, with fault-around: maps every entry of the range that is none and whose page
 * is in the page cache, in batches of consecutive pages of one folio. Enabled when it would map the first and the last
 * entry of the range: a range with other ends does what a smaller one does. Later kernels (6.18) widen a range to the
 * whole folio where it fits the VMA: that is a larger range here.
 *
 * @source mm/filemap.c, filemap_map_pages(), filemap_map_folio_range(); mm/memory.c, set_pte_range()
 */
export function fileFault(
  world: World,
  kernel: Kernel,
  p: { readonly mm: number; readonly vma: number; readonly first: number; readonly count: number },
): boolean {
  const mm = at(world.mms, p.mm);
  const vma = at(mm.vmas, p.vma);
  const end = p.first + p.count;
  if (!mm.live || vma.pmd.folio !== 0 || !canMap(world, vma, p.first) || !canMap(world, vma, end - 1)) {
    return false;
  }
  let i = p.first;
  while (i < end) {
    const frame = cachedFolioAt(world, i);
    if (frame < 0 || at(vma.ptes, i).folio !== 0) {
      i += 1;
      continue;
    }
    const folio = at(world.folios, frame);
    const page = i - folio.index;
    const most = Math.min(end - i, folio.nrPages - page);
    let nr = 1;
    while (nr < most && at(vma.ptes, i + nr).folio === 0) {
      nr += 1;
    }
    // As in the kernel: the caller's own reference becomes the first mapping's, the others are taken after the rmap.
    kernel.folioAddFileRmapPtes(world.stats, folio, page, nr, mm);
    setPtes(vma.ptes, i, folio, page, nr, false);
    folio.refcount += nr;
    i += nr;
  }
  rememberAfterMapping(world, kernel);
  return true;
}

function canMap(world: World, vma: WorldVma, entry: number): boolean {
  return at(vma.ptes, entry).folio === 0 && cachedFolioAt(world, entry) >= 0;
}

/**
 * A read fault in a VMA that maps the file, where the page cache has a folio of PMD size: maps it by a PMD, if no PTE is
 * in the way.
 *
 * @source mm/memory.c, do_set_pmd()
 */
export function filePmdFault(world: World, kernel: Kernel, p: { readonly mm: number; readonly vma: number }): boolean {
  const mm = at(world.mms, p.mm);
  const vma = at(mm.vmas, p.vma);
  const frame = cachedFolioAt(world, 0);
  if (!mm.live || frame < 0 || !isEmpty(vma, 0, vma.ptes.length)) {
    return false;
  }
  const folio = at(world.folios, frame);
  if (!kernel.folioTestPmdMappable(folio)) {
    return false;
  }
  folio.refcount += 1;
  kernel.folioAddFileRmapPmd(world.stats, folio, mm);
  vma.pmd.folio = folio.frameNumber;
  rememberAfterMapping(world, kernel);
  return true;
}

/** Position of the folio that holds a page of the file in the page cache, or −1. */
function cachedFolioAt(world: World, filePage: number): number {
  for (let f = 0; f < world.folios.length; f++) {
    const folio = at(world.folios, f);
    if (folio.inPageCache && filePage >= folio.index && filePage < folio.index + folio.nrPages) {
      return f;
    }
  }
  return -1;
}
