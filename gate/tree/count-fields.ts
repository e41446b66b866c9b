/** Counts in struct folio that some trees have and others do not. The driver names those that are there. */

const COUNT_FIELDS = ["_entire_mapcount", "_nr_pages_mapped", "_total_mapped_pages"] as const;

/** Name of such a field. */
export type CountField = (typeof COUNT_FIELDS)[number];

/**
 * The counts that a tree keeps under names that the model knows. `_total_mapped_pages` is only known as what the RFC of
 * 2026-04-12 makes of it: in the place of `_entire_mapcount`, and without mapcounts of pages.
 *
 * @param fields names of all fields of struct folio
 * @param pageMapcount whether the configuration keeps mapcounts of pages
 */
export function knownCounts(fields: readonly string[], pageMapcount: boolean): readonly CountField[] {
  const found = COUNT_FIELDS.filter((name) => fields.includes(name));
  return pageMapcount || found.includes("_entire_mapcount")
    ? found.filter((name) => name !== "_total_mapped_pages")
    : found;
}
