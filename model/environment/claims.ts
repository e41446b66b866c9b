/**
 * Claims about single decisions of the kernel, asserted where the decision is made: the state before it and the result
 * are available there.
 */
import { at } from "../../explore/model/schema.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { entryAt, exclusivePageAt, isPresent, pageAt } from "../kernel/pgtable.ts";
import { Warning } from "../kernel/warnings.ts";
import type { Folio } from "../state/structs.ts";
import type { World, WorldMm } from "../state/world.ts";

/** Requirements of the ground truth on the reuse of a page. */
export interface ReuseRules {
  /** Another MM or reference holder can reach the page: it must not be reused. */
  readonly forbidden: boolean;
  /** Only this MM maps the large folio, and owner tracking guarantees to report that: the page must be reused. */
  readonly required: boolean;
}

/**
 * Computes whether the page that an entry of the MM maps must or must not be reused, from the state before the fault is
 * resolved.
 *
 * An exclusive page may have references that were taken through this entry: it is reused nevertheless (C11 gives the
 * reason).
 */
export function reuseRulesOf(world: World, kernel: Kernel, mm: WorldMm, entry: number): ReuseRules {
  const vma = at(mm.vmas, 0);
  const folio = at(world.folios, entryAt(vma, entry).folio - 1);
  const page = pageAt(vma, entry);
  const isReachableByOthers = entriesOfOthers(world, mm, folio, page, page + 1);
  if (isReachableByOthers || at(folio.pages, exclusivePageAt(vma, entry)).anonExclusive) {
    return { forbidden: isReachableByOthers, required: false };
  }
  const held = isHeld(world, folio);
  const isWhole = folio.nrPages > 1 && vma.pmd.folio === 0 && kernel.folioMapcount(folio) > 1;
  const isTracked = !folio.hadThreeMms && !folio.hadOverflow && kernel.config.mmId;
  const isUnreferenced = !held && !folio.locked && !(folio.swapcache && kernel.folioSwapped(world, folio));
  return {
    forbidden: held,
    required: isWhole && isTracked && isUnreferenced && !entriesOfOthers(world, mm, folio, 0, folio.nrPages),
  };
}

/** Asserts C9 and C10 after the fault is resolved. */
export function assertReuse(kernel: Kernel, { forbidden, required }: ReuseRules, reused: boolean): void {
  if (reused) {
    kernel.assertDecision(Warning.reusedWhileReachable, !forbidden);
  }
  if (required) {
    kernel.assertDecision(Warning.copiedThoughAlone, reused);
  }
}

/** Whether another MM has an entry of any kind that refers to one of the pages [first, end) of the folio. */
function entriesOfOthers(world: World, mm: WorldMm, folio: Folio, first: number, end: number): boolean {
  for (let m = 0; m < world.mms.length; m++) {
    const other = at(world.mms, m);
    if (other.idNumber === mm.idNumber) {
      continue;
    }
    const { pmd, ptes } = at(other.vmas, 0);
    if (pmd.folio === folio.frameNumber) {
      return true;
    }
    for (let i = 0; i < ptes.length; i++) {
      const pte = at(ptes, i);
      const page = pte.swap ? pte.page - folio.swap : pte.page;
      const refersToFolio = pte.swap ? folio.swapcache : pte.folio === folio.frameNumber;
      if (refersToFolio && page >= first && page < end) {
        return true;
      }
    }
  }
  return false;
}

/** Whether a reference to the folio is held besides those of mappings and caches. */
export function isHeld(world: World, folio: Folio): boolean {
  for (let h = 0; h < world.holders.length; h++) {
    if (at(world.holders, h).folio === folio.frameNumber) {
      return true;
    }
  }
  return false;
}

/** Asserts that a page that was just pinned is mapped by that MM only (C11). */
export function assertPinnable(world: World, kernel: Kernel, mm: WorldMm, entry: number): void {
  const vma = at(mm.vmas, 0);
  const mapping = entryAt(vma, entry);
  const folio = at(world.folios, mapping.folio - 1);
  const page = pageAt(vma, entry);
  kernel.assertDecision(
    Warning.pinnedWhileShared,
    isPresent(mapping) && !entriesOfOthers(world, mm, folio, page, page + 1),
  );
}
