/** Mistakes in callers that only another CPU shows, each a change of a few words, for trees of Linux 6.18.35 or later. */
import type { Bounds } from "../../../machines/machine.ts";
import { GUP_RACE_MISTAKES } from "./gup-race-mistakes.ts";
import type { TextChange } from "./mistake-patch.ts";
import { dropped, found, type RaceMistake, survives } from "./race-mistake.ts";

const ONE_PROCESS: Bounds = { mms: 1, split: 1, steps: 2, race: 2 };
const nestedDropped = (lock: string): string =>
  `spin_unlock(${lock}); spin_lock_nested(${lock}, SINGLE_DEPTH_NESTING);`;
/** The lock of the page table of an entry. */
const OF_ENTRY = "ptlock_ptr(virt_to_ptdesc(pte))";
const LEAKED = "KERNEL: a page is leaked: it is in use, and nothing refers to it";
const REFERENCED = "KERNEL: something refers to a page that is free";
const BAD_PAGE = "KERNEL: bad page";
const QUEUE_LOCK = "&ds_queue->split_queue_lock, flags";

/**
 * R10 put right: the new folio is queued before processes map it again. A search ends with its first violation, which
 * would be R10 where folios migrate.
 */
export const R10_FIX: TextChange = {
  file: "mm/migrate.c",
  in: "migrate_folio_move",
  change: [
    /(if \(old_page_state & PAGE_WAS_MAPPED\)\s*remove_migration_ptes\(src, dst, 0\);)([\s\S]*?)(if \(src_deferred_split\)\s*deferred_split_folio\(dst, src_partially_mapped\);)/,
    "$3$2$1",
  ],
};

/** A test under a lock that is missing, or that uses what was read before. */
const RECHECKS: readonly RaceMistake[] = [
  {
    file: "mm/memory.c",
    in: "do_anonymous_page",
    what: "a page that another thread mapped is not seen by a write",
    change: [/if \(nr_pages == 1 && vmf_pte_changed\(vmf\)\)/, "if (0)"],
    outcome: found(ONE_PROCESS, LEAKED),
  },
  {
    file: "mm/memory.c",
    in: "do_anonymous_page",
    what: "pages that another thread mapped are not seen",
    change: [/!pte_range_none\(vmf->pte, nr_pages\)/, "0"],
    outcome: found(ONE_PROCESS, LEAKED),
  },
  {
    file: "mm/memory.c",
    in: "do_anonymous_page",
    what: "a page that another thread mapped is not seen by a read",
    change: [/if \(vmf_pte_changed\(vmf\)\)/, "if (0)"],
    outcome: found(ONE_PROCESS, LEAKED),
  },
  {
    file: "mm/memory.c",
    in: "wp_page_copy",
    what: "the entry is not compared again before it is replaced",
    change: [/pte_same\(ptep_get\(vmf->pte\), vmf->orig_pte\)/, "1"],
    outcome: found(ONE_PROCESS, LEAKED),
  },
  {
    file: "mm/memory.c",
    in: "handle_pte_fault",
    what: "the entry is not compared again under the lock",
    change: [/!pte_same\(ptep_get\(vmf->pte\), entry\)/, "0"],
    outcome: found(ONE_PROCESS, REFERENCED),
  },
  {
    file: "mm/memory.c",
    in: "pmd_install",
    what: "a page table that another thread added is not seen",
    change: [/pmd_none\(\*pmd\)/, "1"],
    outcome: found(ONE_PROCESS, LEAKED),
  },
  {
    file: "mm/memory.c",
    in: "__pmd_alloc",
    what: "a table that another thread added is not seen",
    change: [/!pud_present\(\*pud\)/, "1"],
    outcome: found(ONE_PROCESS, LEAKED),
  },
  {
    file: "mm/huge_memory.c",
    in: "__do_huge_pmd_anonymous_page",
    what: "a PMD that another thread filled is not seen",
    change: [/!pmd_none\(\*vmf->pmd\)/, "0"],
    outcome: found(ONE_PROCESS, LEAKED),
  },
  {
    file: "mm/huge_memory.c",
    in: "__pmd_trans_huge_lock",
    what: "the PMD is not tested again under the lock",
    change: [/if \(likely\([\s\S]*?\)\)\s*return ptl;/, "return ptl;"],
    outcome: found(ONE_PROCESS, "KERNEL: WARN in __folio_rmap_sanity_checks()"),
  },
  {
    file: "mm/huge_memory.c",
    in: "split_huge_pmd_locked",
    what: "the PMD is not tested under the lock",
    change: [/if \(pmd_trans_huge\(\*pmd\) \|\| is_pmd_migration_entry\(\*pmd\)\)/, "if (1)"],
    outcome: found(ONE_PROCESS, "KERNEL: BUG in __split_huge_pmd_locked()"),
  },
  {
    file: "mm/huge_memory.c",
    in: "copy_huge_pmd",
    what: "the PMD is not read again under the lock",
    change: [/ret = -EAGAIN;\s*pmd = \*src_pmd;/, "ret = -EAGAIN;"],
    outcome: found({ mms: 2, steps: 2, race: 2 }, "KERNEL: BUG in copy_huge_pmd()"),
  },
  {
    file: "mm/huge_memory.c",
    in: "do_huge_pmd_wp_page",
    what: "the PMD is not compared again under the lock",
    change: [/!pmd_same\(\*vmf->pmd, orig_pmd\)/, "0"],
    outcome: found({ mms: 2, steps: 3, race: 1 }, "KERNEL: BUG in do_huge_pmd_wp_page()"),
  },
  {
    file: "mm/rmap.c",
    in: "folio_lock_anon_vma_read",
    what: "the anon_vma of a folio that is no longer mapped is locked",
    change: [/if \(!folio_mapped\(folio\)\) \{\s*up_read/, "if (0) {\n up_read"],
    outcome: found(
      { mms: 1, free: 1, steps: 3, race: 1 },
      "KERNEL: a semaphore is released that is not held for reading",
    ),
  },
  {
    file: "mm/rmap.c",
    in: "__anon_vma_prepare",
    what: "an anon_vma that another thread created is not seen",
    change: [/likely\(!vma->anon_vma\)/, "1"],
    outcome: found({ mms: 1, steps: 2, race: 1, afterrace: 1 }, "KERNEL: WARN in lock_anon_vma_root()"),
  },
  {
    file: "mm/page_vma_mapped.c",
    in: "page_vma_mapped_walk",
    what: "the PMD is not read again under the lock",
    change: [/pmde = \*pvmw->pmd;/, ";"],
    outcome: found({ mms: 1, migrate: 1, steps: 2, race: 2 }, "KERNEL: WARN in pmdp_invalidate()"),
  },
  {
    file: "mm/huge_memory.c",
    in: "huge_pmd_set_accessed",
    what: "the PMD is not compared again under the lock",
    change: [/!pmd_same\(\*vmf->pmd, vmf->orig_pmd\)/, "0"],
    outcome: found({ mms: 1, steps: 2, race: 1 }, "PROC.reads: BUG in pagemap_pmd_range()"),
  },
  {
    file: "mm/huge_memory.c",
    in: "do_huge_pmd_wp_page",
    what: "the PMD is not compared again after the lock of the folio was waited for",
    change: [/(folio_lock\(folio\);[\s\S]*?)!pmd_same\(\*vmf->pmd, orig_pmd\)/, "$1 0"],
    outcome: survives(
      { mms: 2, split: 1, steps: 3, race: 1, preemptions: 1 },
      "the operation that has the folio locked leaves a mapping by PTEs, and the references of these prevent reuse; a " +
        "third operation would have to remove them",
    ),
  },
  {
    file: "mm/migrate.c",
    in: "migration_entry_wait",
    what: "the entry is not tested again under the lock",
    change: [/if \(!is_swap_pte\(pte\)\)\s*goto out;([\s\S]*?)if \(!is_migration_entry\(entry\)\)\s*goto out;/, "$1"],
    outcome: found({ mms: 1, migrate: 1, steps: 3, race: 1, preemptions: 1 }, "KERNEL: BUG in swp_offset_pfn()"),
  },
  {
    file: "mm/migrate.c",
    in: "pmd_migration_entry_wait",
    what: "the PMD is not tested again under the lock",
    change: [/!is_pmd_migration_entry\(\*pmd\)/, "0"],
    outcome: found({ mms: 1, migrate: 1, steps: 3, race: 1, preemptions: 1 }, "KERNEL: BUG in swp_offset_pfn()"),
  },
  {
    file: "mm/page_vma_mapped.c",
    in: "map_pte",
    what: "the PMD is not compared again under the lock of the page table",
    change: [/!pmd_same\(\*pmdvalp, pmdp_get_lockless\(pvmw->pmd\)\)/, "0"],
    config: "page-mapcount,64bit,mm-id",
    outcome: survives(
      { mms: 1, split: 1, move: 1, unmap: 1, steps: 2, race: 2 },
      "`munmap()` and collapse wait for the anon_vma that the walk has locked before they free a page table; " +
        "`MADV_DONTNEED` does not (PT_RECLAIM), and frees one without entries, in which the walk finds nothing; one that " +
        "`mremap()` moves maps the same pages",
    ),
  },
  {
    file: "mm/pgtable-generic.c",
    in: "__pte_offset_map_lock",
    what: "the PMD is not compared again under the lock of the page table",
    change: [/likely\(pmd_same\(pmdval, pmdp_get_lockless\(pmd\)\)\)/, "1"],
    // A zap frees the page table that a fault has found (PT_RECLAIM).
    config: "page-mapcount,64bit,mm-id",
    outcome: found({ mms: 1, steps: 1, race: 1 }, LEAKED),
  },
  {
    file: "mm/rmap.c",
    in: "folio_get_anon_vma",
    what: "the folio is not tested again after the reference was taken",
    change: [/if \(!folio_mapped\(folio\)\) \{/, "if (0) {"],
    outcome: survives(
      { mms: 1, split: 1, migrate: 1, steps: 2, race: 3 },
      "the reference keeps the anon_vma, and a folio without mappings is split or migrated as well. Another anon_vma has " +
        "the reference only if the first one is freed and its memory used again in between, which takes two operations",
    ),
  },
  {
    file: "mm/vmscan.c",
    in: "folio_isolate_lru",
    what: "a folio can be isolated twice: the test of PG_lru does not clear it",
    change: [/folio_test_clear_lru\(folio\)/, "folio_test_lru(folio) && (folio_clear_lru(folio), true)"],
    outcome: found(
      { mms: 1, migrate: 1, free: 1, steps: 3, race: 3 },
      "KERNEL: WARN in __list_del_entry_valid_or_report()",
    ),
  },
  {
    file: "mm/rmap.c",
    in: "folio_lock_anon_vma_read",
    what: "the folio is not tested again after the reference was taken, if the anon_vma is locked",
    change: [/if \(!folio_mapped\(folio\)\) \{\s*rcu_read_unlock/, "if (0) {\n rcu_read_unlock"],
    outcome: survives(
      { mms: 1, free: 1, steps: 3, race: 1, preemptions: 2 },
      "the last reference is noticed after the lock was taken; otherwise as in `folio_get_anon_vma()`",
    ),
  },
];

/** A lock that is released early or in between, or taken late. */
const LOCKS: readonly RaceMistake[] = [
  {
    file: "mm/huge_memory.c",
    in: "__do_huge_pmd_anonymous_page",
    what: "the lock is released between the test of the PMD and its change",
    change: [/map_anon_folio_pmd\(/, `${dropped("vmf->ptl")} map_anon_folio_pmd(`],
    outcome: found(ONE_PROCESS, LEAKED),
  },
  {
    file: "mm/memory.c",
    in: "do_anonymous_page",
    what: "the lock is released between the test of the entries and their change",
    change: [/folio_ref_add\(folio, nr_pages - 1\);/, `${dropped("vmf->ptl")} folio_ref_add(folio, nr_pages - 1);`],
    outcome: found(ONE_PROCESS, LEAKED),
  },
  {
    file: "mm/memory.c",
    in: "wp_page_copy",
    what: "the lock is released between the comparison of the entry and its change",
    change: [/ptep_clear_flush\(/, `${dropped("vmf->ptl")} ptep_clear_flush(`],
    outcome: found(ONE_PROCESS, LEAKED),
  },
  {
    file: "mm/huge_memory.c",
    in: "zap_huge_pmd",
    what: "the lock is released between the test of the PMD and its removal",
    change: [/if \(!ptl\)\s*return 0;/, `if (!ptl) return 0; ${dropped("ptl")}`],
    outcome: found(ONE_PROCESS, "KERNEL: WARN in __folio_rmap_sanity_checks()"),
  },
  {
    file: "mm/memory.c",
    in: "copy_pte_range",
    what: "the lock of the parent is released between reading an entry and copying it",
    change: [/ptent = ptep_get\(src_pte\);/, `ptent = ptep_get(src_pte); ${nestedDropped("src_ptl")}`],
    outcome: found({ mms: 2, migrate: 1, steps: 2, race: 1 }, "C11.migration"),
  },
  {
    file: "mm/huge_memory.c",
    in: "copy_huge_pmd",
    what: "the lock of the parent is released between reading the PMD and copying it",
    change: [/pmd = \*src_pmd;/, `pmd = *src_pmd; ${nestedDropped("src_ptl")}`],
    outcome: found({ mms: 2, split: 1, steps: 2, race: 1 }, "KERNEL: BUG in copy_huge_pmd()"),
  },
  {
    file: "mm/memory.c",
    in: "do_zap_pte_range",
    what: "the lock is released between reading an entry and removing it",
    change: [/if \(pte_present\(ptent\)\)/, `${dropped(OF_ENTRY)} if (pte_present(ptent))`],
    outcome: found({ mms: 1, steps: 2, race: 1 }, BAD_PAGE),
  },
  {
    file: "mm/memory.c",
    in: "handle_pte_fault",
    what: "the lock is released between the comparison of the entry and its change",
    change: [/entry = pte_mkyoung\(entry\);/, `${dropped("vmf->ptl")} entry = pte_mkyoung(entry);`],
    outcome: found({ mms: 1, steps: 2, race: 1 }, REFERENCED),
  },
  {
    file: "mm/memory.c",
    in: "pmd_install",
    what: "the lock is released between the test of the PMD and its change",
    change: [/mm_inc_nr_ptes\(mm\);/, `${dropped("ptl")} mm_inc_nr_ptes(mm);`],
    outcome: found({ mms: 1, steps: 1, race: 1 }, LEAKED),
  },
  {
    file: "mm/memory.c",
    in: "wp_page_reuse",
    what: "the lock is released before the entry becomes writable",
    change: [/flush_cache_page\(/, `${dropped("vmf->ptl")} flush_cache_page(`],
    outcome: found({ mms: 2, steps: 4, race: 1 }, REFERENCED),
  },
  {
    file: "mm/rmap.c",
    in: "try_to_migrate_one",
    what: "the lock is released between reading an entry and replacing it",
    change: [/pteval = ptep_get\(pvmw\.pte\);/, `pteval = ptep_get(pvmw.pte); ${dropped("pvmw.ptl")}`],
    outcome: found({ mms: 1, split: 1, steps: 2, race: 1 }, BAD_PAGE),
  },
  {
    file: "mm/rmap.c",
    in: "try_to_unmap_one",
    what: "the lock is released between reading an entry and removing it",
    change: [/pteval = ptep_get\(pvmw\.pte\);/, `pteval = ptep_get(pvmw.pte); ${dropped("pvmw.ptl")}`],
    outcome: found({ mms: 1, free: 1, steps: 3, race: 1 }, BAD_PAGE),
  },
  {
    file: "mm/migrate.c",
    in: "remove_migration_pte",
    what: "the lock is released between reading a migration entry and replacing it",
    change: [/old_pte = ptep_get\(pvmw\.pte\);/, `old_pte = ptep_get(pvmw.pte); ${dropped("pvmw.ptl")}`],
    outcome: found({ mms: 1, split: 1, steps: 2, race: 1 }, "RSS.anon"),
  },
  {
    file: "mm/huge_memory.c",
    in: "remove_migration_pmd",
    what: "the lock is released between reading a migration entry and replacing it",
    change: [/folio_get\(folio\);/, `${dropped("pvmw->ptl")} folio_get(folio);`],
    outcome: found({ mms: 1, migrate: 1, steps: 3, race: 1 }, LEAKED),
  },
  {
    file: "mm/huge_memory.c",
    in: "set_pmd_migration_entry",
    what: "the lock is released before the PMD is replaced",
    change: [/flush_cache_range\(/, `${dropped("pvmw->ptl")} flush_cache_range(`],
    outcome: found({ mms: 1, migrate: 1, steps: 2, race: 1 }, "KERNEL: WARN in pmdp_invalidate()"),
  },
  {
    file: "mm/huge_memory.c",
    in: "change_huge_pmd",
    what: "the lock is released between the test of the PMD and its change",
    change: [/if \(!ptl\)\s*return 0;/, `if (!ptl) return 0; ${dropped("ptl")}`],
    outcome: found({ mms: 1, protect: 1, split: 1, steps: 2, race: 1 }, "VMA.writable"),
  },
  {
    file: "mm/huge_memory.c",
    in: "move_huge_pmd",
    what: "the lock is released between the test of the PMD and its move",
    change: [/if \(old_ptl\) \{/, `if (old_ptl) { ${dropped("old_ptl")}`],
    outcome: found(
      { mms: 1, move: 1, split: 1, steps: 2, race: 1 },
      "KERNEL: WARN in __list_del_entry_valid_or_report()",
    ),
  },
  {
    file: "mm/huge_memory.c",
    in: "madvise_free_huge_pmd",
    what: "the lock is released between reading the PMD and changing it",
    change: [/orig_pmd = \*pmd;/, `orig_pmd = *pmd; ${dropped("ptl")}`],
    outcome: found({ mms: 1, free: 1, steps: 2, race: 1 }, "KERNEL: WARN in pmdp_invalidate()"),
  },
  {
    file: "mm/huge_memory.c",
    in: "do_huge_pmd_wp_page",
    what: "the lock is released between the comparison of the PMD and its change",
    change: [/page = pmd_page\(orig_pmd\);/, `${dropped("vmf->ptl")} page = pmd_page(orig_pmd);`],
    outcome: found({ mms: 2, steps: 3, race: 1 }, "KERNEL: BUG in do_huge_pmd_wp_page()"),
  },
  {
    file: "mm/huge_memory.c",
    in: "__split_huge_pmd_locked",
    what: "the lock is released between the test of the PMD and its split",
    change: [
      /count_vm_event\(THP_SPLIT_PMD\);/,
      `${dropped("pmd_lockptr(vma->vm_mm, pmd)")} count_vm_event(THP_SPLIT_PMD);`,
    ],
    outcome: found({ mms: 1, steps: 2, race: 1 }, "KERNEL: WARN in pmdp_invalidate()"),
  },
  {
    file: "mm/huge_memory.c",
    in: "__folio_unqueue_deferred_split",
    what: "the lock of the queue is released between the test of the folio and its removal",
    change: [
      /ds_queue->split_queue_len--;/,
      `spin_unlock_irqrestore(${QUEUE_LOCK}); spin_lock_irqsave(${QUEUE_LOCK}); ds_queue->split_queue_len--;`,
    ],
    outcome: found({ mms: 1, steps: 3, race: 1 }, "STATS.queue"),
  },
  {
    file: "mm/huge_memory.c",
    in: "__folio_split",
    what: "the anon_vma is released while the folio is mapped again",
    change: [
      /remap_page\(folio, 1 << order, remap_flags\);/,
      "if (anon_vma) anon_vma_unlock_write(anon_vma); remap_page(folio, 1 << order, remap_flags); " +
        "if (anon_vma) anon_vma_lock_write(anon_vma);",
    ],
    outcome: found({ mms: 2, split: 1, steps: 3, race: 1 }, REFERENCED),
  },
  {
    file: "mm/mprotect.c",
    in: "change_pte_range",
    what: "the lock is released between reading an entry and changing it",
    change: [/oldpte = ptep_get\(pte\);/, `oldpte = ptep_get(pte); ${dropped("ptl")}`],
    outcome: found({ mms: 1, protect: 1, migrate: 1, steps: 2, race: 1 }, "PROC.reads: bad page"),
  },
  {
    file: "mm/mremap.c",
    in: "move_ptes",
    what: "the locks are released between counting a batch of entries and moving it",
    change: [
      /pte = get_and_clear_ptes\(/,
      "if (new_ptl != old_ptl) spin_unlock(new_ptl); spin_unlock(old_ptl); spin_lock(old_ptl); " +
        "if (new_ptl != old_ptl) spin_lock_nested(new_ptl, SINGLE_DEPTH_NESTING); pte = get_and_clear_ptes(",
    ],
    outcome: found({ mms: 1, move: 1, free: 1, hint: 1, steps: 3, race: 1 }, REFERENCED),
  },
  {
    file: "mm/madvise.c",
    in: "madvise_free_pte_range",
    what: "the lock is released between reading an entry and changing it",
    change: [/ptent = ptep_get\(pte\);/, `ptent = ptep_get(pte); ${dropped("ptl")}`],
    outcome: survives(
      { mms: 1, free: 1, steps: 2, race: 1 },
      "young and dirty bits are cleared in the entry as it is then, and a folio that was freed in between has no flag that " +
        "`folio_mark_lazyfree()` changes",
    ),
  },
  {
    file: "mm/huge_memory.c",
    in: "deferred_split_folio",
    what: "the lock of the queue is released between the test of the folio and its insertion",
    change: [
      /list_add_tail\(/,
      `spin_unlock_irqrestore(${QUEUE_LOCK}); spin_lock_irqsave(${QUEUE_LOCK}); list_add_tail(`,
    ],
    outcome: survives(
      { mms: 1, move: 1, spans: 1, steps: 3, race: 1 },
      "the other CPU must have found that the folio is not marked as partially mapped before this one marks it, and " +
        "continue while the lock is free: two preemptions",
    ),
  },
  {
    file: "mm/migrate.c",
    in: "migrate_folio_move",
    what: "the old folio is unlocked before its migration entries are replaced",
    change: [/(folio_add_lru\(dst\);)([\s\S]*?)folio_unlock\(src\);/, "folio_unlock(src); $1$2"],
    outcome: found({ mms: 1, migrate: 1, steps: 3, race: 1 }, "KERNEL: BUG in swap_entry_migration_sync()"),
  },
  {
    file: "mm/huge_memory.c",
    in: "__folio_split",
    what: "the folio is unlocked while it is unmapped",
    change: [/unmap_folio\(folio\);/, "folio_unlock(folio); unmap_folio(folio); folio_lock(folio);"],
    outcome: found({ mms: 1, split: 1, steps: 2, race: 1 }, "KERNEL: BUG in swap_entry_migration_sync()"),
  },
  {
    file: "mm/huge_memory.c",
    in: "deferred_split_folio",
    what: "the lock of the queue is taken after the folio was marked",
    change: [
      /spin_lock_irqsave\(&ds_queue->split_queue_lock, flags\);([\s\S]*?)(if \(list_empty)/,
      `$1 spin_lock_irqsave(${QUEUE_LOCK}); $2`,
    ],
    outcome: found({ mms: 1, move: 1, spans: 1, steps: 3, race: 3 }, "STATS.mthp"),
  },
  {
    file: "mm/rmap.c",
    in: "rmap_walk_anon",
    what: "the anon_vma is released while its VMAs are walked",
    change: [
      /(pgoff_start = folio_pgoff\(folio\);)([\s\S]*?)(if \(!locked\)\s*anon_vma_unlock_read)/,
      "if (!locked) anon_vma_unlock_read(anon_vma); $1$2 if (!locked) anon_vma_lock_read(anon_vma); $3",
    ],
    outcome: found({ mms: 2, migrate: 1, steps: 4, race: 1 }, REFERENCED),
  },
];

/** A reference that is taken late, dropped early, or not noticed. */
const REFERENCES: readonly RaceMistake[] = [
  {
    file: "mm/huge_memory.c",
    in: "deferred_split_scan",
    what: "a queued folio that is being freed gets a reference",
    change: [/folio_try_get\(folio\)/, "(folio_get(folio), 1)"],
    outcome: found(ONE_PROCESS, "KERNEL: BUG in folio_get()"),
  },
  {
    file: "mm/madvise.c",
    in: "madvise_free_pte_range",
    what: "the reference for a split is taken after the page table lock was released",
    change: [
      /folio_get\(folio\);\s*arch_leave_lazy_mmu_mode\(\);\s*pte_unmap_unlock\(start_pte, ptl\);/,
      "arch_leave_lazy_mmu_mode(); pte_unmap_unlock(start_pte, ptl); folio_get(folio);",
    ],
    outcome: found({ mms: 1, free: 1, steps: 3, race: 1 }, BAD_PAGE),
  },
  {
    file: "mm/memory.c",
    in: "do_wp_page",
    what: "the reference for a copy is taken after the page table lock was released",
    change: [
      /if \(folio\)\s*folio_get\(folio\);\s*pte_unmap_unlock\(vmf->pte, vmf->ptl\);/,
      "pte_unmap_unlock(vmf->pte, vmf->ptl); if (folio) folio_get(folio);",
    ],
    outcome: found({ mms: 2, steps: 3, race: 1 }, "KERNEL: BUG in put_page_testzero()"),
  },
  {
    file: "mm/huge_memory.c",
    in: "madvise_free_huge_pmd",
    what: "the reference for a split is taken after the page table lock was released",
    change: [/folio_get\(folio\);\s*spin_unlock\(ptl\);/, "spin_unlock(ptl); folio_get(folio);"],
    outcome: found({ mms: 1, free: 1, steps: 2, race: 1 }, BAD_PAGE),
  },
  {
    file: "mm/huge_memory.c",
    in: "madvise_free_huge_pmd",
    what: "the reference is dropped while the folio is locked",
    change: [/folio_unlock\(folio\);\s*folio_put\(folio\);/, "folio_put(folio); folio_unlock(folio);"],
    outcome: found({ mms: 1, free: 1, steps: 2, race: 1 }, BAD_PAGE),
  },
  {
    file: "mm/madvise.c",
    in: "madvise_free_pte_range",
    what: "the reference is dropped while the folio is locked",
    change: [/folio_unlock\(folio\);\s*folio_put\(folio\);/, "folio_put(folio); folio_unlock(folio);"],
    outcome: found({ mms: 1, free: 1, steps: 2, race: 1 }, BAD_PAGE),
  },
  {
    file: "mm/memory.c",
    in: "do_anonymous_page",
    what: "the references of all pages but the first are taken after the page table lock was released",
    change: [
      /folio_ref_add\(folio, nr_pages - 1\);([\s\S]*?unlock:\s*if \(vmf->pte\)\s*pte_unmap_unlock\(vmf->pte, vmf->ptl\);)/,
      "$1 if (nr_pages > 1 && vmf->pte) folio_ref_add(folio, nr_pages - 1);",
    ],
    outcome: found({ mms: 1, steps: 1, race: 1 }, LEAKED),
  },
  {
    file: "mm/migrate.c",
    in: "migrate_folio_move",
    what: "the reference to the anon_vma is dropped before the new folio is mapped",
    change: [
      /(if \(old_page_state & PAGE_WAS_MAPPED\)\s*remove_migration_ptes[\s\S]*?)if \(anon_vma\)\s*put_anon_vma\(anon_vma\);/,
      "if (anon_vma) put_anon_vma(anon_vma); $1",
    ],
    outcome: found({ mms: 1, migrate: 1, steps: 3, race: 1 }, "KERNEL: something was written through a NULL pointer"),
  },
  {
    file: "mm/rmap.c",
    in: "folio_get_anon_vma",
    what: "an anon_vma that is being freed gets a reference",
    change: [/!atomic_inc_not_zero\(&anon_vma->refcount\)/, "(atomic_inc(&anon_vma->refcount), 0)"],
    outcome: found({ mms: 1, migrate: 1, steps: 2, race: 3 }, "KERNEL: an object that is free is freed"),
  },
  {
    file: "mm/huge_memory.c",
    in: "__folio_split",
    what: "references that were taken since the folio was unmapped are not noticed",
    change: [/folio_ref_freeze\(folio, 1 \+ extra_pins\)/, "(folio_set_count(folio, 0), 1)"],
    outcome: found({ mms: 1, split: 1, steps: 2, race: 1, preemptions: 2 }, LEAKED),
  },
  {
    file: "mm/migrate.c",
    in: "__folio_migrate_mapping",
    what: "references that were taken since the folio was unmapped are not noticed",
    change: [/!folio_ref_freeze\(folio, expected_count\)/, "(folio_set_count(folio, 0), 0)"],
    outcome: found({ mms: 1, migrate: 1, steps: 3, race: 1, preemptions: 2 }, "KERNEL: BUG in put_page_testzero()"),
  },
  {
    file: "mm/vmscan.c",
    in: "shrink_folio_list",
    what: "references that were taken since a lazyfree folio was unmapped are not noticed",
    change: [/!folio_ref_freeze\(folio, 1\)/, "(folio_set_count(folio, 0), 0)"],
    outcome: found({ mms: 1, free: 1, steps: 3, race: 1, preemptions: 2 }, BAD_PAGE),
  },
];

/** The mistakes, by what they break. */
export const RACE_MISTAKES: Readonly<Record<"rechecks" | "locks" | "references" | "gup", readonly RaceMistake[]>> = {
  rechecks: RECHECKS,
  locks: LOCKS,
  references: REFERENCES,
  gup: GUP_RACE_MISTAKES,
};
