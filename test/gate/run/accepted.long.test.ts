/** Findings that a baseline accepts hide no other finding. */

import { beforeAll, describe, expect, test } from "vitest";
import { type CompiledUnit, compileUnit } from "../../../gate/preparation/compile-unit.ts";
import { acceptedBy, updatedBaseline } from "../../../gate/run/baseline.ts";
import { runGate } from "../../../gate/run/explore-units.ts";
import type { Finding } from "../../../gate/run/findings.ts";
import { gateReport } from "../../../gate/run/report.ts";
import { configurationOf } from "../../../gate/unit/configurations.ts";
import { findingText } from "../../../report/text/diagnostic.ts";
import { notCheckedText } from "../../../report/text/not-checked.ts";
import type { BaselineEntry, GateReport } from "../../../verify/report/report.ts";
import { runJob } from "../../../verify/run.ts";
import { testCacheFolder } from "../cache-folder.ts";
import { type Edit, ownUnit } from "../own-tree.ts";

const RMAP_H = "include/linux/rmap.h";

const unitWith = async (edits: readonly Edit[]): Promise<CompiledUnit> =>
  compileUnit(await ownUnit(configurationOf("page-mapcount,64bit,mm-id"), edits), testCacheFolder);

/** Checks the claims of profile quick on one machine. */
async function judged(
  unit: CompiledUnit,
  only: string,
  baseline: readonly BaselineEntry[],
  isAccepted: (finding: Finding) => boolean = (finding) => acceptedBy(finding, baseline) !== undefined,
): Promise<GateReport & { readonly all: readonly Finding[] }> {
  const request = { profile: "quick", budget: {}, only, judge: "claims" as const };
  const result = await runGate([unit], request, async (jobs) => jobs.map((job) => runJob(job)), isAccepted);
  const report = gateReport({
    tree: "own",
    reproduce: "",
    options: { tree: "own", profile: "quick" },
    ...result,
    baseline,
    seconds: 0,
  });
  return { ...report, all: result.findings };
}

/** Accepts all findings. */
async function accepting(unit: CompiledUnit, only: string): Promise<readonly BaselineEntry[]> {
  const { all } = await judged(unit, only, [], () => true);
  return updatedBaseline(all, [], "known", () => true).entries;
}

const FORGETFUL_READER: Edit = {
  file: "include/linux/mm.h",
  from: "\treturn test_bit(FOLIO_MM_IDS_SHARED_BITNUM, &folio->_mm_ids);",
  to: "\treturn false;",
};

/** An MM that unmaps everything keeps its slot. */
const SLOT_KEPT: Edit = { file: RMAP_H, from: "keeps = left >= 0;", to: "keeps = true;" };

const open = ({ claims }: GateReport): string[] =>
  claims.filter((each) => each.verdict === "incomplete").map((each) => each.id);
const fresh = ({ findings }: GateReport): string[] =>
  findings.filter(({ accepted }) => accepted === undefined).map(({ property }) => property);

describe("an accepted violation of a claim", () => {
  let unit: CompiledUnit;
  let baseline: readonly BaselineEntry[];

  beforeAll(async () => {
    unit = await unitWith([FORGETFUL_READER]);
    baseline = await accepting(unit, "owner-tracking");
  });

  test("leaves no claim incomplete: each is checked in every state", async () => {
    const report = await judged(unit, "owner-tracking", baseline);
    expect(report.verdict).toBe("holds");
    expect(open(report)).toEqual([]);
    expect(report.claims.filter(({ verdict }) => verdict === "violated").map(({ id }) => id)).toContain("C1");
    expect(report.claims.filter(({ verdict }) => verdict === "holds").map(({ id }) => id)).toContain("C8");
    expect(report.notChecked.map(notCheckedText).join()).not.toContain("What comes after");
  });

  test("does not hide another fault", async () => {
    const report = await judged(await unitWith([FORGETFUL_READER, SLOT_KEPT]), "owner-tracking", baseline);
    expect(report.verdict).toBe("violated");
    expect(fresh(report)).toEqual(["C4", "C5.slots"]);
  });

  test("is the only one that is reported while it is new: later ones may be consequences", async () => {
    const report = await judged(unit, "owner-tracking", []);
    expect(report.verdict).toBe("violated");
    expect(fresh(report)).toEqual(["C1"]);
    expect(open(report)).toEqual(["C3", "C4", "C5", "C6", "C8", "W1", "W2"]);
    expect(report.notChecked.map(notCheckedText)).toContainEqual(
      "What comes after the violation that ended a run of owner-tracking: claims and functions that are incomplete",
    );
  });
});

describe("an accepted warning of the C code", () => {
  const warning = (what: string): Edit => ({
    file: RMAP_H,
    from: "\tlock_owners(folio);\n\tcheck_owners(folio, diff, id);\n\tmapcount = atomic_read(&folio->_large_mapcount) + diff;\n",
    to: `\tlock_owners(folio);\n\tcheck_owners(folio, diff, id);\n\tmapcount = atomic_read(&folio->_large_mapcount) + diff;\n${what}`,
  });
  const ONE = "\tVM_WARN_ON_ONCE(mapcount == 5);\n";
  const OTHER = "\tVM_WARN_ON_ONCE(mapcount == 7);\n";

  test("does not hide another one of the same function", async () => {
    const unit = await unitWith([warning(ONE)]);
    const baseline = await accepting(unit, "owner-tracking");
    const known = await judged(unit, "owner-tracking", baseline);
    expect({ verdict: known.verdict, open: open(known) }).toEqual({ verdict: "holds", open: [] });
    const report = await judged(await unitWith([warning(ONE + OTHER)]), "owner-tracking", baseline);
    expect(report.verdict).toBe("violated");
    expect(report.findings.filter(({ accepted }) => accepted === undefined).map(findingText)).toEqual([
      expect.stringMatching(/^it warns at include\/linux\/rmap\.h:\d+: VM_WARN_ON_ONCE\(mapcount == 7\)$/),
    ]);
  });
});

test("the verdict is incomplete if the search cannot continue past an accepted violation", async () => {
  const unit = await unitWith([
    {
      file: "mm/rmap.c",
      from: "\taccount(folio, pages, pmd_pages);\n}\n\nvoid folio_add_file",
      to: "\taccount(folio, pages + 1, pmd_pages);\n}\n\nvoid folio_add_file",
    },
  ]);
  const baseline = await accepting(unit, "rmap");
  const report = await judged(unit, "rmap", baseline);
  expect(fresh(report)).toEqual([]);
  expect(report.verdict).toBe("incomplete");
  expect(open(report)).toEqual(["C1", "C2", "C3", "C4", "C6", "C7", "C8", "C11", "C15", "C16", "C20"]);
  expect(report.findings.map(findingText)).toContainEqual(
    expect.stringMatching(
      /^it leaves (?:an impossible value|impossible values): .*the value \d+ does not fit field stats\.nr\w+Mapped/,
    ),
  );
});
