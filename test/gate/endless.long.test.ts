/** C code that never returns: a finding with the place where it was stopped, which hides no other finding. */

import { describe, expect, test } from "vitest";
import { compileUnit } from "../../gate/preparation/compile-unit.ts";
import { runGate } from "../../gate/run/explore-units.ts";
import type { Finding } from "../../gate/run/findings.ts";
import { configurationOf } from "../../gate/unit/configurations.ts";
import { findingText } from "../../report/text/diagnostic.ts";
import { runJob } from "../../verify/run.ts";
import { callTexts } from "../report/call-trees.ts";
import { testCacheFolder } from "./cache-folder.ts";
import { type Edit, ownUnit } from "./own-tree.ts";

const RMAP_H = "include/linux/rmap.h";
const ITERATIONS = "it does not terminate: it takes more than 1,000,000 iterations of loops";

/** Returns the findings on a machine. */
async function findingsOf(machine: string, edits: readonly Edit[]): Promise<readonly Finding[]> {
  const unit = await compileUnit(await ownUnit(configurationOf("page-mapcount,64bit,mm-id"), edits), testCacheFolder);
  const request = { profile: "quick", budget: {}, only: machine };
  const { findings } = await runGate([unit], request, async (jobs) => jobs.map((job) => runJob(job)));
  return findings;
}

interface Endless {
  readonly name: string;
  readonly edit: Edit;
  readonly machine: string;
  /** The function that is reported, and the function in which it was stopped. */
  readonly function: string;
  readonly stoppedIn: string;
}

const HELPER: Edit = {
  file: RMAP_H,
  from: "for (int slot = 0; slot < 2; slot++)\n\t\tif (owner_of(folio, slot) == id)",
  to: "for (int slot = 0; slot < 2; slot ^= 1)\n\t\tif (owner_of(folio, slot) == id)",
};

const ENDLESS: readonly Endless[] = [
  {
    name: "a loop in a function in scope",
    edit: {
      file: RMAP_H,
      from: "\t\tkeeps = left >= 0;\n",
      to: "\t\twhile (mine == 1)\n\t\t\tbarrier();\n\t\tkeeps = left >= 0;\n",
    },
    machine: "owner-tracking",
    function: "folio_sub_return_large_mapcount",
    stoppedIn: "folio_sub_return_large_mapcount",
  },
  {
    name: "a loop in a helper",
    edit: HELPER,
    machine: "owner-tracking",
    function: "folio_add_return_large_mapcount",
    stoppedIn: "folio_add_return_large_mapcount",
  },
  {
    name: "a loop by goto, which does nothing",
    edit: {
      file: "mm/rmap.c",
      from: "\tconst bool anon = folio_test_anon(folio);\n\n\tif (pages)",
      to: "\tconst bool anon = folio_test_anon(folio);\n\nagain:\n\tif (pages < 0)\n\t\tgoto again;\n\tif (pages)",
    },
    machine: "rmap",
    function: "folio_remove_rmap_ptes",
    stoppedIn: "folio_remove_rmap_ptes",
  },
  {
    name: "a loop in what makes a new folio, which is asked before anything is explored",
    edit: {
      file: "mm/internal.h",
      from: "for (int slot = 0; slot < 2; slot++)",
      to: "for (int slot = 0; slot < 2;)",
    },
    machine: "rmap",
    function: "prep_compound_head",
    stoppedIn: "prep_compound_head",
  },
  {
    name: "a loop in a check on free, which only a damaged folio comes to",
    edit: {
      file: "mm/page_alloc.c",
      from: '\tif (left)\n\t\tbad_page(page, "counts at free");',
      to: '\twhile (left)\n\t\tbad_page(page, "counts at free");',
    },
    machine: "bad-page",
    function: "free_tail_page_prepare",
    stoppedIn: "free_tail_page_prepare",
  },
];

describe.each(ENDLESS)("$name", ({ edit, machine, function: name, stoppedIn }) => {
  test("is reported with a trace to the stopped call", async () => {
    const findings = await findingsOf(machine, [edit]);
    const finding = findings.find((each) => each.mode === "conformance" && each.function === name);
    expect(finding && findingText(finding)).toMatch(
      new RegExp(`^${name}\\(\\) at \\S+:\\d+: ${ITERATIONS}, in ${stoppedIn}\\(\\) at \\S+:\\d+$`),
    );
    const lines = callTexts(finding?.trace?.steps.at(-1)?.functions.flatMap(({ calls }) => calls) ?? []).map((line) =>
      line.trim(),
    );
    expect(lines).toContainEqual(
      expect.stringMatching(new RegExp(`^C ${stoppedIn}\\(\\) \\S+:\\d+ \\(stopped here\\)$`)),
    );
    expect(lines.filter((line) => line.endsWith("(stopped here)"))).toHaveLength(1);
  });
});

test("endless C code is reported without the model, too", async () => {
  const claims = (await findingsOf("owner-tracking", [HELPER])).filter(({ mode }) => mode === "claims");
  expect(claims.map((each) => [each.property, findingText(each)])).toEqual([
    ["C5.compiled", expect.stringMatching(new RegExp(`^${ITERATIONS}, in folio_add_return_large_mapcount\\(\\) at `))],
  ]);
  expect(claims[0]?.trace?.steps).toHaveLength(1);
});

test("an endless read-only function is reported by conformance and by the claims", async () => {
  const edit = {
    file: "include/linux/mm.h",
    from: "\treturn test_bit(FOLIO_MM_IDS_SHARED_BITNUM, &folio->_mm_ids);",
    to: "\twhile (folio->_mm_ids & FOLIO_MM_IDS_SHARED_BIT)\n\t\tbarrier();\n\treturn false;",
  };
  const findings = await findingsOf("rmap", [edit]);
  const about = (property: string): readonly string[] =>
    findings.filter((each) => each.property === property).map(findingText);
  const expectedFault = `folio_maybe_mapped_shared\\(\\) at \\S+:\\d+, called for folio 0: ${ITERATIONS}`;
  expect(about("CF.folio_maybe_mapped_shared")[0]).toMatch(new RegExp(expectedFault));
  expect(about("C5.readers")[0]).toMatch(new RegExp(expectedFault));
});

test("endless recursion is reported", async () => {
  const edits = [
    {
      file: RMAP_H,
      from: "static inline void mark_shared(",
      to: "static int deeper(struct folio *folio, int i)\n{\n\tint here[4] = { i };\n\n\treturn deeper(folio, here[i & 3] + 1) + here[i & 1];\n}\n\nstatic inline void mark_shared(",
    },
    { file: RMAP_H, from: "\t\tif (mapcount != diff - 1)", to: "\t\tif (mapcount != diff - 1 && deeper(folio, 1))" },
  ];
  const findings = await findingsOf("owner-tracking", edits);
  expect(findings.map((each) => each.function ?? each.property)).toEqual([
    "folio_add_return_large_mapcount",
    "C5.compiled",
  ]);
  expect(findings.map(findingText)[0]).toMatch(/it does not terminate: /);
});

test("other faults are reported next to an endless function, which does not run in every state", async () => {
  const remove = ENDLESS.find((each) => each.function === "folio_remove_rmap_ptes") as Endless;
  const missing = {
    file: RMAP_H,
    from: "\tatomic_set(&folio->_large_mapcount, mapcount - 1);\n\tgive_slot",
    to: "\tatomic_set(&folio->_large_mapcount, mapcount);\n\tgive_slot",
  };
  const findings = await findingsOf("rmap", [remove.edit, missing]);
  const functions = findings.filter(({ mode }) => mode === "conformance").map((each) => each.function);
  expect([...new Set(functions)].sort()).toEqual(["folio_add_new_anon_rmap", "folio_remove_rmap_ptes"]);
});
