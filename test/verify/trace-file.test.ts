/** Validation of trace files. */
import { describe, expect, test } from "vitest";
import type { CallNode } from "../../model/kernel/call-node.ts";
import { itf } from "../../report/json/itf.ts";
import type { TraceReport } from "../../verify/report/report.ts";
import { UsageError } from "../../verify/request/usage-error.ts";
import { replay } from "../../verify/trace/replay.ts";
import { parseTrace } from "../../verify/trace/trace-file.ts";
import { resolve, runJob } from "./built.ts";

const good = runJob(resolve({ machine: "owner-tracking", kernel: "slot-1-without-shared" }).job).properties.find(
  ({ verdict }) => verdict === "violated",
)?.trace as TraceReport;
const [step] = good.steps as [TraceReport["steps"][number]];

const read = (change: object): ReturnType<typeof replay> =>
  replay(parseTrace(JSON.stringify({ ...good, ...change }), "t.json"));

function refusal(change: object): string {
  try {
    read(change);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as UsageError).message;
  }
  return "no refusal";
}

describe("a trace file", () => {
  test("a trace file may begin with a byte order mark", () => {
    expect(parseTrace(`\uFEFF${JSON.stringify(good)}`, "t.json")).toEqual(good);
  });

  test.each([
    [
      "ITF",
      itf(good),
      "t.json is a trace in ITF, which is for viewers; want what --trace-out writes to a name that does not end in .itf.json",
    ],
    [
      "JSON of something else",
      '{"name":"x"}',
      "t.json is not a foliocheck trace; want a JSON file that --trace-out wrote",
    ],
    [
      "UTF-16",
      Buffer.from(`\uFEFF${JSON.stringify(good)}`, "utf16le").toString("utf8"),
      "t.json is in UTF-16; want UTF-8, as in a JSON file that --trace-out wrote",
    ],
    ["no JSON", "{", "t.json is not JSON, or was cut short; want a JSON file that --trace-out wrote"],
  ])("a file of another kind is refused with its kind: %s", (_, text, message) => {
    expect(() => parseTrace(text, "t.json")).toThrow(new UsageError(message));
  });

  test("a trace file is parsed to the written trace", () => {
    expect(parseTrace(JSON.stringify(good), "t.json")).toEqual(good);
    expect(read({})).toMatchObject({ outcome: { kind: "violated", step: 2 }, confirmed: true, trace: good });
  });

  test("a trace file of version 1, with calls as text, replays", () => {
    const steps = good.steps.map((each) => ({
      ...each,
      functions: ["folio_add_return_large_mapcount(folio, 1, mm 0) = 1"],
    }));
    expect(read({ version: 1, steps })).toMatchObject({
      outcome: { kind: "violated", step: 2 },
      confirmed: true,
      trace: good,
    });
  });

  test("a trace file of version 2, whose queries are called asked, is parsed to a trace with queries", () => {
    const queries: CallNode[] = [{ kind: "function", name: "folio_maybe_mapped_shared", args: [], calls: [] }];
    expect(parseTrace(JSON.stringify({ ...good, version: 2, asked: queries }), "t.json")).toEqual({ ...good, queries });
  });

  const refusals: readonly [object, string][] = [
    [{ version: undefined }, "t.json is a trace of no version; this foliocheck reads versions 1 to 3"],
    [{ version: 0 }, "t.json is a trace of version 0; this foliocheck reads versions 1 to 3"],
    [{ version: null }, "t.json is a trace of version null; this foliocheck reads versions 1 to 3"],
    [{ format: "something" }, "t.json is not a foliocheck trace; want a JSON file that --trace-out wrote"],
    [
      { format: "foliocheck-report" },
      "t.json is a report, and not a trace; want what the same command writes with --trace-out",
    ],
    [
      { format: "foliocheck-baseline" },
      "t.json is a baseline, and not a trace; want a JSON file that --trace-out wrote",
    ],
    [{ kernel: 3 }, "t.json is a damaged trace: kernel: Invalid type: Expected string but received 3"],
    [{ steps: 3 }, "t.json is a damaged trace: steps: Invalid type: Expected Array but received 3"],
    [{ initial: -1 }, "t.json is a damaged trace: initial: Invalid value: Expected >=0 but received -1"],
    [
      { bounds: { pages: "4" } },
      't.json is a damaged trace: bounds.pages: Invalid type: Expected number but received "4"',
    ],
    [{ bounds: { pages: 2.5 } }, "pages 2.5 is out of range for machine owner-tracking; want 2 … 64"],
    [{ bounds: { folios: 1 } }, 'machine owner-tracking has no bound "folios"; it has pages, mms'],
    [{ config: "thp" }, 'unknown configuration "thp"; known are '],
    [{ config: "no-mm-id" }, "machine owner-tracking needs mm-id: without it there is nothing to track"],
    [{ property: "C99" }, "the trace is about property C99, which machine owner-tracking does not check here"],
    [{ property: "C12" }, "the trace is about property C12, which machine owner-tracking does not check here"],
    [{ initial: 7 }, "the trace starts in initial state 7, which machine owner-tracking does not have"],
    [
      { steps: [{ ...step, action: "toString" }] },
      'cannot execute step 1 of the trace under its own kernel slot-1-without-shared: machine owner-tracking has no action "toString"; it has ',
    ],
    [
      { steps: [step, { ...step, parameters: {} }] },
      "cannot execute step 2 of the trace under its own kernel slot-1-without-shared: map(): no such parameters ",
    ],
    [
      { steps: [{ ...step, parameters: { mm: 0, pages: 5 } }] },
      "cannot execute step 1 of the trace under its own kernel slot-1-without-shared: map(mm: 0, pages: 5): no ",
    ],
    [
      { machine: "rmap" },
      'cannot execute step 1 of the trace under its own kernel slot-1-without-shared: machine rmap has no action "map"; it has ',
    ],
  ];
  test.each(refusals)("a trace file with %j is refused", (change, message) => {
    expect(refusal(change).slice(0, message.length)).toBe(message);
    expect(refusal(change)).not.toContain("\n");
  });

  test("a trace file may have unknown fields", () => {
    expect(read({ author: "me" }).outcome.kind).toBe("violated");
  });

  test("a replay takes sentences and functions from the model, not from the file", () => {
    const steps = good.steps.map((each) => ({ ...each, functions: ["nonsense"] }));
    expect(read({ claim: "nonsense", source: "nonsense", steps }).trace).toEqual(good);
  });
});
