/** Claims about the detection of partially mapped folios, whose unmapped pages can be freed by a split. */

import type { Property } from "../explore/model/model.ts";
import type { PageTableTruth } from "../model/environment/view.ts";
import type { Kernel } from "../model/kernel/kernel.ts";
import { everyFolio, type FoliosView, someFolio } from "./every-folio.ts";
import { unequal } from "./fault.ts";

const PATCH = "series v3 20/20 (749492229e3b)";
const RFC = "RFC 2026-04-12 01/13";

/** Whether an anon folio that can be queued has both mapped and unmapped pages. Folios of order 1 cannot be queued. */
function isPartiallyMapped({ folio, mappedPages }: PageTableTruth): boolean {
  return folio.anon && folio.nrPages > 2 && mappedPages > 0 && mappedPages < folio.nrPages;
}

function isUndetected(truth: PageTableTruth): boolean {
  return isPartiallyMapped(truth) && !truth.folio.partiallyMapped;
}

/** C14. */
export const partialMappingIsDetected: Property<FoliosView<PageTableTruth>> = everyFolio({
  id: "C14",
  claim:
    "An anon folio of more than two pages that a single MM maps partially is queued for splitting; with " +
    "CONFIG_PAGE_MAPCOUNT one that any number of MMs map",
  source: `${PATCH}; Documentation/mm/transhuge.rst`,
  when: (truth, kernel) => isPartiallyMapped(truth) && (kernel.config.pageMapcount || truth.mappingMms === 1),
  holds: ({ folio }) => folio.partiallyMapped && folio.onDeferredList,
  faults: ({ folio }) => [
    ...unequal("folio_test_partially_mapped()", folio.partiallyMapped, true),
    ...unequal("_deferred_list", folio.onDeferredList, true),
  ],
});

/** C14, the queue. */
export const queueIsRight: Property<FoliosView<PageTableTruth>> = everyFolio({
  id: "C14.queue",
  claim:
    "Only anon folios of more than two pages are queued for splitting, and every one that is marked as partially mapped is",
  source: "mm/huge_memory.c, deferred_split_folio()",
  when: ({ folio }) => folio.onDeferredList || folio.partiallyMapped,
  holds: ({ folio }) => folio.onDeferredList && folio.anon && folio.nrPages > 2,
  faults: ({ folio }) => unequal("_deferred_list", folio.onDeferredList, folio.anon && folio.nrPages > 2),
});

/** C14, an exception. */
export const undetectedAfterSwap: Property<FoliosView<PageTableTruth>> = someFolio({
  id: "C14.swap-cache",
  claim:
    "Exception: a folio that became partially mapped while it was in the swap cache, and has left it, is not detected",
  source: "mm/huge_memory.c, deferred_split_folio()",
  reached: (truth) => isUndetected(truth) && truth.mappingMms === 1 && !truth.folio.swapcache,
});

/** C14, an exception. */
export const undetectedAfterMigration: Property<FoliosView<PageTableTruth>> = someFolio({
  id: "C14.migration",
  claim:
    "Exception: a folio of which pages were unmapped while it was being migrated, or that was migrated because it could " +
    "not be split, is not detected",
  source: "mm/memory.c, zap_nonpresent_ptes(); mm/migrate.c, migrate_pages_batch(), remove_migration_pte()",
  reached: (truth) => isUndetected(truth) && truth.mappingMms === 1 && !truth.folio.locked,
});

/** C14, an exception in the other direction. */
export const markedThoughWhole: Property<FoliosView<PageTableTruth>> = someFolio({
  id: "C14.whole",
  claim:
    "Exception: a folio that was unmapped page by page, to be migrated or split, and mapped again, stays queued as " +
    "partially mapped although all of its pages are mapped: when that failed, and since 6.18.35 when it was migrated",
  source:
    "mm/rmap.c, try_to_migrate_one(), __folio_remove_rmap(); mm/migrate.c, remove_migration_pte(), migrate_folio_move()",
  reached: ({ folio, mappedPages }) => folio.partiallyMapped && !folio.locked && mappedPages === folio.nrPages,
});

/** W3. */
export const sameHalfUnmappedByBoth: Property<FoliosView<PageTableTruth>> = someFolio({
  id: "W3",
  claim: "With CONFIG_NO_PAGE_MAPCOUNT, two MMs map the same half of a folio and the unmapped half is not detected",
  source: `${PATCH}; ${RFC}, example A`,
  reached: (truth) => isUndetected(truth) && truth.mappingMms === 2 && truth.mappedPages * 2 === truth.folio.nrPages,
});

function mapsOnePageEach({ mappingsOf }: PageTableTruth): boolean {
  for (let m = 0; m < mappingsOf.length; m++) {
    if ((mappingsOf[m] as number) > 1) {
      return false;
    }
  }
  return true;
}

/** W4. */
export const onePageEach: Property<FoliosView<PageTableTruth>> = someFolio({
  id: "W4",
  claim:
    "With CONFIG_NO_PAGE_MAPCOUNT, as many MMs as the folio has pages map one page each, and the unmapped pages are " +
    "not detected",
  source: `${RFC}, example B`,
  reached: (truth: PageTableTruth, _kernel: Kernel) =>
    isUndetected(truth) && truth.mappingMms >= truth.folio.nrPages && mapsOnePageEach(truth),
});
