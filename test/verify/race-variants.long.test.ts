/** Kernels with a concurrency mistake are caught by machine race, and with few exceptions only by two CPUs. */
import { describe, expect, test } from "vitest";
import { RACES } from "../../model/kernels/faulty/races/index.ts";
import type { Catch } from "../../model/kernels/variant.ts";
import type { PropertyReport, RunReport } from "../../verify/report/report.ts";
import { racesPage } from "../docs/races-page.ts";
import { replay, resolve, resolveCalls, runJob } from "./built.ts";

function explore(kernel: string, { machine, bounds, config, calls }: Catch): RunReport {
  const request = { machine, kernel, config, bounds };
  return runJob((calls === undefined ? resolve(request) : resolveCalls(request, calls)).job);
}

/** With one CPU, which executes fixed calls one after the other. */
function exploreAlone(kernel: string, { calls, ...where }: Catch): RunReport {
  const bounds = { ...where.bounds, cpus: 1 };
  const ofOne = calls === undefined ? {} : { calls: { ...calls, cpus: calls.cpus.replaceAll("|", ";") } };
  return explore(kernel, { ...where, bounds, ...ofOne });
}

const violated = ({ properties }: RunReport): PropertyReport[] =>
  properties.filter(({ verdict }) => verdict === "violated");

/** Mistakes that one CPU shows, which executes one operation after the other. */
const SHOWN_BY_ONE_CPU = ["sub-keeps-lock-of-tracked", "shrinker-forgets-folio", "reuse-locks-twice"];

const cases = RACES.map((variant) => {
  const { name, base } = variant;
  const caught = variant.caught as Catch;
  return { name, base, caught, variant, report: explore(name, caught), alone: exploreAlone(name, caught) };
});

describe("the catalogue of concurrency mistakes", () => {
  test("has at least twenty faulty kernels, each with the claim of machine race that catches it", () => {
    expect(RACES.filter(({ faulty }) => faulty).length).toBeGreaterThanOrEqual(20);
    expect(RACES.filter(({ caught }) => caught?.machine !== "race")).toEqual([]);
  });

  test("has a faulty kernel for every claim about interleavings", () => {
    const broken = new Set(RACES.map(({ caught }) => caught?.property));
    for (const id of ["C18", "C19", "L1", "L2", "L3", "D1", "C7.instant", "C9.instant"]) {
      expect(broken).toContain(id);
    }
  });
});

describe.each(cases)("$name", ({ name, base, caught, report, alone }) => {
  test("is caught by its claim", () => {
    expect(report.verdict).toBe("violated");
    expect(violated(report).map(({ id }) => id)).toContain(caught.property);
  });

  test("has a trace that replays, and that its base either refuses or passes", () => {
    const trace = violated(report).find(({ id }) => id === caught.property)?.trace;
    if (trace === null || trace === undefined) {
      throw new Error("there is no trace");
    }
    // A replay under another kernel is one under its own kernel as well, which must do what the trace says.
    const { confirmed, outcome } = replay(trace, base);
    expect(confirmed).toBe(true);
    expect(["cured", "not-applicable"]).toContain(outcome.kind);
  });

  test("passes with one CPU, unless its mistake is one of a single CPU", () => {
    // A call that another one before it leaves nothing to do cannot start: then not all calls end.
    const unreached = alone.properties.filter(({ id, verdict }) => verdict === "unreached" && id !== "L4");
    expect(violated(alone).length > 0).toBe(SHOWN_BY_ONE_CPU.includes(name));
    expect(unreached).toEqual([]);
  });
});

test("docs/races.md says what catches each of them", async () => {
  // Written by this test: `npx vitest run test/verify/race-variants.long.test.ts -u` after a change.
  const page = racesPage(
    cases.map(({ variant, report, alone }) => {
      const failed = violated(report);
      return {
        variant,
        properties: failed.map(({ id }) => id),
        states: report.states,
        steps: failed[0]?.trace?.steps.length ?? 0,
        alone: violated(alone)[0]?.id,
      };
    }),
  );
  await expect(page).toMatchFileSnapshot("../../docs/races.md");
});
