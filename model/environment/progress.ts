/**
 * Claims about progress: an operation succeeds where no rule of the kernel lets anything prevent it. The premises are read
 * from page tables and holders of references before the operation runs, its success afterwards.
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
 * @param claim the Warning to raise otherwise
 */
export function assertProgress(kernel: Kernel, claim: number, premise: boolean, succeeded: boolean): void {
  if (premise) {
    kernel.assertDecision(claim, succeeded);
  }
}

/**
 * Whether nothing prevents a folio from being split (P1) or migrated (P2): it is unlocked, and no reference is held besides
 * those of mappings and caches. A folio that nothing maps has no anon_vma by which its entries could be found.
 *
 * @source mm/huge_memory.c, __folio_split(): folio_get_anon_vma() fails for an unmapped folio, folio_ref_freeze() while there
 *   are other references; mm/migrate.c, __folio_migrate_mapping(): the same; mm/rmap.c, try_to_migrate_one(): pins
 */
export function isMovable(world: World, folio: WorldFolio): boolean {
  return !folio.locked && isMapped(world, folio.frameNumber) && !isHeld(world, folio);
}

/**
 * Whether nothing prevents a folio from entering the swap cache (P3): besides references, pins and the lock, a folio that is
 * queued as partially mapped is split instead, and there must be a run of free, naturally aligned slots.
 *
 * @source mm/vmscan.c, shrink_folio_list(); mm/swapfile.c, folio_alloc_swap()
 */
export function isSwappable(world: World, folio: WorldFolio): boolean {
  return (
    isMovable(world, folio) && !(folio.onDeferredList && folio.partiallyMapped) && hasFreeSlots(world, folio.nrPages)
  );
}

/**
 * Whether nothing prevents a folio of the page cache from moving to the swap cache (P3, shmem): nothing maps it, no reference
 * is held besides those of the page cache, and there are slots as above.
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
 * Whether nothing prevents the pages that an MM maps from being collapsed (P4): each entry maps a page or is none, each folio
 * is unlocked and has no reference besides those of mappings and caches, and no more pages may be shared than
 * `max_ptes_shared` allows. A page counts as shared when another MM maps its folio, or mapped it in a way that owner tracking
 * is allowed to remember.
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

/** Whether no other MM maps the folio, and owner tracking must know it (C2, C3). */
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
