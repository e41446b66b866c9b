/** `check --workers`: the same report for every number of workers, and exit code 70 when one is lost. */
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { RunReport } from "../../verify/report/report.ts";
import { foliocheck, ownFolder } from "./command.ts";

const folder = ownFolder();

/** A search that takes several times as long as it takes to start workers. */
const LONG = ["check", "owner-tracking", "--pages", "9", "--mms", "4", "--no-symmetry", "--reporter", "json"];

/** The report without what depends on times, memory and arguments. */
function reportOf(out: string): Partial<RunReport> {
  const { seconds, cpuSeconds, peakMemoryBytes, provenance, resumedAt, ...report } = JSON.parse(out) as RunReport;
  return report;
}

let ofOneWorker: Partial<RunReport>;
beforeAll(() => {
  ofOneWorker = reportOf(foliocheck(LONG).out);
});

test("a search with two workers has the report of one worker", () => {
  const { code, out } = foliocheck([...LONG, "--workers", "2"]);
  expect(code).toBe(0);
  expect(reportOf(out)).toEqual(ofOneWorker);
});

test.each(["exit", "memory"])(
  "a search that loses a worker by its %s exits with 70, and the same command with another number of workers resumes",
  (fault) => {
    const resumable = [...LONG, "--checkpoint", "checkpoints"];
    const preload = `--max-old-space-size=200 --import ${join(import.meta.dirname, "lost-worker.mjs")}`;
    const { code, out, err } = foliocheck([...resumable, "--workers", "2"], folder.path, {
      NODE_OPTIONS: preload,
      LOST_WORKER: fault,
    });
    expect({ code, out }).toEqual({ code: 70, out: "" });
    expect(err).toMatch(/^internal error: a worker of the search was lost: .*(?:exit code 9|ERR_WORKER_OUT_OF_MEMORY)/);
    const resumed = foliocheck([...resumable, "--workers", "3"], folder.path);
    expect((JSON.parse(resumed.out) as RunReport).resumedAt?.states).toBeGreaterThan(1000);
    expect(reportOf(resumed.out)).toEqual(ofOneWorker);
  },
);
