/** The operations of the machine `image`: what processes and the kernel do, as calls of the image. */
import { type Bounds, range } from "../../../machines/machine.ts";
import { ELSEWHERE, FIRST_PAGE, hasSwap, PMD_PAGES } from "../world/image-bounds.ts";
import { fileOperations } from "./file-operations.ts";
import { gupOperations } from "./gup-operations.ts";
import { family, type OperationFamily, type PageRange } from "./operation-family.ts";

/** Obstacles to a collapse, as enum collapse_obstacle of the harness. */
const OBSTACLES = ["none", "no huge page", "unreadable page", "other reference"];

/** The limit of khugepaged that is 0: as enum strict_limit of the harness. */
const STRICT_LIMITS = ["none", "max_ptes_none", "max_ptes_shared", "max_ptes_swap"];

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

/**
 * Pages of a folio that mremap() moved to another offset, of order 2 or 3: before and behind the end of a page table, so
 * that two CPUs can zap parts of one folio at the same time. Other pages of it remain in both tables.
 */
const AROUND_TABLE_END: readonly PageRange[] = [
  { page: ELSEWHERE + 6 - FIRST_PAGE, pages: 1 },
  { page: ELSEWHERE + PMD_PAGES - FIRST_PAGE, pages: 1 },
];

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

/** A range of pages, and where its first page is moved to. */
interface PageMove extends PageRange {
  readonly to: number;
}

/** Returns the ranges that UFFDIO_MOVE moves: single pages, parts of a page table, and what a PMD maps. */
function userfaultfdMovesOf(pages: number, moves: boolean): readonly PageMove[] {
  const all: readonly (readonly [page: number, pages: number, to: number])[] = [
    ...(pages === PMD_PAGES
      ? ([
          [0, 4, 4],
          [4, 4, 0],
          [0, 1, 7],
        ] as const)
      : ([
          [0, 8, 8],
          [8, 8, 0],
          [0, 4, 12],
          [8, 1, 7],
        ] as const)),
    ...(moves ? ([[0, 8, ELSEWHERE - FIRST_PAGE]] as const) : []),
  ];
  return all.map(([page, count, to]) => ({ page, pages: count, to }));
}

/** Returns the operations that replace the pages of page tables by huge pages. */
function collapses({ pages = PMD_PAGES, move = 0, swap = 0 }: Bounds, mm: readonly number[]): OperationFamily[] {
  const places = [0, ...(move === 1 ? [ELSEWHERE - FIRST_PAGE] : [])];
  const tables = places.flatMap((place) => range(0, pages / PMD_PAGES - 1).map((table) => place + table * PMD_PAGES));
  const ranges = [
    ...(pages > PMD_PAGES ? [{ page: 0, pages }] : []),
    ...tables.map((page): PageRange => ({ page, pages: PMD_PAGES })),
  ];
  return [
    family<{ mm: number; range: { page: number; pages: number }; obstacle: string }>(
      "madvCollapse",
      { mm, range: ranges, obstacle: OBSTACLES },
      ({ mm: process, range: { page, pages: count }, obstacle }) => [
        "collapse",
        process,
        FIRST_PAGE + page,
        count,
        OBSTACLES.indexOf(obstacle),
      ],
      ({ range: { page }, obstacle }) => page === 0 && obstacle === "none",
    ),
    family<{ mm: number; page: number; strict: string }>(
      "khugepaged",
      { mm, page: tables, strict: swap === 0 ? STRICT_LIMITS.slice(0, 3) : STRICT_LIMITS },
      ({ mm: process, page, strict }) => ["khugepaged", process, FIRST_PAGE + page, STRICT_LIMITS.indexOf(strict)],
      ({ page, strict }) => page === 0 && strict === "none",
    ),
  ];
}

/**
 * Returns the operations within the bounds.
 *
 * @param hasLargeFolios if false, faults allocate folios of one page, and there are no splits
 */
export function operationsOf(bounds: Bounds, hasLargeFolios: boolean): readonly OperationFamily[] {
  const { mms = 2, pages = PMD_PAGES } = bounds;
  const has = (name: string): boolean => bounds[name] === 1;
  const mm = range(0, mms - 1);
  const faults = faultsOf(pages, has("move"))
    .filter(([page], i, all) => hasLargeFolios || all.findIndex(([other]) => other === page) === i)
    .map(([page, order]) => ({ page, order: hasLargeFolios ? order : 0 }));
  const ranges = rangesOf(pages).map(([page, count]): PageRange => ({ page, pages: count }));
  const onRange = (
    name: string,
    call: (mm: number, page: number, pages: number) => readonly [string, ...number[]],
    more: readonly PageRange[] = [],
  ): OperationFamily =>
    family<{ mm: number; range: { page: number; pages: number } }>(
      name,
      { mm, range: [...ranges, ...more] },
      (chosen) => call(chosen.mm, FIRST_PAGE + chosen.range.page, chosen.range.pages),
      ({ range }) => isRacingRange(range) || more.some(({ page }) => page === range.page),
    );
  const isRacingRange = ({ page, pages: count }: PageRange): boolean => page === 0 && count >= pages / 2;
  const folioPages = [0, 4, ...(pages > PMD_PAGES ? [8] : [])];
  return [
    family<{ mm: number; fault: { page: number; order: number } }>(
      "write",
      { mm, fault: faults },
      ({ mm: process, fault }) => ["fault", process, FIRST_PAGE + fault.page, 1, fault.order],
      ({ fault: { page, order } }) => (page === 0 && order !== 2) || (page === 4 && order === 2),
    ),
    family<{ mm: number; page: number }>("read", { mm, page: [0] }, ({ mm: process, page }) => [
      "fault",
      process,
      FIRST_PAGE + page,
      0,
      0,
    ]),
    family<{ mm: number }>("fork", { mm }, ({ mm: process }) => ["fork", process, mms]),
    family<{ mm: number }>("exit", { mm }, ({ mm: process }) => ["exit", process]),
    onRange(
      "dontneed",
      (process, page, count) => ["madvise", process, page, count, MADV_DONTNEED],
      has("spans") ? AROUND_TABLE_END : [],
    ),
    ...(hasLargeFolios ? [family("shrink", {}, () => ["shrink"])] : []),
    ...(has("protect")
      ? [
          family<{ mm: number; half: boolean; write: boolean }>(
            "mprotect",
            { mm, half: [false, true], write: [false, true] },
            ({ mm: process, half, write }) => [
              "mprotect",
              process,
              FIRST_PAGE,
              half ? pages / 2 : pages,
              PROT_READ | (write ? PROT_WRITE : 0),
            ],
            ({ half }) => !half,
          ),
        ]
      : []),
    ...(has("unmap") ? [onRange("munmap", (process, page, count) => ["munmap", process, page, count])] : []),
    ...(has("move")
      ? [
          family<{ mm: number; range: { page: number; pages: number }; shift: number; back: boolean }>(
            "mremap",
            { mm, range: ranges, shift: [0, 2], back: [false, true] },
            ({ mm: process, range: { page, pages: count }, shift, back }) =>
              back
                ? ["mremap", process, ELSEWHERE + shift + page, count, FIRST_PAGE + page]
                : ["mremap", process, FIRST_PAGE + page, count, ELSEWHERE + shift + page],
            ({ range: moved, shift }) => isRacingRange(moved) && shift === 0,
          ),
        ]
      : []),
    ...(has("uffd")
      ? [
          family<{ mm: number; move: { page: number; pages: number; to: number } }>(
            "uffdMove",
            { mm, move: userfaultfdMovesOf(pages, has("move")) },
            ({ mm: process, move: { page, pages: count, to } }) => [
              "uffd_move",
              process,
              FIRST_PAGE + page,
              count,
              FIRST_PAGE + to,
            ],
            ({ move: { page, pages: count } }) => page === 0 && count > 1,
          ),
        ]
      : []),
    ...(has("collapse") && hasLargeFolios ? collapses(bounds, mm) : []),
    ...(has("dontfork")
      ? [
          family<{ mm: number }>("dontfork", { mm }, ({ mm: process }) => [
            "madvise",
            process,
            FIRST_PAGE + pages / 2,
            pages / 2,
            MADV_DONTFORK,
          ]),
        ]
      : []),
    ...(has("softdirty")
      ? [family<{ mm: number }>("clearSoftDirty", { mm }, ({ mm: process }) => ["clear_soft_dirty", process])]
      : []),
    ...(has("split") && hasLargeFolios
      ? [
          family<{ mm: number; page: number; order: number }>(
            "split",
            { mm, page: folioPages, order: [0, 2] },
            ({ mm: process, page, order }) => ["split", process, FIRST_PAGE + page, order],
            ({ page }) => page === 0,
          ),
        ]
      : []),
    ...(has("migrate")
      ? [
          family<{ mm: number; page: number }>(
            "migrateBegin",
            { mm, page: folioPages },
            ({ mm: process, page }) => ["migrate_begin", process, FIRST_PAGE + page],
            ({ page }) => page === 0,
          ),
          family("migrateFinish", {}, () => ["migrate_finish"]),
          family("migrateUndo", {}, () => ["migrate_undo"]),
        ]
      : []),
    ...(has("free")
      ? [onRange("madvFree", (process, page, count) => ["madvise", process, page, count, MADV_FREE])]
      : []),
    ...(has("free") || hasSwap(bounds)
      ? [
          family<{ mm: number; page: number }>(
            "reclaim",
            // Reclaim splits a folio that mremap() moved across the end of a page table; the last page selects such a
            // folio.
            { mm, page: has("move") ? [...folioPages, ELSEWHERE + 2 + 4 - FIRST_PAGE] : folioPages },
            ({ mm: process, page }) => ["reclaim", process, FIRST_PAGE + page],
            ({ page }) => page === 0,
          ),
        ]
      : []),
    ...(has("age")
      ? [
          family<{ mm: number; page: number }>("age", { mm, page: [0] }, ({ mm: process, page }) => [
            "age",
            process,
            FIRST_PAGE + page,
          ]),
        ]
      : []),
    ...(bounds["swap"] === 1
      ? [
          family<{ failed: boolean }>("endWrite", { failed: [false, true] }, ({ failed }) => [
            "end_write",
            failed ? 1 : 0,
          ]),
        ]
      : []),
    ...fileOperations(bounds, hasLargeFolios),
    ...gupOperations(bounds),
  ];
}
