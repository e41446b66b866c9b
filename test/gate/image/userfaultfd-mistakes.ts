/** Mistakes in UFFDIO_MOVE, each a change of a few words, for trees of Linux 6.18.35. */
import type { Bounds } from "../../../machines/machine.ts";
import { type CallerMistake, found, survives } from "./caller-mistake.ts";

const PAGES: Bounds = { mms: 2, uffd: 1 };
const PMDS: Bounds = { mms: 1, pages: 16, uffd: 1 };
const SWAP: Bounds = { mms: 2, uffd: 1, swap: 1 };

/** All of them. */
export const USERFAULTFD_MISTAKES: readonly CallerMistake[] = [
  {
    file: "mm/userfaultfd.c",
    in: "move_present_ptes",
    what: "the folio keeps its index",
    change: [/src_folio->index = [^;]*;/, ";"],
    outcome: found(PAGES, "RMAP"),
  },
  {
    file: "mm/userfaultfd.c",
    in: "move_present_ptes",
    what: "the folio keeps its anon_vma",
    change: [/folio_move_anon_rmap\([^;]*;/, ";"],
    outcome: survives("All VMAs of a process have the same anon_vma, since mremap() makes them of one."),
  },
  {
    file: "mm/userfaultfd.c",
    in: "move_present_ptes",
    what: "the entry is not dirty",
    change: [/orig_dst_pte = pte_mkdirty\([^;]*;/, ";"],
    outcome: found(PAGES, "C9.dirty"),
  },
  {
    file: "mm/userfaultfd.c",
    in: "move_present_ptes",
    what: "the entry at the source is kept",
    change: [/orig_src_pte = ptep_get_and_clear\([^;]*;/, "orig_src_pte = ptep_get(src_pte);"],
    outcome: found(PAGES, "C7"),
  },
  {
    file: "mm/userfaultfd.c",
    in: "move_present_ptes",
    what: "folios of a batch stay locked",
    change: [/(src_pte\+\+;\s*)folio_unlock\(src_folio\);/, "$1;"],
    outcome: found(PAGES, "C7"),
  },
  {
    file: "mm/userfaultfd.c",
    in: "move_pages_ptes",
    what: "an entry at the destination is overwritten",
    change: [/!pte_none\(orig_dst_pte\)/, "false"],
    outcome: found(PAGES, "KERNEL"),
  },
  {
    file: "mm/userfaultfd.c",
    in: "move_pages_ptes",
    what: "the folio keeps its reference",
    change: [/(folio_unlock\(src_folio\);\s*)folio_put\(src_folio\);(\s*src_folio = NULL;)/, "$1;$2"],
    outcome: found(PAGES, "C7"),
  },
  {
    file: "mm/userfaultfd.c",
    in: "move_pages_ptes",
    what: "pages that are not exclusive are moved",
    change: [/!folio \|\| !PageAnonExclusive\(&folio->page\)/, "!folio"],
    outcome: survives("move_present_ptes() tests it again, with the lock of the page table."),
  },
  {
    file: "mm/userfaultfd.c",
    in: "move_swap_pte",
    what: "the folio in the swap cache keeps its index",
    change: [/src_folio->index = [^;]*;/, ";"],
    outcome: found(SWAP, "KERNEL"),
  },
  {
    file: "mm/userfaultfd.c",
    in: "move_swap_pte",
    what: "the swap entry is copied",
    change: [/orig_src_pte = ptep_get_and_clear\([^;]*;/, ";"],
    outcome: found(SWAP, "SWAP.count"),
  },
  {
    file: "mm/huge_memory.c",
    in: "move_pages_huge_pmd",
    what: "the folio keeps its index",
    change: [/src_folio->index = [^;]*;/, ";"],
    outcome: found(PMDS, "RMAP"),
  },
  {
    file: "mm/huge_memory.c",
    in: "move_pages_huge_pmd",
    what: "the PMD at the source is kept",
    change: [/(goto unlock_ptls;\s*\}\s*)src_pmdval = pmdp_huge_clear_flush\([^;]*;/, "$1;"],
    outcome: found(PMDS, "C7"),
  },
  {
    file: "mm/huge_memory.c",
    in: "move_pages_huge_pmd",
    what: "the reference is not dropped",
    change: [/folio_put\(src_folio\);(\s*return err;)/, ";$1"],
    outcome: found(PMDS, "C7"),
  },
  {
    file: "mm/huge_memory.c",
    in: "move_pages_huge_pmd",
    what: "the anon_vma keeps its reference",
    change: [/put_anon_vma\(src_anon_vma\);/, ";"],
    outcome: found(PMDS, "KERNEL"),
  },
];
