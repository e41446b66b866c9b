/**
 * With a kernel source tree at hand (FOLIOCHECK_KERNEL_TREE: 6.18.35 or later) and a native clang: mistakes in callers are found.
 * A mistake is a change of a few words; nothing of the tree is in this repository.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createTwoFilesPatch } from "diff";
import { describe, expect, test } from "vitest";
import { configurationOf } from "../../../gate/configurations.ts";
import { buildImage } from "../../../gate/image/build/build-image.ts";
import { openCompiler } from "../../../gate/image/build/clang-choice.ts";
import { type FileCoverage, hasLine } from "../../../gate/image/coverage.ts";
import { compileImage, EXPLORED_LAYOUT } from "../../../gate/image/image-module.ts";
import { clangOnPath } from "../../../gate/native-clang.ts";
import type { Patch } from "../../../gate/source/patch.ts";
import { imageJob } from "../../../verify/image-job.ts";
import type { RunReport } from "../../../verify/report.ts";
import { runJob } from "../../../verify/run.ts";
import { treeFunctionsOf } from "../../../verify/tree-trace.ts";
import { testCacheFolder } from "../cache-folder.ts";

const TREE = process.env["FOLIOCHECK_KERNEL_TREE"] ?? "";
const CONFIG = "page-mapcount,32bit,mm-id";

async function explored(bounds: Record<string, number>, maxStates: number, patch?: Patch): Promise<RunReport> {
  const image = await buildImage({
    tree: TREE,
    configuration: configurationOf(CONFIG),
    compiler: await openCompiler({ kind: "auto" }),
    cacheFolder: testCacheFolder,
    layout: EXPLORED_LAYOUT,
    ...(patch === undefined ? {} : { patch }),
  });
  return runJob(imageJob(await compileImage(image), { config: CONFIG, bounds, budget: { maxStates } }));
}

/** A change to the first place in a function that matches. */
interface Mistake {
  readonly file: string;
  readonly in: string;
  readonly change: readonly [RegExp, string];
  readonly bounds?: Record<string, number>;
  /** The property that shows it, where others would not. */
  readonly shownBy?: string;
}

const MIGRATE = { migrate: 1 };
const FREE = { free: 1 };

const MISTAKES: readonly Mistake[] = [
  { file: "mm/memory.c", in: "wp_page_copy", change: [/folio_remove_rmap_pte\(old_folio, vmf->page, vma\);/, ";"] },
  { file: "mm/memory.c", in: "zap_present_folio_ptes", change: [/rss\[MM_ANONPAGES\] -= nr;/, ";"] },
  {
    file: "mm/memory.c",
    in: "copy_present_ptes",
    change: [/folio_ref_add\(folio, nr\);/, "folio_ref_add(folio, nr - 1);"],
  },
  { file: "mm/memory.c", in: "__copy_present_ptes", change: [/wrprotect_ptes\([^)]*\);/, ";"] },
  { file: "mm/memory.c", in: "do_anonymous_page", change: [/folio_ref_add\(folio, nr_pages - 1\);/, ";"] },
  {
    file: "mm/huge_memory.c",
    in: "zap_huge_pmd",
    change: [/(folio_test_anon\(folio\)\) \{\s*)zap_deposited_table\(tlb->mm, pmd\);/, "$1;"],
  },
  { file: "mm/huge_memory.c", in: "copy_huge_pmd", change: [/folio_get\(src_folio\);/, ";"] },
  {
    file: "mm/huge_memory.c",
    in: "__split_huge_pmd_locked",
    change: [/folio_ref_add\(folio, HPAGE_PMD_NR - 1\);/, ";"],
  },
  { file: "mm/rmap.c", in: "try_to_unmap_one", change: [/(MM_ANONPAGES, -)nr_pages/, "$11"], bounds: FREE },
  // CVE-2025-38447.
  {
    file: "mm/rmap.c",
    in: "folio_unmap_pte_batch",
    change: [/max_nr = \(end_addr - addr\) >> PAGE_SHIFT;/, "max_nr = folio_nr_pages(folio);"],
    bounds: { ...FREE, move: 1, mms: 1 },
  },
  { file: "mm/rmap.c", in: "try_to_migrate_one", change: [/folio_remove_rmap_pte\([^)]*\);/, ";"], bounds: MIGRATE },
  { file: "mm/migrate.c", in: "remove_migration_pte", change: [/folio_get\(folio\);/, ";"], bounds: MIGRATE },
  {
    file: "mm/memory.c",
    in: "__wp_can_reuse_large_anon_folio",
    change: [/(folio_large_mapcount\(folio\) <=) 1/, "$1 9"],
  },
  {
    file: "mm/huge_memory.c",
    in: "__split_unmapped_folio",
    change: [/mod_mthp_stat\((?:old_)?order, MTHP_STAT_NR_ANON, -1\);/, ";"],
    bounds: { split: 1 },
    shownBy: "STATS.mthp",
  },
  {
    file: "fs/proc/task_mmu.c",
    in: "pte_to_pagemap_entry",
    change: [/(__folio_page_mapped_exclusively\(folio,) page\)/, "$1 &folio->page)"],
    shownBy: "C15.exact",
  },
  {
    file: "fs/proc/task_mmu.c",
    in: "clear_soft_dirty",
    change: [/pte_wrprotect\(old_pte\)/, "old_pte"],
    bounds: { softdirty: 1 },
    shownBy: "PROC.soft-dirty",
  },
  { file: "mm/madvise.c", in: "madvise_free_pte_range", change: [/folio_unlock\(folio\);/, ";"], bounds: FREE },
];

/** The change as a patch of the tree. */
function patchOf({ file, in: name, change: [pattern, replacement] }: Mistake): Patch {
  const text = readFileSync(join(TREE, file), "utf8");
  for (const { index } of text.matchAll(new RegExp(`^(?:[a-z].*\\b)?${name}\\(`, "gm"))) {
    const end = text.indexOf("\n}", index);
    const changed = text.slice(index, end).replace(pattern, replacement);
    if (changed !== text.slice(index, end)) {
      const whole = text.slice(0, index) + changed + text.slice(end);
      return { name: "mistake", text: createTwoFilesPatch(`a/${file}`, `b/${file}`, text, whole) };
    }
  }
  throw new Error(`${String(pattern)} matches nothing in ${name}()`);
}

/** The first line of a file that calls a function. */
const lineIn = (file: string, name: string): number =>
  readFileSync(join(TREE, file), "utf8")
    .split("\n")
    .findIndex((line) => new RegExp(`^\\t.*\\b${name}\\(`).test(line)) + 1;

describe.skipIf(TREE === "" || clangOnPath() === undefined)("an image of a tree at hand", () => {
  test("holds with one process, in every state", async () => {
    const { verdict, properties } = await explored({ mms: 1 }, Number.POSITIVE_INFINITY);
    expect(properties.filter((each) => each.verdict !== "holds").map(({ id }) => id)).toEqual([]);
    expect(verdict).toBe("holds");
  });

  test("reaches the copy of a page, and not where one process can only have the zero page", async () => {
    const copy = "__wp_page_copy_user";
    const reachedWith = async (mms: number): Promise<readonly string[]> => {
      const { reached = [], coverage = [] } = await explored({ mms }, 300);
      const { code, reached: lines } = coverage.find(({ file }) => file === "mm/memory.c") as FileCoverage;
      expect(hasLine(code, lineIn("mm/memory.c", copy))).toBe(true);
      expect(hasLine(lines, lineIn("mm/memory.c", copy))).toBe(reached.includes(copy));
      return reached;
    };
    expect(await reachedWith(1)).not.toContain(copy);
    const two = await reachedWith(2);
    expect(two).toEqual(expect.arrayContaining([copy, "do_wp_page", "folio_add_new_anon_rmap"]));
    // The process at the start was made at boot.
    expect(two).not.toContain("do_mmap");
  });

  test.each(MISTAKES)("shows the mistake in $in() of $file", async (mistake) => {
    const { verdict, properties } = await explored(mistake.bounds ?? {}, 20_000, patchOf(mistake));
    expect(verdict).toBe("violated");
    const shown = properties.filter((each) => each.verdict === "violated").map(({ id }) => id);
    expect(shown).toEqual(mistake.shownBy === undefined ? expect.anything() : [mistake.shownBy]);
    const steps = properties.find(({ trace }) => trace !== null)?.trace?.steps ?? [];
    // What a claim read is no step.
    expect(steps.flatMap(treeFunctionsOf)).toContain(
      mistake.file.startsWith("fs/proc/") ? "handle_mm_fault" : mistake.in,
    );
  });

  test("reports the operations that would wait, and that pagemap goes by the head page that a PMD maps", async () => {
    const { notChecked, properties } = await explored(MIGRATE, 1000);
    expect(notChecked).toContainEqual(expect.stringMatching(/^operations that would wait .* write \d+/));
    expect(properties.find(({ id }) => id === "C15.pagemap-pmd")?.trace?.steps).toHaveLength(3);
  });
});
