/** Actions of the machine `image`: operations of processes and of the kernel. */
import { type Action, action, type Parameters } from "../../../explore/model/model.ts";
import { type Bounds, range } from "../../../machines/machine.ts";
import { ELSEWHERE, FIRST_PAGE, PMD_PAGES } from "../world/image-bounds.ts";
import type { ImageContext, ImageState } from "./image-context.ts";

const MADV_DONTNEED = 4;
const MADV_FREE = 8;
const MADV_DONTFORK = 10;
const PROT_READ = 1;
const PROT_WRITE = 2;

/** Returns the ranges for operations on ranges: all pages, parts of them, and a single page at an end. */
function rangesOf(pages: number): readonly (readonly [page: number, pages: number])[] {
  return pages === PMD_PAGES
    ? [
        [0, 8],
        [0, 4],
        [4, 4],
        [0, 1],
        [7, 1],
      ]
    : [
        [0, 16],
        [0, 8],
        [4, 8],
        [8, 4],
        [15, 1],
      ];
}

/** Returns the page and order of each write fault. With `moves`, one of them is at the destination of mremap(). */
function faultsOf(pages: number, moves: boolean): readonly (readonly [page: number, order: number])[] {
  return [
    [0, 0],
    [0, 2],
    [0, 3],
    [4, 2],
    [7, 0],
    ...(pages > PMD_PAGES
      ? ([
          [8, 3],
          [12, 2],
        ] as const)
      : []),
    ...(moves ? ([[ELSEWHERE + 7 - FIRST_PAGE, 0]] as const) : []),
  ];
}

/** An action of the machine `image`. */
export type ImageAction = Action<ImageState, ImageContext>;

/**
 * Returns the actions within the bounds.
 *
 * @param hasLargeFolios if false, faults allocate folios of one page, and there are no splits
 */
export function actionsOf(bounds: Bounds, hasLargeFolios: boolean): readonly ImageAction[] {
  const { mms = 2, pages = PMD_PAGES } = bounds;
  const has = (name: string): boolean => bounds[name] === 1;
  const mm = range(0, mms - 1);
  const namedAction = <P extends Parameters>(
    name: string,
    domains: { readonly [K in keyof P]: readonly P[K][] },
    run: (context: ImageContext, state: ImageState, parameters: P) => boolean,
  ): ImageAction =>
    action<ImageState, ImageContext, P>(name, domains, (state, context, parameters) => {
      context.begin(name);
      return run(context, state, parameters);
    });
  const faults = faultsOf(pages, has("move"))
    .filter(([page], i, all) => hasLargeFolios || all.findIndex(([other]) => other === page) === i)
    .map(([page, order]) => ({ page, order: hasLargeFolios ? order : 0 }));
  const ranges = rangesOf(pages).map(([page, count]) => ({ page, pages: count }));
  const rangeAction = (
    name: string,
    run: (context: ImageContext, state: ImageState, mm: number, page: number, pages: number) => boolean,
  ): ImageAction =>
    namedAction<{ mm: number; range: { page: number; pages: number } }>(
      name,
      { mm, range: ranges },
      (context, state, { mm: process, range: { page, pages: count } }) =>
        run(context, state, process, FIRST_PAGE + page, count),
    );
  const folioPages = [0, 4, ...(pages > PMD_PAGES ? [8] : [])];
  return [
    namedAction<{ mm: number; fault: { page: number; order: number } }>(
      "write",
      { mm, fault: faults },
      (context, state, { mm: process, fault }) =>
        context.take(state, "fault", process, FIRST_PAGE + fault.page, 1, fault.order),
    ),
    namedAction<{ mm: number; page: number }>("read", { mm, page: [0] }, (context, state, { mm: process, page }) =>
      context.take(state, "fault", process, FIRST_PAGE + page, 0, 0),
    ),
    namedAction<{ mm: number }>("fork", { mm }, (context, state, { mm: process }) =>
      context.take(state, "fork", process, mms),
    ),
    namedAction<{ mm: number }>("exit", { mm }, (context, state, { mm: process }) =>
      context.take(state, "exit", process),
    ),
    rangeAction("dontneed", (context, state, process, page, count) =>
      context.take(state, "madvise", process, page, count, MADV_DONTNEED),
    ),
    ...(hasLargeFolios ? [namedAction("shrink", {}, (context, state) => context.take(state, "shrink"))] : []),
    ...(has("protect")
      ? [
          namedAction<{ mm: number; half: boolean; write: boolean }>(
            "mprotect",
            { mm, half: [false, true], write: [false, true] },
            (context, state, { mm: process, half, write }) =>
              context.take(
                state,
                "mprotect",
                process,
                FIRST_PAGE,
                half ? pages / 2 : pages,
                PROT_READ | (write ? PROT_WRITE : 0),
              ),
          ),
        ]
      : []),
    ...(has("unmap")
      ? [
          rangeAction("munmap", (context, state, process, page, count) =>
            context.take(state, "munmap", process, page, count),
          ),
        ]
      : []),
    ...(has("move")
      ? [
          namedAction<{ mm: number; range: { page: number; pages: number }; shift: number; back: boolean }>(
            "mremap",
            { mm, range: ranges, shift: [0, 2], back: [false, true] },
            (context, state, { mm: process, range: { page, pages: count }, shift, back }) =>
              back
                ? context.take(state, "mremap", process, ELSEWHERE + shift + page, count, FIRST_PAGE + page)
                : context.take(state, "mremap", process, FIRST_PAGE + page, count, ELSEWHERE + shift + page),
          ),
        ]
      : []),
    ...(has("dontfork")
      ? [
          namedAction<{ mm: number }>("dontfork", { mm }, (context, state, { mm: process }) =>
            context.take(state, "madvise", process, FIRST_PAGE + pages / 2, pages / 2, MADV_DONTFORK),
          ),
        ]
      : []),
    ...(has("softdirty")
      ? [
          namedAction<{ mm: number }>("clearSoftDirty", { mm }, (context, state, { mm: process }) =>
            context.take(state, "clear_soft_dirty", process),
          ),
        ]
      : []),
    ...(has("split") && hasLargeFolios
      ? [
          namedAction<{ mm: number; page: number; order: number }>(
            "split",
            { mm, page: folioPages, order: [0, 2] },
            (context, state, { mm: process, page, order }) =>
              context.take(state, "split", process, FIRST_PAGE + page, order),
          ),
        ]
      : []),
    ...(has("migrate")
      ? [
          namedAction<{ mm: number; page: number }>(
            "migrateBegin",
            { mm, page: folioPages },
            (context, state, { mm: process, page }) => context.take(state, "migrate_begin", process, FIRST_PAGE + page),
          ),
          namedAction("migrateFinish", {}, (context, state) => context.take(state, "migrate_finish")),
          namedAction("migrateUndo", {}, (context, state) => context.take(state, "migrate_undo")),
        ]
      : []),
    ...(has("free")
      ? [
          rangeAction("madvFree", (context, state, process, page, count) =>
            context.take(state, "madvise", process, page, count, MADV_FREE),
          ),
          namedAction<{ mm: number; page: number }>(
            "reclaim",
            // Reclaim splits a folio that mremap() moved across the end of a page table; the last page selects such a
            // folio.
            { mm, page: has("move") ? [...folioPages, ELSEWHERE + 2 + 4 - FIRST_PAGE] : folioPages },
            (context, state, { mm: process, page }) => context.take(state, "reclaim", process, FIRST_PAGE + page),
          ),
        ]
      : []),
  ];
}
