/** Mistakes that break a rule of locks, each a change of a few words, for trees of Linux 6.18.35 or later. */
import type { Bounds } from "../../../machines/machine.ts";
import type { TextChange } from "./mistake-patch.ts";

/** A mistake, and how it is found. One CPU shows it, without a wait. */
export interface LockMistake extends TextChange {
  /** Description of the mistake in a few words. */
  readonly what: string;
  /** Bounds that show it. */
  readonly group: Bounds;
  /** The report without places. */
  readonly by: string;
}

/** Returns the report of a function that may sleep, and is called by another one. */
const sleepsIn = (name: string): string => `${name}() calls a function that may sleep`;

/** Functions that may sleep where that is forbidden. */
export const SLEEPS: readonly LockMistake[] = [
  {
    file: "mm/rmap.c",
    in: "__anon_vma_prepare",
    what: "a semaphore is taken with a spinlock held",
    change: [
      /anon_vma_lock_write\(anon_vma\);([\s\S]*?)spin_lock\(&mm->page_table_lock\);/,
      "spin_lock(&mm->page_table_lock); anon_vma_lock_write(anon_vma);",
    ],
    group: { mms: 1, steps: 1 },
    by: sleepsIn("__anon_vma_prepare"),
  },
  {
    file: "mm/memory.c",
    in: "zap_pte_range",
    what: "cond_resched() with the page table locked",
    change: [/pte_unmap_unlock\(start_pte, ptl\);/, "cond_resched(); pte_unmap_unlock(start_pte, ptl);"],
    group: { mms: 1, steps: 2 },
    by: sleepsIn("unmap_page_range"),
  },
  {
    file: "mm/huge_memory.c",
    in: "madvise_free_huge_pmd",
    what: "the lock of a folio is waited for with the page table locked",
    change: [/if \(!folio_trylock\(folio\)\)\s*goto out;/, "folio_lock(folio);"],
    group: { mms: 1, free: 1, steps: 2 },
    by: sleepsIn("madvise_free_huge_pmd"),
  },
  {
    file: "mm/huge_memory.c",
    in: "__do_huge_pmd_anonymous_page",
    what: "a page table is allocated with the page table locked",
    change: [
      /(pgtable = pte_alloc_one\(vma->vm_mm\);)([\s\S]*?)(vmf->ptl = pmd_lock\(vma->vm_mm, vmf->pmd\);)/,
      "$3 $1 $2",
    ],
    group: { mms: 1, steps: 1 },
    by: sleepsIn("pte_alloc_one_noprof"),
  },
  {
    file: "mm/rmap.c",
    in: "folio_lock_anon_vma_read",
    what: "a reader of RCU waits for a semaphore",
    change: [/down_read_trylock\(&root_anon_vma->rwsem\)/, "(down_read(&root_anon_vma->rwsem), true)"],
    group: { mms: 1, migrate: 1, steps: 2 },
    by: sleepsIn("folio_lock_anon_vma_read"),
  },
  {
    file: "mm/huge_memory.c",
    in: "__folio_split",
    what: "the reverse mapping is walked with interrupts disabled",
    change: [/local_irq_enable\(\);([\s\S]*?remap_page\(folio, 1 << order, remap_flags\);)/, "$1 local_irq_enable();"],
    group: { mms: 1, split: 1, steps: 2 },
    by: sleepsIn("rmap_walk_anon"),
  },
];

/** Locks that are taken in a wrong order. */
export const WRONG_ORDERS: readonly LockMistake[] = [
  {
    file: "mm/mremap.c",
    in: "move_ptes",
    what: "the second page table is locked without a subclass",
    change: [/spin_lock_nested\(new_ptl, SINGLE_DEPTH_NESTING\)/, "spin_lock(new_ptl)"],
    group: { mms: 1, move: 1, steps: 2 },
    by: "move_page_tables() takes two locks of one class: ptl of page",
  },
  {
    file: "mm/huge_memory.c",
    in: "copy_huge_pmd",
    what: "the page table of the parent is locked without a subclass",
    change: [
      /(pgtable = pte_alloc_one[\s\S]*?)spin_lock_nested\(src_ptl, SINGLE_DEPTH_NESTING\)/,
      "$1 spin_lock(src_ptl)",
    ],
    group: { mms: 2, steps: 2 },
    by: "copy_huge_pmd() takes two locks of one class: ptl of page",
  },
  {
    file: "mm/rmap.c",
    in: "try_to_migrate_one",
    what: "a walk of the reverse mapping locks address spaces",
    change: [
      /(mmu_notifier_invalidate_range_start\(&range\);)([\s\S]*)(mmu_notifier_invalidate_range_end\(&range\);)/,
      "$1 mmap_read_lock(mm); $2 mmap_read_unlock(mm); $3",
    ],
    group: { mms: 1, migrate: 1, steps: 2 },
    by:
      "lock order: try_to_migrate_one() takes mmap_lock of mm_struct with rwsem of anon_vma held, and " +
      "__anon_vma_prepare() the other way round",
  },
];
