/**
 * Layout of the pages of an image in a running process. An entry corresponds to a page of the image. It is one page,
 * or, if the size of a PMD matters, a run of 64 pages: a PMD maps 8 pages of the image, and 512 of the kernel, so that
 * boundaries of folios, ranges and page tables coincide. Each operation on a page of the image acts on all pages of its
 * run.
 */
import { ELSEWHERE, FIRST_PAGE, PMD_PAGES } from "../../gate/image/world/image-bounds.ts";
import type { SessionBounds } from "../session/session.ts";
import type { ImageTrace } from "./image-trace.ts";

/** Pages of an entry if a PMD has to map 8 entries. */
const RUN = 64;

/** Layout of a trace. */
export interface ImageGeometry {
  /** Pages of an entry. */
  readonly run: number;
  readonly session: SessionBounds;
}

/** Returns the layout that a trace requires. */
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

/** Returns the entry of a page of the image's address space. */
export function entryOfPage(page: number): number {
  return page - FIRST_PAGE;
}
