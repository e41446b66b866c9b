/** Outcomes of replays, and the comparison of a trace file with its execution. */
import { describe, expect, test } from "vitest";
import { action } from "../../explore/model/model.ts";
import { int, struct } from "../../explore/model/schema.ts";
import type { AnyModel } from "../../machines/machine.ts";
import type { TraceReport } from "../../verify/report/report.ts";
import { UsageError } from "../../verify/request/usage-error.ts";
import { executeTrace, type Obstacle } from "../../verify/trace/execution.ts";
import { type ReplayReport, replay } from "../../verify/trace/replay.ts";
import { resolve, runJob } from "./built.ts";

/** Returns the shortest trace that violates or reaches a property. */
function traceOf(property: string, request: Parameters<typeof resolve>[0]): TraceReport {
  const trace = runJob(resolve(request).job).properties.find(({ id }) => id === property)?.trace;
  if (trace === undefined || trace === null) {
    throw new Error(`no trace of ${property}`);
  }
  return trace;
}

const FAULTY = "slot-1-without-shared";
const c1 = traceOf("C1", { machine: "owner-tracking", kernel: FAULTY });
const w1 = traceOf("W1", { machine: "owner-tracking" });
const c9 = traceOf("C9.held", {
  machine: "swap",
  kernel: "pageout-frees-with-references",
  bounds: { pages: 1, mms: 1, smallFolios: 0, swapSlots: 1, holders: 1 },
});
const warning = traceOf("C5", { machine: "rmap", kernel: "id-freed-before-unmap", bounds: { pages: 2, mms: 2 } });

type Step = TraceReport["steps"][number];
const stepAt = ({ steps }: TraceReport, index: number): Step => steps.at(index) as Step;

/** Returns a trace with one step replaced. */
const withStep = (trace: TraceReport, index: number, change: Partial<Step>): TraceReport => ({
  ...trace,
  steps: trace.steps.with(index, { ...stepAt(trace, index), ...change }),
});

/** Copies a state with the value at a path replaced, or removed if it is undefined. */
function edited(state: unknown, path: readonly (string | number)[], value: unknown): unknown {
  const [name, ...rest] = path;
  if (name === undefined) {
    return value;
  }
  const copy = structuredClone(state) as { [name: string | number]: unknown };
  copy[name] = edited(copy[name], rest, value);
  return JSON.parse(JSON.stringify(copy));
}

function refusal(run: () => ReplayReport): string {
  try {
    return `no refusal: ${run().outcome.kind}`;
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as UsageError).message;
  }
}

describe("a trace that its own kernel does not reproduce", () => {
  const unmap = { action: "unmap", parameters: { mm: 0, pages: 1 }, call: "unmap(mm: 0, pages: 1)" };
  const cases: readonly (readonly [what: string, trace: TraceReport, message: RegExp])[] = [
    [
      "a step that is not enabled",
      { ...c1, steps: [{ ...stepAt(c1, 0), ...unmap }] },
      /^cannot execute step 1 of the trace under its own kernel slot-1-without-shared: unmap\(mm: 0, pages: 1\) is not enabled; the file was edited, or the model has changed since$/,
    ],
    [
      "a state with another value",
      withStep(c1, 1, { state: edited(stepAt(c1, 1).state, ["folio", "slots", 1, "mapcount"], 3) }),
      /does: after step 2, field folio\.slots\[1\]\.mapcount is 0, and 3 in the file; /,
    ],
    [
      "a state with a value of another type",
      withStep(c1, 0, { state: edited(stepAt(c1, 0).state, ["folio", "slots"], {}) }),
      /does: after step 1, field folio\.slots is a list, and an object in the file; /,
    ],
    [
      "a state with one element less",
      { ...c1, state: edited(c1.state, ["folio", "slots"], [{ mmId: 0, mapcount: -1 }]) },
      /does: in the initial state, field folio\.slots\[1\] is not in the file; /,
    ],
    [
      "a state with a field that the model lacks",
      withStep(c1, 0, { state: edited(stepAt(c1, 0).state, ["folio", "colour"], "red") }),
      /does: after step 1, field folio\.colour is in the file only; /,
    ],
    [
      "a state that is a number",
      withStep(c1, 0, { state: 0 }),
      /does: after step 1, the state is an object, and 0 in the file; /,
    ],
    [
      "a step under the name of another",
      withStep(c1, 1, { call: "unmap(mm: 0)" }),
      /step 2 is called unmap\(mm: 0\); /,
    ],
    [
      "a trace that ends before it fails",
      { ...c1, steps: c1.steps.slice(0, 1) },
      /^the trace does not decide C1 under /,
    ],
    ["a witness that ends too early", { ...w1, steps: w1.steps.slice(0, -1) }, /^the trace does not decide W1 under /],
    ["a property that holds", { ...c1, property: "C8" }, /^the trace does not decide C8 under its own kernel /],
    [
      "another warning",
      { ...warning, warning: { kind: "kernel-warning", name: "badPte", by: [] } },
      /: it raises \w+, and badPte in the file; /,
    ],
    [
      "a warning of a claim that is not about warnings",
      { ...c1, warning: { kind: "kernel-warning", name: "badPte", by: [] } },
      /: it raises no warning, and badPte in the file; /,
    ],
  ];

  test.each(cases)("a trace with %s is refused", (_, trace, message) => {
    expect(refusal(() => replay(trace))).toMatch(message);
    // A trace that was never a counterexample cannot be cured.
    expect(refusal(() => replay(trace, "v6.15"))).toMatch(message);
  });
});

describe("outcomes of a replay", () => {
  test("an unchanged trace is confirmed, with its warning", () => {
    expect(replay(c1)).toMatchObject({ outcome: { kind: "violated", step: 2 }, confirmed: true, trace: c1 });
    expect(replay(w1)).toMatchObject({ outcome: { kind: "reached", step: w1.steps.length }, trace: w1 });
    expect(warning.warning).toMatchObject({ kind: "kernel-warning" });
    expect(replay(warning)).toMatchObject({ outcome: { kind: "violated" }, trace: warning });
    expect(replay(c1).divergence).toBe(undefined);
  });

  test("a trace of an older model, whose states have fewer fields, is compared in the fields that it has", () => {
    const older = withStep(c1, 0, { state: edited(stepAt(c1, 0).state, ["folio", "mmIdsShared"], undefined) });
    expect(stepAt(older, 0).state).not.toEqual(stepAt(c1, 0).state);
    expect(replay(older)).toMatchObject({ outcome: { kind: "violated" }, trace: c1 });
  });

  test("a trace that no longer fails under another kernel is cured, with the first field that differs", () => {
    const cured = replay(c1, "v6.15");
    expect(cured).toMatchObject({ outcome: { kind: "cured" }, confirmed: true, findings: [] });
    expect(cured.divergence).toEqual({
      step: 2,
      field: "folio.mmIdsShared",
      executed: true,
      recorded: false,
    });
  });

  test("a trace that another kernel cannot execute is not applicable, although no property is violated", () => {
    const { outcome, obstacle, trace, findings } = replay(c9, "v6.15");
    expect(outcome).toEqual({ kind: "not-applicable", obstacle });
    expect(obstacle).toMatchObject({ step: 6, reason: "not-enabled", message: "swapOut(folio: 0) is not enabled" });
    expect(trace.steps).toHaveLength(5);
    expect(findings.filter(({ verdict }) => verdict === "violated")).toEqual([]);
  });

  test("a trace that violates another claim fails otherwise, even if it cannot be executed completely", () => {
    const { outcome, findings } = replay(c1, "add-without-minus-one");
    const violated = findings.filter(({ verdict }) => verdict === "violated").map(({ id }) => id);
    expect(violated).toContain("C8");
    expect(outcome).toEqual({ kind: "fails-otherwise", violated });
  });

  test("a trace of a kernel that the model does not have is not confirmed, and its states are not compared", () => {
    const { confirmed, divergence, outcome } = replay({ ...c1, kernel: "tree" }, "v6.15");
    expect({ confirmed, divergence, outcome }).toEqual({
      confirmed: false,
      divergence: undefined,
      outcome: { kind: "cured" },
    });
  });
});

describe("the end of an execution", () => {
  const step = (call: string, parameters = {}): Step => ({
    ...{ action: call, parameters, call, functions: [], state: undefined },
  });
  /** Counter up to 1, which `add` can exceed; `stop` is never enabled. */
  const counter = {
    name: "counter",
    schema: struct({ n: int(0, 1) }),
    context: null,
    view: (state: unknown) => state,
    actions: [
      action("add", { by: [1, 2] }, (state: { n: number }, _, { by }) => {
        state.n += by;
        return true;
      }),
      action("stop", {}, () => false),
    ],
    properties: [],
  } as unknown as AnyModel;

  const cases: readonly (readonly [string, Step, Obstacle["reason"], RegExp])[] = [
    ["that is not enabled", step("stop"), "not-enabled", /^stop\(\) is not enabled$/],
    [
      "whose action the machine lacks",
      step("fly"),
      "unknown-action",
      /^machine counter has no action "fly"; it has add/,
    ],
    ["whose parameters the machine lacks", step("add", { by: 3 }), "unknown-parameters", /^add\(by: 3\): no such /],
    [
      "whose successor no state of the machine represents",
      step("add", { by: 1 }),
      "beyond-bounds",
      /^action add\(by: 1\): the value 2 does not fit field n, which is declared 0 … 1$/,
    ],
  ];
  test.each(cases)("an execution ends before a step %s", (_, second, reason, message) => {
    const steps = [{ ...step("add", { by: 1 }), state: { n: 1 } }, second];
    expect(executeTrace({ ...c1, state: { n: 0 }, steps }, counter)).toMatchObject({
      taken: 1,
      obstacle: { step: 2, reason, message: expect.stringMatching(message) },
    });
  });
});
