/** Counts in struct folio that not every tree has. */

const COUNT_FIELDS = ["_entire_mapcount", "_nr_pages_mapped", "_total_mapped_pages"] as const;

/** The name of such a field. */
export type CountField = (typeof COUNT_FIELDS)[number];

/**
 * Returns the counts that the tree and the model have. The model has `_total_mapped_pages` only as in the RFC of
 * 2026-04-12: instead of `_entire_mapcount`, and without page mapcounts.
 *
 * @param fields names of all fields of struct folio
 * @param pageMapcount whether the configuration has page mapcounts
 */
export function modelledCounts(fields: readonly string[], pageMapcount: boolean): readonly CountField[] {
  const counts = COUNT_FIELDS.filter((name) => fields.includes(name));
  return pageMapcount || counts.includes("_entire_mapcount")
    ? counts.filter((name) => name !== "_total_mapped_pages")
    : counts;
}
