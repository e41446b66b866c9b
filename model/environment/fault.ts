/** Page faults. @source mm/memory.c, mm/filemap.c */
import { at } from "../../explore/schema.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { RmapVma, World } from "../view.ts";
import { rememberAfterMapping } from "./history.ts";

/**
 * A write fault in an anon VMA that is served with a new folio, mapped completely and exclusively. The entries must all
 * be none, and the folio naturally aligned. Any order may be chosen, as if larger ones were off or could not be
 * allocated. The kernel offers no anon folios of order 1 (THP_ORDERS_ALL_ANON); here there are, as the smallest large ones.
 *
 * @param first position of the first entry
 * @param frame position of a folio that is not in use
 * @source mm/memory.c, do_anonymous_page()
 */
export function anonFault(
  world: World,
  kernel: Kernel,
  p: { readonly mm: number; readonly first: number; readonly pages: number; readonly folio: number },
): boolean {
  const mm = at(world.mms, p.mm);
  const folio = at(world.folios, p.folio);
  const { ptes } = at(mm.vmas, 0);
  if (!mm.live || folio.allocated) {
    return false;
  }
  for (let i = 0; i < p.pages; i++) {
    if (at(ptes, p.first + i).folio !== 0) {
      return false;
    }
  }
  folio.allocated = true;
  kernel.prepNewPage(folio, p.pages);
  folio.refcount += p.pages - 1;
  kernel.folioAddNewAnonRmap(world.stats, folio, mm);
  setPtes(ptes, p.first, p.folio, 0, p.pages);
  // One MM maps each page of a new folio once: there is nothing to remember.
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
  if (!mm.live || !canMap(world, vma, p.first) || !canMap(world, vma, end - 1)) {
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
    setPtes(vma.ptes, i, frame, page, nr);
    folio.refcount += nr;
    i += nr;
  }
  rememberAfterMapping(world, kernel);
  return true;
}

function canMap(world: World, vma: RmapVma, entry: number): boolean {
  return at(vma.ptes, entry).folio === 0 && cachedFolioAt(world, entry) >= 0;
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

/**
 * Writes consecutive entries.
 *
 * @param frame position of the folio
 * @source include/linux/pgtable.h, set_ptes()
 */
export function setPtes(ptes: RmapVma["ptes"], first: number, frame: number, page: number, nr: number): void {
  for (let i = 0; i < nr; i++) {
    const pte = at(ptes, first + i);
    pte.folio = frame + 1;
    pte.page = page + i;
  }
}
