/** The functions in scope, and the files of a tree in which the gate searches their definitions and dependencies. */

import type { CountField } from "./count-fields.ts";

/** A function in scope. */
export interface ManifestEntry {
  readonly name: string;
  /** File of its definition in Linux. */
  readonly file: string;
  /** Whether its absence is reported: false for internal functions, which may be renamed. */
  readonly required: boolean;
  /** Field or option that makes it required; absent if it is always required. */
  readonly needs?: CountField | "CONFIG_PAGE_MAPCOUNT";
}

const required = (file: string, names: string): ManifestEntry[] =>
  names.split(" ").map((name) => ({ name, file, required: true }));
const inner = (file: string, names: string): ManifestEntry[] =>
  names.split(" ").map((name) => ({ name, file, required: false }));

/**
 * The functions in scope: large mapcount, rmap, read-only functions on mapcounts, reuse, deferred split queue, and
 * free.
 */
export const MANIFEST: readonly ManifestEntry[] = [
  ...required(
    "include/linux/rmap.h",
    "folio_set_large_mapcount folio_add_return_large_mapcount folio_sub_return_large_mapcount " +
      "folio_dup_file_rmap_ptes folio_dup_file_rmap_pte folio_dup_file_rmap_pmd " +
      "folio_try_dup_anon_rmap_ptes folio_try_dup_anon_rmap_pte folio_try_dup_anon_rmap_pmd " +
      "folio_try_share_anon_rmap_pte folio_try_share_anon_rmap_pmd",
  ),
  ...inner(
    "include/linux/rmap.h",
    "folio_lock_large_mapcount folio_unlock_large_mapcount folio_mm_id folio_set_mm_id " +
      "__folio_large_mapcount_sanity_checks folio_add_large_mapcount folio_sub_large_mapcount " +
      "__folio_rmap_sanity_checks __folio_dup_file_rmap __folio_try_dup_anon_rmap __folio_try_share_anon_rmap",
  ),
  ...required(
    "mm/rmap.c",
    "folio_add_file_rmap_ptes folio_add_file_rmap_pmd folio_add_anon_rmap_ptes folio_add_anon_rmap_pmd " +
      "folio_add_new_anon_rmap folio_remove_rmap_ptes folio_remove_rmap_pmd",
  ),
  ...inner(
    "mm/rmap.c",
    "__folio_add_rmap __folio_remove_rmap __folio_add_anon_rmap __folio_add_file_rmap __folio_mod_stat " +
      "__folio_set_anon __page_check_anon_rmap",
  ),
  ...required("include/linux/mm.h", "folio_mapcount folio_maybe_mapped_shared folio_expected_ref_count"),
  { name: "folio_entire_mapcount", file: "include/linux/mm.h", required: true, needs: "_entire_mapcount" },
  ...inner(
    "include/linux/mm.h",
    "folio_large_mapcount folio_maybe_dma_pinned folio_needs_cow_for_dma folio_large_nr_pages",
  ),
  ...required("fs/proc/internal.h", "folio_average_page_mapcount"),
  { name: "folio_precise_page_mapcount", file: "fs/proc/internal.h", required: true, needs: "CONFIG_PAGE_MAPCOUNT" },
  ...required("mm/memory.c", "__wp_can_reuse_large_anon_folio"),
  ...required("mm/huge_memory.c", "deferred_split_folio"),
  ...required("mm/page_alloc.c", "free_tail_page_prepare free_page_is_bad"),
  ...required("mm/internal.h", "prep_compound_head"),
  ...inner("mm/internal.h", "folio_set_order"),
];

/** Functions of the tree that the harness itself calls, if the tree has them. */
export const CALLED_BY_HARNESS: readonly string[] =
  "folio_set_order set_compound_head folio_has_pincount prep_compound_head".split(" ");

/** Other declarations of the tree that the harness uses, if the tree has them. */
export const HARNESS_NAMES: readonly string[] = [
  ..."folio_set_order set_compound_head folio_has_pincount PG_anon_exclusive PG_swapbacked PG_swapcache PG_locked PG_head PG_partially_mapped".split(
    " ",
  ),
  ..."FOLIO_MM_IDS_SHARED_BIT FOLIO_MM_IDS_LOCK_BITNUM MM_ID_MASK ENTIRELY_MAPPED FOLIO_MAPPING_ANON".split(" "),
  ..."PAGE_MAPPING_ANON TAIL_MAPPING MMF_HAS_PINNED RMAP_EXCLUSIVE RMAP_NONE NR_ANON_MAPPED NR_FILE_MAPPED".split(" "),
  ..."NR_ANON_THPS NR_SHMEM_PMDMAPPED NR_FILE_PMDMAPPED".split(" "),
  ..."page folio mm_struct vm_area_struct anon_vma deferred_split".split(" ").map((tag) => `struct ${tag}`),
];

/** Fields that the harness accesses in STRUCTS_TAKEN_IN_PART. */
export const HARNESS_FIELDS: readonly string[] =
  "mm_id flags vm_mm vm_start vm_end vm_pgoff anon_vma root refcount".split(" ");

/**
 * Structs that are reduced to the fields that code of the unit uses, in the order of the tree. They are large, most of
 * their fields are irrelevant here, and no other layout depends on theirs.
 */
export const STRUCTS_TAKEN_IN_PART: readonly string[] = [
  "struct mm_struct",
  "struct vm_area_struct",
  "struct anon_vma",
  "struct pglist_data",
  "struct address_space",
];

/**
 * Files that are searched for definitions, in the order in which headers would be included. A tree need not have all.
 */
export const FILES: readonly string[] = [
  "include/linux/numa.h",
  "include/linux/poison.h",
  "include/linux/mmzone.h",
  "include/linux/page-flags-layout.h",
  "include/linux/mm_types.h",
  "include/linux/page-flags.h",
  "include/linux/page_ref.h",
  "include/linux/sched/coredump.h",
  "include/linux/pgtable.h",
  "include/linux/vm_event_item.h",
  "include/linux/vmstat.h",
  "include/linux/memremap.h",
  "include/linux/mm.h",
  "include/linux/huge_mm.h",
  "include/linux/mm_inline.h",
  "include/linux/pagemap.h",
  "include/linux/swap.h",
  "include/linux/ksm.h",
  "include/linux/rmap.h",
  "mm/internal.h",
  "mm/swap.h",
  "mm/util.c",
  "mm/rmap.c",
  "mm/memory.c",
  "mm/huge_memory.c",
  "mm/hugetlb_vmemmap.c",
  "mm/page_alloc.c",
  "fs/proc/internal.h",
];

/** The first of FILES that is not a public header. */
export const FIRST_AFTER_HEADERS = "mm/internal.h";

/** Files that are built only with an option. Without it, headers of the kernel define stubs of their functions. */
export const BUILT_WITH: Readonly<Record<string, string>> = { "mm/huge_memory.c": "CONFIG_TRANSPARENT_HUGEPAGE" };
