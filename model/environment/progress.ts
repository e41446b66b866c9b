/**
 * Claims about progress: an operation succeeds if no documented condition of the kernel prevents it. Premises are
 * computed from page tables and reference holders before the operation runs.
 */
import { at } from "../../explore/model/schema.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { isNone, isPresent } from "../kernel/pgtable.ts";
import type { World, WorldFolio, WorldMm } from "../state/world.ts";
import { isHeld } from "./claims.ts";
import { isMapped } from "./history.ts";

/**
 * Asserts that an operation succeeded, if its premise held before it ran.
 *
 * @param claim the Warning to raise if it did not
 */
export function assertProgress(kernel: Kernel, claim: number, premise: boolean, succeeded: boolean): void {
  if (premise) {
    kernel.assertDecision(claim, succeeded);
  }
}

/**
 * Whether nothing prevents a split (P1) or migration (P2) of a folio: it is mapped, unlocked, and only mappings and
 * caches have references. For an unmapped folio the kernel has no anon_vma to find its entries.
 *
 * @source mm/huge_memory.c, __folio_split(): folio_get_anon_vma() fails for an unmapped folio, folio_ref_freeze() while
 *   there are other references; mm/migrate.c, __folio_migrate_mapping(): the same; mm/rmap.c, try_to_migrate_one():
 *   pins
 */
export function isMovable(world: World, folio: WorldFolio): boolean {
  return !folio.locked && isMapped(world, folio.frameNumber) && !isHeld(world, folio);
}

/**
 * Whether nothing prevents adding a folio to the swap cache (P3): no other references or pins, unlocked, not queued as
 * partially mapped (the kernel splits it instead), and enough free, naturally aligned slots.
 *
 * @source mm/vmscan.c, shrink_folio_list(); mm/swapfile.c, folio_alloc_swap()
 */
export function isSwappable(world: World, folio: WorldFolio): boolean {
  return (
    isMovable(world, folio) && !(folio.onDeferredList && folio.partiallyMapped) && hasFreeSlots(world, folio.nrPages)
  );
}

/**
 * Whether nothing prevents moving a folio of the page cache to the swap cache (P3, shmem): it is unmapped, only the
 * page cache has references, and there are slots as for isSwappable().
 *
 * @source mm/vmscan.c, pageout(); mm/shmem.c, shmem_writeout(); mm/swapfile.c, folio_alloc_swap()
 */
export function isWritable(world: World, folio: WorldFolio): boolean {
  return !isMapped(world, folio.frameNumber) && !isHeld(world, folio) && hasFreeSlots(world, folio.nrPages);
}

function hasFreeSlots({ swapSlots }: World, nr: number): boolean {
  for (let first = 0; first + nr <= swapSlots.length; first += nr) {
    let free = true;
    for (let i = first; i < first + nr; i++) {
      const { count, folio } = at(swapSlots, i);
      free &&= count === 0 && folio === 0;
    }
    if (free) {
      return true;
    }
  }
  return false;
}

/**
 * Whether nothing prevents the collapse of the pages that an MM maps (P4): each entry maps a page or is none, each
 * folio is unlocked, only mappings and caches have references, and the number of shared pages does not exceed
 * `max_ptes_shared`. A page counts as shared if another MM maps its folio, or did so earlier and owner tracking may
 * still report it.
 *
 * @param maxPtesShared khugepaged_max_ptes_shared
 * @source mm/khugepaged.c, __collapse_huge_page_isolate()
 */
export function isCollapsible(world: World, kernel: Kernel, mm: WorldMm, maxPtesShared: number): boolean {
  const { ptes } = at(mm.vmas, 0);
  let shared = 0;
  for (let i = 0; i < ptes.length; i++) {
    const pte = at(ptes, i);
    if (isNone(pte)) {
      continue;
    }
    if (!isPresent(pte)) {
      return false;
    }
    const folio = at(world.folios, pte.folio - 1);
    if (folio.locked || isHeld(world, folio)) {
      return false;
    }
    shared += isKnownExclusive(world, kernel, folio, mm) ? 0 : 1;
  }
  return shared <= maxPtesShared;
}

/** Whether no other MM maps the folio, and owner tracking must report it as exclusive (C2, C3). */
function isKnownExclusive(world: World, { config }: Kernel, folio: WorldFolio, mm: WorldMm): boolean {
  for (let m = 0; m < world.mms.length; m++) {
    const other = at(world.mms, m);
    if (other.idNumber !== mm.idNumber && mapsFolio(other, folio)) {
      return false;
    }
  }
  return folio.nrPages === 1 || (config.mmId && !folio.hadThreeMms && !folio.hadOverflow);
}

/** Whether a present entry of the MM's anon VMA maps the folio. */
export function mapsFolio(mm: WorldMm, folio: WorldFolio): boolean {
  const { pmd, ptes } = at(mm.vmas, 0);
  if (pmd.folio === folio.frameNumber && isPresent(pmd)) {
    return true;
  }
  for (let i = 0; i < ptes.length; i++) {
    const pte = at(ptes, i);
    if (pte.folio === folio.frameNumber && isPresent(pte)) {
      return true;
    }
  }
  return false;
}
