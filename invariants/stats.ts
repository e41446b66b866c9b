/** Claims about the statistics of mapped and of PMD-mapped pages, compared with the page tables. */

import { always, type Property } from "../explore/model/model.ts";
import { at } from "../explore/model/schema.ts";
import type { PageTableTruth, WorldView } from "../model/environment/view.ts";
import { type Fault, unequal } from "./fault.ts";

/** Sums `pagesOf` over the anon or the file folios. */
function sumOf({ folios }: WorldView, isAnon: boolean, pagesOf: (truth: PageTableTruth) => number): number {
  return folios.reduce((sum, truth) => sum + (truth.folio.anon === isAnon ? pagesOf(truth) : 0), 0);
}

function statFaults(view: WorldView, pagesOf: (truth: PageTableTruth) => number): readonly Fault[] {
  const { nrAnonMapped, nrFileMapped } = view.world.stats;
  return [
    ...unequal("NR_ANON_MAPPED", nrAnonMapped, sumOf(view, true, pagesOf)),
    ...unequal("NR_FILE_MAPPED", nrFileMapped, sumOf(view, false, pagesOf)),
  ];
}

/** Whether the mapped statistics equal the sums of `pagesOf` over the folios. */
function statsAre({ folios, world }: WorldView, pagesOf: (truth: PageTableTruth) => number): boolean {
  let anon = 0;
  let file = 0;
  for (let f = 0; f < folios.length; f++) {
    const truth = at(folios, f);
    if (truth.folio.anon) {
      anon += pagesOf(truth);
    } else {
      file += pagesOf(truth);
    }
  }
  return world.stats.nrAnonMapped === anon && world.stats.nrFileMapped === file;
}

const wholeFolio = ({ folio, mappings }: PageTableTruth): number => (mappings > 0 ? folio.nrPages : 0);

const mappedPagesOf = ({ mappedPages }: PageTableTruth): number => mappedPages;

/** C12, the mapped part. */
export const wholeFoliosAreAccounted: Property<WorldView> = always({
  id: "C12",
  claim:
    "With CONFIG_NO_PAGE_MAPCOUNT, the mapped statistics count a whole folio exactly while any page of it is mapped",
  source: "series v3 20/20 (749492229e3b)",
  holds: (view) => statsAre(view, wholeFolio),
  faults: (view) => statFaults(view, wholeFolio),
});

/** C13, the mapped part. */
export const mappedPagesAreAccounted: Property<WorldView> = always({
  id: "C13",
  claim: "With CONFIG_PAGE_MAPCOUNT, the mapped statistics count exactly the pages that are mapped",
  source: "mm/rmap.c, __folio_add_rmap(), __folio_remove_rmap()",
  holds: (view) => statsAre(view, mappedPagesOf),
  faults: (view) => statFaults(view, mappedPagesOf),
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

function pmdStatFaults(view: WorldView): readonly Fault[] {
  const { nrAnonThps, nrFilePmdmapped } = view.world.stats;
  const pagesOf = ({ folio, pmdMappings }: PageTableTruth): number => (pmdMappings > 0 ? folio.nrPages : 0);
  return [
    ...unequal("NR_ANON_THPS", nrAnonThps, sumOf(view, true, pagesOf)),
    ...unequal("NR_FILE_PMDMAPPED", nrFilePmdmapped, sumOf(view, false, pagesOf)),
  ];
}

const PMD_STATS = "The PMD-mapped statistics count all pages of a folio exactly while a PMD maps it";

/** C12, the PMD-mapped part. */
export const pmdMappedIsAccounted: Property<WorldView> = always({
  id: "C12.pmd",
  claim: PMD_STATS,
  source: "series v3 20/20; mm/rmap.c, __folio_mod_stat()",
  holds: pmdStatsAreExact,
  faults: pmdStatFaults,
});

/** C13, the PMD-mapped part. */
export const pmdMappedPagesAreAccounted: Property<WorldView> = always({
  id: "C13.pmd",
  claim: PMD_STATS,
  source: "mm/rmap.c, __folio_mod_stat()",
  holds: pmdStatsAreExact,
  faults: pmdStatFaults,
});
