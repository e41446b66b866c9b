/** Plans and reports of suites, and their determinism. */

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

describe("determinism of runs", () => {
  test("the same job gives the same report, with the same states and traces", () => {
    const reports = JOBS.map((job) => timeless(runJob(job)));
    expect(JOBS.map((job) => timeless(runJob(job)))).toEqual(reports);
  });

  test("the reports do not depend on the number of workers, and are in the order of the jobs", async () => {
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
  test("a pool calls onReport once for each job", async () => {
    const indices: number[] = [];
    const reports = await runJobs(JOBS, { workers: 2, onReport: (index) => indices.push(index) });
    expect([...indices].sort()).toEqual(reports.map((_, index) => index));
  });

  test("a pool without jobs returns no reports", async () => {
    expect(await runJobs([], { workers: 2 })).toEqual([]);
  });

  test("a pool that is stopped before it starts reports every job as interrupted", async () => {
    const reports = await runJobs(JOBS, { workers: 2, signal: AbortSignal.abort() });
    expect(reports.map(({ stopped }) => stopped)).toEqual(JOBS.map(() => "interrupted"));
    expect(new Set(reports.map(({ verdict }) => verdict))).toEqual(new Set(["incomplete"]));
  });

  test("a pool fails with the error of its worker", async () => {
    const job = { ...(JOBS[0] as Job), machine: "buddy" };
    const failure = runJobs([job, ...JOBS], { workers: 1 });
    await expect(failure).rejects.toThrow(JobFailure);
    await expect(failure).rejects.toThrow('unknown machine "buddy"');
  });
});

describe("a plan", () => {
  test("profile quick has runs for every claim and every machine", () => {
    for (const only of [...MACHINES.map(({ name }) => name), ...CLAIMS.map(({ id }) => id)]) {
      expect(planSuite({ profile: "quick", only }).jobs.length, only).toBeGreaterThan(0);
    }
  });

  test("each profile has the runs of the previous one", () => {
    const [quick = [], ci = [], deep = []] = PROFILES.map(({ name }) => planSuite({ profile: name }).jobs);
    expect(ci.slice(0, quick.length)).toEqual(quick);
    expect(deep.slice(0, ci.length)).toEqual(ci);
    expect(deep.length).toBeGreaterThan(ci.length);
    expect(ci.length).toBeGreaterThan(quick.length);
  });

  test("a plan for one machine has only its runs", () => {
    const { jobs } = planSuite({ profile: "quick", only: "rmap" });
    expect(new Set(jobs.map(({ machine }) => machine))).toEqual(new Set(["rmap"]));
  });

  const limited = (only: string): RunReport[] =>
    planSuite({ profile: "quick", only, budget: { maxStates: 1 } }).jobs.map((job) => runJob(job));

  test.each(CLAIMS.map(({ id }) => id))("a plan for claim %s checks only it and warnings in every run", (only) => {
    for (const { properties, notChecked } of limited(only)) {
      const ids = properties.filter(({ kind }) => kind !== "warning").map(({ id }) => claimOf(id));
      expect([...new Set([...ids, ...properties.map(({ id }) => claimOf(id)).filter((id) => id === only)])]).toEqual([
        only,
      ]);
      expect(notChecked.map(notCheckedText)).toContain(`Other claims than ${only}: not asked for`);
    }
  });

  test("every run of a plan has its kernel and budget", () => {
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

  test("a suite has the worst verdict of its runs: violated, unreached, incomplete, holds", () => {
    const unreached: RunReport = { ...holds, verdict: "unreached" };
    expect(report(holds, holds).verdict).toBe("holds");
    expect(report(holds, incomplete).verdict).toBe("incomplete");
    expect(report(incomplete, unreached, holds).verdict).toBe("unreached");
    expect(report(incomplete, unreached, violated).verdict).toBe("violated");
  });

  test("a claim has the worst verdict of its properties in any run", () => {
    const verdictOf = (id: string, ...runs: readonly RunReport[]): string | undefined =>
      report(...runs).claims.find((each) => each.id === id)?.verdict;
    expect(verdictOf("C1", holds)).toBe("holds");
    expect(verdictOf("W1", holds)).toBe("reached");
    expect(verdictOf("C1", holds, violated)).toBe("violated");
    expect(verdictOf("C3", holds, violated)).toBe("incomplete");
    expect(verdictOf("C1", incomplete, violated)).toBe("violated");
    expect(verdictOf("C12", holds)).toBe(undefined);
  });

  test("a suite sums states and transitions, and lists the claims that no run checked", () => {
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
  test("a suite has proofs of owner tracking, and of accounting without page mapcounts", () => {
    const proofs = suiteProofs("v7.1");
    expect(proofs.map(({ topic, config, verdict, states }) => [topic, config, verdict, states])).toEqual([
      ["tracking", "page-mapcount,64bit,mm-id", "proved", 452],
      ["tracking", "page-mapcount,32bit,mm-id,mm-id-mapcount-max=1", "proved", 3476],
      ["accounting", "no-page-mapcount,64bit,mm-id", "proved", 2004],
    ]);
    expect(proofs[2]?.claims).toEqual(["C6.entire-mapcount", "C12", "C12.pmd", "C14.queue"]);
    expect(proofs[1]?.claims).toEqual(["C1", "C2", "C3", "C4", "C5", "C6.large-mapcount", "C8", "C17", "C20"]);
  });

  test("a reachable counterexample to induction violates the suite", () => {
    const plan = planSuite({ profile: "quick", only: "owner-tracking", kernel: "add-by-one" });
    const [proof] = suiteProofs("add-by-one");
    expect(proof).toMatchObject({ verdict: "refuted", reached: true, claims: [] });
    expect(proof?.refuted).toContain("add: sum");
    expect(suiteReport(plan, [], 0, proof === undefined ? [] : [proof]).verdict).toBe("violated");
  });

  test.each<[string, number]>([
    ["C1", 2],
    ["C6", 3],
    ["C12", 1],
    ["C17", 1],
    ["C9", 0],
    ["rmap", 0],
  ])("a suite restricted to %s has the proofs that concern it: %i", (only, proofs) => {
    expect(suiteProofs("v7.1", only)).toHaveLength(proofs);
  });

  test("a kernel that does not count PMD mappings has no proof of accounting", () => {
    expect(suiteProofs("rfc-2026-04", "C12")).toEqual([]);
  });

  test("a kernel that reads fields outside of owner tracking has no proof", () => {
    expect(suiteProofs("likely-mapped-shared")).toEqual([]);
  });
});
