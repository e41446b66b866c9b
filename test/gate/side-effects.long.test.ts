/** Side effects of C code: each fault is in one function, and a copy of the kernel has several of them. */

import { beforeAll, describe, expect, test } from "vitest";
import { compileUnit } from "../../gate/preparation/compile-unit.ts";
import { runGate } from "../../gate/run/explore-units.ts";
import type { Finding } from "../../gate/run/findings.ts";
import { configurationOf } from "../../gate/unit/configurations.ts";
import { findingText } from "../../report/text/diagnostic.ts";
import { runJob } from "../../verify/run.ts";
import { testCacheFolder } from "./cache-folder.ts";
import { type Edit, ownUnit } from "./own-tree.ts";

interface SideEffect {
  readonly name: string;
  readonly function: string;
  readonly edit: Edit;
  readonly what: RegExp;
}

const RMAP_H = "include/linux/rmap.h";
const RMAP_C = "mm/rmap.c";

/** Inserts a statement at the beginning of a function. */
const at = (file: string, from: string, statement: string): Edit => ({ file, from, to: `\t${statement}\n${from}` });

const COPIES: readonly (readonly SideEffect[])[] = [
  [
    {
      name: "an initialisation that is gone",
      function: "prep_compound_head",
      edit: { file: "mm/internal.h", from: "slot < 2; slot++", to: "slot < 1; slot++" },
      what: /_mm_id_mapcount\[1\] \(stored\) is \d+, in the model -1/,
    },
    {
      name: "another index",
      function: "folio_add_new_anon_rmap",
      edit: { file: RMAP_C, from: "folio->index = vma->vm_pgoff + (", to: "folio->index = vma->vm_pgoff + 2 + (" },
      what: /: index is 2, in the model 0/,
    },
    {
      name: "a statistic of something else",
      function: "folio_add_file_rmap_ptes",
      edit: at(RMAP_C, "\tadd_rmap(folio, page, nr, vma, BY_PTES);", "__lruvec_stat_mod_folio(folio, 40, nr);"),
      what: /: it changes statistic 40 of enum node_stat_item/,
    },
    {
      name: "an mm_struct that is written to",
      function: "folio_remove_rmap_ptes",
      edit: at(RMAP_C, "\tint mapcount, gone = 0, left;", "vma->vm_mm->mm_id = 1;"),
      what: /: it changes the mm_struct/,
    },
    {
      name: "a statistic where the kernel has none",
      function: "folio_try_dup_anon_rmap_ptes",
      edit: at(
        RMAP_H,
        "\treturn dup_anon(folio, page, nr, dst, src, BY_PTES);",
        "__lruvec_stat_mod_folio(folio, NR_FILE_MAPPED, nr);",
      ),
      what: /: NR_FILE_MAPPED changes by [1-9]\d*, in the model by 0/,
    },
    {
      name: "a write through NULL",
      function: "folio_dup_file_rmap_ptes",
      edit: at(
        RMAP_H,
        "\traise_mapcounts(folio, page, nr, dst, BY_PTES);",
        "((volatile struct folio *)(unsigned long)(nr & 32))->index = 1;",
      ),
      what: /: it writes through a NULL pointer/,
    },
    {
      name: "a verdict at free that is not what was found",
      function: "free_tail_page_prepare",
      edit: { file: "mm/page_alloc.c", from: "\treturn left != 0;", to: "\treturn 1;" },
      what: /: it calls the page bad, and does not warn/,
    },
    {
      name: "a reader that leaves the lock taken",
      function: "folio_average_page_mapcount",
      edit: at(
        "fs/proc/internal.h",
        "\tif (mapcount <= 0)",
        "if (folio_test_large(folio))\n\t\tfolio->_mm_ids |= 1ul << FOLIO_MM_IDS_LOCK_BITNUM;",
      ),
      what: /, called for folio 0: it changes word \d+ of the struct pages/,
    },
    {
      name: "a reader that warns",
      function: "folio_expected_ref_count",
      edit: at(
        "include/linux/mm.h",
        "\tconst bool in_swap_cache = folio_test_swapcache(folio);",
        "VM_WARN_ON_ONCE(folio_mapcount(folio) > 1);",
      ),
      what: /, called for folio 0: it warns at include\/linux\/mm\.h:\d+: VM_WARN_ON_ONCE/,
    },
  ],
  [
    {
      name: "a list entry that a folio of two pages has no room for",
      function: "prep_compound_head",
      edit: { file: "mm/internal.h", from: "\tif (order > 1)\n\t\tINIT", to: "\tif (order)\n\t\tINIT" },
      what: /: it writes to a struct page next to the folio's/,
    },
    {
      name: "a queue whose length nobody counts",
      function: "folio_remove_rmap_ptes",
      edit: { file: "mm/huge_memory.c", from: "\tqueue->split_queue_len++;\n", to: "" },
      what: /: it leaves a deferred split queue whose list, split_queue_len and folio do not agree/,
    },
    {
      name: "a spinlock that is not given back",
      function: "folio_add_file_rmap_ptes",
      edit: at(RMAP_C, "\tadd_rmap(folio, page, nr, vma, BY_PTES);", "spin_lock(vma);"),
      what: /: it does not give back as many spinlocks as it takes/,
    },
    {
      name: "a VMA that is written to",
      function: "folio_try_dup_anon_rmap_ptes",
      edit: at(RMAP_H, "\treturn dup_anon(folio, page, nr, dst, src, BY_PTES);", "src->vm_end = 0;"),
      what: /: it changes the VMA/,
    },
    {
      name: "a call that WebAssembly stops",
      function: "folio_dup_file_rmap_ptes",
      edit: at(
        RMAP_H,
        "\traise_mapcounts(folio, page, nr, dst, BY_PTES);",
        "*(volatile int *)(unsigned long)0x7ffffffc = nr;",
      ),
      what: /: it does not terminate: memory access out of bounds/,
    },
    {
      name: "a tail page that stays one",
      function: "free_tail_page_prepare",
      edit: { file: "mm/page_alloc.c", from: "\tpage->compound_head = 0;\n", to: "" },
      what: /: a tail page does not become a separate page/,
    },
  ],
];

async function findingsOf(
  effects: readonly SideEffect[],
  judge: "conformance" | "claims",
): Promise<readonly Finding[]> {
  const configuration = configurationOf("page-mapcount,64bit,mm-id");
  const edits = effects.map(({ edit }) => edit);
  const unit = await compileUnit(await ownUnit(configuration, edits), testCacheFolder);
  const request = { profile: "quick", budget: {}, only: "rmap", judge } as const;
  const { findings } = await runGate([unit], request, async (jobs) => jobs.map((job) => runJob(job)));
  return findings;
}

describe.each(COPIES)("a copy with %#", (...effects) => {
  let findings: readonly Finding[];

  beforeAll(async () => {
    findings = await findingsOf(effects, "conformance");
  });

  test.each(effects)("$name is reported for $function", ({ function: name, what }) => {
    const own = findings.filter((each) => each.function === name).map(findingText);
    expect(own).toEqual(expect.arrayContaining([expect.stringMatching(what)]));
  });
});

describe("the C code without the model", () => {
  // One of each kind, because they are raised at different places.
  const effects = COPIES.flat().filter(({ name }) =>
    [
      "another index",
      "a statistic where the kernel has none",
      "a verdict at free that is not what was found",
      "a reader that leaves the lock taken",
      "a call that WebAssembly stops",
    ].includes(name),
  );

  test.each(effects)("$name in $function violates a claim", async (effect) => {
    const findings = await findingsOf([effect], "claims");
    const properties = findings.map(({ property }) => property);
    expect(properties).toContainEqual(expect.stringMatching(/^C5\.(?:compiled|readers)$/));
    for (const each of findings) {
      expect(each.property).toMatch(/^C5\.(?:compiled|readers)$/);
      expect(findingText(each)).toMatch(/./);
    }
  });
});
