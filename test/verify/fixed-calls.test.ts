import { describe, expect, test } from "vitest";
import type { RaceCalls } from "../../model/race/race-calls.ts";
import type { OperationCall } from "../../races/race-model.ts";
import { type JobRequest, resolve } from "../../verify/job/job.ts";
import type { RunReport } from "../../verify/report/report.ts";
import { runJob } from "../../verify/run.ts";
import { traceIn } from "../report/race-traces.ts";

const call = (operation: string, parameters: OperationCall["parameters"] = {}): OperationCall => ({
  operation,
  parameters,
});
const FAULT = call("anonFault", { mm: 0 });
const FORK = call("fork", { parent: 0, child: 1 });
const READER = call("maybeMappedShared");
const zap = (mm: number, first: number, count: number): OperationCall => call("zap", { mm, first, count });

const request = (calls: RaceCalls, bounds: JobRequest["bounds"] = {}): JobRequest => ({
  machine: "race",
  bounds: { cpus: calls.cpus.length, ...bounds },
  calls,
});
const run = (calls: RaceCalls, bounds: JobRequest["bounds"] = {}): RunReport =>
  runJob(resolve(request(calls, bounds)).job);
const verdictOn = ({ properties }: RunReport, property: string): string | undefined =>
  properties.find(({ id }) => id === property)?.verdict;

describe("fixed calls", () => {
  test("fixed calls never allocate a folio that another CPU is freeing, with and without merging", () => {
    const calls: RaceCalls = { start: [FAULT], cpus: [[zap(0, 0, 2)], [FAULT]] };
    for (const bounds of [{ merge: 0 }, { merge: 1 }, { merge: 0, tso: 1 }, { merge: 1, tso: 1 }]) {
      expect(run(calls, bounds).verdict, JSON.stringify(bounds)).toBe("holds");
    }
  });

  const zaps: RaceCalls = { start: [FAULT, FORK], cpus: [[zap(0, 0, 1)], [zap(1, 0, 2)], [READER]] };

  test("every claim holds on fixed calls that all end", () => {
    const report = run(zaps);
    expect(report.verdict).toBe("holds");
    expect(verdictOn(report, "L4")).toBe("reached");
    expect(verdictOn(report, "C18")).toBe("holds");
    expect(report.calls).toEqual(zaps);
  });

  test("only the fixed calls are executed", () => {
    expect(run(zaps).actions.map(({ name }) => name)).toEqual(["step", "zap", "maybeMappedShared"]);
  });

  test("fixed calls disable symmetry, because they name MMs", () => {
    expect(run(zaps).symmetry).toBe(false);
    expect(resolve({ ...request(zaps), symmetry: true }).job.symmetry).toBe(false);
  });

  test("fixed calls have more states without merging, and the same verdicts", () => {
    const [merged, single] = [run(zaps), run(zaps, { merge: 0 })];
    expect(single.states).toBeGreaterThan(merged.states);
    expect(single.properties.map(({ verdict }) => verdict)).toEqual(merged.properties.map(({ verdict }) => verdict));
  });

  test("fixed calls start after the start calls have ended", () => {
    const { state } = traceIn(run(zaps), "L4");
    const { mms, cpus } = state as { mms: { live: boolean }[]; cpus: { executes: string }[] };
    expect(mms.map(({ live }) => live)).toEqual([true, true]);
    expect(cpus.map(({ executes }) => executes)).toEqual(["", "", ""]);
  });

  test("the fixed calls of one CPU are executed in order", () => {
    const report = run({ start: [FAULT], cpus: [[zap(0, 0, 1), zap(0, 1, 1), call("exit", { mm: 0 })]] });
    expect(
      traceIn(report, "L4")
        .steps.map(({ action }) => action)
        .filter((action) => action !== "step"),
    ).toEqual(["zap", "zap", "exit"]);
    expect(report.verdict).toBe("holds");
  });

  test("L4 is unreached if the fixed calls end in no interleaving", () => {
    const report = run({ start: [FAULT], cpus: [[zap(0, 0, 1), zap(0, 0, 1)]] });
    expect(verdictOn(report, "L4")).toBe("unreached");
    expect(verdictOn(report, "L1")).toBe("holds");
    expect(report.verdict).toBe("unreached");
  });

  test("a fixed call that is no longer enabled is no deadlock", () => {
    const report = run({ start: [FAULT], cpus: [[call("exit", { mm: 0 })], [READER]] });
    expect(verdictOn(report, "L4")).toBe("reached");
    expect(verdictOn(report, "L1")).toBe("holds");
    expect(report.verdict).toBe("holds");
  });

  test("the report of fixed calls lists the rules of interleaving", () => {
    expect(run(zaps, { tso: 1, frames: 0 }).interleaving).toEqual([
      "memory model: x86-TSO",
      "3 CPUs execute their calls; every access to shared memory is a step",
      "reductions: accesses that no other CPU can interfere with are not interleaved",
    ]);
  });

  test("fixed calls of swap have swap slots, and the report lists the limits of swap", () => {
    const start = [FAULT, call("swapOut", { mm0: 0, mm1: 1 })];
    const write = call("swapIn", { mm: 0, entry: 0, write: true });
    const report = run({ start, cpus: [[write], [zap(0, 1, 1)], [call("freeSwap")]] }, { swap: 1 });
    expect(report.verdict).toBe("holds");
    expect(verdictOn(report, "L4")).toBe("reached");
    expect(verdictOn(report, "C7.swap")).toBe("holds");
    expect(report.interleaving).toContainEqual(expect.stringMatching(/^swap: a folio that has swap entries stays/));
  });

  test.each([
    [
      "a write fault and a speculative reference",
      [call("writeFault", { mm: 0, entry: 0 })],
      [call("speculativeReference")],
      0,
    ],
    ["reclaim and a pin", [call("swapOut", { mm0: 0, mm1: 1 })], [call("gupFast", { mm: 0, entry: 1, pin: true })], 1],
  ])("C19 is not claimed for %s, which reaches states that no sequential order reaches", (_, one, other, swap) => {
    const start = [FAULT, FORK, call("exit", { mm: 1 })];
    const report = run({ start, cpus: [one, other] }, { swap });
    expect(report.verdict).toBe("holds");
    expect(verdictOn(report, "C19")).toBeUndefined();
    expect(report.interleaving).toContainEqual(expect.stringMatching(/^C19 is not claimed: /));
  });

  test.each([
    [
      "a machine without CPUs",
      { ...request(zaps), machine: "rmap", bounds: {} },
      /machine rmap has no CPUs that could execute calls/,
    ],
    ["another number of CPUs", request(zaps, { cpus: 2 }), /there are calls for 3 CPUs, and 2 CPUs/],
    [
      "a start call that is not enabled in the initial state",
      request({ start: [FORK], cpus: [[READER]] }),
      /fork\(parent: 0, child: 1\) cannot start in the initial state/,
    ],
    [
      "a start call that is not enabled after the previous one",
      request({ start: [FAULT, FAULT], cpus: [[READER]] }),
      /anonFault\(mm: 0\) cannot start after anonFault\(mm: 0\)/,
    ],
    [
      "an unknown operation",
      request({ start: [], cpus: [[call("munmap")]] }),
      /munmap\(\) is no call within these bounds/,
    ],
    ["arguments beyond bounds", request({ start: [], cpus: [[zap(0, 0, 4)]] }), /is no call within these bounds/],
  ])("fixed calls are refused for %s", (_, invalid, message) => {
    expect(() => resolve(invalid)).toThrow(message);
  });
});
