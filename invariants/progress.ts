/** Claims about progress: an operation succeeds if no documented reason for failure applies. */
import { noWarning, type Property } from "../explore/model/model.ts";
import type { View } from "../model/environment/view.ts";
import { Warning } from "../model/kernel/warnings.ts";

/** Builds a claim that actions assert; premises are counted where the operation runs. */
const progress = (id: string, claim: string, source: string, code: number): Property<View> =>
  noWarning({ id, claim, source, codes: [code], counted: true });

const SPLIT = "Documentation/mm/transhuge.rst; mm/huge_memory.c, __folio_split()";
const MIGRATE = "mm/migrate.c, migrate_folio_unmap(), __folio_migrate_mapping()";
const RECLAIM = "mm/vmscan.c, shrink_folio_list()";

/** P1. */
export const folioIsSplit: Property<View> = progress(
  "P1",
  "A mapped anon folio is split when it is unlocked and only mappings and the swap cache hold references",
  SPLIT,
  Warning.notSplit,
);

/** P1, the shrinker. */
export const queuedFolioIsSplit: Property<View> = progress(
  "P1.shrinker",
  "The shrinker splits a queued, partially mapped folio when it is unlocked and only mappings hold references",
  `${SPLIT}, deferred_split_scan()`,
  Warning.notSplitByShrinker,
);

/** P2, the first half. */
export const folioIsUnmappedForMigration: Property<View> = progress(
  "P2.unmap",
  "Migration replaces every mapping of an unlocked anon folio by a migration entry when only mappings hold references",
  `${MIGRATE}; mm/rmap.c, try_to_migrate_one()`,
  Warning.notUnmappedForMigration,
);

/** P2, the second half. */
export const folioIsMigrated: Property<View> = progress(
  "P2",
  "A folio whose mappings are migration entries is migrated, and freed, when nothing else holds a reference",
  MIGRATE,
  Warning.notMigrated,
);

/** P3, the first step. */
export const folioEntersSwapCache: Property<View> = progress(
  "P3.swap-cache",
  "Reclaim puts a mapped anon folio into the swap cache when it is unlocked, only mappings hold references, it is not " +
    "queued as partially mapped, and there are free slots; and an unmapped folio of shmem when only the page cache holds " +
    "references",
  `${RECLAIM}; mm/swapfile.c, folio_alloc_swap(); mm/shmem.c, shmem_writeout()`,
  Warning.notAddedToSwap,
);

/** P3, the second step. */
export const folioIsUnmappedForSwap: Property<View> = progress(
  "P3.unmap",
  "Reclaim replaces every mapping that an MM has of a folio in the swap cache by a swap entry when it is unlocked and only " +
    "mappings and the swap cache hold references; those of a folio of shmem it removes",
  `${RECLAIM}; mm/rmap.c, try_to_unmap_one()`,
  Warning.notUnmappedForSwap,
);

/** P3, the last step. */
export const folioIsSwappedOut: Property<View> = progress(
  "P3",
  "An unmapped folio of the swap cache is written out and freed when it is unlocked and nothing else holds a reference",
  `${RECLAIM}, __remove_mapping()`,
  Warning.notSwappedOut,
);

/** P4. */
export const pagesAreCollapsed: Property<View> = progress(
  "P4",
  "Present pages of an anon VMA are collapsed when their folios are unlocked, only mappings and caches hold references, and " +
    "no more of them are shared than max_ptes_shared",
  "mm/khugepaged.c, __collapse_huge_page_isolate()",
  Warning.notCollapsed,
);
