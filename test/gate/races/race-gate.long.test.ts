/** A gate of machine race: findings, accepted findings, and findings of the base. */

import { beforeAll, describe, expect, test } from "vitest";
import type { CompiledUnit } from "../../../gate/preparation/compile-unit.ts";
import { extractTrees } from "../../../gate/preparation/extract-units.ts";
import { runGate } from "../../../gate/run/explore-units.ts";
import type { Finding } from "../../../gate/run/findings.ts";
import { gateReport } from "../../../gate/run/report.ts";
import { signatureOf } from "../../../gate/run/signature.ts";
import { configurationOf } from "../../../gate/unit/configurations.ts";
import { gateGithub } from "../../../report/github/gate.ts";
import { gateMarkdown } from "../../../report/markdown/gate.ts";
import { gatePretty } from "../../../report/terminal/gate.ts";
import { diagnosticText } from "../../../report/text/diagnostic.ts";
import { notCheckedText } from "../../../report/text/not-checked.ts";
import type { Diagnostic } from "../../../verify/report/diagnostic.ts";
import type { GateReport } from "../../../verify/report/report.ts";
import { runJob } from "../../../verify/run.ts";
import { type Edit, editedCopy } from "../own-tree.ts";
import { EARLY_READ } from "./mutants.ts";
import { exploreRace, threadsOnly, violatedIn } from "./race-unit.ts";

/** The configuration in which profile quick has one run of machine race. */
const CONFIG = "no-page-mapcount,32bit,mm-id";
const REQUEST = { profile: "quick", budget: {}, only: "race" } as const;

/** Compiles the unit of a changed copy of the test kernel, and that of the test kernel as its base. */
async function pairOf(edits: readonly Edit[]): Promise<readonly [tree: CompiledUnit, base: CompiledUnit]> {
  const { units, base } = await extractTrees({
    tree: editedCopy(edits),
    base: editedCopy([]),
    configurations: [configurationOf(CONFIG)],
  });
  if (units[0] === undefined || base === undefined || "refusal" in base || base.units[0] === undefined) {
    throw new Error("there is no pair of units");
  }
  return [await threadsOnly(units[0]), await threadsOnly(base.units[0])];
}

async function gated(
  unit: CompiledUnit,
  base?: CompiledUnit,
): Promise<{ readonly report: GateReport; readonly findings: readonly Finding[] }> {
  const result = await runGate(
    [unit],
    REQUEST,
    async (jobs) => jobs.map((job) => runJob(job)),
    undefined,
    base === undefined ? undefined : [{ kind: "compiled", unit: base }],
  );
  const report = gateReport({
    tree: "own",
    reproduce: "",
    options: { tree: "own", ...REQUEST },
    ...result,
    baseline: [],
    seconds: 0,
  });
  return { findings: result.findings, report };
}

describe("a change that adds a race", () => {
  let report: GateReport;
  let findings: readonly Finding[];

  beforeAll(async () => {
    const [unit, base] = await pairOf([EARLY_READ]);
    ({ report, findings } = await gated(unit, base));
  });

  test("has a new finding, which the base does not have", () => {
    expect(report.verdict).toBe("violated");
    expect(report.findings).toMatchObject([{ property: "C7.instant", mode: "claims", configs: [CONFIG] }]);
    expect(report.findings[0]?.inBase).toBeUndefined();
    expect(report.base).toMatchObject({ same: [], cured: [] });
    expect(report.base?.runs).toBeGreaterThan(0);
  });

  test("has a signature of the claim and the functions in scope that run in its last step", () => {
    expect(findings.map(signatureOf)).toEqual([
      "C7.instant on race by folio_remove_rmap_ptes, folio_sub_return_large_mapcount, folio_large_nr_pages, folio_mapcount",
    ]);
  });

  test("has an annotation at the changed line", () => {
    const [line = ""] = gateGithub(report).split("\n");
    expect(line).toMatch(
      /^::error file=include\/linux\/rmap\.h,line=(\d+),endLine=\d+,title=foliocheck%3A C7\.instant::/,
    );
    expect(line).toMatch(/\w+\(.*\) on CPU \d races with \w+\(.*\) on CPU \d/);
    expect(line).not.toContain("step(");
  });

  test("is reported with memory model, CPUs, reductions, and the functions that are not interleaved", () => {
    for (const text of [gatePretty(report, { color: false, verbose: true }), gateMarkdown(report)]) {
      const words = text.replace(/\s+/g, " ");
      expect(words).toContain("memory model: sequential consistency");
      expect(words).toContain("2 CPUs execute any operation, again and again; every access to shared memory is a step");
      expect(words).toContain("reductions: accesses that no other CPU can interfere with are not interleaved");
      expect(words).toContain("Interleavings inside the allocator and of mmap_lock");
      expect(words).toContain("Races under memory models weaker than sequential consistency");
    }
  });

  test("has a report that names the functions that the threads ran", () => {
    const ran = report.functions.filter(({ outcome }) => outcome === "ran").map(({ name }) => name);
    expect(ran).toContain("folio_sub_return_large_mapcount");
    expect(ran).toContain("folio_remove_rmap_ptes");
    expect(ran).not.toContain("folio_add_file_rmap_ptes");
  });
});

test("accepted data races hide no other finding: the search continues past them", async () => {
  const plainReader: Edit = {
    file: "include/linux/mm.h",
    from: "\treturn test_bit(FOLIO_MM_IDS_SHARED_BITNUM, &folio->_mm_ids);",
    to: "\treturn folio->_mm_ids & FOLIO_MM_IDS_SHARED_BIT;",
  };
  const [unit] = await pairOf([plainReader]);
  const known: { readonly property: string; readonly warning: Diagnostic }[] = [];
  for (let i = 0; i < 3; i++) {
    const report = exploreRace(unit, { references: 0 }, { known });
    const found = violatedIn(report).flatMap(({ id, trace }) =>
      trace?.warning === undefined ? [] : [{ property: id, warning: trace.warning }],
    );
    expect(found.length).toBe(i < 2 ? 1 : 0);
    expect(report.verdict).toBe(i < 2 ? "violated" : "holds");
    known.push(...found);
  }
  for (const { property, warning } of known) {
    expect(property).toBe("D1");
    expect(diagnosticText(warning)).toMatch(
      /^data race between folio_maybe_mapped_shared\(\) at include\/linux\/mm\.h:\d+ \(plain read of folio->_mm_ids\) and \w+\(\) at include\/linux\/rmap\.h:\d+ \(plain write of folio->_mm_ids\)$/,
    );
  }
});

test("C code that accesses memory without a field of the model ends its runs as incomplete, with the place", async () => {
  const [unit] = await pairOf([
    {
      file: "include/linux/rmap.h",
      from: "\tif (shared)\n\t\tfolio->_mm_ids |=",
      to: "\tfolio->page_2.private = shared;\n\tif (shared)\n\t\tfolio->_mm_ids |=",
    },
  ]);
  const { report } = await gated(unit);
  expect(report.verdict).toBe("incomplete");
  expect(report.notChecked.map(notCheckedText).join("\n")).toMatch(
    /claims on machine race, .*: include\/linux\/rmap\.h:\d+ accesses byte \d+ of the struct pages of a folio/,
  );
});
