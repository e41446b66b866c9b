/** SARIF logs: the official schema, results, levels, places, threads, fingerprints and GitHub's limits. */
import { createRequire } from "node:module";
import { Ajv, type AnySchema } from "ajv";
import type { Log, Run, ThreadFlow } from "sarif";
import { describe, expect, test } from "vitest";
import { parseConfig } from "../../model/kernel/config.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { kernelNamed } from "../../model/kernels/index.ts";
import { ASSUMPTIONS } from "../../proof/assumptions.ts";
import { worstOf } from "../../proof/proof-result.ts";
import { proveModel } from "../../proof/prove.ts";
import { gateSarif } from "../../report/sarif/gate.ts";
import { type SarifResult, sarifLog } from "../../report/sarif/log.ts";
import { proofSarif } from "../../report/sarif/proof.ts";
import { sarif } from "../../report/sarif/search.ts";
import { flowOf, plainFlow } from "../../report/sarif/thread-flows.ts";
import type { ProofReport } from "../../verify/proof-report.ts";
import type { GateReport, TraceReport, TraceReportStep } from "../../verify/report/report.ts";
import { onCpu, ranC } from "./call-trees.ts";
import { rmapTrace, suite, violatedRun } from "./fixtures.ts";
import { finding, report as gateReport } from "./gate-report.ts";
import { traceIn, unqueuedRun } from "./race-traces.ts";

const provenance = { foliocheck: "1.2.3", node: "v20.0.0", platform: "linux x64", arguments: [], options: {} };

/** OASIS's schema. Its dialect, draft 4, differs from the default one in nothing that it uses but the name of `$id`. */
const {
  id: _,
  $schema: __,
  ...schema
} = createRequire(import.meta.url)("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json") as {
  readonly [key: string]: unknown;
};
const validate = new Ajv({ allErrors: true, strict: false, validateFormats: false, unicodeRegExp: false }).compile(
  schema as AnySchema,
);

/** Returns the only run of a log, which the official schema accepts. */
function runIn(text: string): Run {
  const log = JSON.parse(text) as Log;
  expect(validate(log), JSON.stringify(validate.errors)).toBe(true);
  const { runs } = log;
  expect(runs).toHaveLength(1);
  return runs[0] as Run;
}

const found: SarifResult = {
  rule: { id: "C1", claim: "A claim", source: "a source", help: "What it means." },
  level: "note",
  message: "it",
  places: [],
  flow: { threads: [] },
};

const logOf = (results: readonly SarifResult[]): string =>
  sarifLog({ results, notifications: [], isComplete: true, provenance });

test("a failed property is an error whose code flow is the counterexample", () => {
  const { results = [], tool } = runIn(sarif(violatedRun));
  const [result] = results;
  expect(result?.level).toBe("error");
  expect(tool.driver.rules?.[result?.ruleIndex ?? -1]?.id).toBe(result?.ruleId);
  const steps = result?.codeFlows?.[0]?.threadFlows[0]?.locations.map(({ location }) => location?.message?.text);
  expect(steps?.[0]).toMatch(/^1\. \w+\(/);
});

test("a suite has one rule for each failed property, whatever the number of runs that violate it", () => {
  const { results = [], tool } = runIn(sarif(suite));
  const ids = tool.driver.rules?.map(({ id }) => id) ?? [];
  expect(new Set(ids).size).toBe(ids.length);
  expect(results.map(({ ruleId }) => ruleId).every((id) => ids.includes(id ?? ""))).toBe(true);
});

test("what was not checked is a notification, and an incomplete run is not successful", () => {
  const { invocations } = runIn(sarifLog({ results: [], notifications: ["Interleavings"], isComplete: false }));
  expect(invocations?.[0]?.executionSuccessful).toBe(false);
  expect(invocations?.[0]?.toolExecutionNotifications?.[0]?.message.text).toBe("Interleavings");
});

test("a place is relative to the root of the tree, with its lines and a fingerprint", () => {
  const place = { file: "mm/a b.c", line: 7, endLine: 9 };
  const { results } = runIn(logOf([{ ...found, places: [place], fingerprint: "C1 in f()" }]));
  expect(results?.[0]?.locations?.[0]?.physicalLocation).toEqual({
    artifactLocation: { uri: "mm/a%20b.c", uriBaseId: "%SRCROOT%" },
    region: { startLine: 7, endLine: 9 },
  });
  expect(results?.[0]?.partialFingerprints).toEqual({ "foliocheckSignature/v2": "C1 in f()" });
});

test("a refuted obligation that an execution reaches is an error, with the counterexample in its steps", () => {
  const kernel = kernelNamed("slot-1-without-shared", parseConfig("64bit")) as Kernel;
  const subject = proveModel(kernel, { bounds: { pages: 2, mappings: 2, others: 4 }, evidence: false });
  const report: ProofReport = {
    format: "foliocheck-report",
    version: 3,
    command: "prove",
    verdict: worstOf([subject.verdict]),
    subjects: [subject],
    assumptions: ASSUMPTIONS,
    seconds: 1,
    provenance,
  };
  const { results = [], tool } = runIn(proofSarif(report));
  expect(results.map(({ level }) => level)).toContain("error");
  expect(results.every(({ ruleId }) => ruleId?.startsWith("INV."))).toBe(true);
  expect(results.some(({ codeFlows }) => codeFlows !== undefined)).toBe(true);
  expect(tool.driver.semanticVersion).toBe("1.2.3");
});

test("a rule has its claim, its source, and a help text as plain text and as Markdown", () => {
  const [rule] = runIn(logOf([found])).tool.driver.rules ?? [];
  expect(rule).toMatchObject({
    id: "C1",
    shortDescription: { text: "A claim" },
    fullDescription: { text: "A claim. Source: a source" },
    help: {
      text: "A claim\n\nWhat it means.\n\nSource: a source",
      markdown: "**A claim**\n\nWhat it means.\n\nSource: a source",
    },
  });
});

describe("the code flow of a counterexample", () => {
  const threadsIn = (trace: TraceReport): ThreadFlow[] => {
    const { results = [] } = runIn(logOf([{ ...found, flow: flowOf(trace) }]));
    expect(results[0]?.codeFlows).toHaveLength(1);
    return results[0]?.codeFlows?.[0]?.threadFlows ?? [];
  };
  const [first] = rmapTrace.steps as readonly [TraceReportStep];
  const withCalls = (calls: TraceReportStep["functions"][number]["calls"]): TraceReport => ({
    ...rmapTrace,
    steps: [{ ...first, functions: [{ calls }] }],
  });

  test("C functions that ran in a step follow it with their places, nested as they called each other", () => {
    const trace = withCalls([ranC("outer", "mm/rmap.c:9", [ranC("inner", "include/linux/mm.h:5")])]);
    expect(threadsIn(trace)).toEqual([
      {
        locations: [
          expect.objectContaining({ nestingLevel: 0, executionOrder: 1, importance: "essential" }),
          expect.objectContaining({ nestingLevel: 1, executionOrder: 2 }),
          {
            location: {
              message: { text: "C inner() include/linux/mm.h:5" },
              physicalLocation: {
                artifactLocation: { uri: "include/linux/mm.h", uriBaseId: "%SRCROOT%" },
                region: { startLine: 5, endLine: 5 },
              },
            },
            nestingLevel: 2,
            executionOrder: 3,
            importance: "important",
          },
        ],
      },
    ]);
  });

  test("operations of two CPUs have a thread each, in a common order", () => {
    const trace = withCalls([
      onCpu(0, [ranC("one", "mm/a.c:1")]),
      onCpu(1, [ranC("two", "mm/b.c:2")]),
      onCpu(0, [ranC("three", "mm/a.c:3")]),
    ]);
    const orders = threadsIn(trace).map(({ id, locations }) => [
      id,
      locations.map(({ executionOrder }) => executionOrder),
    ]);
    expect(orders).toEqual([
      ["CPU 0", [1, 2, 4]],
      ["CPU 1", [3]],
    ]);
  });

  test("a race of single accesses has a thread for each CPU, and says what races", () => {
    const trace = traceIn(unqueuedRun(), "C14");
    expect(threadsIn(trace).map(({ id }) => id)).toEqual(["CPU 0", "CPU 1"]);
    expect(flowOf(trace).summary).toMatch(/ races with /);
  });

  test("a long counterexample is shortened to what GitHub shows: first the deepest calls, then the first steps", () => {
    const inner = Array.from({ length: 1500 }, (_, i) => ranC(`inner_${i}`, "mm/rmap.c:9"));
    const { threads } = flowOf(withCalls([ranC("outer", "mm/rmap.c:1", inner)]));
    expect(threads[0]?.steps.map(({ depth }) => depth)).toEqual([0, 1]);
    const many = plainFlow(Array.from({ length: 1200 }, (_, i) => `step ${i}`)).threads[0]?.steps ?? [];
    expect([many.length, many[0]?.text]).toEqual([1000, "step 200"]);
  });
});

describe("GitHub's limits", () => {
  test("of more results than GitHub shows, the worst ones are in the log, and the others are counted", () => {
    const results = Array.from(
      { length: 5100 },
      (_, i): SarifResult => ({ ...found, level: i < 5000 ? "note" : "error" }),
    );
    const run = runIn(logOf(results));
    expect(run.results?.map(({ level }) => level).slice(98, 102)).toEqual(["error", "error", "note", "note"]);
    expect(run.results).toHaveLength(5000);
    expect(run.invocations?.[0]?.toolExecutionNotifications?.[0]?.message.text).toMatch(/^100 results are left out: /);
  });

  test("a result has a hundred places at most, and a description 1,024 characters", () => {
    const places = Array.from({ length: 120 }, (_, i) => ({ file: "mm/rmap.c", line: i + 1 }));
    const run = runIn(logOf([{ ...found, places, rule: { ...found.rule, claim: "c".repeat(2000) } }]));
    expect(run.results?.[0]?.locations).toHaveLength(100);
    expect(run.tool.driver.rules?.[0]?.shortDescription?.text).toHaveLength(1024);
  });

  test("every finding of a gate has a place: else the last C code of its counterexample, else the structs", () => {
    const functions: GateReport["functions"] = [];
    const calls = [ranC("f", "mm/f.c:3")];
    const ran = { ...rmapTrace, steps: rmapTrace.steps.map((step) => ({ ...step, functions: [{ calls }] })) };
    const { results = [] } = runIn(
      gateSarif({
        ...gateReport,
        functions,
        findings: [
          { ...finding, trace: ran },
          { ...finding, trace: null },
        ],
      }),
    );
    expect(results.map(({ locations }) => locations?.[0]?.physicalLocation?.artifactLocation?.uri)).toEqual([
      "mm/f.c",
      "include/linux/mm_types.h",
    ]);
  });
});
