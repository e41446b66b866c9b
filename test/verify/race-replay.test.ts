import { beforeAll, describe, expect, test } from "vitest";
import { json } from "../../report/json/json.ts";
import { resolveCalls } from "../../verify/job/race-request.ts";
import type { TraceReport } from "../../verify/report/report.ts";
import { runJob } from "../../verify/run.ts";
import { replay } from "../../verify/trace/replay.ts";
import { parseTrace } from "../../verify/trace/trace-file.ts";
import { traceIn, unqueuedRun } from "../report/race-traces.ts";

describe.each([0, 1] as const)("the trace file of a race with tso %i", (tso) => {
  let trace: TraceReport;
  beforeAll(() => {
    trace = parseTrace(json(traceIn(unqueuedRun(tso), "C14")), "trace.json");
  });

  test("a race fails again under its own kernel, at its last step", () => {
    const { outcome, confirmed, divergence } = replay(trace);
    expect(outcome).toEqual({ kind: "violated", step: trace.steps.length });
    expect(confirmed).toBe(true);
    expect(divergence).toBeUndefined();
  });

  test("every step of a race has one access, or none if an operation begins", () => {
    const { trace: executed } = replay(trace);
    const counts = new Set(executed.steps.map(({ action, accesses }) => `${action} ${accesses?.length}`));
    expect([...counts].sort()).toEqual([...(tso === 1 ? ["drain 1"] : []), "exit 0", "step 1", "zap 0"]);
  });

  test("the race also fails under v6.15, whose functions have the same accesses", () => {
    expect(replay(trace, "v6.15").outcome.kind).toBe("violated");
  });

  test("the race is not applicable to a kernel with other accesses", () => {
    const { outcome, obstacle } = replay(trace, "rfc-2026-04");
    expect(outcome.kind).toBe("not-applicable");
    expect(obstacle?.reason).toBe("not-enabled");
  });

  test.each(["sc", "tso", "views"] as const)("the race fails under memory model %s", (memory) => {
    const { outcome, trace: executed } = replay(trace, undefined, memory);
    expect(outcome.kind).toBe("violated");
    expect(executed.bounds).toMatchObject({ tso: memory === "tso" ? 1 : 0, views: memory === "views" ? 1 : 0 });
  });

  test("a file with another interleaving is refused", () => {
    const [first, second, ...others] = trace.steps;
    const edited = { ...trace, steps: [second, first, ...others] } as TraceReport;
    expect(() => replay(edited)).toThrow(/cannot execute step 1 of the trace under its own kernel v7.1/);
  });

  test("a file with another executing operation in a state is refused", () => {
    const steps = trace.steps.map((step, i) =>
      i === 3 ? { ...step, state: { cpus: [{ executes: "zap(mm: 0, first: 0, count: 1)" }] } } : step,
    );
    expect(() => replay({ ...trace, steps })).toThrow(/after step 4, field cpus/);
  });
});

test("a trace with a load of an older value is not applicable under sequential consistency", () => {
  const request = { machine: "race", kernel: "gup-fast-without-barrier", bounds: { views: 1 } };
  const calls = { start: "anonFault(0)", cpus: "migrate(0, 1) | gupFast(0, 0, true)" };
  const trace = parseTrace(json(traceIn(runJob(resolveCalls(request, calls).job), "C11.warnings")), "trace.json");
  expect(replay(trace).outcome.kind).toBe("violated");
  expect(replay(trace, undefined, "views").outcome.kind).toBe("violated");
  expect(replay(trace, undefined, "sc").obstacle?.reason).toBe("unknown-parameters");
});
