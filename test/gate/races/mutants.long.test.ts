import { describe, expect, test } from "vitest";
import { RACE_MUTANTS } from "./mutants.ts";
import { exploreRace, raceUnit, violatedIn } from "./race-unit.ts";

test("there are at least ten concurrency bugs in C", () => {
  expect(RACE_MUTANTS.length).toBeGreaterThanOrEqual(10);
});

describe("machine race reports that", () => {
  test.each(RACE_MUTANTS)("$name ($property)", async ({ edits, config, bounds, property }) => {
    const unit = await raceUnit(config, edits);
    const report = exploreRace(unit, bounds);
    const found = violatedIn(report);
    expect(found.map(({ id }) => id)).toContain(property);
    const accesses = found[0]?.trace?.steps.flatMap((step) => step.accesses ?? []) ?? [];
    expect(new Set(accesses.map(({ cpu }) => cpu))).toEqual(new Set([0, 1]));
    const inFiles = accesses.map(({ place }) => place?.file);
    expect(inFiles).toContainEqual(expect.stringMatching(/^(?:include|mm)\/.*\.[ch]$/));
    // The bug requires a second CPU.
    expect(violatedIn(exploreRace(unit, { ...bounds, cpus: 1 }))).toEqual([]);
  });
});
