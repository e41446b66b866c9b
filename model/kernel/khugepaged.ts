/** Collapse of PTE-mapped pages into a PMD-mapped folio. @source mm/khugepaged.c */
import { at } from "../../explore/model/schema.ts";
import type { Folio, KernelState, MmStruct, Vma } from "../state/structs.ts";
import type { Kernel } from "./kernel.ts";
import { clearPtes, isNone, isPresent } from "./pgtable.ts";

/**
 * Whether the pages of a VMA may be collapsed: all are present, and only mappings and the swap cache refer to them.
 *
 * @param maxPtesShared largest number of entries whose folio is maybe mapped shared (khugepaged_max_ptes_shared)
 * @source mm/khugepaged.c, __collapse_huge_page_isolate(); any number of none entries (khugepaged_max_ptes_none)
 */
export function collapseHugePageIsolate(this: Kernel, state: KernelState, vma: Vma, maxPtesShared: number): boolean {
  let shared = 0;
  for (let i = 0; i < vma.ptes.length; i++) {
    const pte = at(vma.ptes, i);
    if (isNone(pte)) {
      continue;
    }
    if (!isPresent(pte)) {
      return false;
    }
    const folio = at(state.folios, pte.folio - 1);
    if (this.folioMaybeMappedShared(folio)) {
      shared += 1;
      if (shared > maxPtesShared) {
        return false;
      }
    }
    if (folio.locked || this.folioExpectedRefCount(folio) !== folio.refcount) {
      return false;
    }
  }
  return true;
}

/**
 * Copies the pages of a VMA into a new PMD-sized folio, drops the old ones, and maps the new one by a PMD.
 *
 * @param folio a fresh folio of PMD size with one reference, which is transferred to the mapping
 * @source mm/khugepaged.c, collapse_huge_page(), __collapse_huge_page_copy(), __collapse_huge_page_copy_succeeded()
 */
export function collapseHugePage(this: Kernel, state: KernelState, mm: MmStruct, vma: Vma, folio: Folio): void {
  const { ptes, pmd } = vma;
  let i = 0;
  while (i < ptes.length) {
    const pte = at(ptes, i);
    if (isNone(pte)) {
      i += 1;
      continue;
    }
    const src = at(state.folios, pte.folio - 1);
    const { page } = pte;
    const nr = this.folioTestLarge(src) ? this.folioPteBatch(ptes, i, ptes.length, src.nrPages) : 1;
    for (let each = 0; each < nr; each++) {
      at(folio.pages, i + each).content = at(src.pages, page + each).content;
    }
    clearPtes(ptes, i, nr);
    this.folioRemoveRmapPtes(state.stats, src, page, nr, mm);
    this.freeSwapCache(state, src);
    this.folioPutRefs(src, nr);
    i += nr;
  }
  this.folioAddNewAnonRmap(state.stats, folio, mm, true);
  pmd.folio = folio.frameNumber;
  pmd.writable = true;
  this.deferredSplitFolio(folio, false);
}
