/** Mapcounts and references, against the page tables. */
import { noWarning, type Property } from "../explore/model.ts";
import { at } from "../explore/schema.ts";
import { warningsOf } from "../model/kernel/warnings.ts";
import type { FolioTruth, RmapTruth, View } from "../model/view.ts";
import { everyFolio, type FoliosView } from "./every-folio.ts";

const TRANSHUGE = "Documentation/mm/transhuge.rst";

/** C6, the large mapcount. */
export const largeMapcountIsExact: Property<FoliosView<FolioTruth>> = everyFolio({
  id: "C6.large-mapcount",
  claim: "The large mapcount is the number of page table mappings of the folio",
  source: TRANSHUGE,
  when: ({ folio }) => folio.nrPages > 1,
  holds: ({ folio, mappings }) => folio.largeMapcount + 1 === mappings,
});

/** C6, the entire mapcount. No machine has PMD mappings yet. */
export const entireMapcountIsExact: Property<FoliosView<RmapTruth>> = everyFolio({
  id: "C6.entire-mapcount",
  claim: "The entire mapcount is the number of PMD mappings (of which this machine has none)",
  source: TRANSHUGE,
  when: ({ folio }) => folio.nrPages > 1,
  holds: ({ folio }) => folio.entireMapcount + 1 === 0,
});

/** C6, page mapcounts: of small folios always, of large ones with CONFIG_PAGE_MAPCOUNT. */
export const pageMapcountsAreExact: Property<FoliosView<RmapTruth>> = everyFolio({
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
});

/** C6, `_nr_pages_mapped`. */
export const nrPagesMappedIsExact: Property<FoliosView<RmapTruth>> = everyFolio({
  id: "C6.nr-pages-mapped",
  claim: "_nr_pages_mapped is the number of pages that are mapped (CONFIG_PAGE_MAPCOUNT)",
  source: TRANSHUGE,
  when: ({ folio }) => folio.nrPages > 1,
  holds: ({ folio, mappedPages }) => folio.nrPagesMapped === mappedPages,
});

/** C6, the kernel's own check. */
export const noBadPte: Property<View> = noWarning({
  id: "C6.bad-pte",
  claim: "Unmapping never finds a negative mapcount",
  source: "mm/memory.c, zap_present_folio_ptes()",
  codes: warningsOf("C6"),
});

/** C7, the inequality that copy-on-write reuse rests on. */
export const refcountCoversMappings: Property<FoliosView<RmapTruth>> = everyFolio({
  id: "C7.covers",
  claim: "A folio has at least as many references as mappings",
  source: "series v3 13/20",
  when: ({ folio }) => folio.allocated,
  holds: ({ folio }, kernel) => folio.refcount >= kernel.folioMapcount(folio),
});

/** C7, at its end. */
export const unreferencedIsFree: Property<FoliosView<RmapTruth>> = everyFolio({
  id: "C7.freed",
  claim: "A folio is in use exactly while it has references",
  source: "mm/swap.c, __folio_put()",
  holds: ({ folio }) => folio.allocated === folio.refcount > 0,
});

/** C7, the exact value. Pins and temporary references are not modelled yet. */
export const refcountIsExact: Property<FoliosView<RmapTruth>> = everyFolio({
  id: "C7",
  claim: "Between operations the references of a folio are its mappings plus one for each page in the page cache",
  source: "series v3 13/20; include/linux/mm.h, folio_expected_ref_count()",
  when: ({ folio }) => folio.allocated,
  holds: ({ folio, mappings }) => folio.refcount === mappings + (folio.inPageCache ? folio.nrPages : 0),
});
