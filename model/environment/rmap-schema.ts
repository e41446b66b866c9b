/** The state of the `rmap` machine. Ranges are wide enough for a faulty kernel to count wrong and still be caught by a claim. */
import { array, bool, int, ref, type StructField, self, struct } from "../../explore/schema.ts";
import type { World } from "../view.ts";

/** Bounds of the `rmap` machine. */
export interface RmapBounds {
  /** Pages of the largest folio, entries of each VMA and pages of the file: 1, 2, 4 or 8 (order 0 … 3). */
  readonly pages: number;
  /** Pages of the smallest folio: 1 … `pages`. */
  readonly minPages: number;
  /** MMs that can live at one time. */
  readonly mms: number;
  /** Folios that can be in use at one time. */
  readonly folios: number;
  /** Anon VMAs of each MM: 0 or 1. */
  readonly anon: number;
  /** VMAs of each MM that map the file: 0, 1 or 2. */
  readonly file: number;
}

/** Most page table entries that can map one folio: every VMA of every MM maps all its pages. */
function mostMappings(bounds: RmapBounds): number {
  return bounds.pages * bounds.mms * Math.max(bounds.anon, bounds.file);
}

/** The schema of the state at given bounds. */
export function rmapSchema(bounds: RmapBounds): StructField<World> {
  const { pages, mms, folios, anon, file } = bounds;
  const most = mostMappings(bounds);
  const mostOfPage = mms * Math.max(anon, file);
  const pte = struct({ folio: ref("folio", folios), page: int(0, pages - 1) });
  const vma = struct({ ptes: array(pte, pages) });
  const mm = struct({
    idNumber: self(),
    hasId: bool(),
    live: bool(),
    vmas: array(vma, anon + file),
  });
  const page = struct({ mapcount: int(-2, mostOfPage, -1), anonExclusive: bool() });
  const slot = struct({ mmId: ref("mm", mms), mapcount: int(-1 - most, most, -1) });
  const folio = struct({
    frameNumber: self(),
    allocated: bool(),
    anon: bool(),
    inPageCache: bool(),
    partiallyMapped: bool(),
    onDeferredList: bool(),
    mmIdsShared: bool(),
    hadThreeMms: bool(),
    hadOverflow: bool(),
    nrPages: int(1, pages),
    index: int(0, pages - 1),
    refcount: int(-pages, most + 2 * pages, 0),
    largeMapcount: int(-1 - pages, most + pages, -1),
    entireMapcount: int(-2, 0, -1),
    nrPagesMapped: int(-pages, 2 * pages, 0),
    slots: array(slot, 2),
    pages: array(page, pages),
  });
  const mapped = folios * pages;
  return struct({
    stats: struct({
      nrAnonMapped: int(-2 * mapped, 3 * mapped, 0),
      nrFileMapped: int(-2 * mapped, 3 * mapped, 0),
    }),
    mms: array(mm, mms, { symmetric: "mm" }),
    folios: array(folio, folios, { symmetric: "folio" }),
  });
}
