/** Requests to the playground's worker: executions, exports, trace files. */
import { describe, expect, test } from "vitest";
import { reproducerOfTrace } from "../../live/run/live-report.ts";
import { MACHINES } from "../../machines/index.ts";
import { KERNEL_NAMES, VARIANTS } from "../../model/kernels/index.ts";
import type { Exploration } from "../../playground/address/exploration.ts";
import type { Reply } from "../../playground/protocol/messages.ts";
import type { TraceReport } from "../../verify/report/report.ts";
import { replay } from "../../verify/trace/replay.ts";
import { parseTrace } from "../../verify/trace/trace-file.ts";
import { rmapTrace } from "../report/fixtures.ts";
import { ask, executed, exported, found, setting } from "./ask.ts";

const C8_PATH = ["anonFault(0,0,4)", "fork(0,1)", "unmap(1,0,2,2)"];
const C8: Exploration = { ...setting("rmap", "sub-looks-at-slot-0-only"), path: C8_PATH };

const textOf = (reply: Reply): string => (reply.kind === "exported" ? reply.exported.text : reply.kind);

describe("the catalogue", () => {
  test("the catalogue has every machine and every kernel, and for each faulty one a setting that catches it", async () => {
    const reply = await ask({ kind: "catalogue" });
    const { machines, kernels } = (reply as Extract<Reply, { kind: "catalogue" }>).catalogue;
    expect(machines.map(({ name }) => name)).toEqual(MACHINES.map(({ name }) => name));
    expect(kernels.map(({ name }) => name)).toEqual(KERNEL_NAMES);
    expect(kernels[0]).toMatchObject({ name: "v7.1", kind: "release" });
    expect(kernels.filter(({ kind, caught }) => kind === "faulty" && caught === undefined)).toEqual([]);
  });
});

describe("an execution", () => {
  test.each(MACHINES.map(({ name }) => name))(
    "every enabled action of machine %s can be taken, up to a depth of four",
    async (machine) => {
      const path: string[] = [];
      for (let depth = 0; depth < 4; depth++) {
        const { next, kernels, position } = await executed({ ...setting(machine), path });
        expect(position).toBe(depth);
        expect(kernels[0].obstacle).toBeUndefined();
        expect(kernels[0].claims.filter(({ value }) => value === "violated")).toEqual([]);
        const actions = next.flatMap((group) => group.actions);
        expect(actions.filter(({ violates }) => violates.length > 0)).toEqual([]);
        const chosen = actions[(depth * 7 + 3) % actions.length];
        path.push(chosen?.call ?? "");
      }
    },
  );

  test("enabled actions are grouped by MM, those on folios apart", async () => {
    const { next } = await executed({ ...setting("migration"), path: ["anonFault(0,0,2)"] });
    expect(next.map(({ title }) => title)).toEqual(["mm 0", "mm 1", "the kernel itself"]);
    expect(next[2]?.actions[0]).toMatchObject({
      call: "migrateUnmap(0,0,1)",
      sentence: "migration replaces all mappings of folio A by migration entries, visiting mm 0, then mm 1",
    });
  });

  test("a claim that a step violates is announced at the action, and then has its places", async () => {
    const before = await executed({ ...C8, step: 2 });
    const announced = before.next.flatMap(({ actions }) => actions).filter(({ violates }) => violates.includes("C8"));
    expect(announced.map(({ call }) => call)).toContain("unmap(1,0,2,2)");
    const after = await executed(C8);
    expect(after.kernels[0].claims.filter(({ value }) => value === "violated")).toMatchObject([
      { id: "C8", faults: [{ folio: 0, ownerSlot: 1, actual: 4, expected: { most: 2 } }] },
    ]);
  });

  test("an earlier step is in view with the whole path as its trace", async () => {
    const { position, kernels } = await executed({ ...C8, step: 1 });
    expect(position).toBe(1);
    expect(kernels[0].trace.steps).toHaveLength(3);
    expect(kernels[0].claims.find(({ id }) => id === "C8")?.value).not.toBe("violated");
  });

  test("a path that the kernel cannot take is executed up to the first impossible step, with the reason", async () => {
    const { position, kernels } = await executed({ ...setting("rmap"), path: ["exit(0)", "fork(0,1)", "exit(0)"] });
    expect(position).toBe(1);
    expect(kernels[0].obstacle).toEqual({ step: 2, message: "fork(parent: 0, child: 1) is not enabled" });
    const unknown = await executed({ ...setting("rmap"), path: ["fly(0)"] });
    expect(unknown.kernels[0].obstacle).toEqual({ step: 1, message: "the machine has no call fly(0)" });
  });

  test("two kernels take the same steps, each with its own states and claims", async () => {
    const { kernels } = await executed({ ...C8, against: "v7.1" });
    const valueUnder = (i: number): string | undefined => kernels[i]?.claims.find(({ id }) => id === "C8")?.value;
    expect(kernels.map(({ kernel }) => kernel)).toEqual(["sub-looks-at-slot-0-only", "v7.1"]);
    expect([valueUnder(0), valueUnder(1)]).toEqual(["violated", "holds"]);
    expect(kernels[0].trace.steps[2]?.delta).not.toEqual(kernels[1]?.trace.steps[2]?.delta);
  });

  test.each([
    [setting("buddy"), 'unknown machine "buddy"'],
    [setting("rmap", "v5.0"), 'unknown variant "v5.0"'],
    [setting("rmap", "v7.1", { bounds: { pages: 3 } }), "pages 3 is out of range"],
    [setting("rmap", "v7.1", { config: "thp" }), 'unknown configuration "thp"'],
    [setting("rmap", "v7.1", { against: "v5.0" }), 'unknown variant "v5.0"'],
  ])("the setting %j is refused in one line", async (where, message) => {
    const reply = await ask({ kind: "execute", exploration: { ...where, path: [] } });
    expect(reply).toMatchObject({ kind: "refused", message: expect.stringContaining(message) });
  });
});

describe("machine race", () => {
  test("a CPU that executes an operation has one action, its next access", async () => {
    const { next, bounds } = await executed({ ...setting("race"), path: ["anonFault(1,0)", "step(1)"] });
    expect(next.map(({ title, actions }) => [title, actions.length])).toEqual([
      ["CPU 0", 2],
      ["CPU 1", 1],
    ]);
    expect(next[1]?.actions[0]).toMatchObject({
      call: "step(1)",
      sentence: "lock page table of mm 0, in anonFault(mm: 0)",
    });
    expect(Object.keys(bounds)).not.toContain("merge");
  });

  test("a second kernel, and a search from a later state, are refused", async () => {
    const beside = { ...setting("race"), against: "v6.18", path: [] };
    expect(await ask({ kind: "execute", exploration: beside })).toMatchObject({
      kind: "refused",
      message: expect.stringContaining("machine race takes steps under one kernel at a time"),
    });
    const wish = { kind: "claim", id: "C1" } as const;
    expect(await ask({ kind: "find", setting: setting("race"), steps: ["anonFault(1,0)"], wish })).toMatchObject({
      kind: "refused",
      message: "a search of machine race starts in the initial state",
    });
  });

  test("a race of fixed calls is found, exported, and opened again", async () => {
    const { name, caught } = VARIANTS.find((each) => each.caught?.calls !== undefined) ?? {};
    const { machine = "", bounds = {}, config = "", calls, property = "" } = caught ?? {};
    const where = setting(machine, name, { bounds, config, ...(calls === undefined ? {} : { calls }) });
    const result = await found(where, { kind: "claim", id: property });
    const path = result.outcome === "found" ? result.path : [];
    const trace = parseTrace(textOf(await exported({ ...where, path }, "json")), "trace.json");
    expect(replay(trace).outcome).toEqual({ kind: "violated", step: path.length });
    const reply = await ask({ kind: "open", name: "trace.json", text: JSON.stringify(trace) });
    expect(reply).toMatchObject({ kind: "opened", exploration: { machine: "race", path } });
  });
});

describe("an export", () => {
  test("a trace file with a violation replays", async () => {
    const trace = parseTrace(textOf(await exported(C8, "json")), "trace.json");
    expect(trace.property).toBe("C8");
    expect(replay(trace).outcome).toEqual({ kind: "violated", step: 3 });
    expect(replay(trace, "v7.1").outcome).toEqual({ kind: "cured" });
  });

  test("a trace file has the steps up to the state in view, and a remark if they decide nothing", async () => {
    const reply = await exported({ ...C8, step: 1 }, "json");
    const trace = parseTrace(textOf(reply), "trace.json");
    expect(trace.steps.map(({ call }) => call)).toEqual(["anonFault(mm: 0, first: 0, pages: 4)"]);
    expect(reply).toMatchObject({ exported: { remark: expect.stringContaining("violate no claim") } });
  });

  test("a warning of the kernel is in the trace file, which replays", async () => {
    const { name, caught } = VARIANTS.find((variant) => variant.caught?.property === "C5") ?? {};
    const where = {
      machine: caught?.machine ?? "",
      bounds: caught?.bounds ?? {},
      config: caught?.config ?? "",
      kernel: name ?? "",
    };
    const result = await found(where, { kind: "claim", id: "C5" });
    const path = result.outcome === "found" ? result.path : [];
    const trace = parseTrace(textOf(await exported({ ...where, path }, "json")), "trace.json");
    expect(trace.warning).toBeDefined();
    expect(replay(trace).outcome.kind).toBe("violated");
  });

  test("the text for a mail is the trace of each kernel", async () => {
    const text = textOf(await exported({ ...C8, against: "v7.1" }, "text"));
    expect(text).toMatch(/^Counterexample to C8 in 3 steps\n/);
    expect(text).toMatch(/\nTrace for playground in 3 steps\n {2}machine rmap · kernel v7\.1 /);
    expect(text).not.toContain("\u001b");
  });

  test("the C reproducer is that of foliocheck repro", async () => {
    const trace: TraceReport = parseTrace(textOf(await exported(C8, "json")), "trace.json");
    expect(textOf(await exported(C8, "c"))).toBe(reproducerOfTrace(trace));
  });

  test("the export as a C reproducer says why user space cannot take the steps", async () => {
    expect(await exported({ ...setting("owner-tracking"), path: ["map(0,1)"] }, "c")).toMatchObject({
      kind: "refused",
      message: expect.stringContaining("machine owner-tracking has no page tables"),
    });
  });
});

describe("a trace file", () => {
  test("a trace file is opened with its setting and path", async () => {
    const reply = await ask({ kind: "open", name: "trace.json", text: JSON.stringify(rmapTrace) });
    expect(reply).toMatchObject({ kind: "opened", exploration: { machine: "rmap", path: C8_PATH } });
  });

  test.each([
    ["{", "trace.json"],
    ['{"format":"foliocheck-report"}', "trace.json is a report"],
  ])("the text %j is refused as a trace", async (text, message) => {
    const reply = await ask({ kind: "open", name: "trace.json", text });
    expect(reply).toMatchObject({ kind: "refused", message: expect.stringContaining(message) });
  });
});
