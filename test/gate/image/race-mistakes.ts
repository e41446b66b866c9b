/** Mistakes in callers that only another CPU shows, each a change of a few words, for trees of Linux 6.18.35 or later. */
import type { Bounds } from "../../../machines/machine.ts";
import type { TextChange } from "./mistake-patch.ts";

/** A mistake, and how it is found. */
export interface RaceMistake extends TextChange {
  /** Description of the mistake in a few words. */
  readonly what: string;
  /** Bounds that show it. */
  readonly group: Bounds;
  /** The violated property, with the report of kernel or harness. */
  readonly by: string;
}

const ONE_PROCESS: Bounds = { mms: 1, split: 1, steps: 2, race: 2 };
/** Lets another CPU in, and takes the lock again. */
const DROPPED = "spin_unlock(vmf->ptl); spin_lock(vmf->ptl);";
const LEAKED = "KERNEL: a page is leaked: it is in use, and nothing refers to it";

/** The mistakes. */
export const RACE_MISTAKES: readonly RaceMistake[] = [
  {
    file: "mm/memory.c",
    in: "do_anonymous_page",
    what: "a page that another thread mapped is not seen by a write",
    change: [/if \(nr_pages == 1 && vmf_pte_changed\(vmf\)\)/, "if (0)"],
    group: ONE_PROCESS,
    by: LEAKED,
  },
  {
    file: "mm/memory.c",
    in: "do_anonymous_page",
    what: "pages that another thread mapped are not seen",
    change: [/!pte_range_none\(vmf->pte, nr_pages\)/, "0"],
    group: ONE_PROCESS,
    by: LEAKED,
  },
  {
    file: "mm/memory.c",
    in: "do_anonymous_page",
    what: "a page that another thread mapped is not seen by a read",
    change: [/if \(vmf_pte_changed\(vmf\)\)/, "if (0)"],
    group: ONE_PROCESS,
    by: LEAKED,
  },
  {
    file: "mm/memory.c",
    in: "wp_page_copy",
    what: "the entry is not compared again before it is replaced",
    change: [/pte_same\(ptep_get\(vmf->pte\), vmf->orig_pte\)/, "1"],
    group: ONE_PROCESS,
    by: LEAKED,
  },
  {
    file: "mm/memory.c",
    in: "handle_pte_fault",
    what: "the entry is not compared again under the lock",
    change: [/!pte_same\(ptep_get\(vmf->pte\), entry\)/, "0"],
    group: ONE_PROCESS,
    by: "KERNEL: something refers to a page that is free",
  },
  {
    file: "mm/memory.c",
    in: "pmd_install",
    what: "a page table that another thread added is not seen",
    change: [/pmd_none\(\*pmd\)/, "1"],
    group: ONE_PROCESS,
    by: LEAKED,
  },
  {
    file: "mm/memory.c",
    in: "__pmd_alloc",
    what: "a table that another thread added is not seen",
    change: [/!pud_present\(\*pud\)/, "1"],
    group: ONE_PROCESS,
    by: LEAKED,
  },
  {
    file: "mm/huge_memory.c",
    in: "__do_huge_pmd_anonymous_page",
    what: "a PMD that another thread filled is not seen",
    change: [/!pmd_none\(\*vmf->pmd\)/, "0"],
    group: ONE_PROCESS,
    by: LEAKED,
  },
  {
    file: "mm/huge_memory.c",
    in: "__pmd_trans_huge_lock",
    what: "the PMD is not tested again under the lock",
    change: [/if \(likely\([\s\S]*?\)\)\s*return ptl;/, "return ptl;"],
    group: ONE_PROCESS,
    by: "KERNEL: WARN in __folio_rmap_sanity_checks()",
  },
  {
    file: "mm/huge_memory.c",
    in: "split_huge_pmd_locked",
    what: "the PMD is not tested under the lock",
    change: [/if \(pmd_trans_huge\(\*pmd\) \|\| is_pmd_migration_entry\(\*pmd\)\)/, "if (1)"],
    group: ONE_PROCESS,
    by: "KERNEL: BUG in __split_huge_pmd_locked()",
  },
  {
    file: "mm/huge_memory.c",
    in: "deferred_split_scan",
    what: "a queued folio that is being freed gets a reference",
    change: [/folio_try_get\(folio\)/, "(folio_get(folio), 1)"],
    group: ONE_PROCESS,
    by: "KERNEL: BUG in folio_get()",
  },
  {
    file: "mm/huge_memory.c",
    in: "copy_huge_pmd",
    what: "the PMD is not read again under the lock",
    change: [/ret = -EAGAIN;\s*pmd = \*src_pmd;/, "ret = -EAGAIN;"],
    group: { mms: 2, steps: 2, race: 2 },
    by: "KERNEL: BUG in copy_huge_pmd()",
  },
  {
    file: "mm/huge_memory.c",
    in: "do_huge_pmd_wp_page",
    what: "the PMD is not compared again under the lock",
    change: [/!pmd_same\(\*vmf->pmd, orig_pmd\)/, "0"],
    group: { mms: 2, steps: 3, race: 1 },
    by: "KERNEL: BUG in do_huge_pmd_wp_page()",
  },
  {
    file: "mm/rmap.c",
    in: "folio_lock_anon_vma_read",
    what: "the anon_vma of a folio that is no longer mapped is locked",
    change: [/if \(!folio_mapped\(folio\)\) \{\s*up_read/, "if (0) {\n up_read"],
    group: { mms: 1, free: 1, steps: 3, race: 1 },
    by: "KERNEL: a semaphore is released that is not held for reading",
  },
  {
    file: "mm/madvise.c",
    in: "madvise_free_pte_range",
    what: "the reference for a split is taken after the page table lock was released",
    change: [
      /folio_get\(folio\);\s*arch_leave_lazy_mmu_mode\(\);\s*pte_unmap_unlock\(start_pte, ptl\);/,
      "arch_leave_lazy_mmu_mode(); pte_unmap_unlock(start_pte, ptl); folio_get(folio);",
    ],
    group: { mms: 1, free: 1, steps: 3, race: 1 },
    by: "KERNEL: bad page",
  },
  {
    file: "mm/memory.c",
    in: "do_wp_page",
    what: "the reference for a copy is taken after the page table lock was released",
    change: [
      /if \(folio\)\s*folio_get\(folio\);\s*pte_unmap_unlock\(vmf->pte, vmf->ptl\);/,
      "pte_unmap_unlock(vmf->pte, vmf->ptl); if (folio) folio_get(folio);",
    ],
    group: { mms: 2, steps: 3, race: 1 },
    by: "KERNEL: BUG in put_page_testzero()",
  },
  {
    file: "mm/huge_memory.c",
    in: "__do_huge_pmd_anonymous_page",
    what: "the lock is released between the test of the PMD and its change",
    change: [/map_anon_folio_pmd\(/, `${DROPPED} map_anon_folio_pmd(`],
    group: ONE_PROCESS,
    by: LEAKED,
  },
  {
    file: "mm/memory.c",
    in: "do_anonymous_page",
    what: "the lock is released between the test of the entries and their change",
    change: [/folio_ref_add\(folio, nr_pages - 1\);/, `${DROPPED} folio_ref_add(folio, nr_pages - 1);`],
    group: ONE_PROCESS,
    by: LEAKED,
  },
  {
    file: "mm/memory.c",
    in: "wp_page_copy",
    what: "the lock is released between the comparison of the entry and its change",
    change: [/ptep_clear_flush\(/, `${DROPPED} ptep_clear_flush(`],
    group: ONE_PROCESS,
    by: LEAKED,
  },
  {
    file: "mm/huge_memory.c",
    in: "zap_huge_pmd",
    what: "the lock is released between the test of the PMD and its removal",
    change: [/if \(!ptl\)\s*return 0;/, "if (!ptl) return 0; spin_unlock(ptl); spin_lock(ptl);"],
    group: ONE_PROCESS,
    by: "KERNEL: WARN in __folio_rmap_sanity_checks()",
  },
];
