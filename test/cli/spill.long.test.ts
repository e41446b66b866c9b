/** `--spill`: the same report when states move to disk, and nothing left in the folder. */
import { once } from "node:events";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, expect, test } from "vitest";
import type { RunReport, SuiteReport } from "../../verify/report/report.ts";
import { foliocheck, ownFolder, start } from "./command.ts";

const folder = ownFolder();

/** A search of 2.6 million states, which take 48 MB. */
const LARGE = ["check", "owner-tracking", "--pages", "9", "--mms", "4", "--no-symmetry", "--reporter", "json"];

/** Memory for a fifth of them. */
const SPILL = ["--max-memory", "12M", "--spill", "spill"];

/** The report without what depends on times, memory and arguments. */
function reportOf(out: string): Partial<RunReport> {
  const { seconds, cpuSeconds, peakMemoryBytes, tableBytes, provenance, resumedAt, ...report } = JSON.parse(
    out,
  ) as RunReport;
  return report;
}

let inMemory: Partial<RunReport>;
beforeAll(() => {
  inMemory = reportOf(foliocheck(LARGE).out);
});

test.each([1, 2])("a search with states on disk and %i workers has the report of one in memory", (workers) => {
  const { code, out } = foliocheck([...LARGE, ...SPILL, "--workers", String(workers)], folder.path);
  expect(code).toBe(0);
  expect(reportOf(out)).toEqual(inMemory);
  expect((JSON.parse(out) as RunReport).tableBytes).toBeLessThanOrEqual(12 * 2 ** 20);
  expect(folder.files()).toEqual(["spill"]);
});

test("an interrupted search with states on disk leaves nothing but its checkpoint, from which it resumes", async () => {
  const resumable = [...LARGE, ...SPILL, "--checkpoint", "checkpoints"];
  const child = start(resumable, folder.path);
  child.stdout?.resume();
  let err = "";
  child.stderr?.on("data", (data) => {
    err += String(data);
  });
  const closed = once(child, "close");
  // Progress lines name the number of states; from the first million on, most are on disk.
  while (!/\b[1-9],\d{3},\d{3} states|\b[1-9]\.\d+ ?M states/.test(err) && child.exitCode === null) {
    await sleep(5);
  }
  child.kill("SIGINT");
  const [code] = (await closed) as [number | null];
  expect(code).toBe(3);
  expect(readdirSync(join(folder.path, "spill"))).toEqual([]);
  expect(folder.files()).toEqual(["checkpoints", "spill"]);
  expect(readdirSync(join(folder.path, "checkpoints"))).toEqual([expect.stringMatching(/\.checkpoint$/)]);
  const resumed = foliocheck(resumable, folder.path);
  expect(resumed.code).toBe(0);
  expect((JSON.parse(resumed.out) as RunReport).resumedAt?.states).toBeGreaterThan(500_000);
  expect(reportOf(resumed.out)).toEqual(inMemory);
  // In memory, the finished report is found.
  expect(reportOf(foliocheck([...LARGE, "--checkpoint", "checkpoints"], folder.path).out)).toEqual(inMemory);
});

test("a suite moves the states of each of its runs to disk", () => {
  mkdirSync(join(folder.path, "spill"));
  const suite = ["verify", "--only", "owner-tracking", "--reporter", "json", "--workers", "2"];
  const countsOf = (out: string): unknown =>
    (JSON.parse(out) as SuiteReport).runs.map(({ states, transitions, depth, verdict }) => [
      states,
      transitions,
      depth,
      verdict,
    ]);
  const { code, out } = foliocheck([...suite, "--max-memory", "4M", "--spill", "spill"], folder.path);
  expect(code).toBe(0);
  expect(countsOf(out)).toEqual(countsOf(foliocheck(suite).out));
  expect(folder.files()).toEqual(["spill"]);
});
