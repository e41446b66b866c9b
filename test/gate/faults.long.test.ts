import { beforeAll, describe, expect, test } from "vitest";
import { READERS } from "../../gate/harness/harness.ts";
import { type CompiledUnit, compileUnit } from "../../gate/preparation/compile-unit.ts";
import { runGate } from "../../gate/run/explore-units.ts";
import type { Finding } from "../../gate/run/findings.ts";
import { configurationOf } from "../../gate/unit/configurations.ts";
import { findingText } from "../../report/text/diagnostic.ts";
import { runJob } from "../../verify/run.ts";
import { callTexts } from "../report/call-trees.ts";
import { testCacheFolder } from "./cache-folder.ts";
import { FAULTS } from "./faults.ts";
import { ownUnit } from "./own-tree.ts";

async function findingsOf(unit: CompiledUnit, machine: string): Promise<readonly Finding[]> {
  const { findings } = await runGate([unit], { profile: "quick", budget: {}, only: machine }, async (jobs) =>
    jobs.map((job) => runJob(job)),
  );
  return findings;
}

describe.each(FAULTS)("$name", ({ edits, config, machine, function: name, what }) => {
  let faulty: CompiledUnit;
  let findings: readonly Finding[];

  beforeAll(async () => {
    faulty = await compileUnit(await ownUnit(configurationOf(config), edits), testCacheFolder);
    findings = await findingsOf(faulty, machine);
  });

  test("is reported by conformance for the faulty function", () => {
    const own = findings.filter(({ mode }) => mode === "conformance");
    expect(own.map((each) => each.function)).toContain(name);
    expect(own.filter((each) => each.function === name).map(findingText)).toEqual(
      expect.arrayContaining([expect.stringMatching(what)]),
    );
  });

  test("has a trace with the C function and its line", () => {
    const trace = findings.find((each) => each.mode === "conformance" && each.function === name)?.trace;
    const place = faulty.fast.unit.functions.find((each) => each.name === name);
    const lines = callTexts(trace?.steps.flatMap(({ functions }) => functions.flatMap(({ calls }) => calls)) ?? []).map(
      (line) => line.trim(),
    );
    // Queries are evaluated in a state, not in a step.
    if (place !== undefined && !READERS.includes(name)) {
      expect(lines).toContainEqual(`C ${name}() ${place.file}:${place.line}`);
    }
    expect(trace?.steps.length).toBeGreaterThan(0);
  });
});

test("the test kernel without a fault has no findings on these machines", async () => {
  const unit = await compileUnit(await ownUnit(configurationOf("page-mapcount,64bit,mm-id")), testCacheFolder);
  for (const machine of ["owner-tracking", "rmap"]) {
    expect(await findingsOf(unit, machine)).toEqual([]);
  }
});
