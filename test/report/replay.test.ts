import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { REPLAY_REPORTERS } from "../../report/replay-reporters.ts";
import { formatTrace } from "../../report/trace/format-trace.ts";
import type { Obstacle, ReplayFinding } from "../../verify/trace/execution.ts";
import { type ReplayReport, replay } from "../../verify/trace/replay.ts";
import { countsTrace, FAULTY, rmapTrace } from "./fixtures.ts";

const show = (report: ReplayReport): string => REPLAY_REPORTERS.pretty(report, { color: false, file: "c8.json" });

/** Returns the paragraph after the trace: other violations, and the verdict. */
const endOf = (report: ReplayReport): string[] => (show(report).trimEnd().split("\n\n").at(-1) ?? "").split("\n");

const stillFails = replay(rmapTrace);
const cured = replay(rmapTrace, "v7.1");
const reached = replay(countsTrace);
const unreached: ReplayReport = { ...reached, findings: [], outcome: { kind: "unreached" } };

/** Step that is not enabled under the kernel. */
const obstacle: Obstacle = {
  step: 3,
  call: "fork(parent: 0, child: 1)",
  reason: "not-enabled",
  message: "fork(parent: 0, child: 1) is not enabled",
};
const stopped = (report: ReplayReport): ReplayReport => ({
  ...report,
  findings: [],
  obstacle,
  outcome: { kind: "not-applicable", obstacle },
  trace: { ...report.trace, steps: report.trace.steps.slice(0, 2) },
});
const notApplicable = stopped(cured);

/** Finding of another property than the trace's. */
const other = (id: string, step: number): ReplayFinding => ({
  id,
  step,
  claim: "References are exactly mappings plus page cache",
  source: "series v3 13/20",
  verdict: "violated",
});

describe("the verdict of a replay", () => {
  test("a replay of a counterexample that still fails names the step", () => {
    expect(endOf(stillFails).at(-1)).toBe(`✗ still fails: C8 is violated under ${FAULTY}, at step 3`);
  });

  test("a replay that is cured names the first step with another state", () => {
    expect(endOf(cured).join(" ")).toBe(
      "the states under v7.1 differ from those in the file from step 3 on: field folios[0].slots[1].mapcount is 1, " +
        "and 3 in the file ✓ cured: C8 no longer fails under v7.1",
    );
  });

  test("a replay that is not applicable has the step and the reason, and is not called cured", () => {
    expect(endOf({ ...notApplicable, divergence: undefined as never }).join(" ")).toBe(
      "… not applicable under v7.1 from step 3 on: fork(parent: 0, child: 1) is not enabled; whether it has the fault is not known",
    );
    expect(endOf(stopped(reached)).join(" ")).toBe(
      "… not applicable under v7.1 from step 3 on: fork(parent: 0, child: 1) is not enabled; whether it reaches W1 is not known",
    );
  });

  test("a replay of a witness that is reached again names the step", () => {
    expect(endOf(reached)).toEqual(["✓ W1 is reached again under v7.1, at step 5"]);
  });

  test("a replay of a witness that is no longer reached is a failure", () => {
    expect(endOf(unreached)).toEqual(["✗ W1 is no longer reached under v7.1"]);
  });

  test("a replay that fails otherwise names the violated claims, and the outcome of the trace's own property", () => {
    const c7 = other("C7", 2);
    const otherwise = (report: ReplayReport, findings: readonly ReplayFinding[]): string | undefined =>
      /✗ fails .*$/.exec(
        endOf({ ...report, findings, outcome: { kind: "fails-otherwise", violated: ["C7"] } }).join(" "),
      )?.[0];
    expect(otherwise(cured, [c7])).toBe("✗ fails otherwise under v7.1: C7; C8 is not violated");
    expect(otherwise(reached, [...reached.findings, c7])).toBe(
      "✗ fails otherwise under v7.1: C7; W1 is reached at step 5",
    );
    expect(otherwise(unreached, [c7])).toBe("✗ fails otherwise under v7.1: C7; W1 is not reached");
    expect(otherwise(notApplicable, [c7])).toBe(
      "✗ fails otherwise under v7.1: C7; the execution ends before step 3: fork(parent: 0, child: 1) is not enabled",
    );
  });

  test("a replay says that the trace's own kernel is unknown", () => {
    expect(endOf({ ...cured, confirmed: false }).join(" ")).toMatch(
      /^not executed under its own kernel, which the model does not have: .* ✓ cured: /,
    );
  });

  test("witnesses that a counterexample passes do not change the outcome of a replay", () => {
    const passed: ReplayFinding = { ...other("W2", 1), verdict: "reached" };
    expect(endOf({ ...cured, findings: [passed] })).toEqual(endOf(cured));
  });
});

test("other violated claims stand above the verdict of a replay, aligned, with the kernel's warning", () => {
  const warned = { ...other("C5.slots", 2), warning: { kind: "text", text: "it warns" } as const };
  const report = { ...stillFails, findings: [other("C7", 1), ...stillFails.findings, warned] };
  expect(endOf(report)).toEqual([
    "✗ C7        violated as well, at step 1: References are exactly mappings plus page cache",
    "✗ C5.slots  violated as well, at step 2: References are exactly mappings plus page cache (it warns)",
    `✗ still fails: C8 is violated under ${FAULTY}, at step 3`,
  ]);
});

describe("the trace of a replay", () => {
  const titleOf = (report: ReplayReport): string => show(report).split("\n")[0] ?? "";

  test("a replay shows the execution under its kernel as a trace", () => {
    const traceText = formatTrace(stillFails.trace, { color: false, shows: "violated", file: "c8.json" });
    expect(show(stillFails)).toContain(traceText.trimEnd());
    expect(stillFails.trace).toEqual(rmapTrace);
  });

  test("the title of a replayed trace gives its outcome under this kernel", () => {
    expect(titleOf(stillFails)).toBe("Counterexample to C8 in 3 steps");
    expect(titleOf(cured)).toBe("Trace for C8 in 3 steps");
    expect(titleOf(notApplicable)).toBe("Trace for C8 in 2 steps");
    expect(titleOf(reached)).toBe("Witness of W1 in 5 steps");
    expect(titleOf(unreached)).toBe("Trace for W1 in 5 steps");
  });

  test("a replay ends with the command that repeats it under the same kernel", () => {
    expect(show(cured)).toContain("\n  replay    foliocheck replay c8.json --variant v7.1\n");
    expect(show(stillFails)).toContain(`\n  replay    foliocheck replay c8.json --variant ${FAULTY}\n`);
  });
});

describe("every replay", () => {
  const long = "a-name-that-goes-on-".repeat(10);
  const reports: ReplayReport[] = [
    ...[stillFails, cured, notApplicable, reached, unreached],
    { ...cured, kernel: "words ".repeat(40), findings: [other("C5.a-part-of-a-claim", 1), other("C7", 2)] },
    {
      ...stillFails,
      findings: [
        { ...other("C7", 2), claim: "a sentence that goes on ".repeat(20), warning: { kind: "text", text: long } },
      ],
    },
  ];

  test("every replay has lines of up to 100 columns without trailing spaces", () => {
    for (const line of reports.flatMap((report) => show(report).split("\n"))) {
      expect([...line].length, line).toBeLessThanOrEqual(line.includes("foliocheck replay") ? Infinity : 100);
      expect(line).toBe(line.trimEnd());
    }
  });

  test("every replay has colours only on request, and the same text with them", () => {
    for (const report of reports) {
      const colored = REPLAY_REPORTERS.pretty(report, { color: true, file: "c8.json" });
      expect(stripVTControlCharacters(show(report))).toBe(show(report));
      expect(colored).not.toBe(show(report));
      expect(stripVTControlCharacters(colored)).toBe(show(report));
    }
  });

  test("a replay as JSON is the indented report, with a line break at its end", () => {
    for (const report of reports) {
      const json = REPLAY_REPORTERS.json(report, { color: true, file: "c8.json" });
      expect(JSON.parse(json)).toEqual(report);
      expect(json).toMatch(/^\{\n {2}"format": "foliocheck-replay",\n[\s\S]*\}\n$/);
    }
  });
});

test("a replay as JSON has outcome, findings, obstacle and divergence", () => {
  const read = (report: ReplayReport): unknown =>
    JSON.parse(REPLAY_REPORTERS.json(report, { color: false, file: "c8.json" }));
  expect(read(stillFails)).toMatchObject({ property: "C8", kernel: FAULTY, outcome: { kind: "violated", step: 3 } });
  expect(read(cured)).toMatchObject({ property: "C8", kernel: "v7.1", outcome: { kind: "cured" }, findings: [] });
  expect(read(notApplicable)).toMatchObject({ outcome: { kind: "not-applicable", obstacle: { step: 3 } } });
  expect(read(reached)).toMatchObject({
    ...{ property: "W1", outcome: { kind: "reached", step: 5 }, witness: true },
    findings: [{ id: "W1", verdict: "reached", step: 5 }],
  });
  expect(read(unreached)).toMatchObject({ outcome: { kind: "unreached" }, witness: true });
});
