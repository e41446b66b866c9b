/**
 * Every faulty kernel violates its declared property, every property has a faulty kernel, and fault-free kernels pass.
 */
import { describe, expect, test } from "vitest";
import { claimOf } from "../../invariants/catalogue.ts";
import type { Fault } from "../../invariants/fault.ts";
import { MACHINES } from "../../machines/index.ts";
import { DEFAULT_CONFIG, parseConfig } from "../../model/kernel/config.ts";
import { BASE_KERNELS, VARIANTS } from "../../model/kernels/index.ts";
import { v7_1 } from "../../model/kernels/v7-1.ts";
import type { Exploration } from "../../model/kernels/variant.ts";
import { type JobRequest, machineNamed } from "../../verify/job/job.ts";
import type { PropertyReport, RunReport } from "../../verify/report/report.ts";
import { replay, resolve, runJob } from "./built.ts";

const faulty = VARIANTS.filter((each) => each.faulty);
const faultFree = VARIANTS.filter((each) => !each.faulty);

const catches = faulty.flatMap(({ name, base, caught, alsoCaught = [] }) =>
  [...(caught === undefined ? [] : [caught]), ...alsoCaught].map((where) => ({ name, base, ...where })),
);
// The variants of machine race are in race-variants.long.test.ts.
const sequential = catches.filter(({ machine }) => machine !== "race");
const counterexamples = sequential.flatMap((each) =>
  each.steps === undefined ? [] : [{ ...each, steps: each.steps }],
);
const lostWitnesses = sequential.filter(({ steps }) => steps === undefined);

function explore(kernel: string, where: Exploration, options: Partial<JobRequest> = {}): RunReport {
  const { machine, bounds, config } = where;
  return runJob(resolve({ machine, bounds, config, kernel, ...options }).job);
}

const failedIn = ({ properties }: RunReport): PropertyReport[] =>
  properties.filter(({ verdict }) => verdict === "violated" || verdict === "unreached");

/** Returns every property that some machine checks in some configuration of v7.1. */
function everyProperty(): Set<string> {
  const smallBounds = {
    pages: 4,
    minPages: 1,
    mms: 4,
    folios: 1,
    smallFolios: 1,
    pmd: 1,
    anon: 1,
    file: 2,
    swapSlots: 4,
    holders: 1,
  };
  const ids = new Set<string>();
  for (const config of ["", "no-page-mapcount", "32bit,mm-id-mapcount-max=3"]) {
    for (const { bounds, build } of MACHINES) {
      const given = Object.fromEntries(bounds.map(({ name }) => [name, smallBounds[name as keyof typeof smallBounds]]));
      for (const { id } of build(given, v7_1(parseConfig(config))).properties) {
        ids.add(id);
      }
    }
  }
  return ids;
}

/** Claims without faults of single values: claims about struct pages. */
const WITHOUT_FAULTS = ["C22", "C22.type", "C6.page-type", "C16.page-type"];

/** Whether the actual value of a fault is an expected one. */
function isNone({ actual, expected }: Fault): boolean {
  if (typeof expected !== "object") {
    return actual === expected;
  }
  return "least" in expected ? Number(actual) >= expected.least : Number(actual) <= expected.most;
}

describe("the catalogue of variants", () => {
  test("every faulty kernel has a property that detects it, and every other kernel the runs that it passes", () => {
    expect(VARIANTS.filter((each) => each.faulty !== (each.caught !== undefined))).toEqual([]);
    expect(VARIANTS.filter((each) => each.faulty === (each.explored !== undefined))).toEqual([]);
    const names = [...BASE_KERNELS, ...VARIANTS].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(VARIANTS.filter(({ base }) => !BASE_KERNELS.some(({ name }) => name === base))).toEqual([]);
  });

  test("a variant is refused on a machine whose folios lack fields that it reads, and runs on it otherwise", () => {
    const errors = VARIANTS.flatMap(({ name }) => {
      try {
        runJob(resolve({ machine: "owner-tracking", kernel: name, budget: { maxStates: 100 } }).job);
        return [];
      } catch (error) {
        return error instanceof Error ? error.message : [];
      }
    });
    expect(errors).toEqual([
      expect.stringMatching(/^variant likely-mapped-shared reads fields that folios of machine/),
      expect.stringMatching(/^variant queue-lock-under-mapcount-lock reads fields that folios of machine/),
    ]);
  });

  test("variants override only kernel functions", () => {
    const kernel: object = v7_1(DEFAULT_CONFIG);
    const unknown = VARIANTS.flatMap(({ name, overrides }) =>
      Object.keys(overrides).flatMap((key) => (key in kernel ? [] : [`${name}: ${key}`])),
    );
    expect(unknown).toEqual([]);
  });

  test("every property is violated by a faulty kernel", () => {
    const violatedProperties = new Set(catches.map(({ property }) => property));
    expect([...everyProperty()].filter((id) => !violatedProperties.has(id))).toEqual([]);
  });
});

test.each(counterexamples)("$name is caught by $property in $steps steps, and its trace replays", (where) => {
  const { name, base, property, steps } = where;
  const run = explore(name, where);
  expect(run).toMatchObject({ verdict: "violated", kernel: name });
  expect(failedIn(run).map(({ id, trace }) => [id, trace?.steps.length])).toContainEqual([property, steps]);
  const trace = failedIn(run).find(({ id }) => id === property)?.trace;
  if (trace === null || trace === undefined) {
    return;
  }
  const claim = machineNamed(where.machine).build(trace.bounds, v7_1(parseConfig(trace.config)));
  if (claim.properties.find(({ id }) => id === property)?.kind === "always" && !WITHOUT_FAULTS.includes(property)) {
    expect(trace.faults?.length, "number of faults").toBeGreaterThan(0);
    expect(trace.faults?.filter(isNone)).toEqual([]);
  }
  const replayed = replay(trace);
  expect(replayed).toMatchObject({ outcome: { kind: "violated" }, witness: false, kernel: name, trace });
  expect(replayed.findings).toContainEqual(expect.objectContaining({ id: property, verdict: "violated", step: steps }));
  const cured = replay(trace, base);
  // A kernel without the fault may be unable to take a step: then the replay does not decide whether it has the fault.
  expect(["cured", "not-applicable"]).toContain(cured.outcome.kind);
  expect(cured.obstacle === undefined).toBe(cured.outcome.kind === "cured");
});

test.each(lostWitnesses)("$name does not reach witness $property, which $base reaches", (where) => {
  const { name, base, property } = where;
  const verdictOf = (run: RunReport): string | undefined => run.properties.find(({ id }) => id === property)?.verdict;
  const run = explore(name, where);
  expect([run.verdict, verdictOf(run)]).toEqual(["unreached", "unreached"]);
  // Witnesses have short traces, so that a limited depth suffices for the base.
  const claims = [claimOf(property)];
  expect(verdictOf(explore(base, where, { claims, budget: { maxDepth: 6 } }))).toBe("reached");
});

const passed = faultFree.flatMap(({ name, explored = [] }) => explored.map((where) => ({ name, ...where })));

test.each(passed)("$name passes every claim in $machine $bounds $config", (where) => {
  const run = explore(where.name, where);
  expect([run.verdict, failedIn(run).map(({ id }) => id)]).toEqual(["holds", []]);
});
