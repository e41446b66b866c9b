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
];
