/**
 * History variables: auxiliary variables for claims about the past of a folio, which no kernel function may read. They
 * are updated from the page tables after each operation.
 */
import { at } from "../../explore/model/schema.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { isPresent } from "../kernel/pgtable.ts";
import type { FolioHistory, World, WorldFolio, WorldMm } from "../state/world.ts";

/**
 * Updates the history after an operation that added mappings of a folio. An operation adds mappings of a large folio or
 * removes them, never both, so an update after the operation is exact. Small folios have no history: they are not
 * tracked.
 */
export function updateHistoryAfterMapping(world: World, kernel: Kernel): void {
  for (let f = 0; f < world.folios.length; f++) {
    const folio = at(world.folios, f);
    if (folio.allocated && folio.nrPages > 1 && !isHistoryComplete(folio, kernel)) {
      updateFolio(world, kernel, folio, f + 1);
    }
  }
}

/** Updates the history after an operation that removed mappings: clears that of unmapped folios. */
export function updateHistoryAfterUnmapping(world: World, _kernel: Kernel): void {
  for (let f = 0; f < world.folios.length; f++) {
    const folio = at(world.folios, f);
    if ((folio.hadThreeMms || folio.hadOverflow) && !isMapped(world, f + 1)) {
      folio.hadThreeMms = false;
      folio.hadOverflow = false;
    }
  }
}

/** Whether a present entry maps the folio. Stops at the first one. */
export function isMapped({ mms }: World, reference: number): boolean {
  for (let m = 0; m < mms.length; m++) {
    const { vmas } = at(mms, m);
    for (let v = 0; v < vmas.length; v++) {
      const { pmd, ptes } = at(vmas, v);
      if (pmd.folio === reference && isPresent(pmd)) {
        return true;
      }
      for (let i = 0; i < ptes.length; i++) {
        const pte = at(ptes, i);
        if (pte.folio === reference && isPresent(pte)) {
          return true;
        }
      }
    }
  }
  return false;
}

/** Whether further mappings cannot change the history. */
function isHistoryComplete(folio: WorldFolio, kernel: Kernel): boolean {
  return folio.hadThreeMms && (folio.hadOverflow || kernel.config.is64Bit);
}

function updateFolio(world: World, kernel: Kernel, folio: WorldFolio, reference: number): void {
  let mms = 0;
  for (let m = 0; m < world.mms.length; m++) {
    const mappings = mappingsIn(at(world.mms, m), reference);
    mms += mappings > 0 ? 1 : 0;
    if (overflowsSlot(mappings, kernel)) {
      folio.hadOverflow = true;
    }
  }
  updateHistory(folio, mms);
}

/** Updates the history of a folio that `mms` MMs map. */
export function updateHistory(folio: FolioHistory, mms: number): void {
  if (mms === 0) {
    folio.hadThreeMms = false;
    folio.hadOverflow = false;
  } else if (mms > 2) {
    folio.hadThreeMms = true;
  }
}

/** Whether an MM has more mappings than its slot can count: a slot stores one less than the logical mapcount. */
export function overflowsSlot(mappings: number, { config }: Kernel): boolean {
  return mappings - 1 > config.mmIdMapcountMax;
}

function mappingsIn(mm: WorldMm, reference: number): number {
  let mappings = 0;
  for (let v = 0; v < mm.vmas.length; v++) {
    const { pmd, ptes } = at(mm.vmas, v);
    mappings += pmd.folio === reference && isPresent(pmd) ? 1 : 0;
    for (let i = 0; i < ptes.length; i++) {
      const pte = at(ptes, i);
      mappings += pte.folio === reference && isPresent(pte) ? 1 : 0;
    }
  }
  return mappings;
}
