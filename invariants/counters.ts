/** Claims about mapcounts and references, compared with the page tables. */

import { always, noWarning, type Property } from "../explore/model/model.ts";
import { at } from "../explore/model/schema.ts";
import type { FolioTruth, PageTableTruth, View, WorldView } from "../model/environment/view.ts";
import type { Kernel } from "../model/kernel/kernel.ts";
import { warningsOf } from "../model/kernel/warnings.ts";
import { ENTIRELY_MAPPED, type Folio, GUP_PIN_COUNTING_BIAS } from "../model/state/structs.ts";
import type { World } from "../model/state/world.ts";
import { everyFolio, type FoliosView } from "./every-folio.ts";
import { ofEach, unequal } from "./fault.ts";

const TRANSHUGE = "Documentation/mm/transhuge.rst";

/** C6, the large mapcount. */
export const largeMapcountIsExact: Property<FoliosView<FolioTruth>> = everyFolio({
  id: "C6.large-mapcount",
  claim: "The large mapcount is the number of page table mappings of the folio",
  source: TRANSHUGE,
  when: ({ folio }) => folio.nrPages > 1,
  holds: ({ folio, mappings }) => folio.largeMapcount + 1 === mappings,
  faults: ({ folio, mappings }) => unequal("_large_mapcount", folio.largeMapcount + 1, mappings),
});

/** C6, the entire mapcount. */
export const entireMapcountIsExact: Property<FoliosView<PageTableTruth>> = everyFolio({
  id: "C6.entire-mapcount",
  claim: "The entire mapcount is the number of PMD mappings",
  source: TRANSHUGE,
  when: ({ folio }) => folio.nrPages > 1,
  holds: ({ folio, pmdMappings }) => folio.entireMapcount + 1 === pmdMappings,
  faults: ({ folio, pmdMappings }) => unequal("_entire_mapcount", folio.entireMapcount + 1, pmdMappings),
});

/** C6, the counter that replaces the entire mapcount in the RFC of 2026-04-12. */
export const totalMappedPagesIsExact: Property<FoliosView<PageTableTruth>> = everyFolio({
  id: "C6.total-mapped-pages",
  claim: "_total_mapped_pages is the sum, over all mappings, of the pages that each maps",
  source: "RFC 2026-04-12",
  when: ({ folio }) => folio.nrPages > 1,
  holds: ({ folio, mappings, pmdMappings }) =>
    folio.totalMappedPages === mappings - pmdMappings + pmdMappings * folio.nrPages,
  faults: ({ folio, mappings, pmdMappings }) =>
    unequal("_total_mapped_pages", folio.totalMappedPages, mappings - pmdMappings + pmdMappings * folio.nrPages),
});

/** C6, page mapcounts: of small folios always, of large ones with CONFIG_PAGE_MAPCOUNT. */
export const pageMapcountsAreExact: Property<FoliosView<PageTableTruth>> = everyFolio({
  id: "C6.page-mapcount",
  claim:
    "Each page's mapcount is the number of entries that map it; with CONFIG_NO_PAGE_MAPCOUNT that of a large folio's " +
    "page stays at none",
  source: `${TRANSHUGE}; series v3 20/20`,
  when: ({ folio }) => folio.allocated,
  holds: ({ folio, mappingsOfPage }, kernel) => {
    const maintained = folio.nrPages === 1 || kernel.config.pageMapcount;
    for (let i = 0; i < folio.pages.length; i++) {
      const expected = maintained ? (mappingsOfPage[i] as number) : 0;
      if (at(folio.pages, i).mapcount + 1 !== expected) {
        return false;
      }
    }
    return true;
  },
  faults: ({ folio, mappingsOfPage }, kernel) => {
    const maintained = folio.nrPages === 1 || kernel.config.pageMapcount;
    return ofEach(folio.pages, ({ mapcount }, page) =>
      unequal("_mapcount", mapcount + 1, maintained ? (mappingsOfPage[page] as number) : 0, { page }),
    );
  },
});

/** C6, `_nr_pages_mapped`. */
export const nrPagesMappedIsExact: Property<FoliosView<PageTableTruth>> = everyFolio({
  id: "C6.nr-pages-mapped",
  claim: "_nr_pages_mapped is the number of pages that PTEs map, plus ENTIRELY_MAPPED while a PMD maps the folio",
  source: TRANSHUGE,
  when: ({ folio }) => folio.nrPages > 1,
  holds: ({ folio, pteMappedPages, pmdMappings }) =>
    folio.nrPagesMapped === pteMappedPages + (pmdMappings > 0 ? ENTIRELY_MAPPED : 0),
  faults: ({ folio, pteMappedPages, pmdMappings }) =>
    unequal("_nr_pages_mapped", folio.nrPagesMapped, pteMappedPages + (pmdMappings > 0 ? ENTIRELY_MAPPED : 0)),
});

/** C6, the kernel's own check. */
export const noBadPte: Property<View> = noWarning({
  id: "C6.bad-pte",
  claim: "Unmapping never finds a negative mapcount",
  source: "mm/memory.c, zap_present_folio_ptes()",
  codes: warningsOf("C6"),
});

/** C7, the inequality on which copy-on-write reuse depends. */
export const refcountCoversMappings: Property<FoliosView<PageTableTruth>> = everyFolio({
  id: "C7.covers",
  claim: "A folio has at least as many references as mappings",
  source: "series v3 13/20",
  when: ({ folio }) => folio.allocated,
  holds: ({ folio }, kernel) => folio.refcount >= kernel.folioMapcount(folio),
  faults: ({ folio }, kernel) => [
    { field: "_refcount", actual: folio.refcount, expected: { least: kernel.folioMapcount(folio) } },
  ],
});

/** C7, the last reference. */
export const unreferencedIsFree: Property<FoliosView<PageTableTruth>> = everyFolio({
  id: "C7.freed",
  claim: "A folio is in use exactly while it has references",
  source: "mm/swap.c, __folio_put()",
  holds: ({ folio }) => folio.allocated === folio.refcount > 0,
  faults: ({ folio }) => [{ field: "_refcount", actual: folio.refcount, expected: folio.allocated ? { least: 1 } : 0 }],
});

/** C7, the exact value. */
export const refcountIsExact: Property<FoliosView<PageTableTruth>> = everyFolio({
  id: "C7",
  claim:
    "Between operations the references of a folio are its mappings, one for each page in the page or swap cache, those " +
    "that are held, and one of a migration that is under way",
  source: "series v3 13/20; include/linux/mm.h, folio_expected_ref_count()",
  when: ({ folio }) => folio.allocated,
  holds: (truth, kernel) => truth.folio.refcount === allReferences(truth, kernel),
  faults: (truth, kernel) => unequal("_refcount", truth.folio.refcount, allReferences(truth, kernel)),
});

function allReferences(truth: PageTableTruth, kernel: Kernel): number {
  const { folio, mappings } = truth;
  return mappings + cacheReferences(folio) + heldReferences(truth, kernel) + (folio.locked ? 1 : 0);
}

function cacheReferences({ inPageCache, swapcache, nrPages }: Folio): number {
  return (inPageCache ? nrPages : 0) + (swapcache ? nrPages : 0);
}

function heldReferences({ folio, heldPins, heldReferences }: PageTableTruth, kernel: Kernel): number {
  return kernel.folioHasPincount(folio) ? heldReferences : heldReferences + heldPins * (GUP_PIN_COUNTING_BIAS - 1);
}

/** C7, the query by which split, migration and collapse exclude other references to a folio. */
export const expectedRefcountIsExact: Property<FoliosView<PageTableTruth>> = everyFolio({
  id: "C7.expected",
  claim: "folio_expected_ref_count() is what mappings and caches account for",
  source: "include/linux/mm.h, folio_expected_ref_count()",
  when: ({ folio }) => folio.allocated,
  holds: ({ folio, mappings }, kernel) => kernel.folioExpectedRefCount(folio) === mappings + cacheReferences(folio),
  faults: ({ folio, mappings }, kernel) =>
    unequal("folio_expected_ref_count()", kernel.folioExpectedRefCount(folio), mappings + cacheReferences(folio)),
});

/** C7, pins. */
export const pincountIsExact: Property<FoliosView<PageTableTruth>> = everyFolio({
  id: "C7.pincount",
  claim: "_pincount is the number of pins, for folios that have it; a pinned folio is always taken for maybe pinned",
  source: "mm/gup.c, try_grab_folio(); include/linux/mm.h, folio_maybe_dma_pinned()",
  when: ({ folio, heldPins }) => folio.allocated && (heldPins > 0 || folio.pincount !== 0),
  holds: ({ folio, heldPins }, kernel) =>
    folio.pincount === (kernel.folioHasPincount(folio) ? heldPins : 0) &&
    kernel.folioMaybeDmaPinned(folio) === heldPins > 0,
  faults: ({ folio, heldPins }, kernel) => [
    ...unequal("_pincount", folio.pincount, kernel.folioHasPincount(folio) ? heldPins : 0),
    ...unequal("folio_maybe_dma_pinned()", kernel.folioMaybeDmaPinned(folio), heldPins > 0),
  ],
});

/** C7, references to swap slots. */
export const swapCountIsExact: Property<WorldView> = always({
  id: "C7.swap",
  claim:
    "The count of a swap slot is the number of swap entries that refer to it, in page tables and in the page cache",
  source: "mm/swapfile.c, swap_duplicate(), swap_free_nr()",
  holds: ({ world }) => {
    for (let s = 0; s < world.swapSlots.length; s++) {
      if (at(world.swapSlots, s).count !== swapEntriesOf(world, s)) {
        return false;
      }
    }
    return true;
  },
  faults: ({ world }) =>
    ofEach(world.swapSlots, ({ count }, swapSlot) =>
      unequal("count", count, swapEntriesOf(world, swapSlot), { swapSlot }),
    ),
});

function swapEntriesOf({ mms, filePages }: World, slot: number): number {
  let entries = 0;
  for (let i = 0; i < filePages.length; i++) {
    entries += at(filePages, i).swap === slot + 1 ? 1 : 0;
  }
  for (let m = 0; m < mms.length; m++) {
    const { ptes } = at(at(mms, m).vmas, 0);
    for (let i = 0; i < ptes.length; i++) {
      const pte = at(ptes, i);
      entries += pte.swap && pte.page === slot ? 1 : 0;
    }
  }
  return entries;
}
