/** A change and its base in one gate: new, cured and common findings. */

import { beforeAll, describe, expect, test } from "vitest";
import { type BaseUnit, hasSameCode, hasSameText } from "../../../gate/preparation/base-unit.ts";
import { type CompiledUnit, compileUnit } from "../../../gate/preparation/compile-unit.ts";
import { extractTrees } from "../../../gate/preparation/extract-units.ts";
import { type GateRunResult, runGate } from "../../../gate/run/explore-units.ts";
import { gateReport } from "../../../gate/run/report.ts";
import type { GateRequest } from "../../../gate/run/request.ts";
import { configurationOf } from "../../../gate/unit/configurations.ts";
import type { TranslationUnit } from "../../../gate/unit/translation-unit.ts";
import { notCheckedText } from "../../../report/text/not-checked.ts";
import type { GateFindingReport, GateReport } from "../../../verify/report/report.ts";
import { runJob } from "../../../verify/run.ts";
import { testCacheFolder } from "../cache-folder.ts";
import { type Edit, editedCopy } from "../own-tree.ts";
import { added, treeWith } from "../tree-copy.ts";

const RMAP_H = "include/linux/rmap.h";
const CONFIG = "no-page-mapcount,64bit,mm-id";

/** A fork that counts a PMD as PTEs, as in folio_dup_file_rmap_pmd() of Linux. */
const WRONG_LEVEL: Edit = {
  file: RMAP_H,
  from: "\traise_mapcounts(folio, page, HPAGE_PMD_NR, dst, BY_PMD);",
  to: "\traise_mapcounts(folio, page, HPAGE_PMD_NR, dst, BY_PTES);",
};

const FORGETFUL_READER: Edit = {
  file: "include/linux/mm.h",
  from: "\treturn test_bit(FOLIO_MM_IDS_SHARED_BITNUM, &folio->_mm_ids);",
  to: "\treturn false;",
};

/** An MM that unmaps everything keeps its slot. */
const SLOT_KEPT: Edit = { file: RMAP_H, from: "keeps = left >= 0;", to: "keeps = true;" };

/** Other text with the same compiled code. */
const NO_OP: Edit = { file: RMAP_H, from: "keeps = left >= 0;", to: "keeps = !(left < 0);" };

const WRONG_CONDITION: Edit = { file: RMAP_H, from: "if (mapcount != diff - 1)", to: "if (mapcount == diff - 1)" };

interface Pair {
  readonly unit: CompiledUnit;
  readonly base: BaseUnit;
}

async function unitsOf(
  tree: string,
  base: string,
): Promise<{ readonly own: TranslationUnit; readonly base: TranslationUnit }> {
  const { units, base: found } = await extractTrees({ tree, base, configurations: [configurationOf(CONFIG)] });
  if (found === undefined || "refusal" in found) {
    throw new Error(`no units of the base: ${found?.refusal}`);
  }
  return { own: units[0] as TranslationUnit, base: found.units[0] as TranslationUnit };
}

async function pairOf(edits: readonly Edit[], baseEdits: readonly Edit[]): Promise<Pair> {
  const units = await unitsOf(editedCopy(edits), editedCopy(baseEdits));
  const unit = await compileUnit(units.own, testCacheFolder);
  return { unit, base: { kind: "compiled", unit: await compileUnit(units.base, testCacheFolder) } };
}

type Asked = Pick<GateRequest, "only" | "judge"> & { readonly profile?: string };

async function gated({ unit, base }: Pair, asked: Asked): Promise<GateReport & { readonly result: GateRunResult }> {
  const request = { profile: "quick", budget: {}, ...asked };
  const run = async (jobs: Parameters<typeof runJob>[0][]): Promise<ReturnType<typeof runJob>[]> =>
    jobs.map((job) => runJob(job));
  const result = await runGate([unit], request, (jobs) => run([...jobs]), undefined, [base]);
  const options = { tree: "own", ...request };
  return { ...gateReport({ tree: "own", reproduce: "", options, ...result, baseline: [], seconds: 0 }), result };
}

const named = (findings: readonly GateFindingReport[] = []): string[] => findings.map(({ property }) => property);
const fresh = ({ findings }: GateReport): string[] => named(findings.filter(({ inBase }) => inBase !== true));
const both = ({ findings }: GateReport): string[] => named(findings.filter(({ inBase }) => inBase === true));

const CONFORMANCE: Asked = { only: "owner-tracking", judge: "conformance" };

describe("a change to a tree with a fault", () => {
  const [SUB, ADD] = ["CF.folio_sub_return_large_mapcount", "CF.folio_add_return_large_mapcount"];

  test("has the findings of the base if the code is the same, and the base is not run", async () => {
    const { unit } = await pairOf([SLOT_KEPT], []);
    const report = await gated({ unit, base: { kind: "same" } }, CONFORMANCE);
    expect({ fresh: fresh(report), both: both(report), verdict: report.verdict }).toEqual({
      fresh: [],
      both: [SUB],
      verdict: "holds",
    });
    expect(report.base).toEqual({ same: [CONFIG], runs: 0, states: 0, transitions: 0, cured: [] });
  });

  test("has a new finding only for an added fault", async () => {
    const report = await gated(await pairOf([SLOT_KEPT, WRONG_CONDITION], [SLOT_KEPT]), CONFORMANCE);
    expect({ fresh: fresh(report), both: both(report) }).toEqual({ fresh: [ADD], both: [SUB] });
    expect(report.verdict).toBe("violated");
    expect(report.base?.cured).toEqual([]);
  });

  test("cures the finding if it removes the fault", async () => {
    const report = await gated(await pairOf([], [SLOT_KEPT]), CONFORMANCE);
    expect(report).toMatchObject({ verdict: "holds", findings: [] });
    expect(named(report.base?.cured)).toEqual([SUB]);
    expect(report.base?.states).toBeGreaterThan(0);
  });

  test("has the findings of the base if no run reaches the change, and the base is not run", async () => {
    const pair = await pairOf([WRONG_LEVEL, SLOT_KEPT], [SLOT_KEPT]);
    expect(pair.base.kind).toBe("compiled");
    const report = await gated(pair, CONFORMANCE);
    expect({ fresh: fresh(report), both: both(report) }).toEqual({ fresh: [], both: [SUB] });
    expect(report.base).toMatchObject({ same: [], runs: 0 });
  });
});

describe("a claim that the base violates", () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await pairOf([FORGETFUL_READER, SLOT_KEPT], [FORGETFUL_READER]);
  });

  test("does not hide a new violation by the change", async () => {
    const report = await gated(pair, { only: "owner-tracking", judge: "claims" });
    expect(both(report)).toContain("C1");
    expect(fresh(report)).toEqual(["C4", "C5.slots"]);
    expect(report.verdict).toBe("violated");
    const alone = await gated({ ...pair, base: { kind: "absent" } }, { only: "owner-tracking", judge: "claims" });
    expect(fresh(alone)).toEqual(["C1"]);
  });

  test("is not reported as cured if the run of the tree is incomplete", async () => {
    const breaking = await pairOf([SLOT_KEPT], [FORGETFUL_READER]);
    const report = await gated(breaking, { only: "owner-tracking", judge: "claims" });
    expect(report.verdict).toBe("violated");
    expect(report.claims.find(({ id }) => id === "C1")?.verdict).toBe("incomplete");
    const runsOfBase = report.result.base?.flatMap(({ outcomes }) => outcomes) ?? [];
    expect(runsOfBase.map(({ report: run }) => run.machine)).toContain("owner-tracking");
    expect(named(report.base?.cured)).not.toContain("C1");
  });
});

test("every finding is new, with a reason, if the base does not have the configuration or cannot be gated", async () => {
  const { unit } = await pairOf([SLOT_KEPT], []);
  const absent = await gated({ unit, base: { kind: "absent" } }, CONFORMANCE);
  const tooOld = { kind: "refused", why: '"b" is too old' } as const;
  const refused = await gated({ unit, base: tooOld }, CONFORMANCE);
  for (const report of [absent, refused]) {
    expect(fresh(report)).toEqual(["CF.folio_sub_return_large_mapcount"]);
    expect(report.verdict).toBe("violated");
  }
  expect(absent.notChecked.map(notCheckedText)).toContain(
    `Which findings the base has in ${CONFIG}, so that all count as new: it is not there`,
  );
  expect(refused.notChecked.map(notCheckedText)).toContain(
    'Which findings the base has, so that all count as new: "b" is too old',
  );
});

describe("two units", () => {
  test("have the same text if only line numbers differ, and not if a token differs", async () => {
    const moved = treeWith([[RMAP_H, (text) => `/* one line more */\n${text}`], added("mm/rmap.c", "int spare;")]);
    const same = await unitsOf(moved, editedCopy([]));
    expect(same.own.source).not.toBe(same.base.source);
    expect(hasSameText(same.own, same.base)).toBe(true);
    const other = await unitsOf(editedCopy([NO_OP]), editedCopy([]));
    expect(hasSameText(other.own, other.base)).toBe(false);
  });

  test("have the same code if they compile to the same modules", async () => {
    const noOp = await pairOf([NO_OP], []);
    const fault = await pairOf([SLOT_KEPT], []);
    const isSame = ({ unit, base }: Pair): boolean => base.kind === "compiled" && hasSameCode(unit, base.unit);
    expect([isSame(noOp), isSame(fault)]).toEqual([true, false]);
  });
});
