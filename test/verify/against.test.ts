/** Lockstep of two kernels, by `--against`. */
import { readFileSync } from "node:fs";
import { Ajv, type AnySchema } from "ajv";
import { describe, expect, test } from "vitest";
import type { RunReport, TraceReport } from "../../verify/report/report.ts";
import { UsageError } from "../../verify/request/usage-error.ts";
import type { ReplayReport } from "../../verify/trace/replay.ts";
import { foliocheck, ownFolder } from "../cli/command.ts";
import { planSuite, replay, resolve, runJob } from "./built.ts";

const RFC = { kernel: "rfc-2026-04", against: "v7.1", config: "no-page-mapcount" };

const tracesIn = ({ properties }: RunReport): Record<string, string> =>
  Object.fromEntries(
    properties
      .filter(({ trace }) => trace !== null)
      .map(({ id, trace }) => [id, (trace as TraceReport).steps.map(({ call }) => call).join("; ")]),
  );

describe("lockstep of the RFC of 2026-04-12 and v7.1", () => {
  test.each([
    { machine: "owner-tracking", bounds: { pages: 4, mms: 3 } },
    { machine: "rmap", bounds: { pages: 4, mms: 2 } },
    { machine: "rmap", bounds: { pages: 2, mms: 2, anon: 0, file: 2 } },
    { machine: "pmd", bounds: { pages: 4, mms: 2, smallFolios: 0, anon: 0, file: 1 } },
    { machine: "cow", bounds: { pages: 2, mms: 2, smallFolios: 1 } },
  ])("the RFC is equivalent to v7.1 on $machine $bounds, with as many states as alone", (request) => {
    const both = runJob(resolve({ ...request, ...RFC }).job);
    expect(both).toMatchObject({ verdict: "holds", kernel: RFC.kernel, against: RFC.against });
    expect(both.properties.filter(({ vacuous }) => vacuous)).toEqual([]);
    expect(both.states).toBe(runJob(resolve({ ...request, config: RFC.config }).job).states);
  });

  test("the RFC is equivalent to v7.1 with and without symmetry", () => {
    const request = { machine: "rmap", bounds: { pages: 2, mms: 3 }, ...RFC };
    const { states, verdict } = runJob(resolve({ ...request, symmetry: false }).job);
    expect(verdict).toBe("holds");
    expect(states).toBeGreaterThan(runJob(resolve(request).job).states);
  });

  test("the RFC differs from v7.1 on 32-bit only in the pincount of folios of order 1", () => {
    const bounds = { pages: 2, minPages: 2, mms: 2, smallFolios: 0 };
    const run = runJob(resolve({ machine: "pins", bounds, ...RFC, config: "no-page-mapcount,32bit" }).job);
    expect(run.verdict).toBe("holds");
    expect(tracesIn(run)).toEqual({
      "EQ.pincount": "anonFault(mm: 0, first: 0, pages: 2); gup(mm: 0, entry: 0, kind: 3)",
    });
  });
});

describe("lockstep of a kernel that differs", () => {
  const run = runJob(
    resolve({ machine: "pmd", bounds: { pages: 4, mms: 2 }, ...RFC, kernel: "average-of-mappings" }).job,
  );
  const trace = run.properties.find(({ id }) => id === "EQ.proc")?.trace as TraceReport;

  test("a kernel that differs violates the equivalence, with a shortest trace", () => {
    expect(run).toMatchObject({ verdict: "violated", kernel: "average-of-mappings", against: "v7.1" });
    expect(tracesIn(run)).toEqual({ "EQ.proc": "anonFault(mm: 0, first: 0, pages: 4); fork(parent: 0, child: 1)" });
  });

  test("the trace of a difference names both kernels, and replays", () => {
    expect(trace).toMatchObject({ kernel: "average-of-mappings", against: "v7.1" });
    const schema = JSON.parse(
      readFileSync(new URL("../../docs/report.schema.json", import.meta.url), "utf8"),
    ) as AnySchema;
    expect(new Ajv().compile(schema)(trace)).toBe(true);
    expect(replay(trace)).toMatchObject({ outcome: { kind: "violated" }, trace });
    expect(replay(trace, "rfc-2026-04")).toMatchObject({ outcome: { kind: "cured" }, findings: [] });
  });

  test("the trace of a difference lists the calls of both kernels in the steps in which they differ", () => {
    const { properties } = runJob(
      resolve({ machine: "rmap", bounds: { mms: 2 }, kernel: "dup-charged-to-parent", against: "v7.1" }).job,
    );
    const differing = properties.find(({ verdict }) => verdict === "violated")?.trace as TraceReport;
    const under = ({ steps }: TraceReport): string[] =>
      steps.flatMap(({ functions }) => functions.flatMap(({ kernel }) => kernel ?? []));
    expect(under(trace)).toEqual([]);
    expect(under(differing)).toEqual(["dup-charged-to-parent", "v7.1"]);
  });
});

describe("lockstep of v7.1 and v6.18", () => {
  test("v7.1 maps one page writable, not all, when a write swaps in a folio that only one MM maps", () => {
    const bounds = { pages: 2, minPages: 2, mms: 2, smallFolios: 1, swapSlots: 2 };
    const run = runJob(resolve({ machine: "swap", bounds, kernel: "v7.1", against: "v6.18" }).job);
    expect(tracesIn(run)["EQ.memory"]).toMatch(/swapIn\(mm: \d, entry: 0, write: true\)$/);
  });
});

describe("requests for lockstep", () => {
  const refusal = (request: Parameters<typeof resolve>[0]): string => {
    try {
      resolve(request);
    } catch (error) {
      expect((error as Error).constructor.name).toBe(UsageError.name);
      return (error as Error).message;
    }
    return "no refusal";
  };

  test("a configuration that one of the kernels does not have is refused", () => {
    const reason = "kernel rfc-2026-04 has no page-mapcount any more; want no-page-mapcount";
    expect(refusal({ machine: "rmap", kernel: "rfc-2026-04", config: "page-mapcount" })).toBe(reason);
    expect(refusal({ machine: "rmap", against: "rfc-2026-04" })).toBe(reason);
    expect(refusal({ machine: "rmap", against: "v7" })).toMatch(
      /^unknown variant "v7"; want v7\.1, v6\.18, v6\.15, rfc-2026-04 or /,
    );
  });

  test("the default configuration of a kernel without page mapcounts is no-page-mapcount", () => {
    expect(resolve({ machine: "rmap", kernel: "rfc-2026-04" }).job.config).toBe("no-page-mapcount,64bit,mm-id");
    expect(resolve({ machine: "rmap", kernel: "pmd-dup-adds-one", config: "32bit" }).job.config).toBe(
      "no-page-mapcount,32bit,mm-id",
    );
  });
});

describe("suites with lockstep", () => {
  test("the suite of the RFC has each run once, and lists the configurations that the kernel does not have", () => {
    const { jobs, missingConfigs } = planSuite({ profile: "quick", kernel: "rfc-2026-04" });
    expect(new Set(jobs.map((job) => JSON.stringify(job))).size).toBe(jobs.length);
    expect(jobs.filter(({ kernel, config }) => kernel !== "rfc-2026-04" || config.startsWith("page"))).toEqual([]);
    expect(missingConfigs).toEqual(["page-mapcount", "no-mm-id", "page-mapcount,32bit,mm-id-mapcount-max=1"]);
  });

  test("a suite compares two kernels only if its kernel is one of them", () => {
    const comparisons = (kernel: string): number =>
      planSuite({ profile: "quick", kernel }).jobs.filter(({ against }) => against !== undefined).length;
    expect(comparisons("v7.1")).toBeGreaterThan(0);
    expect(comparisons("rfc-2026-04")).toBe(comparisons("v7.1"));
    expect(comparisons("slot-1-first")).toBe(0);
  });
});

describe("foliocheck check --against", () => {
  const folder = ownFolder();

  test("check --against prints both names in its report, and in the trace that it writes and replays", () => {
    const args = ["check", "pmd", "--variant", "average-of-mappings", "--against", "v7.1"];
    const { code, out } = foliocheck([...args, "--trace-out", "trace.json"], folder.path);
    expect(code).toBe(1);
    expect(out).toContain("machine pmd, kernel average-of-mappings against v7.1");
    const replayed = foliocheck(["replay", "trace.json", "--reporter", "json"], folder.path);
    expect(replayed.code).toBe(1);
    const { trace, property } = JSON.parse(replayed.out) as ReplayReport;
    expect([trace.kernel, trace.against, property]).toEqual(["average-of-mappings", "v7.1", "EQ.proc"]);
    expect(foliocheck(["replay", "trace.json", "--variant", "rfc-2026-04"], folder.path).code).toBe(0);
  });
});
