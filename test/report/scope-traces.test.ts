import { describe, expect, test } from "vitest";
import { formatTrace } from "../../report/trace/format-trace.ts";
import type { TraceReport } from "../../verify/report/report.ts";
import { pageTables, stepOf } from "./reading.ts";
import { lockstepTrace, migrationTrace, pinsTrace, pmdTrace, splitTrace, swapTrace } from "./scope-traces.ts";

const traces: { readonly [name: string]: TraceReport } = {
  pinsTrace,
  swapTrace,
  pmdTrace,
  migrationTrace,
  splitTrace,
  lockstepTrace,
};

const show = (trace: TraceReport): string => formatTrace(trace, { color: false, shows: "violated" });

/** Returns the text of a step, from its heading. */
const step = (trace: TraceReport, number: number): string => stepOf(show(trace), number).join("\n");

describe("a split of a PMD-mapped folio", () => {
  test("a folio split shows repeated calls once, and every folio that it makes", () => {
    expect(step(splitTrace, 2)).toBe(
      `
   2  split(folio: 0, walk: mm 0)
      ran  __folio_split(folio 0)
             can_split_folio(folio 0) = true
             try_to_migrate(folio 0, TTU_SPLIT_HUGE_PMD)
               try_to_migrate_one(folio 0, mm 0, TTU_SPLIT_HUGE_PMD)
                 __split_huge_pmd_locked(mm 0, freeze)
                   __folio_try_share_anon_rmap(folio 0, page 0)
                   folio_remove_rmap_pmd → __folio_remove_rmap(folio 0, pages 0–3, mm 0, pmd)
                     folio_sub_return_large_mapcount(folio 0, 1, mm 0) = 0
                       subtracts from the slot of the MM
                         frees the slot
                   folio_put_refs(folio 0, 1)
             __folio_unqueue_deferred_split(folio 0)
             __split_unmapped_folio(folio 0)
               __split_folio_to_order(folio 0, page 3) = folio 1
               remap_page(folio 0, page 3, folio 1)
                 remove_migration_pte(folio 1, page 0, mm 0)
                   folio_add_anon_rmap_ptes → __folio_add_anon_rmap(folio 1, page 0, mm 0,
                       RMAP_EXCLUSIVE, pte)
                     __folio_add_rmap(folio 1, page 0, mm 0, pte)
               free_folio_and_swap_cache(folio 1)
                 folio_put_refs(folio 1, 1)
               … these 3 calls 3 times in all, the last from __split_folio_to_order(folio 0,
                   page 1) = folio 3 on
               remap_page(folio 0, page 0, folio 0)
                 remove_migration_pte(folio 0, page 0, mm 0)
                   folio_add_anon_rmap_ptes → __folio_add_anon_rmap(folio 0, page 0, mm 0,
                       RMAP_EXCLUSIVE, pte)
                     __folio_add_rmap(folio 0, page 0, mm 0, pte)
           free_folio_and_swap_cache(folio 0)
             folio_put_refs(folio 0, 1)
      entry               0    1    2    3
    * mm 0  vma 0 anon   *A0w *D0w *C0w *B0w
    * folio 0 (A)  anon, 4 pages → anon, 1 page
    *              refcount 1   large mapcount 1 → 0   entire mapcount 1 → 0
    *              nr_pages_mapped ENTIRELY_MAPPED → 0   on deferred split list yes → no
    *              owner slots [mm 0: 1 → free] [free]   marked exclusive
                   really mapped by mm 0: 1
    *              mapcount 0→1   AnonExclusive page 0
    * folio 1 (B)  free → anon, 1 page
    *              refcount 0 → 1
    *              really mapped by mm 0: 0 → 1
    *              mapcount 0→1   AnonExclusive none → page 0
    * folio 2 (C)  free → anon, 1 page
    *              refcount 0 → 1
    *              really mapped by mm 0: 0 → 1
    *              mapcount 0→1   AnonExclusive none → page 0
    * folio 3 (D)  free → anon, 1 page
    *              refcount 0 → 2
    *              really mapped by mm 0: 0 → 1
    *              mapcount 0→1   AnonExclusive none → page 0
    * stats        NR_ANON_MAPPED 4   NR_ANON_THPS 4 → 0`.slice(1),
    );
  });
});

describe("a PMD that is split in part of its range", () => {
  test("a PMD that is split in part of its range is one entry before, and PTEs after", () => {
    expect(pageTables(step(pmdTrace, 1))).toEqual([
      "      entry               0   1   2   3",
      "    * mm 0  vma 0 anon  *├A0──A1──A2──A3─┤w",
      "      mm 1                not live",
    ]);
    expect(step(pmdTrace, 2)).toBe(
      `
   2  unmap(mm: 0, vma: 0, first: 0, count: 1)
      ran  __split_huge_pmd_locked(mm 0)
             folio_add_anon_rmap_ptes → __folio_add_anon_rmap(folio 0, pages 0–3, mm 0,
                 RMAP_EXCLUSIVE, pte)
               __folio_add_rmap(folio 0, pages 0–3, mm 0, pte)
                 folio_add_return_large_mapcount(folio 0, 4, mm 0) = 5
                   adds to the slot of the MM
             folio_remove_rmap_pmd → __folio_remove_rmap(folio 0, pages 0–3, mm 0, pmd)
               folio_sub_return_large_mapcount(folio 0, 1, mm 0) = 4
                 subtracts from the slot of the MM
           zap_pte_range(mm 0, entry 0)
             zap_present_folio_ptes(folio 0, mm 0, entry 0)
               folio_remove_rmap_ptes → __folio_remove_rmap(folio 0, page 0, mm 0, pte)
                 folio_sub_return_large_mapcount(folio 0, 1, mm 0) = 3
                   subtracts from the slot of the MM
                 deferred_split_folio(folio 0, partially_mapped)
               folio_put_refs(folio 0, 1)
      entry               0    1    2    3
    * mm 0  vma 0 anon   *·   *A1w *A2w *A3w
      mm 1                not live
      folio 0 (A)  anon, 4 pages
    *              refcount 1 → 3   large mapcount 1 → 3   entire mapcount 1 → 0
    *              nr_pages_mapped ENTIRELY_MAPPED → 3   partially_mapped no → yes
                   on deferred split list yes
    *              owner slots [mm 0: 1 → 3] [free]   marked exclusive
    *              really mapped by mm 0: 1 → 3
    *              page mapcounts 0 0→1 0→1 0→1   AnonExclusive page 0 → none
    * stats        NR_ANON_MAPPED 4 → 3   NR_ANON_THPS 4 → 0`.slice(1),
    );
  });
});

describe("a migration", () => {
  test("a migration turns PMDs into migration entries and back, with the rights of the entries", () => {
    expect(pageTables(step(migrationTrace, 2)).slice(1)).toEqual([
      "    * mm 0  vma 0 anon  *├A0──A1─┤",
      "    * mm 1  vma 0 anon  *├A0──A1─┤  not live → live",
    ]);
    expect(pageTables(step(migrationTrace, 3)).slice(1)).toEqual([
      "    * mm 0  vma 0 anon  *├(A0)──(A1)─┤",
      "    * mm 1  vma 0 anon  *├(A0)──(A1)─┤",
    ]);
    expect(pageTables(step(migrationTrace, 4)).slice(1)).toEqual([
      "    * mm 0  vma 0 anon  *├B0──B1─┤w",
      "    * mm 1  vma 0 anon  *├B0──B1─┤w",
    ]);
    expect(step(migrationTrace, 3)).toContain("locked no → yes");
  });

  test("a migration shows the pages that hold the marked write, and those that must not", () => {
    expect(step(migrationTrace, 5)).toContain("   5  store(mm: 1, entry: 0, value: ◆)\n");
    expect(pageTables(step(migrationTrace, 5)).slice(1)).toEqual([
      "    * mm 0  vma 0 anon  *├B0!◆──B1───┤w",
      "    * mm 1  vma 0 anon  *├B0◆───B1───┤w",
    ]);
    expect(step(migrationTrace, 5)).toContain("AnonExclusive none   ◆ in none → page 0");
    expect(step(migrationTrace, 4)).not.toContain("◆");
  });

  test("a migration names the order of the rmap walk", () => {
    expect(step(migrationTrace, 3)).toContain("   3  migrateUnmap(folio: 0, walk: mm 1 then mm 0)\n");
  });
});

describe("two kernels in lockstep", () => {
  test("two kernels in lockstep are named, and drawn once where they agree", () => {
    expect(show(lockstepTrace)).toContain("machine rmap · kernel remove-accounts-too-much against v7.1 ·");
    expect(step(lockstepTrace, 2)).not.toContain("under");
    expect(step(lockstepTrace, 3).split("\n").slice(-10)).toEqual([
      "    * mm 1  vma 0 anon    A0  A1 *·  *·",
      "      folio 0 (A)  anon, 4 pages",
      "    *              refcount 8 → 6   large mapcount 8 → 6   nr_pages_mapped 4",
      "    *              owner slots [mm 0: 4] [mm 1: 4 → 2]   marked shared",
      "    *              really mapped by mm 0: 4, mm 1: 4 → 2",
      "    *              page mapcounts 2 2 2→1 2→1   AnonExclusive none",
      "      under remove-accounts-too-much",
      "    * stats        NR_ANON_MAPPED 4 → 2",
      "      under v7.1",
      "      stats        NR_ANON_MAPPED 4",
    ]);
  });
});

describe("every one of these traces", () => {
  test.each(Object.entries(traces))(
    "the legend of %s explains the signs that occur in it, and no others",
    (_, trace) => {
      const text = show(trace);
      const [head = "", ...rest] = text.split("\n\n");
      const steps = rest.join("\n");
      const explains = (words: string): boolean => head.includes(words);
      expect(explains("one PMD entry")).toBe(steps.includes("├"));
      expect(explains("a migration entry")).toBe(/[ *─├]\([A-Z]\d/.test(steps));
      expect(explains("a swap entry")).toBe(/[ *]s\d/.test(steps));
      expect(explains("◆")).toBe(steps.includes("◆"));
    },
  );

  test.each(Object.entries(traces))("%s has lines of up to 100 columns", (_, trace) => {
    for (const line of show(trace).split("\n")) {
      expect([...line].length, line).toBeLessThanOrEqual(100);
      expect(line).toBe(line.trimEnd());
    }
  });
});
