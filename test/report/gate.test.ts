import { describe, expect, test } from "vitest";
import { gateGithub } from "../../report/gate-github.ts";
import { gateJunit } from "../../report/gate-junit.ts";
import { gateMarkdown } from "../../report/gate-markdown.ts";
import { gatePretty } from "../../report/gate-pretty.ts";
import { functionRows, outcomeText } from "../../report/gate-table.ts";
import type { GateFindingReport, GateFunctionReport, GateReport } from "../../verify/report.ts";
import { goodRun, incompleteRun, rmapTrace } from "./fixtures.ts";

const functionReport = (more: Partial<GateFunctionReport>): GateFunctionReport => ({
  name: "folio_mapcount",
  config: "page-mapcount,64bit,mm-id",
  file: "include/linux/mm.h",
  line: 12,
  status: "unchanged",
  outcome: "conforms",
  compared: 7,
  states: 5,
  ...more,
});

const finding: GateFindingReport = {
  property: "CF.folio_mapcount",
  mode: "conformance",
  claim: "folio_mapcount() says of every folio what the model says",
  function: "folio_mapcount",
  what: "folio_mapcount() at include/linux/mm.h:12 says of folio 0: 1, in the model 2",
  configs: ["page-mapcount,64bit,mm-id"],
  trace: rmapTrace,
};

const report: GateReport = {
  format: "foliocheck-report",
  version: 1,
  command: "gate",
  verdict: "violated",
  profile: "quick",
  tree: "linux",
  functions: [
    functionReport({ outcome: "differs", status: "changed" }),
    functionReport({ config: "page-mapcount,32bit,mm-id" }),
    functionReport({
      name: "folio_add_file_rmap_pmd",
      line: 0,
      status: "missing",
      outcome: "missing",
      states: 0,
      compared: 0,
    }),
  ],
  claims: [{ id: "C1", config: "page-mapcount,64bit,mm-id", verdict: "holds", states: 5 }],
  layout: [{ id: "C21", target: "x86-64", verdict: "holds", layouts: 9 }],
  findings: [finding],
  runs: [goodRun],
  states: 5,
  transitions: 6,
  seconds: 1,
  peakMemoryBytes: 1024,
  notChecked: ["Concurrency"],
};

const known: GateReport = { ...report, verdict: "holds", findings: [{ ...finding, accepted: "it is latent" }] };

describe("a function in several configurations", () => {
  test("is one row, with its worst outcome first", () => {
    const [row, missing] = functionRows(report.functions);
    expect(row).toMatchObject({ place: "include/linux/mm.h:12", compiled: 2, configs: 2, states: 10, compared: 14 });
    expect(row && outcomeText(row)).toBe("differs in 1, conforms in 1");
    expect(missing).toMatchObject({ place: "include/linux/mm.h", compiled: 0, configs: 1, status: "missing" });
    expect(missing && outcomeText(missing)).toBe("missing");
  });
});

describe("a new finding", () => {
  test("is an error at the line of its function, with its trace, on GitHub", () => {
    const text = gateGithub(report);
    expect(text).toMatch(
      /^::error file=include\/linux\/mm\.h,line=12,title=foliocheck%3A CF\.folio_mapcount::folio_mapcount\(\) at /,
    );
    expect(text).toContain("::group::Counterexample to CF.folio_mapcount\n");
  });

  test("fails its function's case in JUnit, in the configuration that shows it and in no other", () => {
    const text = gateJunit(report);
    expect(text.match(/<failure /g)).toHaveLength(1);
    expect(text).toMatch(/<testsuite name="page-mapcount,64bit,mm-id" tests="\d" failures="1"/);
    expect(text).toMatch(/<testsuite name="page-mapcount,32bit,mm-id" tests="\d" failures="0"/);
    expect(text).toMatch(/<skipped message="missing"/);
  });

  test("has its trace in the report for people", () => {
    const text = gatePretty(report, { color: false });
    expect(text).toMatch(/\nNew finding: CF\.folio_mapcount\n/);
    expect(text).toMatch(/\nCounterexample to /);
    expect(text).toMatch(/\n✗ violated · 1 run · 5 states · 6 transitions · /);
  });
});

describe("a known finding", () => {
  test("fails nothing", () => {
    expect(gateGithub(known)).toMatch(
      /^::notice file=include\/linux\/mm\.h,line=12,title=foliocheck%3A CF\.folio_mapcount \(known\)::/,
    );
    expect(gateGithub(known)).not.toContain("::error");
    expect(gateJunit(known)).not.toContain("<failure");
  });

  test("is told with its reason", () => {
    const text = gatePretty(known, { color: false });
    expect(text).toMatch(/\nKnown finding: CF\.folio_mapcount\n[\s\S]* accepted +it is latent\n/);
    expect(text).toMatch(/\n✓ holds · 1 known finding accepted · /);
    expect(gateMarkdown(known)).toContain("| CF.folio_mapcount | ");
    expect(gateMarkdown(known)).toContain("| it is latent |");
  });
});

test("a run that was cut short is told", () => {
  const cut: GateReport = { ...report, verdict: "incomplete", findings: [], runs: [incompleteRun] };
  expect(gatePretty(cut, { color: false })).toMatch(/\nIncomplete\n {2}- /);
  expect(gateGithub(cut)).toContain("::warning title=foliocheck%3A incomplete::");
});
