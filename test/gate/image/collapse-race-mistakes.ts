/** Mistakes in collapsing pages that only another CPU shows, for trees of Linux 6.18.35. */
import type { Bounds } from "../../../machines/machine.ts";
import type { RaceMistake } from "./race-mistake.ts";

const FILE = "mm/khugepaged.c";
const ALONE: Bounds = { mms: 1, collapse: 1, steps: 2, race: 1 };

/** All of them. */
export const COLLAPSE_RACE_MISTAKES: readonly RaceMistake[] = [
  {
    file: FILE,
    in: "collapse_huge_page",
    what: "the VMA is not looked up again under the lock for writing",
    change: [/(mmap_write_lock\(mm\);\s*)result = hugepage_vma_revalidate\([^;]*;/, "$1"],
    outcome: { kind: "found", group: { ...ALONE, unmap: 1 }, by: "KERNEL" },
  },
  {
    file: FILE,
    in: "collapse_huge_page",
    what: "a PMD that another thread collapsed is taken for a page table",
    change: [/check_pmd_still_valid\(mm, address, pmd\)/, "SCAN_SUCCEED"],
    outcome: { kind: "found", group: ALONE, by: "KERNEL" },
  },
  {
    file: FILE,
    in: "collapse_huge_page",
    what: "MADV_DONTNEED, which locks the VMA only, finds no page table meanwhile",
    change: [/vma_start_write\(vma\);/, ";"],
    outcome: { kind: "found", group: ALONE, by: "C9" },
  },
  {
    file: FILE,
    in: "__collapse_huge_page_isolate",
    what: "an entry that became a migration entry is taken for a present one",
    change: [/if \(!pte_present\(pteval\)\) \{/, "if (0) {"],
    outcome: { kind: "found", group: { ...ALONE, migrate: 1 }, by: "KERNEL" },
  },
  {
    file: FILE,
    in: "__khugepaged_exit",
    what: "a process that exits does not wait for khugepaged, which reads its page tables",
    change: [/mmap_write_lock\(mm\);\s*mmap_write_unlock\(mm\);/, ";"],
    outcome: {
      kind: "survives",
      group: ALONE,
      because: "exit_mmap() takes the lock for writing, too, before it frees page tables.",
    },
  },
  {
    file: FILE,
    in: "collect_mm_slot",
    what: "the MM of a process that exited during the scan keeps a reference",
    change: [/mmdrop\(mm\);/, ";"],
    outcome: { kind: "found", group: ALONE, by: "KERNEL" },
  },
  {
    file: FILE,
    in: "hugepage_vma_revalidate",
    what: "khugepaged does not see that the process exited",
    change: [/hpage_collapse_test_exit_or_disable\(mm\)/, "0"],
    outcome: { kind: "survives", group: ALONE, because: "The process has no VMA any more." },
  },
];
