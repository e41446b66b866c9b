/**
 * Claims about single decisions of the kernel, asked where the decision is made: there the state before it, the answer
 * and its reason are at hand.
 */
import { at } from "../../explore/model/schema.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { entryAt, exclusivePageAt, isPresent, pageAt } from "../kernel/pgtable.ts";
import { Warning } from "../kernel/warnings.ts";
import type { Folio } from "../state/structs.ts";
import type { World, WorldMm } from "../state/world.ts";

/** What the ground truth says about reusing a page. */
export interface ReuseRules {
  /** Somebody else can reach the page: it must not be reused. */
  readonly forbidden: boolean;
  /** The page's large folio is this MM's alone, by all that owner tracking promises: it must be reused. */
  readonly required: boolean;
}

/**
 * Who can reach the page that an entry of the MM maps, and its folio. Looked at before the fault is resolved.
 *
 * An exclusive page may have references, taken through this entry: it is reused all the same (C11 says why that is right).
 */
export function rulesOfReuse(world: World, kernel: Kernel, mm: WorldMm, entry: number): ReuseRules {
  const vma = at(mm.vmas, 0);
  const folio = at(world.folios, entryAt(vma, entry).folio - 1);
  const page = pageAt(vma, entry);
  const othersOnPage = entriesOfOthers(world, mm, folio, page, page + 1);
  if (othersOnPage || at(folio.pages, exclusivePageAt(vma, entry)).anonExclusive) {
    return { forbidden: othersOnPage, required: false };
  }
  const held = isHeld(world, folio);
  const isWhole = folio.nrPages > 1 && vma.pmd.folio === 0 && kernel.folioMapcount(folio) > 1;
  const isKnown = !folio.hadThreeMms && !folio.hadOverflow && kernel.config.mmId;
  const isAlone = !held && !folio.locked && !(folio.swapcache && kernel.folioSwapped(world, folio));
  return {
    forbidden: held,
    required: isWhole && isKnown && isAlone && !entriesOfOthers(world, mm, folio, 0, folio.nrPages),
  };
}

/** C9 and C10, when the fault is resolved. */
export function assertReuse(kernel: Kernel, { forbidden, required }: ReuseRules, reused: boolean): void {
  if (reused) {
    kernel.assertDecision(Warning.reusedWhileReachable, !forbidden);
  }
  if (required) {
    kernel.assertDecision(Warning.copiedThoughAlone, reused);
  }
}

/** Whether another MM has an entry, of any kind, that leads to one of the folio's pages [first, end). */
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
      const leadsToFolio = pte.swap ? folio.swapcache : pte.folio === folio.frameNumber;
      if (leadsToFolio && page >= first && page < end) {
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

/** A page that was just pinned must be the mapped page of that MM alone, and exclusive (C11). */
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
