import { readFileSync } from "node:fs";
import { Ajv, type AnySchema } from "ajv";
import { describe, expect, test } from "vitest";
import { findingCommand, gateCommand } from "../../gate/run/command.ts";
import { proofFindings } from "../../gate/run/proof-findings.ts";
import { signatureOf } from "../../gate/run/signature.ts";
import { parseConfig } from "../../model/kernel/config.ts";
import type { ObligationResult, SubjectResult } from "../../proof/proof-result.ts";
import { proveModel } from "../../proof/prove.ts";
import { gateGithub } from "../../report/github/gate.ts";
import { junit } from "../../report/junit/junit.ts";
import { gateMarkdown } from "../../report/markdown/gate.ts";
import { gateResults } from "../../report/results/gate.ts";
import { gatePretty } from "../../report/terminal/gate.ts";
import { firstTraceOf } from "../../report/text/findings.ts";
import { coverageNotice } from "../../report/text/gate-change.ts";
import { claimsText, functionRows, outcomeText } from "../../report/text/gate-table.ts";
import type {
  GateBaseReport,
  GateChangeReport,
  GateFindingReport,
  GateOptionsReport,
  GateReport,
  LineRange,
  RunReport,
  TraceReport,
} from "../../verify/report/report.ts";
import { kernelOf } from "../../verify/request/kernel-choice.ts";
import { xmlElements } from "../cli/xml.ts";
import { ranC } from "./call-trees.ts";
import { goodRun, incompleteRun, rmapTrace } from "./fixtures.ts";
import { acceptedOnly, finding, functionReport, report } from "./gate-report.ts";

const gateJunit = (of: GateReport): string => junit(gateResults(of));

describe("a function in several configurations", () => {
  test("a function in several configurations is one row, with its worst outcome first", () => {
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
  test("a new finding is an error at the line of its function, with its trace, on GitHub", () => {
    const text = gateGithub(report);
    expect(text).toMatch(
      /^::error file=include\/linux\/mm\.h,line=12,title=foliocheck%3A CF\.folio_mapcount::folio_mapcount\(\) at /,
    );
    expect(text).toContain("::group::Counterexample to CF.folio_mapcount\n");
  });

  test("a new finding fails its function's case in JUnit, in the configuration that shows it and in no other", () => {
    const text = gateJunit(report);
    expect(text.match(/<failure /g)).toHaveLength(1);
    expect(text).toMatch(/<testsuite name="page-mapcount,64bit,mm-id" tests="\d" failures="1"/);
    expect(text).toMatch(/<testsuite name="page-mapcount,32bit,mm-id" tests="\d" failures="0"/);
    expect(text).toMatch(/<skipped message="missing"/);
  });

  /** Lists the cases with their contents. */
  const cases = (text: string): { name: string; outcome: string | undefined }[] => {
    const elements = xmlElements(text);
    return elements.flatMap(({ name, attributes }, i) => {
      const next = elements[i + 1];
      const outcome = next?.path.at(-1) === "testcase" ? next.name : undefined;
      return name === "testcase" ? [{ name: attributes["name"] ?? "", outcome }] : [];
    });
  };

  test("several findings of one function are one failure in JUnit, with all their traces", () => {
    const second: GateFindingReport = {
      ...finding,
      cause: { kind: "call", faults: [{ kind: "result", compiled: 7, model: 8 }] },
    };
    const text = gateJunit({ ...report, findings: [finding, second] });
    expect(text.match(/<failure /g)).toHaveLength(1);
    expect(text).toContain("called for folio 0: it returns 1, in the model 2&#10;it returns 7, in the model 8");
    expect(text.match(/\nCounterexample to /g)).toHaveLength(2);
  });

  test("a finding of a claim fails that claim in JUnit, also where the claims were not judged", () => {
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

  test("a new finding leaves other cases in JUnit unchanged, named by function and with its place", () => {
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

  test("JUnit divides the time of a run equally among the functions and claims that it checked", () => {
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
      // Layouts have no time.
      ["layout C21", undefined],
    ]);
    expect(times("testsuite")).toEqual([
      [config, "10.000"],
      [other, "5.000"],
      ["x86-64", undefined],
    ]);
  });

  test("a finding with the steps of an earlier one refers to its trace", () => {
    const { function: _, ...rest } = finding;
    const trace = { ...rmapTrace, property: "C1", claim: "No false exclusive" };
    const claimed: GateFindingReport = { ...rest, property: "C1", claim: trace.claim, mode: "claims", trace };
    const both = { ...report, findings: [finding, claimed] };
    for (const text of [gatePretty(both, { color: false, verbose: true }), gateGithub(both), gateJunit(both)]) {
      expect(text.split("   0  initial state")).toHaveLength(2);
      expect(text).toContain("Counterexample to C1 in 3 steps: those of the counterexample to C8\n");
      expect(text).toContain("  violated  C1: No false exclusive\n");
    }
    const otherSteps = { ...claimed, trace: { ...trace, steps: trace.steps.slice(0, 2) } };
    const separate = gatePretty({ ...report, findings: [finding, otherSteps] }, { color: false, verbose: true });
    expect(separate.split("   0  initial state")).toHaveLength(3);
  });

  test("a new finding ends with the command that reproduces it", () => {
    const command = "foliocheck gate --tree linux --config page-mapcount,64bit,mm-id --only rmap\n";
    const tree: GateReport = { ...report, findings: [{ ...finding, trace: { ...rmapTrace, kernel: "tree" } }] };
    expect(gatePretty(tree, { color: false, verbose: true })).toContain(`reproduce ${command}`);
    expect(gateJunit(tree)).toContain(`reproduce ${command}`);
    expect(gateGithub(tree)).toContain(`reproduce ${command}`);
  });

  test("a new finding has its trace in the report as text", () => {
    const text = gatePretty(report, { color: false, verbose: true });
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
      i === 1
        ? { ...step, functions: [{ calls: [ranC("account", "mm/rmap.c:3", [ranC("add_ptes", "mm/rmap.c:14")])] }] }
        : step,
    ),
    queries: [ranC("folio_maybe_mapped_shared", "include/linux/mm.h:60")],
  };
  const withChanges = (...changes: readonly (readonly [string, ...LineRange[]])[]): GateReport => ({
    ...report,
    findings: [{ ...finding, trace }],
    functions: [
      functionReport({}),
      ...changes.map(([name, ...ranges]) => functionReport({ name, status: "changed", changes: ranges })),
    ],
  });

  test("GitHub annotates the changed lines of functions that ran, once, in the order of files and lines", () => {
    const text = gateGithub(
      withChanges(
        ["add_ptes", range(20, 21), range(16, 16)],
        ["account", range(5, 5), range(20, 21)],
        ["other", range(9, 9)],
      ),
    );
    expect(places(text)).toEqual(["mm/rmap.c 5 5", "mm/rmap.c 16 16", "mm/rmap.c 20 21"]);
  });

  test("GitHub has one annotation for consecutive lines", () => {
    const text = gateGithub(
      withChanges(["add_ptes", range(20, 22), range(25, 26)], ["account", range(23, 23), range(21, 21)]),
    );
    expect(places(text)).toEqual(["mm/rmap.c 20 23", "mm/rmap.c 25 26"]);
  });

  test("functions that the property called at the end, and the function at fault, count as run", () => {
    const queried = withChanges(["folio_maybe_mapped_shared", range(62, 62, "include/linux/mm.h")]);
    expect(places(gateGithub(queried))).toEqual(["include/linux/mm.h 62 62"]);
    const atFault = withChanges(["folio_mapcount", range(14, 15, "include/linux/mm.h")]);
    expect(places(gateGithub(atFault))).toEqual(["include/linux/mm.h 14 15"]);
  });

  test("GitHub does not annotate changes in configurations without the finding", () => {
    const elsewhere = withChanges();
    const functions = [
      functionReport({}),
      functionReport({ config: "page-mapcount,32bit,mm-id", changes: [range(3, 3)] }),
    ];
    expect(places(gateGithub({ ...elsewhere, functions }))).toEqual(["include/linux/mm.h 12 "]);
  });

  test("GitHub annotates the function at fault where no changed function ran", () => {
    expect(places(gateGithub(withChanges(["other", range(9, 9)])))).toEqual(["include/linux/mm.h 12 "]);
  });

  test("GitHub annotates the changed lines of the structs for a finding about a layout", () => {
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

  test("GitHub annotates the place of a finding about a layout where it has one", () => {
    const { function: _, ...other } = finding;
    const place = { file: "mm/hugetlb_vmemmap.c", line: 17 };
    const layout: GateFindingReport = { ...other, property: "B3", mode: "layout", place, trace: null };
    expect(places(gateGithub({ ...report, findings: [layout] }))).toEqual(["mm/hugetlb_vmemmap.c 17 "]);
  });

  test("GitHub has no place for a finding without a function", () => {
    const { function: _, ...other } = finding;
    expect(gateGithub({ ...report, findings: [{ ...other, trace: null }] })).toMatch(/^::error title=/);
  });

  test("an annotation on GitHub has the steps of the trace", () => {
    expect(errors(gateGithub(report))[0]).toContain("%0A1. anonFault(mm: 0, first: 0, pages: 4)%0A2. fork(");
  });

  test("GitHub has ten errors at most, one of each finding before any has two", () => {
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

  test("all incomplete runs of a gate are one warning on GitHub", () => {
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
  test("an accepted finding is a notice on GitHub and no failure in JUnit", () => {
    expect(gateGithub(acceptedOnly)).toMatch(
      /^::notice file=include\/linux\/mm\.h,line=12,title=foliocheck%3A CF\.folio_mapcount \(known\)::/,
    );
    expect(gateGithub(acceptedOnly)).not.toContain("::error");
    expect(gateJunit(acceptedOnly)).not.toContain("<failure");
  });

  test("an accepted finding is listed with its reason", () => {
    const text = gatePretty(acceptedOnly, { color: false, verbose: true });
    expect(text).toMatch(/\nKnown finding: CF\.folio_mapcount\n[\s\S]* accepted +it is latent\n/);
    expect(text).toMatch(/\n✓ holds · 1 known finding accepted · /);
    expect(gateMarkdown(acceptedOnly)).toContain("| CF.folio_mapcount | ");
    expect(gateMarkdown(acceptedOnly)).toMatch(
      /\| 1\. anonFault\(mm: 0, first: 0, pages: 4\); 2\. fork\(.*\| it is latent \|/,
    );
  });
});

describe("a finding that the base has, too", () => {
  const { function: _, ...other } = finding;
  const cured: GateFindingReport = { ...other, property: "C8", mode: "claims" };
  const base: GateBaseReport = { same: [], runs: 3, states: 12, transitions: 20, cured: [cured] };
  const inBase: GateReport = { ...report, verdict: "holds", base, findings: [{ ...finding, inBase: true }] };
  const bringing: GateReport = {
    ...inBase,
    verdict: "violated",
    findings: [{ ...other, property: "C1", mode: "claims" }, ...inBase.findings],
  };

  test("a finding that the base has is no failure in JUnit, and is annotated nowhere", () => {
    expect(gateJunit(inBase)).not.toContain("<failure");
    expect(gateJunit(inBase)).toContain(
      'name="folio_mapcount()" file="include/linux/mm.h" line="12" time="0.000"><system-out>already',
    );
    expect(gateGithub(inBase)).not.toMatch(/^::(?:error|warning|notice) file=/m);
    expect(firstTraceOf(inBase)).toBeUndefined();
  });

  test("a finding that the base has is listed last, with the findings that the change brings and cures", () => {
    const text = gatePretty(bringing, { color: false, verbose: true });
    const titles = text.match(/^(?:New finding|Cured|Already in the base): .*$/gm);
    expect(titles).toEqual(["New finding: C1", "Cured: C8", "Already in the base: CF.folio_mapcount"]);
    expect(text).toMatch(
      /\nCompared with the base\n {2}brings +C1\n {2}cures +C8\n {2}both have +CF\.folio_mapcount\n {2}base +3 runs, 12 states\n/,
    );
    expect(text).toMatch(/\n✗ violated · 1 finding already in the base · 1 finding of the base cured · 1 run · /);
  });

  test("a finding that the base has is listed separately in Markdown and in the log on GitHub", () => {
    const markdown = gateMarkdown(bringing);
    expect(markdown).toMatch(/\| CF\.folio_mapcount \| .* \| already in the base \|\n/);
    expect(markdown).toContain("| cures | C8 |");
    expect(gateGithub(bringing)).toContain("\nCompared with the base, the change cures: C8\n");
  });

  test("a report without a base has no comparison, and one with a base of the same code says so", () => {
    expect(gatePretty(report, { color: false, verbose: true })).not.toContain("Compared with");
    const same = { ...base, same: ["page-mapcount,64bit,mm-id"], runs: 0, states: 0, cured: [] };
    expect(gatePretty({ ...inBase, base: same }, { color: false, verbose: true })).toMatch(
      / cures +nothing\n[\s\S]* base +the same code in 1 configuration\n/,
    );
  });
});

test("unmatched entries of the baseline are listed, with their configurations and reasons", () => {
  const entry = { finding: "CF.folio_put: it returns too much", configs: ["i386, memcg"], reason: "latent" };
  const text = "CF.folio_put: it returns too much (in i386, memcg; accepted: latent)";
  const listed: GateReport = { ...acceptedOnly, unmatched: [entry] };
  expect(gatePretty(listed, { color: false, verbose: true })).toContain(
    `\nBaseline entries that match no finding\n  - ${text}\n`,
  );
  expect(gateMarkdown(listed)).toContain(text);
  expect(gateGithub(listed)).toContain(text);
  expect(gatePretty({ ...acceptedOnly, unmatched: [] }, { color: false, verbose: true })).not.toContain(
    "Baseline entries",
  );
});

describe("the proof of owner tracking", () => {
  const config = "page-mapcount,64bit,mm-id";
  const bounds = { pages: 2, mappings: 2, others: 2 };
  const subjectOf = (kernel: string): SubjectResult => ({
    ...proveModel(kernelOf(kernel, parseConfig("64bit")), { bounds, evidence: false }),
    subject: { kind: "tree", config, digest: "0".repeat(64), also: ["page-mapcount,32bit,mm-id"] },
  });
  const changes: readonly LineRange[] = [{ file: "include/linux/rmap.h", line: 7, endLine: 9 }];
  const functions = [functionReport({ name: "folio_sub_return_large_mapcount", status: "changed", changes })];
  const [claim] = report.claims;
  const base = { ...report, functions, findings: [] };
  const proved: GateReport = {
    ...base,
    verdict: "holds",
    proofs: [subjectOf("v7.1")],
    claims: claim === undefined ? [] : [{ ...claim, proved: ["C1"] }],
  };
  const failed = subjectOf("shared-cleared-with-slot");
  const induction = proofFindings(failed)
    .filter((each) => each.config === config)
    .map(
      ({ property, claim: sentence, cause }): GateFindingReport => ({
        property,
        mode: "proof",
        claim: sentence,
        verdict: "violated",
        ...(cause === undefined ? {} : { cause }),
        signatures: [`${property}: -`],
        configs: [config, "page-mapcount,32bit,mm-id"],
        trace: null,
      }),
    );
  const refuted: GateReport = { ...base, proofs: [failed], findings: induction };

  test("the proof of owner tracking stands beside the claims, and has its own sections", () => {
    const text = gatePretty(proved, { color: false, verbose: true });
    expect(text).toMatch(/ C1 +✓ holds +in 1 configuration +No false exclusive \(proved for any size\)\n/);
    expect(text).toMatch(/\nOwner tracking, for any number of MMs {2}\(foliocheck prove; docs\/proof\.md\)\n/);
    expect(text).toContain(`${config} and page-mapcount,32bit,mm-id  ✓ proved\n`);
    expect(gateMarkdown(proved)).toContain(`| C1 | No false exclusive | ${config} | holds | C1 |`);
    expect(gateMarkdown(proved)).toContain(`| ${config} and page-mapcount,32bit,mm-id | proved |`);
  });

  test("the proof of owner tracking is a suite for each configuration in JUnit, with a case for each obligation", () => {
    const elements = xmlElements(gateJunit(proved));
    const suites = elements.filter(({ name }) => name === "testsuite").map(({ attributes }) => attributes);
    const obligations = String(failed.enumeration.obligations.length);
    for (const name of [`proof, ${config}`, "proof, page-mapcount,32bit,mm-id"]) {
      expect(suites).toContainEqual({ name, tests: obligations, failures: "0", errors: "0", skipped: "0" });
    }
  });

  test("a refuted obligation fails its own case in JUnit, with the states before and after", () => {
    const text = gateJunit(refuted);
    expect(text.match(/<failure /g)).toHaveLength(2 * induction.length);
    expect(text).toMatch(
      /name="sub: whole"><failure type="INV\.sub\.whole" message="Counterexample to induction: folio_sub/,
    );
    expect(text).toMatch(/\n {4}marked as shared +yes +no\n/);
    const unproved = { ...failed.enumeration.obligations[0], verdict: "unknown", why: "late" } as ObligationResult;
    const enumeration = { ...failed.enumeration, obligations: [unproved] };
    expect(gateJunit({ ...proved, proofs: [{ ...failed, enumeration }] })).toContain('<skipped message="late"/>');
  });

  test("a refuted proof shows one counterexample, names every refuted obligation, and annotates the changed lines", () => {
    const text = gatePretty(refuted, { color: false, verbose: true });
    expect(text.match(/^New finding: INV\./gm)).toHaveLength(induction.length);
    expect(text.match(/^ {4}marked as shared +/gm)).toHaveLength(1);
    expect(gateGithub(refuted)).toMatch(
      /^::error file=include\/linux\/rmap\.h,line=7,endLine=9,title=foliocheck%3A INV\./m,
    );
  });

  describe("an obligation with an unreached counterexample", () => {
    const findings = induction.map((each): GateFindingReport => ({ ...each, verdict: "unproved" }));
    const verdict = "not inductive" as const;
    const unproved: GateReport = { ...base, verdict: "incomplete", proofs: [{ ...failed, verdict }], findings };

    test("an obligation with an unreached counterexample is not proved, and is no failure", () => {
      const text = gatePretty(unproved, { color: false, verbose: true });
      expect(text).toContain("… not proved: the invariant is too weak for this code\n");
      expect(text.match(/^Not proved: INV\./gm)).toHaveLength(findings.length);
      expect(text).not.toContain("New finding");
      expect(text).toMatch(/\nIncomplete\n {2}- INV\./);
    });

    test("an obligation with an unreached counterexample is skipped in JUnit, and a warning on GitHub", () => {
      expect(gateJunit(unproved)).not.toContain("<failure");
      expect(gateJunit(unproved)).toContain(
        'name="sub: whole"><skipped message="Counterexample to induction: folio_sub',
      );
      const text = gateGithub(unproved);
      expect(text).not.toMatch(/^::error/m);
      expect(text).toMatch(/^::warning file=include\/linux\/rmap\.h,line=7,endLine=9,title=foliocheck%3A INV\./m);
    });

    test("an obligation with an unreached counterexample is among the findings of a change, and marked in Markdown", () => {
      const compared = { ...unproved, base: { same: [], runs: 0, states: 0, transitions: 0, cured: [] } };
      expect(gatePretty(compared, { color: false, verbose: true })).toMatch(/\n {2}brings +INV\./);
      expect(gateMarkdown(unproved)).toContain("| no: not proved |");
    });

    test("an unreached counterexample has another signature than a reached one", () => {
      const [signature] = proofFindings({ ...failed, reachability: { kind: "not reached", within: [] } }).map(
        signatureOf,
      );
      expect(signature).toMatch(/, not reached$/);
      expect(proofFindings(failed).map(signatureOf)).not.toContain(signature);
    });
  });

  test("a refuted obligation passes in JUnit where its finding is accepted", () => {
    const accepted = { ...refuted, findings: induction.map((each) => ({ ...each, accepted: "on purpose" })) };
    expect(gateJunit(accepted)).not.toContain("<failure");
    expect(gateJunit(accepted)).toContain('name="sub: whole"><system-out>on purpose</system-out>');
  });

  test("the signature of a refuted obligation contains no sentence", () => {
    const signatures = proofFindings(failed).map(signatureOf);
    expect(signatures).toContain("INV.sub.whole: induction sub whole");
    expect(new Set(signatures).size).toBe(induction.length);
  });

  test("the schema accepts a report with refuted obligations", () => {
    const schema: unknown = JSON.parse(readFileSync(new URL("../../docs/report.schema.json", import.meta.url), "utf8"));
    const validate = new Ajv({ allErrors: true }).compile(schema as AnySchema);
    const solvers = { solver: ["z3"], solverTimeout: 90 };
    const unproved = induction.map((each): GateFindingReport => ({ ...each, verdict: "unproved" }));
    const reports = [proved, refuted, { ...refuted, findings: unproved, options: { ...refuted.options, ...solvers } }];
    for (const each of reports) {
      const whole = { ...each, options: { ...each.options, proof: false } };
      expect(validate(JSON.parse(JSON.stringify(whole))), JSON.stringify(validate.errors)).toBe(true);
    }
  });
});

describe("the command that reproduces the findings", () => {
  const options: GateOptionsReport = {
    tree: "my linux",
    patch: "-",
    base: "b",
    config: ["32bit", "64bit,no-page-mapcount"],
    profile: "ci",
    only: "pmd",
    judge: "claims",
    baseline: "known.json",
    requireCoverage: true,
    maxStates: 5,
    maxDepth: 6,
    maxMemoryBytes: 7,
    timeoutSeconds: 8,
  };

  test("the command that repeats a gate has every option that differs from its default", () => {
    expect(gateCommand(options)).toBe(
      "foliocheck gate --tree 'my linux' --patch - --base b --profile ci --judge claims --baseline known.json --max-states 5 --max-depth 6 --max-memory 7 --timeout 8 --config 32bit 64bit,no-page-mapcount --only pmd --require-coverage",
    );
    expect(gateCommand({ tree: "linux", profile: "quick" })).toBe("foliocheck gate --tree linux");
    expect(gateCommand({ tree: "linux", profile: "quick", image: false, proof: false })).toBe(
      "foliocheck gate --tree linux --no-image --no-proof",
    );
    expect(gateCommand({ tree: "linux", profile: "quick", solver: ["z3", "cvc5"], solverTimeout: 90 })).toBe(
      "foliocheck gate --tree linux --solver-timeout 90 --solver z3 cvc5",
    );
  });

  test("the command that repeats a finding names its configuration and machine", () => {
    expect(findingCommand({ options: { ...options, tree: "linux" } }, rmapTrace)).toMatch(
      / --timeout 8 --config page-mapcount,64bit,mm-id --only rmap$/,
    );
  });
});

test("the report lists a run that a limit ended", () => {
  const cut: GateReport = { ...report, verdict: "incomplete", findings: [], runs: [incompleteRun] };
  expect(gatePretty(cut, { color: false, verbose: true })).toMatch(/\nIncomplete\n {2}- /);
  expect(gateGithub(cut)).toContain("::warning title=foliocheck%3A incomplete::");
});

describe("a change that was checked in part only", () => {
  const change: GateChangeReport = {
    functions: [
      { name: "folio_put", file: "mm/swap.c", line: 7, status: "changed", checked: false, reason: "no run reached it" },
      { name: "folio_get", file: "mm/swap.c", line: 9, status: "new", checked: true },
    ],
    lines: { changed: 5, checked: 2 },
    uncovered: [{ file: "mm/mlock.c", line: 12, endLine: 19, why: "the gate does not read this file" }],
    unreached: [{ name: "folio_put", file: "mm/swap.c", line: 7 }],
    notApplied: ["logo.gif is binary in the patch"],
    isAnyChecked: true,
  };
  const holds: GateReport = { ...acceptedOnly, findings: [], change };
  const nothing: GateReport = { ...holds, change: { ...change, isAnyChecked: false } };

  test("GitHub has a warning for each range of unchecked lines, and each function that no run reached", () => {
    const text = gateGithub(holds);
    expect(text).toContain(
      "::warning file=mm/mlock.c,line=12,endLine=19,title=foliocheck%3A not checked::This is changed, and the gate does not read this file\n",
    );
    expect(text).toContain(
      "::warning file=mm/swap.c,line=7,title=foliocheck%3A not checked::This is changed, and no run reached folio_put()\n",
    );
    expect(text).toContain(
      "::notice title=foliocheck%3A holds; 1 of 2 changed functions was not checked%2C 3 of 5 changed lines outside of functions were not checked%2C 1 part of the patch not applied::",
    );
  });

  test("unchecked functions are counted beside the verdict, and are skipped cases in JUnit", () => {
    const counted = "holds; 1 of 2 changed functions was not checked, 3 of 5 changed lines outside of functions";
    expect(gatePretty(holds, { color: false, verbose: true })).toContain(
      `\n✓ ${counted} were not checked, 1 part of the patch not a`,
    );
    expect(gateMarkdown(holds)).toContain(`profile quick: ${counted}`);
    expect(gateMarkdown(holds)).toContain("| folio_put | mm/swap.c:7 | no: no run reached it |");
    const xml = gateJunit(holds);
    expect(xml).toContain('name="changed function folio_put()" file="mm/swap.c" line="7"><skipped message="no run r');
    expect(xml).toContain('name="new function folio_get()" file="mm/swap.c" line="9"><system-out>checked<');
    const covered = {
      ...change,
      functions: change.functions.slice(1),
      lines: { changed: 2, checked: 2 },
      notApplied: [],
    };
    expect(gatePretty({ ...holds, change: covered }, { color: false, verbose: true })).toMatch(/\n✓ holds · /);
  });

  test("a gate that requires coverage is incomplete where lines are unchecked, with the reason", () => {
    const options = { ...report.options, requireCoverage: true as const };
    const text = gatePretty({ ...holds, verdict: "incomplete", options }, { color: false, verbose: true }).replace(
      /\n +/g,
      " ",
    );
    expect(text).toContain("1 of 2 changed functions was not checked, and --require-coverage was given");
    expect(gatePretty(holds, { color: false, verbose: true })).not.toContain("--require-coverage");
  });

  test("unchecked functions and lines are listed before the search, ten at most", () => {
    const functions = Array.from({ length: 12 }, (_, i) => ({
      name: `f${i}`,
      file: "mm/a.c",
      line: i + 1,
      endLine: i + 1,
      status: "changed" as const,
      ...(i === 0 ? {} : { why: "nothing in scope uses it" }),
    }));
    const notice = coverageNotice({
      functions,
      lines: [],
      uncovered: [],
      notApplied: ["x is binary"],
    });
    expect(notice.slice(0, 2)).toEqual([
      "11 of 12 changed functions will not be checked by any run:",
      "  f1() at mm/a.c:2: nothing in scope uses it",
    ]);
    expect(notice.slice(11)).toEqual(["  1 more", "Parts of the patch that are not applied:", "  x is binary"]);
    const lines = [
      { file: "mm/a.h", line: 3, why: "nothing in scope uses A" },
      { file: "mm/a.h", line: 4 },
    ];
    expect(coverageNotice({ functions: [], lines, uncovered: [], notApplied: [] })).toEqual([
      "1 of 2 changed lines outside of functions will not be checked by any run:",
      "  mm/a.h:3: nothing in scope uses A",
    ]);
  });

  test("GitHub has as many warnings as it shows, and the other unchecked lines are in the log", () => {
    const ranges = Array.from({ length: 12 }, (_, i) => ({ file: "mm/a.c", line: i + 1, endLine: i + 1, why: "x" }));
    const text = gateGithub({ ...holds, change: { ...change, uncovered: ranges, unreached: [] } });
    expect(text.match(/^::warning/gm)).toHaveLength(9);
    expect(text).toContain("Without an annotation: not checked: mm/a.c:12\n");
  });

  test("unchecked lines of a file are one skipped case in JUnit, whose name does not depend on lines", () => {
    const text = gateJunit(holds);
    expect(text).toContain('<testsuite name="change" tests="4" failures="0" errors="0" skipped="2">');
    expect(text).toContain('name="lines of mm/mlock.c" file="mm/mlock.c" line="12"><skipped message="12-19: the gate');
    expect(text).toMatch(/name="whole change"><system-out>checked; logo\.gif is binary in the patch/);
    expect(gateJunit(nothing)).toMatch(/name="whole change"><skipped message="no changed line was checked; /);
  });

  test("the verdict says that no changed line was checked", () => {
    const remark = "holds, but no changed line was checked";
    expect(gatePretty(nothing, { color: false, verbose: true })).toMatch(
      new RegExp(`\n✓ ${remark} · [^\n]*\n +peak\n$`),
    );
    expect(gateMarkdown(nothing)).toContain(`profile quick: ${remark}, 5 states.`);
    expect(gateGithub(nothing)).toContain(`::notice title=foliocheck%3A ${remark.replace(",", "%2C")}::`);
    expect(
      gatePretty({ ...report, change: { ...change, isAnyChecked: false } }, { color: false, verbose: true }),
    ).toContain("\n✗ violated, and no changed line was checked · ");
    for (const text of [gatePretty(holds, { color: false, verbose: true }), gateMarkdown(holds), gateGithub(holds)]) {
      expect(text).not.toContain("no changed line");
    }
  });
});

describe("mm images", () => {
  const CONFIG = "page-mapcount,32bit,mm-id";
  const step = {
    ...(rmapTrace.steps[0] as TraceReport["steps"][number]),
    functions: [{ calls: [ranC("do_wp_page", "mm/memory.c:4065")] }],
  };
  const imageFinding: GateFindingReport = {
    property: "KERNEL",
    mode: "image",
    claim: "No assertion of the kernel fails",
    verdict: "violated",
    cause: {
      kind: "image",
      report: {
        kind: "assertion",
        severity: "WARN",
        function: "do_wp_page",
        place: { file: "mm/memory.c", line: 4100 },
      },
    },
    signatures: ["KERNEL on image after anonFault: WARN mm/memory.c do_wp_page"],
    configs: [CONFIG],
    trace: { ...rmapTrace, machine: "image", config: CONFIG, steps: [step] },
  };
  const run = { ...goodRun, machine: "image", config: CONFIG, bounds: { mms: 2, split: 1, free: 0, steps: 5 } };
  const changed = { file: "mm/memory.c", status: "changed", checked: true } as const;
  const withImage: GateReport = {
    ...report,
    findings: [imageFinding],
    runs: [goodRun, run, run],
    image: {
      claims: [
        { id: "KERNEL", claim: "No assertion of the kernel fails", config: CONFIG, verdict: "violated", states: 5 },
        { id: "C1", claim: "No false exclusive", config: CONFIG, verdict: "holds", states: 5 },
      ],
      coverage: [
        {
          file: "mm/memory.c",
          code: [[1, 10]],
          reached: [[2, 4]],
        },
      ],
      baseRuns: 0,
    },
    change: {
      functions: [
        { ...changed, name: "do_wp_page", line: 4065 },
        { ...changed, name: "do_anonymous_page", line: 5000 },
      ],
      lines: { changed: 0, checked: 0 },
      uncovered: [],
      unreached: [],
      notApplied: [],
      isAnyChecked: true,
    },
  };

  test("mm images have a row for each group of operations, their claims, and the reached lines of each file", () => {
    const text = gatePretty(withImage, { color: false, verbose: true });
    expect(text).toMatch(/Whole files: mm images\n.*\n *mms 2, split 1, steps 5 .* in 1 configuration\n/);
    expect(text).toMatch(/Claims, on mm images\n.*\n *KERNEL *✗ violated/);
    expect(text).toMatch(/mm\/memory\.c +3 +10 +30 %/);
    expect(gateMarkdown(withImage)).toContain("| mms 2, split 1, steps 5 | 1 |");
  });

  test("mm images are a suite in JUnit, in which the violated claim fails", () => {
    const text = gateJunit(withImage);
    expect(text).toContain(`<testsuite name="mm image, ${CONFIG}" tests="2" failures="1"`);
    expect(text.match(/<failure /g)).toHaveLength(1);
  });

  test("a finding of an mm image is annotated at the changed functions that ran in its trace", () => {
    const places = gateGithub(withImage).match(/^::error file=\S+/gm);
    expect(places).toEqual([expect.stringContaining("file=mm/memory.c,line=4065,")]);
  });

  test("a finding of an mm image has a command that reproduces it", () => {
    expect(findingCommand(report, imageFinding.trace as TraceReport)).toBe(
      `foliocheck gate --tree linux --config ${CONFIG} --only image`,
    );
  });
});
