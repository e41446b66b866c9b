/** Faulty kernels are caught, where they say and in the suite; kernels that are right pass. */
import { describe, expect, test } from "vitest";
import { BASE_KERNELS, DEFAULT_KERNEL, VARIANTS } from "../../model/variants/index.ts";
import type { Job } from "../../verify/job.ts";
import type { PropertyReport, RunReport } from "../../verify/report.ts";
import { planSuite, replay, resolve, runJob, runJobs } from "./built.ts";

const faulty = VARIANTS.flatMap(({ name, base, caught }) => (caught === undefined ? [] : [{ name, base, caught }]));
const faultFree = [...BASE_KERNELS, ...VARIANTS.filter((each) => !each.faulty)].map(({ name }) => name);

const violatedIn = ({ properties }: RunReport): PropertyReport[] =>
  properties.filter(({ verdict }) => verdict === "violated");

describe("the catalogue of variants", () => {
  test("says of every faulty kernel where it is caught, and of no other", () => {
    expect(VARIANTS.filter((each) => each.faulty !== (each.caught !== undefined))).toEqual([]);
    const names = [...BASE_KERNELS, ...VARIANTS].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(VARIANTS.filter(({ base }) => !BASE_KERNELS.some(({ name }) => name === base))).toEqual([]);
  });
});

describe.each(faulty)("$name", ({ name, base, caught }) => {
  const { machine, bounds, config, property, steps } = caught;

  test(`is caught by ${property} in ${steps} steps, and its trace replays`, () => {
    const run = runJob(resolve({ machine, bounds, config, kernel: name }).job);
    expect(run).toMatchObject({ verdict: "violated", kernel: name });
    const trace = violatedIn(run).find(({ id }) => id === property)?.trace;
    expect(
      trace?.steps.length,
      violatedIn(run)
        .map(({ id }) => id)
        .join(),
    ).toBe(steps);
    if (trace === null || trace === undefined) {
      return;
    }
    const again = replay(trace);
    expect(again).toMatchObject({ reproduced: true, witness: false, kernel: name, trace });
    expect(again.findings).toContainEqual(expect.objectContaining({ id: property, verdict: "violated", step: steps }));
    const cured = replay(trace, base);
    expect(cured.reproduced).toBe(false);
    expect(cured.findings.filter(({ verdict }) => verdict === "violated")).toEqual([]);
    expect(cured.divergesAt === undefined ? cured.trace.steps.length : cured.divergesAt - 1).toBe(
      cured.trace.steps.length,
    );
  });

  test("makes the quick profile fail, and no run of it break", () => {
    const { jobs } = planSuite({ profile: "quick", kernel: name });
    // What resembles the run that it names comes first: the others need not be searched to their end.
    const wanted = resolve({ machine, config, bounds }).job;
    const likeness = (job: Job): number =>
      (job.machine === machine ? 4 : 0) +
      (job.config === wanted.config ? 2 : 0) +
      (job.bounds["file"] === wanted.bounds["file"] ? 1 : 0);
    const ordered = [...jobs].sort((a, b) => likeness(b) - likeness(a));
    const failing = ordered.find((job) => runJob(job).verdict === "violated");
    expect(failing).toBeDefined();
    // Whatever the others find within a few steps, they end with a verdict.
    for (const job of jobs) {
      runJob({ ...job, budget: { maxStates: 300 } });
    }
  });
});

/** A suite explores millions of states. */
const SUITE_TIMEOUT = 900_000;

test.each(faultFree.filter((name) => name !== DEFAULT_KERNEL))(
  "%s passes the whole quick profile",
  async (kernel) => {
    const reports = await runJobs(planSuite({ profile: "quick", kernel }).jobs, { workers: 2 });
    expect(reports.map(({ kernel, verdict }) => [kernel, verdict])).toEqual(reports.map(() => [kernel, "holds"]));
  },
  SUITE_TIMEOUT,
);
