/** Operations that may fail must succeed sometimes: a kernel in which they never do breaks no other claim. */
import { type Property, sometimes, sometimesStep } from "../explore/model.ts";
import { at } from "../explore/schema.ts";
import type { PageTableTruth, WorldView } from "../model/view.ts";
import type { WorldMm } from "../model/world.ts";
import { type FoliosView, someFolioStep } from "./every-folio.ts";

/** W8, migration. */
export const folioMigrates: Property<FoliosView<PageTableTruth>> = someFolioStep({
  id: "W8.migration",
  claim: "A folio that was mapped is migrated: another one takes its place, and it is free",
  source: "mm/migrate.c, migrate_folio_move()",
  reached: (before, after) => before.folio.locked && before.migrationEntries > 0 && !after.folio.allocated,
});

/** W8, folio split. */
export const folioIsSplit: Property<FoliosView<PageTableTruth>> = someFolioStep({
  id: "W8.split",
  claim: "A mapped folio is split",
  source: "mm/huge_memory.c, __folio_split()",
  reached: (before, after) =>
    before.folio.nrPages > 1 && before.mappings > 0 && after.folio.allocated && after.folio.nrPages === 1,
});

/** W8, swap. */
export const pageIsSwappedOut: Property<WorldView> = sometimes({
  id: "W8.swap",
  claim: "A page is swapped out, and in memory no more",
  source: "mm/vmscan.c, shrink_folio_list()",
  reached: ({ world }) => {
    for (let s = 0; s < world.swapSlots.length; s++) {
      const { count, folio } = at(world.swapSlots, s);
      if (count > 0 && folio === 0) {
        return true;
      }
    }
    return false;
  },
});

function mapsPtesOnly(mm: WorldMm): boolean {
  const { pmd, ptes } = at(mm.vmas, 0);
  return pmd.folio === 0 && ptes.some((pte) => pte.folio !== 0);
}

/** W8, collapse. */
export const pagesCollapse: Property<WorldView> = sometimesStep({
  id: "W8.collapse",
  claim: "Pages that PTEs map are collapsed into a folio that a PMD maps",
  source: "mm/khugepaged.c, collapse_huge_page()",
  reached: (before, after) => {
    for (let m = 0; m < after.world.mms.length; m++) {
      if (at(at(after.world.mms, m).vmas, 0).pmd.folio !== 0 && mapsPtesOnly(at(before.world.mms, m))) {
        return true;
      }
    }
    return false;
  },
});
