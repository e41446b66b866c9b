/** The statistics of mapped and of PMD-mapped pages, against the page tables. */
import { always, type Property } from "../explore/model.ts";
import { at } from "../explore/schema.ts";
import type { PageTableTruth, WorldView } from "../model/view.ts";

/** Whether the mapped statistics are what `pagesOf` gives, summed over the folios. */
function statsAre({ folios, world }: WorldView, pagesOf: (seen: PageTableTruth) => number): boolean {
  let anon = 0;
  let file = 0;
  for (let f = 0; f < folios.length; f++) {
    const seen = at(folios, f);
    if (seen.folio.anon) {
      anon += pagesOf(seen);
    } else {
      file += pagesOf(seen);
    }
  }
  return world.stats.nrAnonMapped === anon && world.stats.nrFileMapped === file;
}

/** C12, the mapped part. */
export const wholeFoliosAreAccounted: Property<WorldView> = always({
  id: "C12",
  claim:
    "With CONFIG_NO_PAGE_MAPCOUNT, the mapped statistics count a whole folio exactly while any page of it is mapped",
  source: "series v3 20/20 (749492229e3b)",
  holds: (view) => statsAre(view, ({ folio, mappings }) => (mappings > 0 ? folio.nrPages : 0)),
});

/** C13, the mapped part. */
export const mappedPagesAreAccounted: Property<WorldView> = always({
  id: "C13",
  claim: "With CONFIG_PAGE_MAPCOUNT, the mapped statistics count exactly the pages that are mapped",
  source: "mm/rmap.c, __folio_add_rmap(), __folio_remove_rmap()",
  holds: (view) => statsAre(view, ({ mappedPages }) => mappedPages),
});

function pmdStatsAreExact({ folios, world }: WorldView): boolean {
  let anon = 0;
  let file = 0;
  for (let f = 0; f < folios.length; f++) {
    const { folio, pmdMappings } = at(folios, f);
    const pages = pmdMappings > 0 ? folio.nrPages : 0;
    if (folio.anon) {
      anon += pages;
    } else {
      file += pages;
    }
  }
  return world.stats.nrAnonThps === anon && world.stats.nrFilePmdmapped === file;
}

const PMD_STATS = "The PMD-mapped statistics count all pages of a folio exactly while a PMD maps it";

/** C12, the PMD-mapped part. */
export const pmdMappedIsAccounted: Property<WorldView> = always({
  id: "C12.pmd",
  claim: PMD_STATS,
  source: "series v3 20/20; mm/rmap.c, __folio_mod_stat()",
  holds: pmdStatsAreExact,
});

/** C13, the PMD-mapped part. */
export const pmdMappedPagesAreAccounted: Property<WorldView> = always({
  id: "C13.pmd",
  claim: PMD_STATS,
  source: "mm/rmap.c, __folio_mod_stat()",
  holds: pmdStatsAreExact,
});
