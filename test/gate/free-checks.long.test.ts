/** The checks on free: freeing a damaged folio detects a removed or weaker check. */

import { describe, expect, test } from "vitest";
import { compileUnit } from "../../gate/preparation/compile-unit.ts";
import { runGate } from "../../gate/run/explore-units.ts";
import type { Finding } from "../../gate/run/findings.ts";
import { configurationOf } from "../../gate/unit/configurations.ts";
import { findingText } from "../../report/text/diagnostic.ts";
import { runJob } from "../../verify/run.ts";
import { testCacheFolder } from "./cache-folder.ts";
import { type Edit, ownUnit } from "./own-tree.ts";

async function findingsOf(config: string, edits: readonly Edit[], only: string): Promise<readonly Finding[]> {
  const unit = await compileUnit(await ownUnit(configurationOf(config), edits), testCacheFolder);
  const request = { profile: "quick", budget: {}, only };
  const { findings } = await runGate([unit], request, async (jobs) => jobs.map((job) => runJob(job)));
  return findings;
}

const check = (from: string, to: string): Edit => ({ file: "mm/page_alloc.c", from, to });

/** The change, and the damage that detects it. */
const WEAKENED: readonly (readonly [name: string, edit: Edit, shownBy: object])[] = [
  [
    "that of the large mapcount",
    check("if (folio_large_mapcount(folio))", "if (folio_large_mapcount(folio) > 0)"),
    { field: "_large_mapcount", by: -1 },
  ],
  [
    "that of the mapped pages",
    check("&& atomic_read(&folio->_nr_pages_mapped))", "&& atomic_read(&folio->_nr_pages_mapped) & 7)"),
    { field: "_nr_pages_mapped by ENTIRELY_MAPPED", by: 1 },
  ],
  [
    "that of the first slot",
    check("if (folio->_mm_id_mapcount[0] != -1 || ", "if ("),
    { field: "_mm_id_mapcount[0]", by: 1 },
  ],
  [
    "that of the second slot",
    check("|| folio->_mm_id_mapcount[1] != -1)", "|| folio->_mm_id_mapcount[0] != -1)"),
    { field: "_mm_id_mapcount[1]", by: 1 },
  ],
  [
    "that of the entire mapcount",
    check("if (atomic_read(&folio->_entire_mapcount) != -1)", "if (atomic_read(&folio->_entire_mapcount) > -1)"),
    { field: "_entire_mapcount", by: -1 },
  ],
  [
    "that of the pincount",
    check('return atomic_read(&folio->_pincount) ? "pincount" : 0;', "return 0;"),
    { field: "_pincount", by: 1 },
  ],
  [
    "that of the deferred split queue",
    check('left = list_empty(&folio->_deferred_list) ? 0 : "deferred list";', "left = 0;"),
    { field: "_deferred_list", by: 1 },
  ],
  [
    "that of a page's mapcount",
    check("atomic_read(&page->_mapcount) != -1 || ", "(atomic_read(&page->_mapcount) | 1) != -1 || "),
    { field: "page[0]._mapcount", by: -1 },
  ],
  [
    "that of a page type, which is a negative mapcount",
    check("atomic_read(&page->_mapcount) != -1 || ", "atomic_read(&page->_mapcount) > -1 || "),
    { damage: "pageType", page: 1 },
  ],
  [
    "that of a poisoned page, whose references are less than none",
    check(
      "atomic_read(&page->_refcount) ||\n\t\t\t page_flag(page, PG_locked);",
      "atomic_read(&page->_refcount) > 0 ||\n\t\t\t (page_flag(page, PG_locked) && ~page->flags);",
    ),
    { damage: "onlyPrepared", page: 1 },
  ],
  [
    "that of a zeroed page, which is mapped once",
    check(
      "atomic_read(&page->_mapcount) != -1 || ",
      "(atomic_read(&page->_mapcount) != -1 && page->_mapcount.counter) || ",
    ),
    { damage: "zeroed", page: 0 },
  ],
  ["that of the folio lock", check(" ||\n\t\t\t page_flag(page, PG_locked);", ";"), { damage: "locked", page: 2 }],
  [
    "that of a tail page's mapping",
    check('left = page->mapping == TAIL_MAPPING ? 0 : "mapping";', "left = 0;"),
    { damage: "mapping", page: 3 },
  ],
  [
    "that of a tail page's mark",
    check(
      "if (!left && page->compound_head != (unsigned long)head + 1)",
      "if (!left && (page->compound_head | 1) != (unsigned long)head + 1)",
    ),
    { damage: "notTail", page: 1 },
  ],
  [
    "that of a tail page's head",
    check("if (!left && page->compound_head != (unsigned long)head + 1)", "if (!left && !(page->compound_head & 1))"),
    { damage: "otherHead", page: 1 },
  ],
  ["that of a mapping that is left", check("|| page->mapping || atomic", "|| atomic"), { damage: "mapping", page: 0 }],
  ["that of references", check("|| atomic_read(&page->_refcount) ||", "||"), { damage: "refcount", page: 0 }],
];

describe.each(WEAKENED)("a weaker check: %s", (_name, edit, shownBy) => {
  test("is reported by the damage that it no longer detects", async () => {
    const [finding, ...others] = await findingsOf("page-mapcount,64bit,mm-id", [edit], "bad-page");
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ function: "free_tail_page_prepare", mode: "conformance" });
    expect(finding && findingText(finding)).toMatch(
      /^free_tail_page_prepare\(\) at mm\/page_alloc\.c:\d+: it does not warn, and the model does$/,
    );
    const damaged = finding?.trace?.steps.find(({ action }) => action !== "free");
    expect(damaged?.parameters).toMatchObject(shownBy);
  });
});

test("a check that is too strong is reported", async () => {
  const edit = check("page_flag(page, PG_locked);", "page_flag(page, PG_locked) || page_flag(page, PG_swapcache);");
  const findings = await findingsOf("page-mapcount,64bit,mm-id", [edit], "bad-page");
  expect(findings.map(findingText)).toEqual([expect.stringMatching(/it warns, and the model does not$/)]);
  expect(findings[0]?.trace?.steps[0]?.parameters).toMatchObject({ field: "folio_test_swapcache()" });
});

const PRIVATE: readonly (readonly [name: string, edit: Edit])[] = [
  [
    "free_tail_page_prepare() warns of private",
    check("\tif (left)\n", '\tif (!left && page->private)\n\t\tleft = "private";\n\tif (left)\n'),
  ],
  ["every page is checked", check("page_flag(page, PG_locked);", "page_flag(page, PG_locked) || page->private;")],
  ["private is cleared", check("\tpage->mapping = 0;\n", "\tpage->mapping = 0;\n\tpage->private = 0;\n")],
];

test.each(PRIVATE)(
  "a tree with additional handling of private of tail pages has no finding: %s",
  async (_name, edit) => {
    expect(await findingsOf("page-mapcount,64bit,mm-id", [edit], "bad-page")).toEqual([]);
  },
);

test("no other machine reports a weaker check, because none frees a damaged folio", async () => {
  const [, edit] = WEAKENED[3] as (typeof WEAKENED)[number];
  expect(await findingsOf("page-mapcount,64bit,mm-id", [edit], "rmap")).toEqual([]);
});

test.each(["page-mapcount,64bit,mm-id", "no-page-mapcount,32bit,mm-id", "page-mapcount,32bit,no-mm-id"])(
  "%s: where nothing is changed, damaged folios are told alike",
  async (config) => {
    expect(await findingsOf(config, [], "bad-page")).toEqual([]);
  },
);
