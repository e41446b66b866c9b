import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { github } from "../../report/github/search.ts";
import { junit } from "../../report/junit/junit.ts";
import { markdown } from "../../report/markdown/search.ts";
import { searchResults } from "../../report/results/search.ts";
import { pretty } from "../../report/terminal/search.ts";
import { progressLine } from "../../report/text/progress.ts";
import { formatTrace } from "../../report/trace/format-trace.ts";
import type { PropertyReport, RunReport, SearchReport, TraceReport } from "../../verify/report/report.ts";
import {
  goodRun,
  imageRun,
  incompleteRun,
  rmapTrace,
  suite,
  threefoldRun,
  unreachedRun,
  violatedRun,
} from "./fixtures.ts";

const show = (report: SearchReport): string => pretty(report, { color: false, verbose: true });

/** Returns the lines of a section, without its heading. */
function section(text: string, heading: string): string[] {
  const lines = text.split("\n");
  const start = lines.indexOf(heading);
  expect(start, `a section "${heading}" in\n${text}`).toBeGreaterThanOrEqual(0);
  return lines.slice(start + 1, lines.indexOf("", start));
}

const lastLine = (text: string): string => text.trimEnd().split("\n").at(-1) ?? "";

describe("a run", () => {
  test("a run is headed by machine, kernel, configuration and bounds", () => {
    const [heading, ...rows] = show(violatedRun).split("\n").slice(0, 5);
    expect(heading).toBe("foliocheck: machine rmap, kernel sub-looks-at-slot-0-only");
    expect(rows[0]).toBe("  config      page-mapcount,64bit,mm-id");
    expect(rows[1]).toBe("  bounds      pages 4, minPages 4, mms 2, folios 1, anon 1, file 0");
    expect(rows[2]).toMatch(/^ {2}symmetry {4}on/);
    expect(show(goodRun)).toMatch(/^ {2}symmetry {4}off/m);
  });

  test("a run shows whether every state was visited", () => {
    expect(show(goodRun)).toMatch(/^ {2}search {6}complete: every state within the bounds was visited$/m);
    expect(show(violatedRun)).toMatch(/^ {2}search {6}ended at the first violation/m);
    expect(show(incompleteRun)).toMatch(/^ {2}search {6}ended early, the memory limit was reached/m);
  });

  test("a run shows the verdict of each property as a mark and a word", () => {
    expect(
      section(show(goodRun), "Properties")
        .filter((line) => /✓|✗|…/.test(line))
        .map((line) => line.trim().split(/ +/).slice(0, 3)),
    ).toEqual([
      ["C8", "✓", "holds"],
      ["C17", "✓", "holds"],
      ["W1", "✓", "reached"],
    ]);
    expect(show(violatedRun)).toMatch(/C8 +✗ violated +1,234 states/);
    expect(show(violatedRun)).toMatch(/C5 +… incomplete +56,789 steps/);
  });

  test("an unreached witness is explained as lost behaviour of the model", () => {
    expect(section(show(unreachedRun), "Properties").join(" ").replace(/\s+/g, " ")).toContain(
      "(unreached: the model lost behaviour it must have)",
    );
  });

  test("the numbers of the action table are aligned to the right", () => {
    const [heading = "", map = "", unmap = ""] = section(show(goodRun), "Actions");
    const end = (line: string, text: string): number => line.indexOf(text) + text.length;
    expect(end(map, "148,148,136")).toBe(end(heading, "enabled"));
    expect(end(unmap, "148,148,136")).toBe(end(heading, "enabled"));
    expect(end(map, "12,345,000")).toBe(end(heading, "new states"));
    expect(end(unmap, " 677")).toBe(end(heading, "new states"));
  });

  test("a run points out actions that were never enabled, and vacuous properties", () => {
    expect(show(violatedRun)).toMatch(/^ {2}exit +0 +0 {2}never enabled$/m);
    expect(section(show(violatedRun), "Coverage gaps")).toEqual([
      "  - action exit was never enabled before the search ended",
    ]);
    expect(section(show(goodRun), "Coverage gaps")[0]).toMatch(/^ {2}- C17 is vacuous: its premise was never true/);
    expect(show(unreachedRun)).not.toContain("Coverage gaps");
  });

  test("a run shows counts, time, speed and memory", () => {
    const cost = section(show(goodRun), "Cost").join("\n");
    expect(cost).toContain("12,345,678, at most 12 steps from an initial state");
    expect(cost).toContain("23.4 s (CPU 24.1 s), 12.3 M transitions per CPU second");
    expect(cost).toContain("2.3 MB for states and tables, 87.7 MB at the peak");
  });

  test("a run lists what was not checked: first what the model lacks, then the properties that do not apply, by reason", () => {
    expect(section(show(goodRun), "Not checked")).toEqual([
      "  - PMD mappings, swap and migration",
      "  - Concurrency: whole operations are atomic",
      "  - Properties that do not apply here, by reason",
      "    - there are no contents of pages: C9.contents, C9.held",
      "    - there is no swap: C11.entries",
    ]);
    const notChecked = [
      { subject: "Anything but C5", reason: "not asked for" },
      { subject: { property: "EQ" }, reason: "no run of this profile applies" },
    ];
    expect(section(show({ ...suite, notChecked }), "Not checked")).toEqual([
      "  - Anything but C5: not asked for",
      "  - Properties that do not apply here, by reason",
      "    - no run of this profile applies: EQ",
    ]);
    expect(section(show({ ...goodRun, notChecked: [{ subject: "File folios" }] }), "Not checked")).toEqual([
      "  - File folios",
    ]);
    expect(show({ ...goodRun, notChecked: [] })).not.toContain("Not checked");
  });

  test("a run ends with the verdict and its reason", () => {
    expect(lastLine(show(goodRun))).toMatch(
      /^✓ holds · 12,345,678 states · 296,296,272 transitions · 23\.4 s · 87\.7 MB/,
    );
    expect(show(violatedRun).split("\n").slice(-3, -1)).toEqual([
      "violated: C8",
      expect.stringMatching(/^✗ violated · /),
    ]);
    expect(show(unreachedRun)).toContain("\nunreached: W1 (the model lost behaviour it must have)\n✗ unreached · ");
    expect(show(incompleteRun)).toMatch(
      /\nincomplete: the memory limit was reached, after 12,345,678 states, .*\n… incomplete · /,
    );
  });
});

describe("an execution that violates several properties", () => {
  const text = show(threefoldRun);

  test("one state is counted in the singular in every format and in the line of progress", () => {
    const one = { ...incompleteRun, states: 1 };
    expect(show(one)).toContain("\nincomplete: the memory limit was reached, after 1 state, which is never");
    expect(markdown(one)).toContain("incomplete, 1 state.");
    const progress = { depth: 0, states: 1, frontier: 1, transitions: 0, seconds: 0, tableBytes: 8 };
    expect(progressLine(progress)).toMatch(/^depth 0 · 1 state · /);
  });

  test("an execution that violates several properties is printed once, with an entry for each property", () => {
    expect(text.split("Counterexample to")).toHaveLength(2);
    expect(text.split("\n   0  initial state\n")).toHaveLength(2);
    const start = text.indexOf("  violated  C8");
    expect(text.slice(start, text.indexOf("\n\n", start)).split("\n")).toEqual([
      "  violated  C8: A slot never counts more mappings than its MM really has",
      "  source    follows from series v3 12/20",
      "  violated  C1: A folio that is reported as mapped exclusively is mapped by at most one MM",
      "  source    cover letter",
      "  violated  C5.slots: No sanity check of the slots warns",
      "  source    series v3 12/20",
      "  warning   __folio_large_mapcount_sanity_checks() warns: a taken slot has a negative mapcount",
      "  replay    run the same check again with --trace-out FILE, then",
      "            foliocheck replay FILE",
    ]);
    expect(text).toContain("\nviolated: C8, C1, C5.slots\n");
  });

  test("an execution that violates several properties is printed as the trace of the first one", () => {
    expect(text).toContain(formatTrace(rmapTrace, { color: false, shows: "violated" }).split("  source")[0]);
  });

  test("executions are different when a step, the subject or the initial state differs", () => {
    const [first, second] = threefoldRun.properties as [PropertyReport, PropertyReport];
    const trace = second.trace as TraceReport;
    const step = trace.steps.at(-1) as TraceReport["steps"][number];
    const others: TraceReport[] = [
      { ...trace, steps: trace.steps.slice(0, -1) },
      { ...trace, steps: [...trace.steps.slice(0, -1), { ...step, call: "exit(mm: 1)" }] },
      { ...trace, bounds: { ...trace.bounds, mms: 3 } },
      { ...trace, config: "no-page-mapcount,64bit,mm-id" },
      { ...trace, machine: "owner-tracking" },
      { ...trace, initial: 1 },
    ];
    for (const other of others) {
      const text = show({ ...violatedRun, properties: [first, { ...second, trace: other }] });
      expect(text).toContain("Counterexample to C8 in ");
      expect(text).toContain("Counterexample to C1 in ");
    }
  });

  test("JUnit and GitHub have an entry for each property of an execution that violates several", () => {
    expect(junit(searchResults(threefoldRun)).split("<failure ")).toHaveLength(4);
    expect(github(threefoldRun).split("::error ")).toHaveLength(4);
    expect(github(threefoldRun).split("::group::")).toHaveLength(4);
  });
});

describe("a suite", () => {
  const text = show(suite);

  test("a suite lists each run under its machine and configuration, with its number and bounds", () => {
    const lines = section(text, "Runs");
    const runs = lines.filter((line) => /^ {2}\d/.test(line));
    expect(runs.map((line) => line.trim().split(/ {2,}/).at(0))).toEqual(["1", "4", "2", "3"]);
    expect(lines[1]).toBe("  owner-tracking · page-mapcount,64bit,mm-id");
    const [heading = ""] = lines;
    for (const title of ["#", "states", "transitions", "depth", "time"]) {
      const end = heading.indexOf(title) + title.length;
      expect(runs.map((line) => /\S $/.test(line.slice(end - 1, end + 1)))).toEqual([true, true, true, true]);
    }
    const of = (number: number): string => lines.find((line) => line.startsWith(`  ${number} `)) ?? "";
    expect(of(2)).toMatch(/1,234 +56,789 +3 +0\.12 s {2}✗ violated +pages 4, minPages 4, mms 2, folios 1,$/);
    expect(lines[lines.indexOf(of(2)) + 1]?.trim()).toBe("anon 1");
    expect(of(1)).toContain("pages 4, mms 3; without symmetry");
  });

  test("a suite names the kernel of a run that has another one", () => {
    const other: RunReport = { ...goodRun, kernel: "rfc-2026-04", against: "v7.1" };
    expect(section(show({ ...suite, runs: [other] }), "Runs")).toContain(
      "  owner-tracking · page-mapcount,64bit,mm-id · kernel rfc-2026-04 against v7.1",
    );
  });

  test("a suite has one line for each claim: id, verdict, number of runs, sentence", () => {
    const lines = section(text, "Claims");
    expect(lines.find((line) => line.startsWith("  C8 "))).toMatch(/^ {2}C8 +✗ violated +3 {2}A slot never counts/);
    expect(lines.find((line) => line.startsWith("  C17"))).toMatch(/✓ holds +1 {2}After a 32-bit/);
    expect(lines.join(" ").replace(/\s+/g, " ")).toContain("(unreached: the model lost behaviour it must have)");
  });

  test("a suite prints the trace of a violated property once, in full", () => {
    expect(text).toContain(`\n${formatTrace(rmapTrace, { color: false, shows: "violated" })}`);
    const twice = show({ ...suite, runs: [...suite.runs, violatedRun] });
    expect(twice.split("Counterexample to C8")).toHaveLength(2);
    expect(twice).toContain("C8 is violated in runs 2, 5; the shortest trace:");
  });

  test("a suite lists for each violated property the runs that violate it", () => {
    const both = show({ ...suite, runs: [threefoldRun, violatedRun, threefoldRun] });
    expect(both.split("Counterexample to")).toHaveLength(2);
    expect(both).toContain(
      [
        "C8 is violated in runs 1–3; the shortest trace:",
        "C1 is violated in runs 1, 3; the shortest trace:",
        "C5.slots is violated in runs 1, 3; the shortest trace:",
        "Counterexample to C8 in 3 steps",
      ].join("\n"),
    );
  });

  test("a suite prints the shortest of several traces, in any order of the runs", () => {
    const steps = rmapTrace.steps.slice(0, 2);
    const properties = violatedRun.properties.map((each) =>
      each.trace === null ? each : { ...each, trace: { ...rmapTrace, steps } },
    );
    const shorter = { ...violatedRun, properties };
    for (const runs of [
      [violatedRun, shorter],
      [shorter, violatedRun],
    ]) {
      expect(show({ ...suite, runs })).toContain("Counterexample to C8 in 2 steps");
    }
  });

  test("a suite prints no traces of witnesses", () => {
    expect(text).not.toContain("Witness");
  });

  test("a suite points out vacuous properties and incomplete runs", () => {
    expect(section(text, "Coverage gaps")).toEqual([
      "  - action exit of machine rmap was never enabled in run 2",
      "  - C17 is vacuous in run 1: its premise was never true there, so it says nothing",
    ]);
    const all = show({ ...suite, runs: [violatedRun, violatedRun, goodRun, goodRun] });
    expect(all).toContain("action exit of machine rmap was never enabled in any run");
    expect(all).toContain("C17 is vacuous in every run");
  });

  test("a suite ends with the verdict, its reasons and the totals", () => {
    expect(text.trimEnd().split("\n").slice(-4)).toEqual([
      "violated: C8",
      "unreached: W1 (the model lost behaviour it must have)",
      'run 4 is incomplete: the memory limit was reached, after 12,345,678 states, which is never "holds"',
      "✗ violated · 4 runs · 37,038,268 states · 888,945,605 transitions · 70.3 s · 512 MB at the peak",
    ]);
  });

  test("the replay command of a suite names the file of the trace", () => {
    const traceFile = (trace: unknown): string | undefined => (trace === rmapTrace ? "c8.json" : undefined);
    expect(pretty(suite, { color: false, traceFile })).toContain("foliocheck replay c8.json\n");
  });
});

test("a run of an mm image shows the lines that were reached of each C file, and of all headers", () => {
  expect(section(show(imageRun), "Lines reached")).toEqual([
    "               reached  with code",
    "  mm/memory.c        1      1,099    0 %",
    "  mm/rmap.c          3          3  100 %",
    "  1 header           2          4   50 %",
    "  all                6      1,109    0 %",
    "  no line of  mm/gup.c, mm/shmem.c",
  ]);
  expect(show(goodRun)).not.toContain("Lines reached");
});

describe("every report", () => {
  const long = "a sentence that goes on ".repeat(20);
  const reports: SearchReport[] = [
    goodRun,
    imageRun,
    violatedRun,
    unreachedRun,
    incompleteRun,
    threefoldRun,
    suite,
    {
      ...suite,
      notChecked: [{ subject: long }, { subject: "x".repeat(300) }],
      claims: suite.claims.map((each) => ({ ...each, claim: long })),
    },
    {
      ...goodRun,
      config: "word,".repeat(60),
      properties: goodRun.properties.map((each) => ({ ...each, claim: long })),
    },
  ];

  test("every report in text has lines of up to 100 columns without trailing spaces", () => {
    for (const line of reports.flatMap((report) => show(report).split("\n"))) {
      expect([...line].length, line).toBeLessThanOrEqual(100);
      expect(line).toBe(line.trimEnd());
    }
  });

  test("every report in text has colours only on request, and the same text with them", () => {
    for (const report of reports) {
      const colored = pretty(report, { color: true, verbose: true });
      expect(stripVTControlCharacters(show(report))).toBe(show(report));
      expect(colored).not.toBe(show(report));
      expect(stripVTControlCharacters(colored)).toBe(show(report));
    }
  });
});
