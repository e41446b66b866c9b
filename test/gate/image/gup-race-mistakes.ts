/** Mistakes in get_user_pages(), and in what it races with, that only another CPU shows, for trees of Linux 6.18.35. */
import type { Bounds } from "../../../machines/machine.ts";
import { dropped, found, type RaceMistake } from "./race-mistake.ts";

const ALONE: Bounds = { mms: 1, gup: 1, steps: 2, race: 1 };
const MIGRATION: Bounds = { mms: 1, gup: 1, migrate: 1, steps: 2, race: 2 };
const NOT_EXCLUSIVE = "KERNEL: WARN in sanity_check_pinned_pages()";

/** All of them. */
export const GUP_RACE_MISTAKES: readonly RaceMistake[] = [
  {
    file: "mm/gup.c",
    in: "gup_fast_pte_range",
    what: "the entry is not compared again after the page was pinned",
    change: [/unlikely\(pte_val\(pte\) != pte_val\(ptep_get\(ptep\)\)\)/, "0"],
    outcome: found({ ...MIGRATION, race: 3 }, NOT_EXCLUSIVE),
  },
  {
    file: "mm/gup.c",
    in: "gup_fast_pmd_leaf",
    what: "the PMD is not compared again after the page was pinned",
    change: [/unlikely\(pmd_val\(orig\) != pmd_val\(\*pmdp\)\)/, "0"],
    outcome: found({ ...MIGRATION, race: 3 }, NOT_EXCLUSIVE),
  },
  {
    file: "mm/gup.c",
    in: "gup_fast",
    what: "a fork that is under way is not noticed",
    change: [
      /if \(!raw_seqcount_try_begin\(&current->mm->write_protect_seq, seq\)\)/,
      "seq = raw_read_seqcount(&current->mm->write_protect_seq); if (0)",
    ],
    outcome: found({ mms: 2, gup: 1, steps: 2, race: 2 }, NOT_EXCLUSIVE),
  },
  {
    file: "mm/gup.c",
    in: "try_get_folio",
    what: "a folio that is being freed gets a reference",
    change: [/!folio_ref_try_add\(folio, refs\)/, "(folio_ref_add(folio, refs), 0)"],
    outcome: found({ ...ALONE, race: 3 }, "KERNEL: a page that is free is freed"),
  },
  {
    file: "mm/mmu_gather.c",
    in: "tlb_remove_table_sync_one",
    what: "a page table is freed while GUP-fast walks it",
    change: [/smp_call_function\(tlb_remove_table_smp_sync, NULL, 1\);/, ";"],
    outcome: found(
      { mms: 1, gup: 1, unmap: 1, steps: 2, race: 2 },
      "KERNEL: an entry of a page table that is free is read or written",
    ),
  },
  {
    file: "mm/gup.c",
    in: "follow_page_pte",
    what: "the lock is released between reading an entry and taking the reference",
    change: [/folio = page_folio\(page\);/, `folio = page_folio(page); ${dropped("ptl")}`],
    outcome: found(ALONE, "KERNEL: WARN in try_grab_folio()"),
  },
  {
    file: "mm/gup.c",
    in: "follow_huge_pmd",
    what: "the lock is released between reading the PMD and taking the reference",
    change: [/page = pmd_page\(pmdval\);/, `page = pmd_page(pmdval); ${dropped("pmd_lockptr(mm, pmd)")}`],
    outcome: found(ALONE, "KERNEL: WARN in try_grab_folio()"),
  },
  {
    file: "mm/huge_memory.c",
    in: "set_pmd_migration_entry",
    what: "the huge page is marked as shared before the PMD is invalid",
    change: [
      /pmdval = pmdp_invalidate\(vma, address, pvmw->pmd\);([\s\S]*?return -EBUSY;\s*\})/,
      "pmdval = *pvmw->pmd;$1 pmdval = pmdp_invalidate(vma, address, pvmw->pmd);",
    ],
    outcome: found(MIGRATION, NOT_EXCLUSIVE),
  },
  {
    file: "mm/rmap.c",
    in: "try_to_migrate_one",
    what: "the page is marked as shared before its entry is cleared",
    change: [/pteval = ptep_clear_flush\(vma, address, pvmw\.pte\);/, "pteval = ptep_get(pvmw.pte);"],
    outcome: found(MIGRATION, NOT_EXCLUSIVE),
  },
  {
    file: "mm/gup.c",
    in: "follow_pmd_mask",
    what: "the PMD is not tested again under the lock",
    change: [/unlikely\(!pmd_leaf\(pmdval\)\)/, "0"],
    outcome: found({ mms: 1, gup: 1, split: 1, steps: 2, race: 1 }, "STATS.pinned"),
  },
];
