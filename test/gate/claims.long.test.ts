import { describe, expect, test } from "vitest";
import { compileUnit } from "../../gate/preparation/compile-unit.ts";
import { runGate } from "../../gate/run/explore-units.ts";
import type { Finding } from "../../gate/run/findings.ts";
import type { GateOutcome } from "../../gate/run/outcome.ts";
import { configurationOf } from "../../gate/unit/configurations.ts";
import { findingText } from "../../report/text/diagnostic.ts";
import { runJob } from "../../verify/run.ts";
import { testCacheFolder } from "./cache-folder.ts";
import { SHARED_ELSEWHERE } from "./opaque-state.ts";
import { type Edit, ownUnit } from "./own-tree.ts";

const RMAP_H = "include/linux/rmap.h";

const FORGETS: Edit = {
  file: RMAP_H,
  from: "\tif (shared)\n\t\tfolio->_mm_ids |=",
  to: "\tif (folio_order(folio) > 1)\n\t\tfolio->page_2.private = shared && folio_mapcount(folio) > 3;\n\telse if (shared)\n\t\tfolio->_mm_ids |=",
};

async function judged(
  edits: readonly Edit[],
  machine: string,
  config: string,
): Promise<{ readonly findings: readonly Finding[]; readonly outcomes: readonly GateOutcome[] }> {
  const unit = await compileUnit(await ownUnit(configurationOf(config), edits), testCacheFolder);
  const { findings, outcomes } = await runGate(
    [unit],
    { profile: "quick", budget: {}, only: machine, judge: "claims" },
    async (jobs) => jobs.map((job) => runJob(job)),
  );
  return { findings, outcomes };
}

describe.each([
  ["owner-tracking", "C1"],
  ["rmap", "C5.compiled"],
])("a patch that moves the shared bit, on machine %s", (machine, violated) => {
  test.each(["page-mapcount,64bit,mm-id", "no-page-mapcount,64bit,mm-id"])(
    "%s: passes every claim",
    async (config) => {
      const { findings, outcomes } = await judged(SHARED_ELSEWHERE, machine, config);
      expect(findings.map((each) => `${each.property}: ${findingText(each)}`)).toEqual([]);
      expect(outcomes.map(({ report }) => report.verdict)).not.toContain("incomplete");
    },
    // Explored without symmetry, on a host that may be busy.
    400_000,
  );

  test("has a finding on 32-bit, where _pincount is in that word", async () => {
    const { findings } = await judged(SHARED_ELSEWHERE, machine, "page-mapcount,32bit,mm-id");
    expect(new Set(findings.map(({ property }) => property))).toEqual(new Set([violated]));
  });

  test("violates C1 if it does not set the bit", async () => {
    const [, reader] = SHARED_ELSEWHERE as [Edit, Edit];
    const { findings } = await judged([FORGETS, reader], machine, "page-mapcount,64bit,mm-id");
    expect(findings.map(({ property }) => property)).toContain("C1");
  });
});
