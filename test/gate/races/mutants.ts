/** Concurrency bugs in C: changes to the test kernel that only a second CPU can show. */
import type { Bounds } from "../../../machines/machine.ts";
import type { Edit } from "../own-tree.ts";

/** A concurrency bug. */
export interface RaceMutant {
  readonly name: string;
  readonly edits: readonly Edit[];
  readonly config: string;
  /** Bounds of machine race that show it. */
  readonly bounds: Bounds;
  /** A property that is violated. */
  readonly property: string;
}

const PAGE_MAPCOUNT = "page-mapcount,64bit,mm-id";
const NO_PAGE_MAPCOUNT = "no-page-mapcount,64bit,mm-id";

/** Two MMs that fork, exit, fault and zap. */
const FEW: Bounds = { references: 0, readers: 0 };

const rmapH = (from: string, to: string): Edit => ({ file: "include/linux/rmap.h", from, to });
const rmapC = (from: string, to: string): Edit => ({ file: "mm/rmap.c", from, to });

const SUB_LOCKS =
  "\tlock_owners(folio);\n\tcheck_owners(folio, diff, id);\n\tmapcount = atomic_read(&folio->_large_mapcount) - diff;\n";
const SUB_STORES = "mapcount) - diff;\n\tatomic_set(&folio->_large_mapcount, mapcount);\n";
const SUB_CLEARS = "\tif (!keeps && (";
const SUB_UNLOCKS = "\t\tmark_shared(folio, false);\n\tunlock_owners(folio);\n";
const ADD_STORES = "mapcount) + diff;\n\tatomic_set(&folio->_large_mapcount, mapcount);\n";
const ADD_UNLOCKS = "\t\t\tmark_shared(folio, true);\n\t}\n\tunlock_owners(folio);\n";

const keepsLock = rmapH(SUB_UNLOCKS, "\t\tmark_shared(folio, false);\n");

/** The large mapcount is read before the lock is taken. */
export const EARLY_READ: Edit = rmapH(
  SUB_LOCKS,
  "\tmapcount = atomic_read(&folio->_large_mapcount) - diff;\n\tlock_owners(folio);\n\tcheck_owners(folio, diff, id);\n",
);

/** All concurrency bugs. */
export const RACE_MUTANTS: readonly RaceMutant[] = [
  {
    name: "removing mappings does not take the large-mapcount lock",
    edits: [rmapH(SUB_LOCKS, SUB_LOCKS.replace("\tlock_owners(folio);\n", "")), keepsLock],
    config: NO_PAGE_MAPCOUNT,
    bounds: FEW,
    property: "D1",
  },
  {
    name: "adding mappings drops the lock after the mapcount, before the slots",
    edits: [
      rmapH(ADD_STORES, `${ADD_STORES}\tunlock_owners(folio);\n`),
      rmapH(ADD_UNLOCKS, "\t\t\tmark_shared(folio, true);\n\t}\n"),
    ],
    config: NO_PAGE_MAPCOUNT,
    bounds: { ...FEW, mms: 3 },
    property: "D1",
  },
  {
    name: "whether one owner is left is decided after the lock was dropped: the last store comes after the unlock",
    edits: [rmapH(SUB_CLEARS, `\tunlock_owners(folio);\n${SUB_CLEARS}`), keepsLock],
    config: NO_PAGE_MAPCOUNT,
    bounds: FEW,
    property: "D1",
  },
  {
    name: "the large mapcount is read before the lock is taken",
    edits: [EARLY_READ],
    config: NO_PAGE_MAPCOUNT,
    bounds: FEW,
    property: "C7.instant",
  },
  {
    name: "the slot of the MM is looked up before the lock is taken",
    edits: [
      rmapH(SUB_LOCKS, `\tmine = slot_with(folio, id);\n${SUB_LOCKS}`),
      rmapH(`${SUB_STORES}\tmine = slot_with(folio, id);\n`, SUB_STORES),
    ],
    config: NO_PAGE_MAPCOUNT,
    bounds: FEW,
    property: "D1",
  },
  {
    name: "removing mappings drops the lock between the mapcount and the slots, and takes it again",
    edits: [rmapH(SUB_STORES, `${SUB_STORES}\tunlock_owners(folio);\n\tlock_owners(folio);\n`)],
    config: NO_PAGE_MAPCOUNT,
    bounds: FEW,
    property: "C19",
  },
  {
    name: "the entire mapcount is loaded and stored instead of an atomic update",
    edits: [
      rmapC(
        "\tconst bool last = atomic_add_negative(-1, &folio->_entire_mapcount);\n",
        "\tconst int entire = atomic_read(&folio->_entire_mapcount) - 1;\n\tconst bool last = entire < 0;\n",
      ),
      rmapC("\tint gone = 0;\n\n", "\tint gone = 0;\n\n\tatomic_set(&folio->_entire_mapcount, entire);\n"),
    ],
    config: NO_PAGE_MAPCOUNT,
    bounds: { ...FEW, pmd: 1 },
    property: "C4.bad-page",
  },
  {
    name: "_nr_pages_mapped is loaded and stored instead of an atomic update",
    edits: [
      rmapC(
        "\t\tleft = atomic_add_return(-gone, &folio->_nr_pages_mapped);\n",
        "\t\tleft = atomic_read(&folio->_nr_pages_mapped) - gone;\n\t\tatomic_set(&folio->_nr_pages_mapped, left);\n",
      ),
    ],
    config: PAGE_MAPCOUNT,
    bounds: FEW,
    property: "C6.nr-pages-mapped",
  },
  {
    name: "whether the folio is unmapped is read from the large mapcount after the lock was dropped",
    edits: [
      rmapC(
        "\tmapcount = folio_sub_return_large_mapcount(folio, nr, vma);\n",
        "\tfolio_sub_return_large_mapcount(folio, nr, vma);\n\tmapcount = folio_large_mapcount(folio);\n",
      ),
    ],
    config: NO_PAGE_MAPCOUNT,
    bounds: FEW,
    property: "C12",
  },
  {
    name: "the lockless reader looks at the mapcount of a slot instead of the shared bit",
    edits: [
      {
        file: "include/linux/mm.h",
        from: "\treturn test_bit(FOLIO_MM_IDS_SHARED_BITNUM, &folio->_mm_ids);",
        to: "\treturn folio->_mm_id_mapcount[0] + 1 != mapcount && folio->_mm_id_mapcount[1] + 1 != mapcount;",
      },
    ],
    config: NO_PAGE_MAPCOUNT,
    bounds: { ...FEW, readers: 1 },
    property: "D1",
  },
  {
    name: "the lockless reader tests the shared bit by a plain load",
    edits: [
      {
        file: "include/linux/mm.h",
        from: "\treturn test_bit(FOLIO_MM_IDS_SHARED_BITNUM, &folio->_mm_ids);",
        to: "\treturn folio->_mm_ids & FOLIO_MM_IDS_SHARED_BIT;",
      },
    ],
    config: NO_PAGE_MAPCOUNT,
    bounds: { ...FEW, readers: 1 },
    property: "D1",
  },
  {
    name: "a folio is queued for deferred split without the queue lock",
    edits: [
      {
        file: "mm/huge_memory.c",
        from: "\tqueue = folio_split_queue_lock(folio);\n",
        to: "\tqueue = get_deferred_split_queue(folio);\n",
      },
      { file: "mm/huge_memory.c", from: "\tsplit_queue_unlock(queue);\n", to: "" },
    ],
    config: NO_PAGE_MAPCOUNT,
    bounds: { ...FEW, pages: 4 },
    property: "D1",
  },
];
