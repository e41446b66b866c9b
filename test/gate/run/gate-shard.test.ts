/** The parts of a gate that shards have. */
import { describe, expect, test } from "vitest";
import { GATE_COSTS } from "../../../gate/run/gate-costs.ts";
import { type GateShard, gateCostKey, gateShard } from "../../../gate/run/gate-shard.ts";
import { imageBounds } from "../../../gate/run/image-plan.ts";
import { plannedRuns } from "../../../gate/run/plan.ts";
import type { GateRequest } from "../../../gate/run/request.ts";
import { sourceShapes } from "../../../gate/run/source-shape.ts";
import { mergedUnits, type UnitPart, unitResults } from "../../../gate/run/unit-part.ts";
import { configurationsOf, GATE_CONFIGURATIONS, gateConfig } from "../../../gate/unit/configurations.ts";
import type { RunReport } from "../../../verify/report/report.ts";

const CONFIGURATIONS = configurationsOf(GATE_CONFIGURATIONS);

/** Returns the shards of a gate. */
const shards = (request: GateRequest, count: number): GateShard[] =>
  Array.from({ length: count }, (_, i) => gateShard(CONFIGURATIONS, request, { number: i + 1, count }));

const PROFILES = ["quick", "ci", "deep"] as const;

describe("shards of a gate", () => {
  test.each(PROFILES)("every run, image, proof and layout of profile %s is in one shard", (profile) => {
    const request = { profile, budget: {} };
    const all = shards(request, 5);
    const owners = (has: (shard: GateShard) => boolean): number => all.filter(has).length;
    for (const [unit, configuration] of CONFIGURATIONS.entries()) {
      for (const position of plannedRuns(gateConfig(configuration), request).keys()) {
        expect(owners(({ hasRun }) => hasRun(unit, position))).toBe(1);
      }
      expect(owners(({ hasImageOf }) => hasImageOf(configuration))).toBe(configuration.mmId ? 1 : 0);
    }
    expect(owners(({ hasLayout }) => hasLayout)).toBe(1);
    expect(owners(({ hasProof }) => hasProof)).toBe(1);
  });

  test("a race at both optimisation levels is in one shard, because the two are compared", () => {
    const request = { profile: "deep", budget: {} };
    const all = shards(request, 7);
    for (const [unit, configuration] of CONFIGURATIONS.entries()) {
      const runs = plannedRuns(gateConfig(configuration), request);
      const shardOf = (position: number): number => all.findIndex(({ hasRun }) => hasRun(unit, position));
      for (const [position, run] of runs.entries()) {
        const { optimisation, ...own } = run;
        const twin = runs.findIndex(
          ({ optimisation: other, ...each }) => other !== optimisation && JSON.stringify(each) === JSON.stringify(own),
        );
        expect(twin < 0 || shardOf(twin) === shardOf(position)).toBe(true);
      }
    }
  });

  test("a gate without shards is one shard with everything", () => {
    const [only] = shards({ profile: "quick", budget: {} }, 1);
    expect(only?.hasRun(0, 0)).toBe(true);
    expect(CONFIGURATIONS.filter(({ mmId }) => mmId).every((each) => only?.hasImageOf(each))).toBe(true);
    expect([only?.hasLayout, only?.hasProof]).toEqual([true, true]);
  });

  test("four of five runs of the profiles were measured, so that the split is no guess", () => {
    const keys = PROFILES.flatMap((profile) => {
      const request = { profile, budget: {} };
      return CONFIGURATIONS.flatMap((each) => [
        ...plannedRuns(gateConfig(each), request).map((run) => gateCostKey(run, run.mode, gateConfig(each))),
        ...imageBounds(request).map((bounds) => gateCostKey({ machine: "image", bounds }, "image", gateConfig(each))),
      ]);
    });
    const measured = keys.filter((key) => key in GATE_COSTS);
    expect(measured.length / keys.length).toBeGreaterThan(0.8);
  });
});

describe("parts of units", () => {
  const [configuration] = CONFIGURATIONS;
  const outcome = (machine: string, hasFollowUp = false): UnitPart["runs"][number]["outcome"] => ({
    mode: "claims",
    report: { machine, properties: [] } as unknown as RunReport,
    hasFollowUp,
  });
  const finding = (property: string): UnitPart["runs"][number]["findings"][number] => ({
    property,
    mode: "claims",
    config: "",
    machine: "rmap",
    claim: property,
    verdict: "violated",
    trace: null,
  });
  const part = (more: Partial<UnitPart>): UnitPart => ({
    unit: { configuration } as unknown as UnitPart["unit"],
    runs: [],
    ...more,
  });

  test("runs of several shards are in the order of a gate without shards: by round, then by place in the profile", () => {
    const one = part({
      runs: [
        { round: 0, position: 2, outcome: outcome("c"), findings: [finding("C3")] },
        { round: 1, position: 2, outcome: outcome("c again"), findings: [] },
      ],
    });
    const other = part({
      runs: [
        { round: 0, position: 0, outcome: outcome("a"), findings: [finding("C1")] },
        { round: 0, position: 3, outcome: outcome("d"), findings: [] },
      ],
    });
    const { outcomes, findings } = unitResults(mergedUnits([[one], [other]]));
    expect(outcomes.map(({ report }) => report.machine)).toEqual(["a", "c", "d", "c again"]);
    expect(findings.map(({ property }) => property)).toEqual(["C1", "C3"]);
  });

  test("a finding of the base is cured unless a run of any shard has it, or left its property open", () => {
    const base = (property: string): NonNullable<UnitPart["base"]> => ({
      unit: { kind: "compiled" },
      runs: [{ position: 0, outcomes: [], findings: [finding(property)] }],
    });
    const open = {
      mode: "claims",
      report: { properties: [{ id: "C2", verdict: "incomplete" }] } as unknown as RunReport,
      hasFollowUp: false,
    } as const;
    const merged = mergedUnits([
      [part({ base: base("C1"), runs: [{ round: 0, position: 1, outcome: open, findings: [] }] })],
      [part({ base: base("C2") })],
      [
        part({
          base: base("C3"),
          runs: [{ round: 0, position: 0, outcome: outcome("a"), findings: [finding("C3")] }],
        }),
      ],
    ]);
    const [result] = unitResults(merged).base ?? [];
    expect(result?.cured.map(({ property }) => property)).toEqual(["C1"]);
    expect(result?.base).toEqual({ kind: "compiled" });
  });

  test("a base that one shard did not get to is unknown", () => {
    const known = part({ base: { unit: { kind: "same" }, runs: [] } });
    expect(unitResults(mergedUnits([[known], [part({ base: { runs: [] } })]])).base?.[0]?.base).toBeUndefined();
    expect(unitResults(mergedUnits([[known], [known]])).base?.[0]?.base).toEqual({ kind: "same" });
    expect(unitResults(mergedUnits([[part({})], [part({})]])).base).toBeUndefined();
  });
});

test("the shape of a file is its number of lines and the lines with directives, without its text", () => {
  const text = "int a;\n  #ifdef X\nint b; # no\n#endif\n";
  expect(sourceShapes(["a.c", "b.c", "a.c"], (file) => (file === "a.c" ? text : undefined))).toEqual({
    "a.c": { lines: 5, directives: [2, 4] },
  });
});
