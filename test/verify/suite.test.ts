/** Plans and sums of suites, and that they are the same whoever runs them. */

import { describe, expect, test } from "vitest";
import { CLAIMS, claimOf } from "../../invariants/catalogue.ts";
import { MACHINES } from "../../machines/index.ts";
import { notCheckedText } from "../../report/text/not-checked.ts";
import type { Job } from "../../verify/job/job.ts";
import { PROFILES } from "../../verify/profiles.ts";
import type { RunReport } from "../../verify/report/report.ts";
import { suiteProofs } from "../../verify/suite-proofs.ts";
import { JobFailure, planSuite, resolve, runJob, runJobs, suiteReport } from "./built.ts";
import { timeless } from "./counts.ts";

const JOBS: readonly Job[] = [
  { machine: "owner-tracking", bounds: { pages: 4, mms: 3 } },
  { machine: "rmap", bounds: { pages: 2, mms: 3 } },
  { machine: "rmap", bounds: { pages: 2, mms: 2, anon: 0, file: 2 }, config: "32bit,mm-id-mapcount-max=1" },
  { machine: "owner-tracking", kernel: "shared-cleared-with-slot" },
  { machine: "rmap", bounds: { pages: 4, mms: 2 }, kernel: "put-one-too-many", symmetry: false },
  { machine: "rmap", bounds: { pages: 4, mms: 3 }, budget: { maxStates: 1000 } },
].map((request) => resolve(request).job);

describe("a run is deterministic:", () => {
  test("the same job gives the same report, states and traces and all", () => {
    const once = JOBS.map((job) => timeless(runJob(job)));
    expect(JOBS.map((job) => timeless(runJob(job)))).toEqual(once);
  });

  test("the number of workers changes nothing, and reports come in the order of the jobs", async () => {
    const [alone, one, two] = [
      JOBS.map((job) => runJob(job)),
      await runJobs(JOBS, { workers: 1 }),
      await runJobs(JOBS, { workers: 2 }),
    ].map(timeless);
    expect(one).toEqual(alone);
    expect(two).toEqual(alone);
  });
});

describe("a pool", () => {
  test("tells of every report, and of none twice", async () => {
    const told: number[] = [];
    const reports = await runJobs(JOBS, { workers: 2, onReport: (index) => told.push(index) });
    expect([...told].sort()).toEqual(reports.map((_, index) => index));
  });

  test("runs nothing when there is nothing to run", async () => {
    expect(await runJobs([], { workers: 2 })).toEqual([]);
  });

  test("that is stopped before it starts reports every job as interrupted", async () => {
    const reports = await runJobs(JOBS, { workers: 2, signal: AbortSignal.abort() });
    expect(reports.map(({ stopped }) => stopped)).toEqual(JOBS.map(() => "interrupted"));
    expect(new Set(reports.map(({ verdict }) => verdict))).toEqual(new Set(["incomplete"]));
  });

  test("fails with what a worker says", async () => {
    const job = { ...(JOBS[0] as Job), machine: "buddy" };
    const failure = runJobs([job, ...JOBS], { workers: 1 });
    await expect(failure).rejects.toThrow(JobFailure);
    await expect(failure).rejects.toThrow('unknown machine "buddy"');
  });
});

describe("a plan", () => {
  test("of profile quick has runs for every claim and every machine, and with its runs so has each larger one", () => {
    for (const only of [...MACHINES.map(({ name }) => name), ...CLAIMS.map(({ id }) => id)]) {
      expect(planSuite({ profile: "quick", only }).jobs.length, only).toBeGreaterThan(0);
    }
  });

  test("of each profile has the runs of the one before", () => {
    const [quick = [], ci = [], deep = []] = PROFILES.map(({ name }) => planSuite({ profile: name }).jobs);
    expect(ci.slice(0, quick.length)).toEqual(quick);
    expect(deep.slice(0, ci.length)).toEqual(ci);
    expect(deep.length).toBeGreaterThan(ci.length);
    expect(ci.length).toBeGreaterThan(quick.length);
  });

  test("for one machine has its runs only", () => {
    const { jobs } = planSuite({ profile: "quick", only: "rmap" });
    expect(new Set(jobs.map(({ machine }) => machine))).toEqual(new Set(["rmap"]));
  });

  const limited = (only: string): RunReport[] =>
    planSuite({ profile: "quick", only, budget: { maxStates: 1 } }).jobs.map((job) => runJob(job));

  test.each(CLAIMS.map(({ id }) => id))("for %s checks it in every run, and else only warnings", (only) => {
    for (const { properties, notChecked } of limited(only)) {
      const ids = properties.filter(({ kind }) => kind !== "warning").map(({ id }) => claimOf(id));
      expect([...new Set([...ids, ...properties.map(({ id }) => claimOf(id)).filter((id) => id === only)])]).toEqual([
        only,
      ]);
      expect(notChecked.map(notCheckedText)).toContain(`Other claims than ${only}: not asked for`);
    }
  });

  test("gives every run its kernel and budget", () => {
    const budget = { maxStates: 7, maxDepth: 3 };
    const { jobs } = planSuite({ profile: "quick", kernel: "slot-1-first", budget });
    expect(jobs.filter((job) => job.kernel !== "slot-1-first")).toEqual([]);
    expect(jobs.map((job) => job.budget)).toEqual(jobs.map(() => budget));
  });
});

describe("the report of a suite", () => {
  const plan = planSuite({ profile: "quick", only: "rmap" });
  const report = (...runs: readonly RunReport[]): ReturnType<typeof suiteReport> => suiteReport(plan, runs, 1);
  const [holds, , , violated, , incomplete] = JOBS.map((job) => runJob(job)) as [
    RunReport,
    RunReport,
    RunReport,
    RunReport,
    RunReport,
    RunReport,
  ];

  test("has the worst verdict of its runs: violated, unreached, incomplete, holds", () => {
    const unreached: RunReport = { ...holds, verdict: "unreached" };
    expect(report(holds, holds).verdict).toBe("holds");
    expect(report(holds, incomplete).verdict).toBe("incomplete");
    expect(report(incomplete, unreached, holds).verdict).toBe("unreached");
    expect(report(incomplete, unreached, violated).verdict).toBe("violated");
  });

  test("has for each claim the worst verdict of its properties in any run", () => {
    const verdictOf = (id: string, ...runs: readonly RunReport[]): string | undefined =>
      report(...runs).claims.find((each) => each.id === id)?.verdict;
    expect(verdictOf("C1", holds)).toBe("holds");
    expect(verdictOf("W1", holds)).toBe("reached");
    expect(verdictOf("C1", holds, violated)).toBe("violated");
    expect(verdictOf("C3", holds, violated)).toBe("incomplete");
    expect(verdictOf("C1", incomplete, violated)).toBe("violated");
    expect(verdictOf("C12", holds)).toBe(undefined);
  });

  test("sums states and transitions, and says which claims no run checked", () => {
    const { states, transitions, notChecked } = report(holds, violated);
    expect(states).toBe(holds.states + violated.states);
    expect(transitions).toBe(holds.transitions + violated.transitions);
    expect(notChecked.map(notCheckedText)).toContain("C12: no run of this profile applies");
    expect(notChecked.map(notCheckedText)).toContain("Anything but rmap: not asked for");
    expect(notChecked.map(notCheckedText)).toContain(
      "Interleavings: every operation is atomic here; machine race interleaves them",
    );
  });
});

describe("the proofs of a suite", () => {
  test("are of every configuration in which the kernel has owner tracking", () => {
    const proofs = suiteProofs("v7.1");
    expect(proofs.map(({ config, verdict, states }) => [config, verdict, states])).toEqual([
      ["page-mapcount,64bit,mm-id", "proved", 452],
      ["page-mapcount,32bit,mm-id,mm-id-mapcount-max=1", "proved", 3476],
    ]);
    expect(proofs[1]?.claims).toEqual(["C1", "C2", "C3", "C4", "C5", "C6.large-mapcount", "C8", "C17", "C20"]);
  });

  test("fail the suite when the kernel breaks the invariant and an execution reaches that", () => {
    const plan = planSuite({ profile: "quick", only: "owner-tracking", kernel: "add-by-one" });
    const [proof] = suiteProofs("add-by-one");
    expect(proof).toMatchObject({ verdict: "refuted", reached: true, claims: [] });
    expect(proof?.refuted).toContain("add: sum");
    expect(suiteReport(plan, [], 0, proof === undefined ? [] : [proof]).verdict).toBe("violated");
  });

  test.each<[string, number]>([
    ["C1", 2],
    ["C6", 2],
    ["C17", 1],
    ["C9", 0],
    ["rmap", 0],
  ])("are left out where only %s is asked for and they are not about that", (only, proofs) => {
    expect(suiteProofs("v7.1", only)).toHaveLength(proofs);
  });

  test("are of no kernel that reads more than owner tracking has", () => {
    expect(suiteProofs("likely-mapped-shared")).toEqual([]);
  });
});
