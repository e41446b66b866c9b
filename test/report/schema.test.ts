import { readFileSync } from "node:fs";
import { Ajv, type AnySchema } from "ajv";
import { describe, expect, test } from "vitest";
import type { LiveReport } from "../../live/run/report.ts";
import { formatConfig, parseConfig } from "../../model/kernel/config.ts";
import { DEFAULT_KERNEL } from "../../model/kernels/index.ts";
import { ASSUMPTIONS } from "../../proof/assumptions.ts";
import type { FormulaResult, SubjectResult } from "../../proof/proof-result.ts";
import { proveModel, proveModelAccounting } from "../../proof/prove.ts";
import { json } from "../../report/json/json.ts";
import type { ProofReport } from "../../verify/proof-report.ts";
import {
  type GateReport,
  REPORT_VERSION,
  type RunReport,
  type SuiteReport,
  TRACE_VERSION,
  type TraceReport,
} from "../../verify/report/report.ts";
import { kernelOf } from "../../verify/request/kernel-choice.ts";
import { type ReplayReport, replay } from "../../verify/trace/replay.ts";

import {
  countsTrace,
  goodRun,
  imageRun,
  incompleteRun,
  rmapTrace,
  suite,
  unreachedRun,
  violatedRun,
} from "./fixtures.ts";
import { traceIn, unqueuedRun } from "./race-traces.ts";

interface Schema {
  definitions: { [name: string]: { properties: object; required: readonly string[]; const?: unknown } };
}

const schema = JSON.parse(readFileSync(new URL("../../docs/report.schema.json", import.meta.url), "utf8")) as Schema;
const validate = new Ajv({ allErrors: true }).compile(schema as AnySchema);

describe("docs/report.schema.json", () => {
  test.each(Object.entries({ goodRun, violatedRun, unreachedRun, incompleteRun, suite, rmapTrace, countsTrace }))(
    "the schema accepts the fixture %s as the json reporter prints it",
    (_, report) => {
      expect(validate(JSON.parse(json(report))), JSON.stringify(validate.errors)).toBe(true);
    },
  );

  test("the schema accepts a run of fixed calls, with a trace of single accesses", () => {
    const run = unqueuedRun();
    expect(validate(JSON.parse(json(run))), JSON.stringify(validate.errors)).toBe(true);
    const trace = traceIn(run, "C14");
    expect(validate(JSON.parse(json(trace))), JSON.stringify(validate.errors)).toBe(true);
    const [first, second] = trace.steps;
    const damaged = { ...second, accesses: [{ ...second?.accesses?.[0], kind: "glance" }] };
    expect(validate({ ...trace, steps: [first, damaged] })).toBe(false);
  });

  test("the schema accepts a run that resumed from a checkpoint", () => {
    expect(validate({ ...goodRun, resumedAt: { states: 5, transitions: 7, seconds: 0.5 } })).toBe(true);
  });

  test("the schema accepts a run of an mm image with reached lines, as ranges of two lines each", () => {
    expect(validate(imageRun), JSON.stringify(validate.errors)).toBe(true);
    const [file] = imageRun.coverage ?? [];
    expect(validate({ ...imageRun, coverage: [{ ...file, reached: [[7, 7, 8]] }] })).toBe(false);
  });

  test("the schema accepts a run whose checkpoint could not be written", () => {
    const unwritten = { file: "run.checkpoint", reason: "no space left on device" };
    expect(validate({ ...incompleteRun, unwritten })).toBe(true);
  });

  test("the schema accepts a trace with a warning and a record parameter", () => {
    const [step] = rmapTrace.steps;
    const steps = [{ ...step, parameters: { range: { first: 0, count: 2 }, write: true, name: "x" } }];
    expect(validate({ ...rmapTrace, warning: { kind: "text", text: "folio_put() warns" }, steps })).toBe(true);
  });

  test("the schema accepts replays of every outcome", () => {
    const trace = { ...rmapTrace, kernel: "slot-1-without-shared" };
    const replayed = replay(rmapTrace);
    const cured = replay(rmapTrace, "v6.15");
    const obstacle = { step: 3, call: "fork()", reason: "not-enabled", message: "fork() is not enabled" };
    const outcomes = [
      { kind: "unreached" },
      { kind: "fails-otherwise", violated: ["C7"] },
      { kind: "not-applicable", obstacle },
    ];
    const reports = [
      replayed,
      cured,
      replay(countsTrace),
      ...outcomes.map((outcome) => ({ ...cured, obstacle, outcome, trace })),
    ];
    for (const report of reports) {
      expect(validate(JSON.parse(JSON.stringify(report))), JSON.stringify(validate.errors)).toBe(true);
    }
    expect(cured.divergence).toBeDefined();
    expect(validate({ ...cured, outcome: { kind: "not-applicable" } })).toBe(false);
  });

  test("the schema accepts proofs of the model and of a tree, proved or refuted, reached or not", () => {
    const bounds = { pages: 2, mappings: 2, others: 2 };
    const config = parseConfig("64bit");
    const proved = proveModel(kernelOf(DEFAULT_KERNEL, config), { bounds, evidence: true });
    const refuted = proveModel(kernelOf("shared-cleared-with-slot", config), { bounds, evidence: false });
    expect([proved.verdict, refuted.verdict]).toEqual(["proved", "refuted"]);
    const formulas: FormulaResult = {
      solvers: [{ name: "z3", version: "Z3 version 4.8.12", seconds: 1.5, fromCache: 0 }],
      queries: 71,
      bytes: 450_000,
      obligations: [
        ...refuted.enumeration.obligations,
        { from: "sub", to: "sum", sentence: "-", verdict: "unknown", why: "late" },
      ],
      possible: 27,
      notPossible: [],
      shown: 9,
      notShown: ["needed: whole"],
      executions: 600,
      executionSeconds: 0.1,
      seconds: 2,
    };
    const tree = { kind: "tree", config: formatConfig(config), digest: "0".repeat(64), also: [] } as const;
    const counted = parseConfig("no-page-mapcount,64bit");
    const accounting = ["v7.1", "add-accounts-every-batch"].map((name) =>
      proveModelAccounting(kernelOf(name, counted), { bounds: { pages: 4, mappings: 1, others: 1 }, evidence: false }),
    );
    expect(accounting.map(({ verdict }) => verdict)).toEqual(["proved", "refuted"]);
    const subjects: readonly SubjectResult[] = [
      proved,
      refuted,
      ...accounting,
      { ...refuted, subject: tree, formulas },
      {
        ...refuted,
        subject: tree,
        verdict: "not inductive",
        withoutFormulas: "the code has a loop",
        reachability: { kind: "not reached", within: [{ pages: 2, mms: 3, mappings: 4, coarse: true }] },
      },
    ];
    const report: ProofReport = {
      format: "foliocheck-report",
      version: REPORT_VERSION,
      command: "prove",
      verdict: "refuted",
      tree: "linux",
      subjects,
      assumptions: ASSUMPTIONS,
      seconds: 3,
      provenance: { foliocheck: "0.1.0", node: "v24", platform: "linux x64", arguments: ["prove"], options: {} },
    };
    expect(validate(JSON.parse(JSON.stringify(report))), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...report, subjects: [{ ...proved, verdict: "holds" }] })).toBe(false);
    expect(validate({ ...report, patch: undefined, extra: 1 })).toBe(false);
  });

  const broken: { readonly [what: string]: unknown } = {
    "an unknown field": { ...goodRun, extra: 1 },
    "an unknown field of a property": { ...goodRun, properties: [{ ...goodRun.properties[0], extra: 1 }] },
    "a verdict that does not exist": { ...goodRun, verdict: "passed" },
    "a run verdict that only properties have": { ...goodRun, verdict: "reached" },
    "a negative count": { ...goodRun, states: -1 },
    "a fractional count": { ...goodRun, transitions: 1.5 },
    "a missing field": Object.fromEntries(Object.entries(goodRun).filter(([name]) => name !== "notChecked")),
    "another version": { ...goodRun, version: REPORT_VERSION + 1 },
    "an unknown reason to stop": { ...incompleteRun, stopped: "bored" },
    "a broken run inside a suite": { ...suite, runs: [{ ...goodRun, seconds: "1" }] },
    "a broken trace inside a property": {
      ...violatedRun,
      properties: [{ ...violatedRun.properties[0], trace: { ...rmapTrace, steps: [{}] } }],
    },
    "a run that says it is a suite": { ...goodRun, command: "verify" },
    "a step without its state": {
      ...rmapTrace,
      steps: rmapTrace.steps.map(({ action, parameters, call, functions }) => ({
        action,
        parameters,
        call,
        functions,
      })),
    },
    "no object at all": [],
  };

  test.each(Object.entries(broken))("the schema refuses %s", (_, report) => {
    expect(validate(report)).toBe(false);
  });

  test("the schema has exactly the fields of the types", () => {
    const run: { [K in keyof Required<RunReport>]: true } = {
      format: true,
      version: true,
      command: true,
      machine: true,
      kernel: true,
      against: true,
      config: true,
      bounds: true,
      optimisation: true,
      calls: true,
      interleaving: true,
      verdict: true,
      mode: true,
      stopped: true,
      simulation: true,
      states: true,
      estimatedStates: true,
      transitions: true,
      depth: true,
      symmetry: true,
      properties: true,
      actions: true,
      seconds: true,
      resumedAt: true,
      unwritten: true,
      cpuSeconds: true,
      tableBytes: true,
      peakMemoryBytes: true,
      notChecked: true,
      reached: true,
      coverage: true,
      lockstep: true,
      provenance: true,
    };
    const whole: { [K in keyof Required<SuiteReport>]: true } = {
      format: true,
      version: true,
      command: true,
      verdict: true,
      profile: true,
      kernel: true,
      runs: true,
      claims: true,
      proofs: true,
      states: true,
      transitions: true,
      seconds: true,
      peakMemoryBytes: true,
      notChecked: true,
      provenance: true,
    };
    const gate: { [K in keyof Required<GateReport>]: true } = {
      format: true,
      version: true,
      command: true,
      verdict: true,
      profile: true,
      tree: true,
      modelKernel: true,
      reproduce: true,
      options: true,
      functions: true,
      change: true,
      claims: true,
      image: true,
      proofs: true,
      layout: true,
      findings: true,
      signatureVersion: true,
      exceptions: true,
      base: true,
      unmatched: true,
      runs: true,
      states: true,
      transitions: true,
      seconds: true,
      peakMemoryBytes: true,
      notChecked: true,
      provenance: true,
    };
    const proof: { [K in keyof Required<ProofReport>]: true } = {
      format: true,
      version: true,
      command: true,
      verdict: true,
      tree: true,
      patch: true,
      subjects: true,
      assumptions: true,
      seconds: true,
      provenance: true,
    };
    const subject: { [K in keyof Required<SubjectResult>]: true } = {
      topic: true,
      subject: true,
      invariant: true,
      verdict: true,
      claims: true,
      enumeration: true,
      formulas: true,
      withoutFormulas: true,
      reachability: true,
    };
    const trace: { [K in keyof Required<TraceReport>]: true } = {
      format: true,
      version: true,
      machine: true,
      kernel: true,
      against: true,
      config: true,
      bounds: true,
      optimisation: true,
      calls: true,
      property: true,
      claim: true,
      source: true,
      warning: true,
      queries: true,
      faults: true,
      initial: true,
      state: true,
      visible: true,
      world: true,
      steps: true,
      reproduce: true,
    };
    const live: { [K in keyof Required<LiveReport>]: true } = {
      format: true,
      version: true,
      command: true,
      verdict: true,
      scope: true,
      machine: true,
      kernel: true,
      config: true,
      bounds: true,
      host: true,
      walk: true,
      stopped: true,
      coverage: true,
      states: true,
      steps: true,
      stepsPerSecond: true,
      retries: true,
      seconds: true,
      differences: true,
      notChecked: true,
      provenance: true,
    };
    const replayed: { [K in keyof Required<ReplayReport>]: true } = {
      format: true,
      version: true,
      property: true,
      kernel: true,
      memory: true,
      witness: true,
      outcome: true,
      confirmed: true,
      findings: true,
      obstacle: true,
      divergence: true,
      trace: true,
    };
    const fieldsOf = (name: string): string[] => Object.keys(schema.definitions[name]?.properties ?? {}).sort();
    expect(fieldsOf("RunReport")).toEqual(Object.keys(run).sort());
    expect(fieldsOf("SuiteReport")).toEqual(Object.keys(whole).sort());
    expect(fieldsOf("ProofReport")).toEqual(Object.keys(proof).sort());
    expect(fieldsOf("ProofSubjectResult")).toEqual(Object.keys(subject).sort());
    expect(fieldsOf("LiveReport")).toEqual(Object.keys(live).sort());
    expect(fieldsOf("GateReport")).toEqual(Object.keys(gate).sort());
    expect(fieldsOf("ReplayReport")).toEqual(Object.keys(replayed).sort());
    expect(fieldsOf("TraceReport")).toEqual(Object.keys(trace).sort());
  });

  test("the schema requires every field that is not optional, and pins the version", () => {
    const optional = (name: string): string[] => {
      const { properties, required } = schema.definitions[name] ?? { properties: {}, required: [] };
      return Object.keys(properties).filter((field) => !required.includes(field));
    };
    expect(optional("RunReport")).toEqual([
      "against",
      "optimisation",
      "calls",
      "interleaving",
      "stopped",
      "simulation",
      "estimatedStates",
      "resumedAt",
      "unwritten",
      "provenance",
      "coverage",
      "reached",
      "lockstep",
    ]);
    expect(optional("SuiteReport")).toEqual(["provenance"]);
    expect(optional("ProofReport")).toEqual(["tree", "patch"]);
    expect(optional("ProofSubjectResult")).toEqual(["formulas", "withoutFormulas", "reachability"]);
    expect(optional("LiveReport")).toEqual(["stopped", "coverage", "states", "provenance"]);
    expect(optional("GateReport")).toEqual([
      "change",
      "exceptions",
      "base",
      "unmatched",
      "provenance",
      "image",
      "proofs",
      "layout",
    ]);
    expect(optional("GateClaimReport")).toEqual(["proved"]);
    expect(optional("GateFindingReport")).toEqual([
      "function",
      "cause",
      "targets",
      "place",
      "optimisations",
      "heldBy",
      "accepted",
      "inBase",
    ]);
    expect(optional("GateBaseReport")).toEqual([]);
    expect(optional("GateChangeReport")).toEqual([]);
    expect(optional("ChangedFunctionReport")).toEqual(["reason"]);
    expect(optional("GateOptionsReport")).toEqual([
      "patch",
      "base",
      "config",
      "only",
      "judge",
      "baseline",
      "requireCoverage",
      "image",
      "proof",
      "solver",
      "solverTimeout",
      "maxStates",
      "maxDepth",
      "maxMemoryBytes",
      "timeoutSeconds",
    ]);
    expect(optional("GateFunctionReport")).toEqual(["changes"]);
    expect(optional("ReplayReport")).toEqual(["memory", "obstacle", "divergence"]);
    expect(optional("TraceReport")).toEqual([
      "against",
      "optimisation",
      "calls",
      "warning",
      "faults",
      "queries",
      "visible",
      "world",
      "reproduce",
    ]);
    expect(optional("TraceReportStep")).toEqual(["accesses", "visible", "world"]);
    const { Version, TraceVersion } = schema.definitions;
    expect([Version?.const, TraceVersion?.const]).toEqual([REPORT_VERSION, TRACE_VERSION]);
  });
});

test("the json reporter prints the indented report, with a line break at its end", () => {
  expect(JSON.parse(json(suite))).toEqual(suite);
  expect(json(suite)).toMatch(/^\{\n {2}"format": "foliocheck-report",\n[\s\S]*\}\n$/);
});
