/** Unmapping. @source mm/memory.c */
import { at } from "../../explore/schema.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { Warning } from "../kernel/warnings.ts";
import type { RmapFolio, RmapMm, RmapVma, World } from "../view.ts";
import { clearHistory, rememberAfterUnmapping } from "./history.ts";

/**
 * munmap() or MADV_DONTNEED of a range of one VMA. Enabled when its first and last entries are present: a range with
 * other ends does what a smaller one does.
 */
export function unmap(
  world: World,
  kernel: Kernel,
  p: { readonly mm: number; readonly vma: number; readonly first: number; readonly count: number },
): boolean {
  const mm = at(world.mms, p.mm);
  const vma = at(mm.vmas, p.vma);
  if (at(vma.ptes, p.first).folio === 0 || at(vma.ptes, p.first + p.count - 1).folio === 0) {
    return false;
  }
  zapPteRange(world, kernel, mm, vma, p.first, p.first + p.count);
  rememberAfterUnmapping(world, kernel);
  return true;
}

/**
 * Clears the present entries of a range, in batches of entries that map consecutive pages of one large folio: entries,
 * then reverse mapping, then references.
 *
 * The kernel drops the references of all batches after the TLB flush, and removes the rmap of dirty file entries only
 * then (`tlb_delay_rmap()`). Nothing looks in between here, so each batch does all of it. Batches are the largest
 * possible: the kernel also ends one with a page table or a full mmu_gather, which is several unmaps here.
 *
 * @param first position of the first entry
 * @param end position after the last
 * @source mm/memory.c, zap_pte_range(), zap_present_ptes(), zap_present_folio_ptes()
 */
export function zapPteRange(world: World, kernel: Kernel, mm: RmapMm, vma: RmapVma, first: number, end: number): void {
  const { ptes } = vma;
  let i = first;
  while (i < end) {
    const pte = at(ptes, i);
    if (pte.folio === 0) {
      i += 1;
      continue;
    }
    const folio = at(world.folios, pte.folio - 1);
    const { page } = pte;
    const large = kernel.folioTestLarge(folio);
    const nr = large && end - i > 1 ? kernel.folioPteBatch(ptes, i, end, folio.nrPages) : 1;
    clearPtes(ptes, i, nr);
    kernel.folioRemoveRmapPtes(world.stats, folio, page, nr, mm);
    kernel.vmWarnOn(kernel.folioMapcount(folio) < 0, Warning.badPte);
    release(kernel, folio, nr);
    i += nr;
  }
}

function clearPtes(ptes: RmapVma["ptes"], first: number, nr: number): void {
  for (let i = 0; i < nr; i++) {
    const pte = at(ptes, first + i);
    pte.folio = 0;
    pte.page = 0;
  }
}

/** Drops references; with the last one the folio is free for another use. */
export function release(kernel: Kernel, folio: RmapFolio, refs: number): void {
  if (kernel.folioPutRefs(folio, refs)) {
    folio.allocated = false;
    folio.index = 0;
    clearHistory(folio);
  }
}
