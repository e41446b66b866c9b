/** Operations on a file of shmem: through its mappings, and on the file itself. */
import { type Bounds, range } from "../../../machines/machine.ts";
import { type FileMapping, fileMappings, firstOfFile } from "../world/image-bounds.ts";
import { FILE_PAGES } from "../world/world-layout.ts";
import { family, type OperationFamily, type PageRange } from "./operation-family.ts";

const MADV_DONTNEED = 4;

/** A page of the file, and the order of a new folio there. */
interface FileFault {
  readonly page: number;
  readonly order: number;
}

/** Of a shared mapping: pages at both ends, and in the middle of a folio of order 2. */
const WRITES: readonly FileFault[] = [
  { page: 0, order: 0 },
  { page: 0, order: 2 },
  { page: 0, order: 3 },
  { page: 3, order: 0 },
  { page: 7, order: 0 },
];

/** Reads map other pages of the page cache, too: fault-around. */
const READS: readonly FileFault[] = [
  { page: 0, order: 0 },
  { page: 0, order: 3 },
  { page: 5, order: 2 },
];

/** Sizes that the file is cut off at or grows to. */
const SIZES: readonly number[] = [0, 3, FILE_PAGES];

const RANGES: readonly PageRange[] = [
  { page: 0, pages: FILE_PAGES },
  { page: 0, pages: 4 },
  { page: 3, pages: 1 },
];

const HOLES: readonly PageRange[] = [
  { page: 0, pages: FILE_PAGES },
  { page: 4, pages: 4 },
  { page: 1, pages: 2 },
];

/** Pages of the file by which the kernel selects folios. */
const FOLIO_PAGES: readonly number[] = [0, 4];

type InMapping = { readonly mm: number; readonly mapping: FileMapping };
type Fault = InMapping & { readonly fault: { readonly page: number; readonly order: number } };
type OnRange = InMapping & { readonly range: { readonly page: number; readonly pages: number } };

/** Removes faults that differ in the order only, if there are no large folios. */
function faultsOf(faults: readonly FileFault[], hasLargeFolios: boolean): readonly FileFault[] {
  return hasLargeFolios
    ? faults
    : faults
        .filter(({ page }, i) => faults.findIndex((other) => other.page === page) === i)
        .map(({ page }) => ({ page, order: 0 }));
}

/** Returns the operations within the bounds; none without a file. */
export function fileOperations(bounds: Bounds, hasLargeFolios: boolean): readonly OperationFamily[] {
  const mapping = fileMappings(bounds);
  if (mapping.length === 0) {
    return [];
  }
  const mm = range(0, (bounds["mms"] ?? 2) - 1);
  const has = (name: string): boolean => bounds[name] === 1;
  const fault = (name: string, write: 0 | 1, faults: readonly FileFault[]): OperationFamily =>
    family<Fault>(
      name,
      { mm, mapping, fault: faultsOf(faults, hasLargeFolios) as readonly Fault["fault"][] },
      ({ mm: process, mapping: of, fault: { page, order } }) => [
        "fault",
        process,
        firstOfFile(of) + page,
        write,
        order,
      ],
      ({ fault: { page, order } }) => page === 0 && order !== 2,
    );
  const onRange = (
    name: string,
    call: (mm: number, page: number, pages: number) => readonly [string, ...number[]],
  ): OperationFamily =>
    family<OnRange>(
      name,
      { mm, mapping, range: RANGES as readonly OnRange["range"][] },
      ({ mm: process, mapping: of, range: { page, pages } }) => call(process, firstOfFile(of) + page, pages),
      ({ range: { pages } }) => pages > 1,
    );
  return [
    fault("fileWrite", 1, WRITES),
    fault("fileRead", 0, READS),
    onRange("fileDontneed", (process, page, pages) => ["madvise", process, page, pages, MADV_DONTNEED]),
    ...(has("unmap") ? [onRange("fileMunmap", (process, page, pages) => ["munmap", process, page, pages])] : []),
    family<{ pages: number }>("truncate", { pages: SIZES }, ({ pages }) => [
      "truncate_file",
      pages,
      bounds["cutswap"] ?? 0,
    ]),
    family<{ hole: { page: number; pages: number } }>(
      "punchHole",
      { hole: HOLES },
      ({ hole: { page, pages } }) => ["punch_hole", page, pages],
      ({ hole: { page } }) => page !== 1,
    ),
    ...(hasLargeFolios ? [family("fileShrink", {}, () => ["shrink_file"])] : []),
    ...(has("split") && hasLargeFolios
      ? [
          family<{ page: number; order: number }>(
            "fileSplit",
            { page: FOLIO_PAGES, order: [0, 1, 2] },
            ({ page, order }) => ["split_file", page, order],
            ({ page, order }) => page === 0 && order !== 1,
          ),
        ]
      : []),
    ...(has("migrate")
      ? [
          family<{ page: number }>(
            "fileMigrateBegin",
            { page: FOLIO_PAGES },
            ({ page }) => ["migrate_file_begin", page],
            ({ page }) => page === 0,
          ),
        ]
      : []),
    ...((bounds["swap"] ?? 0) > 0
      ? [
          family<{ page: number }>(
            "fileReclaim",
            { page: FOLIO_PAGES },
            ({ page }) => ["reclaim_file", page],
            ({ page }) => page === 0,
          ),
        ]
      : []),
  ];
}
