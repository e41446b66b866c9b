/** Races that profile `ci` finds and `quick` does not. */

import { describe, expect, test } from "vitest";
import { runGate } from "../../../gate/run/explore-units.ts";
import type { Finding } from "../../../gate/run/findings.ts";
import { findingText } from "../../../report/text/diagnostic.ts";
import { boundsWithin, type Job, machineNamed } from "../../../verify/job/job.ts";
import type { RunReport } from "../../../verify/report/report.ts";
import { runJob } from "../../../verify/run.ts";
import { goodRun } from "../../report/fixtures.ts";
import type { Edit } from "../own-tree.ts";
import { B2 } from "./history.ts";
import { raceUnit } from "./race-unit.ts";

/** The report of a run that is skipped. */
function notRun({ machine, config, bounds, optimisation = "-O0" }: Job): RunReport {
  return { ...goodRun, machine, config, bounds, optimisation, properties: [], states: 0, reached: [] };
}

/** Runs the selected jobs of machine race, and returns their findings. */
async function explored(
  config: string,
  edits: readonly Edit[],
  isAsked: (job: Job) => boolean,
): Promise<{ readonly findings: readonly Finding[] }> {
  const unit = await raceUnit(config, edits, ["-O0", "-O2"]);
  return runGate([unit], { profile: "ci", budget: {}, only: "race" }, async (jobs) =>
    jobs.map((job) => (isAsked(job) ? runJob(job) : notRun(job))),
  );
}

const shown = (findings: readonly Finding[]): unknown[] =>
  findings.map(({ property, optimisation, heldBy }) => ({ property, optimisation, heldBy }));

describe("profile ci", () => {
  test("finds b2 at both optimisation levels", async () => {
    const isAsked = ({ bounds }: Job): boolean => bounds["pmd"] === 1 && bounds["writes"] === 1;
    const { findings } = await explored("page-mapcount,64bit,mm-id", B2, isAsked);
    expect(shown(findings)).toEqual([
      { property: "C5.compiled", optimisation: "-O0", heldBy: undefined },
      { property: "C5.compiled", optimisation: "-O2", heldBy: undefined },
    ]);
    expect(findings.map(findingText)[0]).toMatch(/VM_WARN_ON_ONCE\(folio_/);
  });

  test("reports that the code of -O2 does not have a data race that the compiler removes", async () => {
    const unused: Edit = {
      file: "include/linux/mm.h",
      from: "\tconst int mapcount = folio_mapcount(folio);\n\n\tif (mapcount <= 1)",
      to: "\tconst unsigned long unused = folio->_mm_ids;\n\tconst int mapcount = folio_mapcount(folio);\n\tif (mapcount <= 1)",
    };
    const isAsked = ({ bounds, calls }: Job): boolean =>
      calls === undefined && JSON.stringify(bounds) === JSON.stringify(boundsWithin(machineNamed("race"), {}));
    const { findings } = await explored("no-page-mapcount,32bit,mm-id", [unused], isAsked);
    expect(shown(findings)).toEqual([{ property: "D1", optimisation: "-O0", heldBy: "-O2" }]);
  });

  test("finds with memory model views that folio_try_share_anon_rmap_pte() has no barrier before it counts pins", async () => {
    const withoutBarrier: Edit = { file: "include/linux/rmap.h", from: "\tsmp_mb();\n", to: "\n" };
    const isAsked = ({ bounds, calls }: Job): boolean =>
      bounds["views"] === 1 && calls?.cpus.flat().some(({ operation }) => operation === "gupFast") === true;
    const { findings } = await explored("no-page-mapcount,32bit,mm-id", [withoutBarrier], isAsked);
    expect(shown(findings)).toEqual([
      { property: "C11.warnings", optimisation: "-O0", heldBy: undefined },
      { property: "C11.warnings", optimisation: "-O2", heldBy: undefined },
    ]);
  });
});
