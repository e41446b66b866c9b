/** Races that profiles `ci` and `deep` explore and `quick` does not: each finds a fault, as a run of the profile. */
import { describe, expect, test } from "vitest";
import type { Optimisation } from "../../../gate/clang.ts";
import { runGate } from "../../../verify/gate.ts";
import type { Finding } from "../../../verify/gate-findings.ts";
import type { Job } from "../../../verify/job.ts";
import type { RunReport } from "../../../verify/report.ts";
import { runJob } from "../../../verify/run.ts";
import { goodRun } from "../../report/fixtures.ts";
import type { Edit } from "../own-tree.ts";
import { B2 } from "./history.ts";
import { raceUnit } from "./race-unit.ts";

/** Report of a run that visits nothing. */
function notRun({ machine, config, bounds, optimisation = "-O0" }: Job): RunReport {
  return { ...goodRun, machine, config, bounds, optimisation, properties: [], states: 0, reached: [] };
}

/** Those runs of machine race of a profile that are asked for. */
async function explored(
  profile: string,
  config: string,
  edits: readonly Edit[],
  isAsked: (job: Job) => boolean,
): Promise<{ readonly findings: readonly Finding[]; readonly reports: readonly RunReport[] }> {
  const unit = await raceUnit(config, edits, ["-O0", "-O2"]);
  const reports: RunReport[] = [];
  const { findings } = await runGate([unit], { profile, budget: {}, only: "race" }, async (jobs) =>
    jobs.map((job) => {
      const report = isAsked(job) ? runJob(job) : notRun(job);
      if (isAsked(job)) {
        reports.push(report);
      }
      return report;
    }),
  );
  return { findings, reports };
}

const shown = (findings: readonly Finding[]): unknown[] =>
  findings.map(({ property, optimisation, heldBy }) => ({ property, optimisation, heldBy }));

/** A finding of the code at both optimisations. */
const both = (property: string): unknown[] =>
  (["-O0", "-O2"] satisfies Optimisation[]).map((optimisation) => ({ property, optimisation, heldBy: undefined }));

describe("profile ci", () => {
  test("finds b2, whichever way clang compiles it", async () => {
    const isAsked = ({ bounds }: Job): boolean => bounds["pmd"] === 1 && bounds["writes"] === 1;
    const { findings } = await explored("ci", "page-mapcount,64bit,mm-id", B2, isAsked);
    expect(shown(findings)).toEqual(both("C5.compiled"));
    expect(findings[0]?.what).toMatch(/VM_WARN_ON_ONCE\(folio_/);
  });
});
