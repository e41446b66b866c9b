/**
 * Mistakes in the callers of the owner tracking functions, each a change of a few words, for trees of Linux 6.18.35 or
 * later.
 */
import type { Bounds } from "../../../machines/machine.ts";
import { type CallerMistake, found, survives } from "./caller-mistake.ts";
import { COLLAPSE_MISTAKES } from "./collapse-mistakes.ts";
import { FILE_MISTAKES } from "./file-mistakes.ts";
import { GUP_MISTAKES } from "./gup-mistakes.ts";
import { SWAP_MISTAKES } from "./swap-mistakes.ts";
import { USERFAULTFD_MISTAKES } from "./userfaultfd-mistakes.ts";

const ALONE: Bounds = { mms: 1 };
const SPLIT: Bounds = { mms: 2, split: 1 };
const MIGRATION: Bounds = { mms: 2, migrate: 1 };
const FREE: Bounds = { mms: 2, free: 1 };
const RIGHTS: Bounds = { mms: 2, protect: 1, unmap: 1, dontfork: 1 };
const RIGHTS_WHILE_MIGRATING: Bounds = { mms: 2, protect: 1, migrate: 1 };
const MOVES: Bounds = { mms: 1, move: 1, free: 1, hint: 1 };
const MOVES_OF_TWO_TABLES: Bounds = { mms: 1, pages: 16, move: 1, unmap: 1, free: 1, hint: 1 };
const SOFT_DIRTY: Bounds = { mms: 2, softdirty: 1 };

const MEMORY: readonly Omit<CallerMistake, "file">[] = [
  {
    in: "wp_page_copy",
    what: "the mapping of the old page is not removed",
    change: [/folio_remove_rmap_pte\(old_folio[^)]*\);/, ";"],
    outcome: found(SPLIT, "C3"),
  },
  {
    in: "wp_page_copy",
    what: "the reference to the old folio is not dropped",
    change: [/(free_swap_cache\([^)]*\);\s*)folio_put\([^)]*\);/, "$1;"],
    outcome: found(SPLIT, "C7"),
  },
  {
    in: "do_wp_page",
    what: "no reference to the folio that is copied",
    change: [/folio_get\(folio\);/, ";"],
    outcome: found(SPLIT, "KERNEL"),
  },
  {
    in: "do_wp_page",
    what: "a page that is reused does not become exclusive",
    change: [/SetPageAnonExclusive\([^)]*\);/, ";"],
    outcome: found(SPLIT, "KERNEL"),
  },
  {
    in: "wp_page_reuse",
    what: "the entry is not made dirty",
    change: [/pte_mkdirty\(entry\)/, "entry"],
    outcome: found(FREE, "C9.dirty"),
  },
  {
    in: "handle_pte_fault",
    what: "a write does not make a writable entry dirty",
    change: [/entry = pte_mkdirty\(entry\);/, ";"],
    outcome: found(FREE, "C9.dirty"),
  },
  {
    in: "wp_can_reuse_anon_folio",
    what: "the folio lock is left taken",
    change: [/(folio_move_anon_rmap\([^)]*\);\s*)folio_unlock\([^)]*\);/, "$1;"],
    outcome: found(SPLIT, "C7"),
  },
  {
    in: "__wp_can_reuse_large_anon_folio",
    what: "large folios are not reused",
    change: [/(folio_large_mapcount\(folio\) <=) 1/, "$1 9"],
    outcome: found(SPLIT, "KERNEL"),
  },
  {
    in: "__wp_can_reuse_large_anon_folio",
    what: "large folios that two processes map are reused",
    change: [/folio_large_mapcount\(folio\) != folio_ref_count\(folio\)(\)\s*return)/, "0$1"],
    outcome: survives(
      "The same is checked again with the large-mapcount lock held. Only another CPU comes between, which machine race has (reuse-without-second-look).",
    ),
  },
  {
    in: "do_anonymous_page",
    what: "one reference for all pages",
    change: [/folio_ref_add\(folio, nr_pages - 1\);/, ";"],
    outcome: found(ALONE, "C7.covers"),
  },
  {
    in: "do_anonymous_page",
    what: "one page is counted for all",
    change: [/(MM_ANONPAGES,) nr_pages/, "$1 1"],
    outcome: found(ALONE, "RSS.anon"),
  },
  {
    in: "zap_present_folio_ptes",
    what: "MM_ANONPAGES is not lowered",
    change: [/rss\[MM_ANONPAGES\] -= nr;/, ";"],
    outcome: found(ALONE, "RSS.anon"),
  },
  {
    in: "zap_present_ptes",
    what: "a batch is one page too long",
    change: [/(folio_pte_batch\([^)]*max_nr)\)/, "$1 + 1)"],
    outcome: found(ALONE, "KERNEL"),
  },
  {
    in: "zap_nonpresent_ptes",
    what: "a migration entry stays counted",
    change: [/(is_migration_entry\(entry\)\)[^}]*)rss\[mm_counter\(folio\)\]--;/, "$1;"],
    outcome: found(MIGRATION, "RSS.anon"),
  },
  {
    in: "zap_pmd_range",
    what: "a PMD is not split where a part of it is zapped",
    change: [/next - addr != HPAGE_PMD_SIZE/, "next - addr > HPAGE_PMD_SIZE"],
    outcome: found(ALONE, "C9.kept"),
  },
  {
    in: "copy_present_ptes",
    what: "a reference too few for a batch",
    change: [/folio_ref_add\(folio, nr\);/, "folio_ref_add(folio, nr - 1);"],
    outcome: found(SPLIT, "C7.covers"),
  },
  {
    in: "__copy_present_ptes",
    what: "the entries of the parent stay writable",
    change: [/wrprotect_ptes\([^)]*\);/, ";"],
    outcome: found(SPLIT, "C11.writable"),
  },
  {
    in: "copy_pte_range",
    what: "a batch is one page too long",
    change: [/max_nr = \(end - addr\) \/ PAGE_SIZE;/, "max_nr = (end - addr) / PAGE_SIZE + 1;"],
    outcome: found(RIGHTS, "KERNEL"),
  },
  {
    in: "copy_nonpresent_pte",
    what: "a migration entry is not counted for the child",
    change: [/rss\[mm_counter\(folio\)\]\+\+;/, ";"],
    outcome: found(MIGRATION, "RSS.anon"),
  },
  {
    in: "copy_nonpresent_pte",
    what: "readable exclusive migration entries stay exclusive",
    change: [/!is_readable_migration_entry\(entry\)/, "is_writable_migration_entry(entry)"],
    outcome: found(RIGHTS_WHILE_MIGRATING, "C11.migration"),
  },
  {
    in: "alloc_anon_folio",
    what: "the pages of a large folio are not cleared",
    change: [/folio_zero_user\([^)]*\);/, ";"],
    outcome: found(ALONE, "C9"),
  },
];

const HUGE_MEMORY: readonly Omit<CallerMistake, "file">[] = [
  {
    in: "map_anon_folio_pmd",
    what: "one page is counted for all",
    change: [/(MM_ANONPAGES,) HPAGE_PMD_NR/, "$1 1"],
    outcome: found(ALONE, "RSS.anon"),
  },
  {
    in: "zap_huge_pmd",
    what: "the deposited page table is not freed",
    change: [/(folio_test_anon\(folio\)\) \{\s*)zap_deposited_table\([^)]*\);/, "$1;"],
    outcome: found(ALONE, "KERNEL"),
  },
  {
    in: "copy_huge_pmd",
    what: "no reference for the child",
    change: [/folio_get\(src_folio\);/, ";"],
    outcome: found(SPLIT, "C7.covers"),
  },
  {
    in: "copy_huge_pmd",
    what: "the PMD of the parent stays writable",
    change: [/pmdp_set_wrprotect\([^)]*\);/, ";"],
    outcome: found(SPLIT, "C11.writable"),
  },
  {
    in: "do_huge_pmd_wp_page",
    what: "the folio lock is left taken",
    change: [/(SetPageAnonExclusive\(page\);\s*)folio_unlock\([^)]*\);/, "$1;"],
    outcome: found(SPLIT, "C7"),
  },
  {
    in: "do_huge_pmd_wp_page",
    what: "a folio that is reused does not become exclusive",
    change: [/SetPageAnonExclusive\(page\);/, ";"],
    outcome: found(SPLIT, "C11.writable"),
  },
  {
    in: "change_huge_pmd",
    what: "a PMD becomes writable that is not exclusive",
    change: [/can_change_pmd_writable\([^)]*\)/, "1"],
    outcome: found(RIGHTS, "C11.writable"),
  },
  {
    in: "change_huge_pmd",
    what: "a writable migration entry stays writable",
    change: [/is_writable_migration_entry\(entry\)/, "0"],
    outcome: found(RIGHTS_WHILE_MIGRATING, "VMA.writable"),
  },
  {
    in: "move_huge_pmd",
    what: "the deposited page table does not move",
    change: [/pmd_move_must_withdraw\([^)]*\)/, "0"],
    outcome: found(MOVES_OF_TWO_TABLES, "KERNEL"),
  },
  {
    in: "__split_huge_pmd_locked",
    what: "one reference for all entries",
    change: [/folio_ref_add\(folio, HPAGE_PMD_NR - 1\);/, ";"],
    outcome: found(ALONE, "KERNEL"),
  },
  {
    in: "__split_huge_pmd_locked",
    what: "the mapping by PMD is not removed",
    change: [/(!pmd_migration\)\s*)folio_remove_rmap_pmd\([^)]*\);/, "$1;"],
    outcome: found(ALONE, "KERNEL"),
  },
  {
    in: "__split_huge_pmd_locked",
    what: "exclusive pages are mapped as shared ones",
    change: [/rmap_flags \|= RMAP_EXCLUSIVE;/, ";"],
    outcome: found(ALONE, "C11.writable"),
  },
  {
    in: "__split_huge_pmd_locked",
    what: "writable migration entries are all of the first page",
    change: [/(make_writable_migration_entry\(\s*page_to_pfn\(page) \+ i/, "$1"],
    outcome: found(ALONE, "C9"),
  },
  {
    in: "set_pmd_migration_entry",
    what: "the reference is not dropped",
    change: [/folio_put\(folio\);/, ";"],
    outcome: found(MIGRATION, "C7"),
  },
  {
    in: "remove_migration_pmd",
    what: "an exclusive folio is mapped as a shared one",
    change: [/rmap_flags \|= RMAP_EXCLUSIVE;/, ";"],
    outcome: found(MIGRATION, "KERNEL"),
  },
  {
    in: "__discard_anon_folio_pmd_locked",
    what: "the deposited page table is not freed",
    change: [/zap_deposited_table\([^)]*\);/, ";"],
    outcome: found(FREE, "MM.page-tables"),
  },
  {
    in: "unmap_folio",
    what: "PMDs are not split",
    change: [/ttu_flags \|= TTU_SPLIT_HUGE_PMD;/, ";"],
    outcome: found(ALONE, "KERNEL"),
  },
  {
    in: "__split_unmapped_folio",
    what: "nr_anon of the old size is not lowered",
    change: [/mod_mthp_stat\([^)]*, -1\);/, ";"],
    outcome: found(ALONE, "STATS.mthp"),
  },
  {
    in: "__split_folio_to_order",
    what: "new folios do not get PG_swapbacked",
    change: [/\(1L << PG_swapbacked\) \|/, ""],
    outcome: found(ALONE, "STATS.lru"),
  },
  {
    in: "__split_folio_to_order",
    what: "new folios have the index of the old one",
    change: [/folio->index \+ i/, "folio->index"],
    outcome: found(ALONE, "KERNEL"),
  },
  {
    in: "lru_add_split_folio",
    what: "new folios are not marked as on an LRU list",
    change: [/folio_set_lru\([^)]*\);/, ";"],
    outcome: found(ALONE, "STATS.lru"),
  },
  {
    in: "__folio_split",
    what: "the length of the deferred-split queue is not lowered",
    change: [/ds_queue->split_queue_len--;/, ";"],
    outcome: found(ALONE, "STATS.queue"),
  },
  {
    in: "deferred_split_scan",
    what: "folios that leave the queue are not counted",
    change: [/removed\+\+;/, ";"],
    outcome: found(MIGRATION, "STATS.queue"),
  },
  {
    in: "deferred_split_folio",
    what: "nr_anon_partially_mapped is not raised",
    change: [/mod_mthp_stat\([^;]*;/, ";"],
    outcome: found(ALONE, "STATS.mthp"),
  },
  {
    in: "vma_alloc_anon_folio_pmd",
    what: "the pages of a huge page are not cleared",
    change: [/folio_zero_user\([^)]*\);/, ";"],
    outcome: found(ALONE, "C9"),
  },
];

const RMAP: readonly Omit<CallerMistake, "file">[] = [
  {
    in: "try_to_unmap_one",
    what: "one page is taken off MM_ANONPAGES for a batch",
    change: [/(MM_ANONPAGES, -)nr_pages/, "$11"],
    outcome: found(FREE, "RSS.anon"),
  },
  {
    in: "try_to_unmap_one",
    what: "one entry of a batch is put back",
    change: [/(set_ptes\([^)]*) nr_pages\)/, "$1 1)"],
    outcome: found(FREE, "C8"),
  },
  {
    in: "try_to_unmap_one",
    what: "a folio that is dirty again stays lazyfree",
    change: [/folio_set_swapbacked\([^)]*\);/, ";"],
    outcome: survives(
      "Reclaim finds the folio dirty each time, and keeps it. That it is not swapped out shows with a swap device.",
    ),
  },
  {
    in: "folio_unmap_pte_batch",
    what: "a batch goes on over the end of a page table (CVE-2025-38447)",
    change: [/max_nr = \(end_addr - addr\) >> PAGE_SHIFT;/, "max_nr = folio_nr_pages(folio);"],
    outcome: found(MOVES, "KERNEL"),
  },
  {
    in: "folio_unmap_pte_batch",
    what: "a batch mixes writable and other entries",
    change: [/FPB_RESPECT_WRITE \|/, ""],
    outcome: found(FREE, "C11.writable", "ci"),
  },
  {
    in: "try_to_migrate_one",
    what: "the mapping is not removed",
    change: [/folio_remove_rmap_pte\([^)]*\);/, ";"],
    outcome: found(ALONE, "KERNEL"),
  },
  {
    in: "try_to_migrate_one",
    what: "the mapping is removed twice",
    change: [/folio_remove_rmap_pte\([^)]*\);/, "{ $& $& }"],
    outcome: found(ALONE, "KERNEL"),
  },
  {
    in: "try_to_migrate_one",
    what: "the reference is not dropped",
    change: [/folio_put\(folio\);/, ";"],
    outcome: found(ALONE, "C7"),
  },
  {
    in: "try_to_migrate_one",
    what: "the page stays exclusive",
    change: [/folio_try_share_anon_rmap_pte\([^)]+\)/, "0"],
    outcome: found(MIGRATION, "KERNEL"),
  },
  {
    in: "try_to_migrate_one",
    what: "entries of exclusive pages become writable ones",
    change: [/if \(writable\)/, "if (writable || anon_exclusive)"],
    outcome: found(RIGHTS, "VMA.writable"),
  },
  {
    in: "rmap_walk_anon",
    what: "the walk ends after one VMA",
    change: [/rwc->done\(folio\)/, "1"],
    outcome: found(SPLIT, "KERNEL"),
  },
  {
    in: "rmap_walk_anon",
    what: "the lock of the anon_vma is left taken",
    change: [/anon_vma_unlock_read\([^)]*\);/, ";"],
    outcome: found(MIGRATION, "KERNEL"),
  },
  {
    in: "folio_get_anon_vma",
    what: "no reference is taken",
    change: [/atomic_inc_not_zero\(/, "atomic_read("],
    outcome: found(ALONE, "KERNEL"),
  },
  {
    in: "anon_vma_clone",
    what: "the VMA is not counted",
    change: [/dst->anon_vma->num_active_vmas\+\+;/, ";"],
    outcome: found(RIGHTS, "KERNEL"),
  },
  {
    in: "unlink_anon_vmas",
    what: "the parent does not lose a child",
    change: [/anon_vma->parent->num_children--;/, ";"],
    outcome: found(ALONE, "KERNEL"),
  },
  {
    in: "__folio_set_anon",
    what: "the index is that of the address, not of the VMA",
    change: [/linear_page_index\([^)]*\)/, "address >> PAGE_SHIFT"],
    outcome: found(MOVES, "RMAP"),
  },
  {
    in: "folio_add_new_anon_rmap",
    what: "the first page of a folio is the only exclusive one",
    change: [/SetPageAnonExclusive\(page\)/, "SetPageAnonExclusive(&folio->page)"],
    outcome: found(ALONE, "C11.writable"),
  },
  {
    in: "__folio_remove_rmap",
    what: "a partially mapped folio is not queued",
    change: [/deferred_split_folio\([^)]*\);/, ";"],
    outcome: found(ALONE, "C14"),
  },
];

const MIGRATE: readonly Omit<CallerMistake, "file">[] = [
  {
    in: "remove_migration_pte",
    what: "no reference for the mapping",
    change: [/folio_get\(folio\);/, ";"],
    outcome: found(ALONE, "KERNEL"),
  },
  {
    in: "remove_migration_pte",
    what: "an exclusive page is mapped as a shared one",
    change: [/rmap_flags \|= RMAP_EXCLUSIVE;/, ";"],
    outcome: found(ALONE, "C11.writable"),
  },
  {
    in: "remove_migration_pte",
    what: "entries of exclusive pages become writable",
    change: [/is_writable_migration_entry\(entry\)/, "!is_readable_migration_entry(entry)"],
    outcome: found(RIGHTS, "VMA.writable"),
  },
  {
    in: "remove_migration_pte",
    what: "the first page of the folio is mapped for all",
    change: [/folio_page\(folio, idx\)/, "folio_page(folio, 0)"],
    outcome: found(SPLIT, "KERNEL"),
  },
  {
    in: "remove_migration_pte",
    what: "the soft-dirty bit is lost",
    change: [/pte = pte_mksoft_dirty\(pte\);/, ";"],
    outcome: found(SOFT_DIRTY, "PROC.soft-dirty", "ci"),
  },
  {
    in: "try_to_map_unused_to_zeropage",
    what: "the page stays counted",
    change: [/dec_mm_counter\([^;]*;/, ";"],
    outcome: found(ALONE, "RSS.anon"),
  },
  {
    in: "try_to_map_unused_to_zeropage",
    what: "pages are not compared with zeros",
    change: [/!pages_identical\([^)]*\)\)/, "0"],
    outcome: found(ALONE, "C9"),
  },
  {
    in: "__folio_migrate_mapping",
    what: "the new folio has no index",
    change: [/newfolio->index = folio->index;/, ";"],
    outcome: found(MIGRATION, "KERNEL"),
  },
  {
    in: "__folio_migrate_mapping",
    what: "nr_anon does not count the new folio",
    change: [/mod_mthp_stat\([^;]*;/, ";"],
    outcome: found(MIGRATION, "STATS.mthp"),
  },
  {
    in: "__folio_migrate_mapping",
    what: "the new folio is not swap-backed",
    change: [/__folio_set_swapbacked\([^)]*\);/, ";"],
    outcome: found(MIGRATION, "LAZYFREE"),
  },
  {
    in: "__migrate_folio",
    what: "a reference too many is expected",
    change: [/(folio_expected_ref_count\(src\) \+) 1/, "$1 2"],
    outcome: found(MIGRATION, "KERNEL"),
  },
  {
    in: "__migrate_folio",
    what: "contents are not copied",
    change: [/folio_mc_copy\([^)]*\)/, "0"],
    outcome: found(MIGRATION, "C9"),
  },
  {
    in: "folio_migrate_flags",
    what: "the new folio is not dirty",
    change: [/folio_set_dirty\([^)]*\);/, ";"],
    outcome: found(MIGRATION, "C9.dirty"),
  },
  {
    in: "migrate_folio_unmap",
    what: "no reference to the anon_vma",
    change: [/folio_get_anon_vma\(src/, "folio_anon_vma(src"],
    outcome: found(MIGRATION, "KERNEL"),
  },
  {
    in: "migrate_folio_unmap",
    what: "that the folio was mapped is forgotten",
    change: [/\S+ \|= PAGE_WAS_MAPPED;/, ";"],
    outcome: found(MIGRATION, "KERNEL"),
  },
  {
    in: "migrate_folio_undo_src",
    what: "migration entries stay",
    change: [/remove_migration_ptes\([^)]*\);/, ";"],
    outcome: found(MIGRATION, "KERNEL"),
  },
  {
    in: "migrate_folio_undo_dst",
    what: "the new folio is not freed",
    change: [/folio_put\(dst\);/, ";"],
    outcome: found(MIGRATION, "KERNEL"),
  },
  {
    in: "migrate_folio_move",
    what: "the new folio stays locked",
    change: [/folio_unlock\(dst\);/, ";"],
    outcome: found(MIGRATION, "C7"),
  },
  {
    in: "migrate_folio_move",
    what: "the reference to the anon_vma is not dropped",
    change: [/put_anon_vma\([^)]*\);/, ";"],
    outcome: found(MIGRATION, "KERNEL"),
  },
  {
    in: "migrate_folio_move",
    what: "the new folio is queued as one that is mapped as a whole",
    change: [/(deferred_split_folio\(dst,) \w+/, "$1 false"],
    outcome: found(MIGRATION, "KERNEL"),
  },
  {
    in: "migrate_folio_done",
    what: "the old folio is not freed",
    change: [/folio_put\(src\);/, ";"],
    outcome: found(MIGRATION, "KERNEL"),
  },
];

const OTHERS: readonly CallerMistake[] = [
  {
    file: "mm/mremap.c",
    in: "move_ptes",
    what: "one entry of a batch is written",
    change: [/(set_ptes\([^)]*) nr_ptes\)/, "$1 1)"],
    outcome: found(MOVES_OF_TWO_TABLES, "C8"),
  },
  {
    file: "mm/mremap.c",
    in: "mremap_folio_pte_batch",
    what: "a batch mixes writable and other entries",
    change: [/FPB_RESPECT_WRITE/, "0"],
    outcome: survives(
      "The hint is that of uniform entries, as on arm64, so that a batch can only differ behind its first four entries. That takes two processes and more than five operations, mremap() among them, which no profile explores.",
    ),
  },
  {
    file: "mm/mremap.c",
    in: "get_extent",
    what: "the end of the page table that pages move to is not heeded",
    change: [/extent > next - new_addr/, "0"],
    outcome: found(MOVES_OF_TWO_TABLES, "C9"),
  },
  {
    file: "mm/mremap.c",
    in: "move_normal_pmd",
    what: "the old PMD is not cleared",
    change: [/pmd_clear\([^)]*\);/, ";"],
    outcome: found(MOVES_OF_TWO_TABLES, "KERNEL"),
  },
  {
    file: "mm/mremap.c",
    in: "copy_vma_and_data",
    what: "the new VMA begins at the page where the old one does",
    change: [/(vm_pgoff) \+ internal_pgoff/, "$1"],
    outcome: found(MOVES_OF_TWO_TABLES, "RMAP"),
  },
  {
    file: "mm/mprotect.c",
    in: "page_anon_exclusive_sub_batch",
    what: "a batch is one page too long",
    change: [/idx < start_idx/, "idx <= start_idx"],
    outcome: found(RIGHTS, "KERNEL"),
  },
  {
    file: "mm/mprotect.c",
    in: "commit_anon_folio_batch",
    what: "the first page decides for all of the batch",
    change: [/page_anon_exclusive_sub_batch\([^)]*\)/, "nr_ptes"],
    outcome: found(RIGHTS, "LOCKSTEP", "deep"),
  },
  {
    file: "mm/mprotect.c",
    in: "prot_commit_flush_ptes",
    what: "entries begin at the first of the batch",
    change: [/ptep \+= idx;/, ";"],
    outcome: found(RIGHTS, "LOCKSTEP", "deep"),
  },
  {
    file: "mm/mprotect.c",
    in: "change_pte_range",
    what: "a writable migration entry stays writable",
    change: [/is_writable_migration_entry\(entry\)/, "0"],
    outcome: found(RIGHTS_WHILE_MIGRATING, "VMA.writable"),
  },
  {
    file: "mm/mprotect.c",
    in: "change_pmd_range",
    what: "a PMD is not split where a part of it changes",
    change: [/next - addr != HPAGE_PMD_SIZE/, "0"],
    outcome: survives(
      "mprotect() splits the VMA first, and that splits the PMD: vma_adjust_trans_huge(). Other callers of the function, for NUMA and userfaultfd, do not run.",
    ),
  },
  {
    file: "mm/madvise.c",
    in: "madvise_free_pte_range",
    what: "the folio lock is left taken",
    change: [/folio_unlock\(folio\);/, ";"],
    outcome: found(FREE, "C7"),
  },
  {
    file: "mm/madvise.c",
    in: "madvise_free_pte_range",
    what: "the reference for a split is not dropped",
    change: [/folio_put\(folio\);/, ";"],
    outcome: found(FREE, "C7"),
  },
  {
    file: "mm/madvise.c",
    in: "madvise_free_pte_range",
    what: "a folio counts as whole with a page missing",
    change: [/(nr <) folio_nr_pages\(folio\)/, "$1 folio_nr_pages(folio) - 1"],
    outcome: survives(
      "What is taken for whole comes to the next check, that the folio is mapped as often as it has pages, and is left alone.",
    ),
  },
  {
    file: "mm/madvise.c",
    in: "madvise_dontneed_single_vma",
    what: "the last page is left out",
    change: [/range->end - range->start/, "$& - PAGE_SIZE"],
    outcome: found(ALONE, "C9"),
  },
  {
    file: "mm/vma.c",
    in: "__split_vma",
    what: "the upper VMA begins at the page where the lower one does",
    change: [/new->vm_pgoff \+=[^;]*;/, ";"],
    outcome: found(RIGHTS, "RMAP"),
  },
  {
    file: "mm/vma.c",
    in: "__split_vma",
    what: "PMDs over the new border are not split",
    change: [/vma_adjust_trans_huge\([^)]*\);/, ";"],
    outcome: found(RIGHTS, "KERNEL"),
  },
  {
    file: "mm/mmap.c",
    in: "dup_mmap",
    what: "VMAs of a child have no anon_vma",
    change: [/anon_vma_fork\([^)]*\)/, "0"],
    outcome: found(SPLIT, "RMAP"),
  },
  {
    file: "mm/page_vma_mapped.c",
    in: "check_pte",
    what: "the page behind the folio counts as one of it",
    change: [/pvmw->nr_pages - 1/, "pvmw->nr_pages"],
    outcome: found(ALONE, "KERNEL"),
  },
  {
    file: "fs/proc/task_mmu.c",
    in: "pte_to_pagemap_entry",
    what: "the first page of the folio decides for all",
    change: [/(__folio_page_mapped_exclusively\(folio,) page\)/, "$1 &folio->page)"],
    outcome: found(ALONE, "C15.exact"),
  },
  {
    file: "fs/proc/task_mmu.c",
    in: "clear_soft_dirty",
    what: "the entry stays writable",
    change: [/pte_wrprotect\(old_pte\)/, "old_pte"],
    outcome: found(SOFT_DIRTY, "PROC.soft-dirty", "ci"),
  },
];

const of = (file: string, mistakes: readonly Omit<CallerMistake, "file">[]): readonly CallerMistake[] =>
  mistakes.map((mistake) => ({ file, ...mistake }));

/** All mistakes. */
export const CALLER_MISTAKES: readonly CallerMistake[] = [
  ...of("mm/memory.c", MEMORY),
  ...of("mm/huge_memory.c", HUGE_MEMORY),
  ...of("mm/rmap.c", RMAP),
  ...of("mm/migrate.c", MIGRATE),
  ...OTHERS,
  ...SWAP_MISTAKES,
  ...USERFAULTFD_MISTAKES,
  ...COLLAPSE_MISTAKES,
  ...FILE_MISTAKES,
  ...GUP_MISTAKES,
];
