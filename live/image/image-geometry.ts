/**
 * Where the pages of an image lie in a running process. An entry is a page of the image: one page here, or, where it matters what a
 * PMD maps, a run of 64 pages: a PMD maps 8 pages there and 512 here, so that the boundaries of folios, of ranges and of page tables
 * fall on the same places. Each operation on a page of the image treats all pages of its run alike.
 */
import { ELSEWHERE, FIRST_PAGE, PMD_PAGES } from "../../gate/image/world/image-bounds.ts";
import type { SessionBounds } from "../session/session.ts";
import type { ImageTrace } from "./image-trace.ts";

/** Pages of an entry where a PMD maps 8 of them. */
const RUN = 64;

/** How a trace is laid out. */
export interface ImageGeometry {
  /** Pages of an entry. */
  readonly run: number;
  readonly session: SessionBounds;
}

/** The layout that a trace needs. */
export function geometryOf(trace: ImageTrace): ImageGeometry {
  const { mms = 1, pages = PMD_PAGES, move = 0 } = trace.bounds;
  const moves = trace.steps.some(({ action }) => action === "mremap");
  const hasPmds = [trace, ...trace.steps].some(({ visible }) =>
    visible?.folios.some((folio) => folio.pages === PMD_PAGES),
  );
  const run = hasPmds || moves ? RUN : 1;
  const entries = move === 1 ? ELSEWHERE + 2 + pages - FIRST_PAGE : pages;
  return { run, session: { mms, pages: entries, anon: 1, file: 0, holders: 0, run, mapped: pages } };
}

/** The entry of a page of the image's address space. */
export function entryOfPage(page: number): number {
  return page - FIRST_PAGE;
}
