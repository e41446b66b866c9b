/** NR_ANON_MAPPED and NR_FILE_MAPPED, against the page tables. */
import { always, type Property } from "../explore/model.ts";
import { at } from "../explore/schema.ts";
import type { RmapTruth, RmapView } from "../model/view.ts";

/** Whether the statistics are what `pagesOf` gives, summed over the folios. */
function statsAre({ folios, world }: RmapView, pagesOf: (seen: RmapTruth) => number): boolean {
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
export const wholeFoliosAreAccounted: Property<RmapView> = always({
  id: "C12",
  claim:
    "With CONFIG_NO_PAGE_MAPCOUNT, the mapped statistics count a whole folio exactly while any page of it is mapped",
  source: "series v3 20/20 (749492229e3b)",
  holds: (view) => statsAre(view, ({ folio, mappings }) => (mappings > 0 ? folio.nrPages : 0)),
});

/** C13, the mapped part. */
export const mappedPagesAreAccounted: Property<RmapView> = always({
  id: "C13",
  claim: "With CONFIG_PAGE_MAPCOUNT, the mapped statistics count exactly the pages that are mapped",
  source: "mm/rmap.c, __folio_add_rmap(), __folio_remove_rmap()",
  holds: (view) => statsAre(view, ({ mappedPages }) => mappedPages),
});
