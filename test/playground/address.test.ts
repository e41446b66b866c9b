/** Addresses of explorations. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MACHINES } from "../../machines/index.ts";
import { formatOperation } from "../../model/race/race-calls.ts";
import { formatAddress, parseAddress } from "../../playground/address/address.ts";
import { type Exploration, positionOf } from "../../playground/address/exploration.ts";
import { explorationOfTrace } from "../../playground/address/of-trace.ts";
import { shortCall } from "../../playground/address/short-call.ts";
import { modelUnder } from "../../playground/worker/model-under.ts";
import { rmapTrace } from "../report/fixtures.ts";
import { imageTrace } from "../report/html/image-trace.ts";
import { traceIn, unqueuedRun } from "../report/race-traces.ts";

const EXPLORATION: Exploration = {
  machine: "rmap",
  kernel: "sub-looks-at-slot-0-only",
  against: "v7.1",
  config: "no-page-mapcount,32bit,mm-id,mm-id-mapcount-max=3",
  bounds: { pages: 4, minPages: 4 },
  path: ["anonFault(0,0,4)", "fork(0,1)"],
  step: 1,
};

describe("the address of an exploration", () => {
  test("an address is readable, and has the setting, the path and the step", () => {
    expect(formatAddress(EXPLORATION)).toBe(
      "#machine=rmap&kernel=sub-looks-at-slot-0-only&against=v7.1" +
        "&config=no-page-mapcount,32bit,mm-id,mm-id-mapcount-max=3&bounds=pages:4,minPages:4" +
        "&path=anonFault(0,0,4);fork(0,1)&step=1",
    );
  });

  test("an address is parsed to the exploration from which it was formatted, whatever its names", () => {
    const name = fc.string({ minLength: 1, unit: "binary" }).filter((text) => !text.includes(";"));
    const exploration = fc.record({
      machine: name,
      kernel: name,
      config: fc.string(),
      bounds: fc.dictionary(fc.stringMatching(/^[a-z]\w*$/), fc.nat()),
      path: fc.array(name),
    });
    fc.assert(
      fc.property(exploration, (each) => {
        expect(parseAddress(formatAddress(each))).toEqual({ ...each, bounds: { ...each.bounds } });
      }),
    );
    expect(parseAddress(formatAddress(EXPLORATION))).toEqual(EXPLORATION);
  });

  test.each(["", "#", "#finding-1", "#machine=rmap", "#kernel=v7.1"])("%j is no address of an exploration", (hash) => {
    expect(parseAddress(hash)).toBeUndefined();
  });

  test("a step that is no number is ignored: the last state is in view", () => {
    expect(parseAddress("#machine=rmap&kernel=v7.1&step=x")).toEqual({
      machine: "rmap",
      kernel: "v7.1",
      config: "",
      bounds: {},
      path: [],
    });
  });

  test("the state in view is that of the step, or the last one", () => {
    expect(positionOf({ path: ["a()", "b()"] })).toBe(2);
    expect(positionOf({ path: ["a()", "b()"], step: 1 })).toBe(1);
    expect(positionOf({ path: ["a()", "b()"], step: 9 })).toBe(2);
  });
});

describe("the short form of calls", () => {
  test.each(MACHINES.map(({ name }) => name))("no two calls of machine %s have one short form", (machine) => {
    const { model } = modelUnder({ machine, bounds: {}, config: "", kernel: "v7.1" }, "v7.1");
    const calls = model.actions.flatMap(({ name, choices }) =>
      choices.map((parameters) => shortCall({ action: name, parameters })),
    );
    expect(new Set(calls).size).toBe(calls.length);
    expect(calls.filter((call) => call.includes(";"))).toEqual([]);
  });
});

describe("the exploration of a trace", () => {
  test("a trace of the model is an exploration with its steps", () => {
    expect(explorationOfTrace(rmapTrace)).toMatchObject({
      machine: rmapTrace.machine,
      kernel: rmapTrace.kernel,
      bounds: rmapTrace.bounds,
      path: rmapTrace.steps.map(shortCall),
    });
  });

  test("a trace of an image is refused: the C code is not in it", () => {
    expect(() => explorationOfTrace(imageTrace)).toThrow("the trace is of whole files of a kernel tree");
  });

  test("a trace of fixed calls is an exploration with these calls", () => {
    const trace = traceIn(unqueuedRun(), "C14");
    const exploration = explorationOfTrace(trace);
    expect(exploration.calls).toEqual({
      start: trace.calls?.start.map(formatOperation).join("; "),
      cpus: trace.calls?.cpus.map((calls) => calls.map(formatOperation).join("; ")).join(" | "),
    });
    expect(parseAddress(formatAddress(exploration))).toEqual(exploration);
  });

  test("a trace of the C code of a tree, of an unknown kernel or machine, or of bounds out of range is refused", () => {
    expect(() => explorationOfTrace({ ...rmapTrace, kernel: "tree" })).toThrow("the trace is of the C code");
    expect(() => explorationOfTrace({ ...rmapTrace, kernel: "mine" })).toThrow('unknown variant "mine"');
    expect(() => explorationOfTrace({ ...rmapTrace, machine: "buddy" })).toThrow('unknown machine "buddy"');
    expect(() => explorationOfTrace({ ...rmapTrace, bounds: { pages: 3 } })).toThrow("pages 3 is out of range");
  });
});
