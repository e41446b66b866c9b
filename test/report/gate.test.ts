import { describe, expect, test } from "vitest";
import { gateGithub } from "../../report/gate-github.ts";
import { gateJunit } from "../../report/gate-junit.ts";
import { gateMarkdown } from "../../report/gate-markdown.ts";
import { gatePretty } from "../../report/gate-pretty.ts";
import { claimsText, functionRows, outcomeText } from "../../report/gate-table.ts";
import {
  type GateChangeReport,
  type GateFindingReport,
  type GateFunctionReport,
  type GateReport,
  type LineRange,
  REPORT_VERSION,
  type RunReport,
  type TraceReport,
} from "../../verify/report.ts";
import { xmlElements } from "../cli/xml.ts";
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
  held: ["C1", "C2"],
  broken: [],
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
  version: REPORT_VERSION,
  command: "gate",
  verdict: "violated",
  profile: "quick",
  tree: "linux",
  modelKernel: { name: "v7.1", sign: { file: "mm/memory.c", identifier: "folio_put_swap" } },
  again: "foliocheck gate --tree linux",
  functions: [
    functionReport({ outcome: "differs", status: "changed" }),
    functionReport({ config: "page-mapcount,32bit,mm-id", held: ["C1", "C17"], broken: ["C2"] }),
    functionReport({
      name: "folio_add_file_rmap_pmd",
      line: 0,
      status: "missing",
      outcome: "missing",
      states: 0,
      compared: 0,
      held: [],
    }),
  ],
  claims: [{ id: "C1", claim: "No false exclusive", config: "page-mapcount,64bit,mm-id", verdict: "holds", states: 5 }],
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
    expect(row && claimsText(row)).toBe("2/3");
    expect(missing && claimsText(missing)).toBe("");
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

  /** The cases with what is in each. */
  const cases = (text: string): { name: string; outcome: string | undefined }[] => {
    const elements = xmlElements(text);
    return elements.flatMap(({ name, attributes }, i) => {
      const next = elements[i + 1];
      const outcome = next?.path.at(-1) === "testcase" ? next.name : undefined;
      return name === "testcase" ? [{ name: attributes["name"] ?? "", outcome }] : [];
    });
  };

  test("has one failure in JUnit, whatever number of findings are about its function, with all their traces", () => {
    const second = { ...finding, what: "it returns 7, in the model 8" };
    const text = gateJunit({ ...report, findings: [finding, second] });
    expect(text.match(/<failure /g)).toHaveLength(1);
    expect(text).toContain("says of folio 0: 1, in the model 2&#10;it returns 7, in the model 8");
    expect(text.match(/\nCounterexample to /g)).toHaveLength(2);
  });

  test("of a claim fails that claim, also where the claims were not judged", () => {
    const { function: _, ...other } = finding;
    const claimed: GateFindingReport = { ...other, property: "C1.anon", claim: "No false exclusive", mode: "claims" };
    expect(cases(gateJunit({ ...report, findings: [claimed] })).filter(({ outcome }) => outcome === "failure")).toEqual(
      [{ name: "C1: No false exclusive", outcome: "failure" }],
    );
    const alone = gateJunit({ ...report, claims: [], findings: [claimed] });
    expect(cases(alone).filter(({ outcome }) => outcome === "failure")).toEqual([
      { name: "C1.anon: No false exclusive", outcome: "failure" },
    ]);
  });

  test("leaves the other cases as they are: by the name of the function, with its place", () => {
    const functions = [...report.functions, functionReport({ name: "folio_put", outcome: "incomplete" })];
    const text = gateJunit({ ...report, functions });
    expect(cases(text)).toEqual([
      { name: "folio_mapcount()", outcome: "failure" },
      { name: "folio_add_file_rmap_pmd()", outcome: "skipped" },
      { name: "folio_put()", outcome: "skipped" },
      { name: "C1: No false exclusive", outcome: "system-out" },
      { name: "folio_mapcount()", outcome: "system-out" },
      { name: "layout C21", outcome: "system-out" },
    ]);
    expect(text).toContain('name="folio_mapcount()" file="include/linux/mm.h" line="12" time="0.000"><failure');
  });

  test("times each case in JUnit: what a run checked has equal shares of its time", () => {
    const checked = (id: string): RunReport["properties"][number] => ({
      ...(goodRun.properties[0] as RunReport["properties"][number]),
      id,
      checked: 1,
    });
    const run = (seconds: number, config: string, ids: readonly string[], reached: readonly string[]): RunReport => ({
      ...goodRun,
      seconds,
      config,
      properties: ids.map(checked),
      reached,
    });
    const [config, other] = ["page-mapcount,64bit,mm-id", "page-mapcount,32bit,mm-id"];
    const runs = [
      run(6, config, ["CF.folio_mapcount", "C1.anon"], ["folio_put"]),
      run(4, config, ["C1"], []),
      run(5, other, ["CF.folio_mapcount"], []),
    ];
    const functions = [...report.functions, functionReport({ name: "folio_put", outcome: "ran" })];
    const elements = xmlElements(gateJunit({ ...report, functions, runs }));
    const times = (name: string): readonly (readonly [string | undefined, string | undefined])[] =>
      elements.filter((each) => each.name === name).map(({ attributes }) => [attributes["name"], attributes["time"]]);
    expect(times("testcase")).toEqual([
      ["folio_mapcount()", "2.000"],
      ["folio_add_file_rmap_pmd()", "0.000"],
      ["folio_put()", "2.000"],
      ["C1: No false exclusive", "6.000"],
      ["folio_mapcount()", "5.000"],
      // Layouts are not timed.
      ["layout C21", undefined],
    ]);
    expect(times("testsuite")).toEqual([
      [config, "10.000"],
      [other, "5.000"],
      ["x86-64", undefined],
    ]);
  });

  test("refers to the trace of an earlier finding with the same steps", () => {
    const { function: _, ...rest } = finding;
    const trace = { ...rmapTrace, property: "C1", claim: "No false exclusive" };
    const claimed: GateFindingReport = { ...rest, property: "C1", claim: trace.claim, mode: "claims", trace };
    const both = { ...report, findings: [finding, claimed] };
    for (const text of [gatePretty(both, { color: false }), gateGithub(both), gateJunit(both)]) {
      expect(text.split("   0  initial state")).toHaveLength(2);
      expect(text).toContain("Counterexample to C1 in 3 steps: those of the counterexample to C8\n");
      expect(text).toContain("  violated  C1: No false exclusive\n");
    }
    const otherSteps = { ...claimed, trace: { ...trace, steps: trace.steps.slice(0, 2) } };
    const apart = gatePretty({ ...report, findings: [finding, otherSteps] }, { color: false });
    expect(apart.split("   0  initial state")).toHaveLength(3);
  });

  test("ends with the command that finds it again", () => {
    const again = "foliocheck gate --tree linux --config page-mapcount,64bit,mm-id --only rmap\n";
    const tree: GateReport = { ...report, findings: [{ ...finding, trace: { ...rmapTrace, kernel: "tree" } }] };
    expect(gatePretty(tree, { color: false })).toContain(`again     ${again}`);
    expect(gateJunit(tree)).toContain(`again     ${again}`);
    expect(gateGithub(tree)).toContain(`again     ${again}`);
  });

  test("has its trace in the report for people", () => {
    const text = gatePretty(report, { color: false });
    expect(text).toMatch(/\nNew finding: CF\.folio_mapcount\n/);
    expect(text).toMatch(/\nCounterexample to /);
    expect(text).toMatch(/\n✗ violated · 1 run · 5 states · 6 transitions · /);
  });
});

describe("on GitHub", () => {
  const errors = (text: string): string[] => text.split("\n").filter((line) => line.startsWith("::error"));
  const places = (text: string): string[] =>
    errors(text).map(
      (line) => /^::error (?:file=(.*?),line=(\d+),(?:endLine=(\d+),)?)?/.exec(line)?.slice(1).join(" ") ?? "",
    );
  const range = (line: number, endLine: number, file = "mm/rmap.c"): LineRange => ({ file, line, endLine });
  const trace: TraceReport = {
    ...rmapTrace,
    steps: rmapTrace.steps.map((step, i) =>
      i === 1 ? { ...step, functions: ["  C account() mm/rmap.c:3", "    C add_ptes() mm/rmap.c:14"] } : step,
    ),
    asked: ["C folio_maybe_mapped_shared() = 0 include/linux/mm.h:60"],
  };
  const withChanges = (...changes: readonly (readonly [string, ...LineRange[]])[]): GateReport => ({
    ...report,
    findings: [{ ...finding, trace }],
    functions: [
      functionReport({}),
      ...changes.map(([name, ...ranges]) => functionReport({ name, status: "changed", changes: ranges })),
    ],
  });

  test("the changed lines of what ran are annotated, once, in the order of files and lines", () => {
    const text = gateGithub(
      withChanges(
        ["add_ptes", range(20, 21), range(16, 16)],
        ["account", range(5, 5), range(20, 21)],
        ["other", range(9, 9)],
      ),
    );
    expect(places(text)).toEqual(["mm/rmap.c 5 5", "mm/rmap.c 16 16", "mm/rmap.c 20 21"]);
  });

  test("lines that follow each other are one annotation", () => {
    const text = gateGithub(
      withChanges(["add_ptes", range(20, 22), range(25, 26)], ["account", range(23, 23), range(21, 21)]),
    );
    expect(places(text)).toEqual(["mm/rmap.c 20 23", "mm/rmap.c 25 26"]);
  });

  test("what the property asked at the end ran, and so did the function at fault", () => {
    const asked = withChanges(["folio_maybe_mapped_shared", range(62, 62, "include/linux/mm.h")]);
    expect(places(gateGithub(asked))).toEqual(["include/linux/mm.h 62 62"]);
    const atFault = withChanges(["folio_mapcount", range(14, 15, "include/linux/mm.h")]);
    expect(places(gateGithub(atFault))).toEqual(["include/linux/mm.h 14 15"]);
  });

  test("changes in other configurations than those of the finding do not count", () => {
    const elsewhere = withChanges();
    const functions = [
      functionReport({}),
      functionReport({ config: "page-mapcount,32bit,mm-id", changes: [range(3, 3)] }),
    ];
    expect(places(gateGithub({ ...elsewhere, functions }))).toEqual(["include/linux/mm.h 12 "]);
  });

  test("where nothing that changed ran, the function at fault is annotated", () => {
    expect(places(gateGithub(withChanges(["other", range(9, 9)])))).toEqual(["include/linux/mm.h 12 "]);
  });

  test("about a layout, the changed lines of the structs are annotated", () => {
    const { function: _, ...other } = finding;
    const layout: GateFindingReport = {
      ...other,
      property: "C21",
      mode: "layout",
      configs: ["i386, memcg"],
      trace: null,
    };
    const types = range(400, 402, "include/linux/mm_types.h");
    const text = gateGithub({ ...withChanges(["account", range(5, 5), types]), findings: [layout] });
    expect(places(text)).toEqual(["include/linux/mm_types.h 400 402"]);
  });

  test("about a layout that something else decides, that is annotated", () => {
    const { function: _, ...other } = finding;
    const place = { file: "mm/hugetlb_vmemmap.c", line: 17 };
    const layout: GateFindingReport = { ...other, property: "B3", mode: "layout", place, trace: null };
    expect(places(gateGithub({ ...report, findings: [layout] }))).toEqual(["mm/hugetlb_vmemmap.c 17 "]);
  });

  test("a finding without a function has no place", () => {
    const { function: _, ...other } = finding;
    expect(gateGithub({ ...report, findings: [{ ...other, trace: null }] })).toMatch(/^::error title=/);
  });

  test("the steps of the trace are told", () => {
    expect(errors(gateGithub(report))[0]).toContain("%0A1. anonFault(mm: 0, first: 0, pages: 4)%0A2. fork(");
  });

  test("ten annotations at most are errors: each finding has one before any has two", () => {
    const ranges = [10, 20, 30, 40].map((line) => range(line, line));
    const findings = ["C1", "C2", "C6", "C8"].map((property) => ({ ...finding, property, trace }));
    const text = gateGithub({ ...withChanges(["account", ...ranges]), findings });
    expect(places(text)).toEqual(
      [...Array(4).fill(10), ...Array(4).fill(20), ...Array(2).fill(30)].map((line) => `mm/rmap.c ${line} ${line}`),
    );
    const rest = text.split("\n").filter((line) => line.startsWith("Without an annotation: "));
    expect(rest).toHaveLength(6);
    expect(rest[0]).toBe("Without an annotation: C6 at mm/rmap.c:30");
    expect(text).toMatch(
      /::notice title=foliocheck%3A violated::.*%0A6 places without an annotation, as GitHub shows 10 of a step: see the log\n/,
    );
    expect(gateGithub(report)).not.toContain("ithout an annotation");
  });

  test("all runs that were cut short are one warning", () => {
    const text = gateGithub({
      ...report,
      runs: [incompleteRun, incompleteRun, { ...incompleteRun, config: "page-mapcount,32bit,mm-id" }],
    });
    expect(text.match(/^::warning .*$/gm)).toEqual([
      "::warning title=foliocheck%3A incomplete::page-mapcount,64bit,mm-id: 2 runs of owner-tracking: the memory limit was reached" +
        "%0Apage-mapcount,32bit,mm-id: 1 run of owner-tracking: the memory limit was reached",
    ]);
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
    expect(gateMarkdown(known)).toMatch(
      /\| 1\. anonFault\(mm: 0, first: 0, pages: 4\); 2\. fork\(.*\| it is latent \|/,
    );
  });
});

test("a run that was cut short is told", () => {
  const cut: GateReport = { ...report, verdict: "incomplete", findings: [], runs: [incompleteRun] };
  expect(gatePretty(cut, { color: false })).toMatch(/\nIncomplete\n {2}- /);
  expect(gateGithub(cut)).toContain("::warning title=foliocheck%3A incomplete::");
});

describe("a change that was looked at in part only", () => {
  const change: GateChangeReport = {
    overlooked: [{ file: "mm/mlock.c", line: 12, endLine: 19, why: "the gate does not read this file" }],
    unreached: [{ name: "folio_put", file: "mm/swap.c", line: 7 }],
    notApplied: ["logo.gif is binary in the patch"],
    isLookedAt: true,
  };
  const holds: GateReport = { ...known, findings: [], change };
  const nothing: GateReport = { ...holds, change: { ...change, isLookedAt: false } };

  test("has a warning on GitHub for each range of lines, and each function that no run reached", () => {
    const text = gateGithub(holds);
    expect(text).toContain(
      "::warning file=mm/mlock.c,line=12,endLine=19,title=foliocheck%3A not looked at::This is changed, and the gate does not read this file\n",
    );
    expect(text).toContain(
      "::warning file=mm/swap.c,line=7,title=foliocheck%3A not looked at::This is changed, and no run reached folio_put()\n",
    );
    expect(text).toContain("::notice title=foliocheck%3A holds::");
  });

  test("has no more warnings on GitHub than it shows, and the log tells the rest", () => {
    const ranges = Array.from({ length: 12 }, (_, i) => ({ file: "mm/a.c", line: i + 1, endLine: i + 1, why: "x" }));
    const text = gateGithub({ ...holds, change: { ...change, overlooked: ranges, unreached: [] } });
    expect(text.match(/^::warning/gm)).toHaveLength(9);
    expect(text).toContain("Without an annotation: not looked at: mm/a.c:12\n");
  });

  test("has a skipped case in JUnit for each file, by a name that stays", () => {
    const text = gateJunit(holds);
    expect(text).toContain('<testsuite name="change" tests="2" failures="0" errors="0" skipped="1">');
    expect(text).toContain('name="lines of mm/mlock.c" file="mm/mlock.c" line="12"><skipped message="12-19: the gate');
    expect(text).toMatch(/name="what is changed"><system-out>looked at; logo\.gif is binary in the patch/);
    expect(gateJunit(nothing)).toMatch(/name="what is changed"><skipped message="nothing of it was looked at; /);
  });

  test("of which nothing was looked at is said with the verdict", () => {
    const remark = "holds, but nothing that is changed was looked at";
    expect(gatePretty(nothing, { color: false })).toMatch(new RegExp(`\n✓ ${remark} · [^\n]*\n$`));
    expect(gateMarkdown(nothing)).toContain(`profile quick: ${remark}, 5 states.`);
    expect(gateGithub(nothing)).toContain(`::notice title=foliocheck%3A ${remark.replace(",", "%2C")}::`);
    expect(gatePretty({ ...report, change: { ...change, isLookedAt: false } }, { color: false })).toContain(
      "\n✗ violated, and nothing that is changed was looked at · ",
    );
    for (const told of [gatePretty(holds, { color: false }), gateMarkdown(holds), gateGithub(holds)]) {
      expect(told).not.toContain("nothing that is changed");
    }
  });
});
