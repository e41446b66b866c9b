/** Short reports for the terminal: the verdict first, with what it does not cover. */
import { describe, expect, test } from "vitest";
import { imageClaims } from "../../gate/image/machine/image-claims.ts";
import { LAYOUT_CLAIMS } from "../../gate/layout/layout-report.ts";
import { CLAIM_TOPICS, CLAIMS, claimOf } from "../../invariants/catalogue.ts";
import { parseConfig } from "../../model/kernel/config.ts";
import { gatePretty } from "../../report/terminal/gate.ts";
import { pretty } from "../../report/terminal/search.ts";
import type { GateReport, PropertyReport, RunReport, SearchReport, TraceReport } from "../../verify/report/report.ts";
import { ranC } from "./call-trees.ts";
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
import { acceptedOnly, finding, functionReport, report as gateReport } from "./gate-report.ts";

const show = (report: SearchReport, width?: number): string => pretty(report, { color: false, width });
const showGate = (report: GateReport, width?: number): string => gatePretty(report, { color: false, width });

/** Returns the lines below a heading, up to the next empty line. */
function section(text: string, heading: string): string[] {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.startsWith(heading));
  expect(start, `a section "${heading}" in\n${text}`).toBeGreaterThanOrEqual(0);
  return lines.slice(start + 1, lines.indexOf("", start));
}

/** Joins wrapped lines. */
const unwrapped = (text: string): string => text.replaceAll(/\s+/g, " ");

const property = (id: string, verdict: PropertyReport["verdict"]): PropertyReport => ({
  ...(goodRun.properties[0] as PropertyReport),
  id,
  claim: `Sentence of ${id}`,
  verdict,
  vacuous: false,
  trace: null,
});

describe("topics of claims", () => {
  const known = CLAIM_TOPICS.flatMap(({ claims }) => claims);
  const images = ["page-mapcount", "no-page-mapcount"].flatMap((config) =>
    [{ lockstep: 1 }, { swap: 1 }].flatMap((bounds) =>
      imageClaims(parseConfig(config), { mms: 2, proc: 1, ...bounds }),
    ),
  );

  test("every claim, of the model, of mm images and of layouts, has one topic", () => {
    const ids = [...CLAIMS, ...images].map(({ id }) => claimOf(id));
    expect([...new Set([...ids, ...LAYOUT_CLAIMS])].filter((id) => !known.includes(id))).toEqual([]);
    expect(new Set(known).size).toBe(known.length);
  });
});

describe("a short report of a run", () => {
  test("the verdict is the first line, followed by the extent of the search and what was not checked", () => {
    const [first, ...rows] = show(goodRun).split("\n");
    expect(first).toBe(`✓ holds: machine owner-tracking, kernel ${goodRun.kernel}`);
    const labels = rows.slice(0, rows.indexOf("")).map((row) => row.slice(2, 14).trim());
    expect(labels.filter((label) => label !== "")).toEqual([
      "config",
      "bounds",
      "symmetry",
      "search",
      "gaps",
      "not checked",
      "cost",
    ]);
    expect(show(goodRun)).toContain(
      "\n  not checked PMD mappings, swap and migration; Concurrency; not applicable here: C9.contents,\n",
    );
  });

  test("bounds of 0 are summed up", () => {
    expect(show(violatedRun)).toMatch(
      /^ {2}bounds {6}pages 4, minPages 4, mms 2, folios 1, anon 1; the others are 0$/m,
    );
    expect(show(goodRun)).toMatch(/^ {2}bounds {6}pages 4, mms 3$/m);
  });

  test("claims that hold are a line for each topic, with ranges of ids", () => {
    const ids = ["C1", "C2", "C3", "C5.slots", "C6", "C7.covers", "C7"];
    const properties = [...ids.map((id) => property(id, "holds")), property("W1", "reached"), property("X9", "holds")];
    const text = show({ ...goodRun, properties });
    expect(text).toContain("\nClaims  (9 properties)\n");
    expect(section(text, "Claims")).toEqual([
      "  ✓ holds    C1–C3, C5  owner slots, exclusive or maybe shared",
      "  ✓ holds    C6         mapcounts and mapped statistics",
      "  ✓ holds    C7         references",
      "  ✓ holds    X9         Sentence of X9",
      "  ✓ reached  W1         documented imprecision is reachable",
    ]);
  });

  test("failed properties come first, each with its sentence, then incomplete claims", () => {
    const properties = [
      property("C1", "holds"),
      property("C4", "holds"),
      property("C4.fresh", "violated"),
      property("C5", "holds"),
      property("C5.slots", "incomplete"),
      property("W1", "unreached"),
    ];
    expect(section(show({ ...goodRun, verdict: "violated", properties }), "Claims")).toEqual([
      "  ✗ violated    C4.fresh  Sentence of C4.fresh",
      "  ✗ unreached   W1        Sentence of W1 (unreached: the model lost behaviour it must have)",
      "  … incomplete  C5        owner slots, exclusive or maybe shared",
      "  ✓ holds       C1        owner slots, exclusive or maybe shared",
    ]);
  });

  test("a run that is incomplete says so first, with the reason", () => {
    const [first, second] = show(incompleteRun).split("\n");
    expect(first).toMatch(/^… incomplete: machine /);
    expect(second).toMatch(/^ {2}incomplete: the memory limit was reached, after 12,345,678 states, /);
  });

  test("vacuous properties and actions that were never enabled are listed, five at most, and the others counted", () => {
    expect(unwrapped(show(goodRun))).toContain(" gaps C17 is vacuous: its premise was never true");
    const actions = Array.from({ length: 7 }, (_, i) => ({ name: `action${i}`, enabled: 0, newStates: 0 }));
    const gaps = show({ ...goodRun, actions, properties: [] }).match(/^ .*never enabled$|^ {14}\d more$/gm);
    expect(gaps).toHaveLength(6);
    expect(gaps?.at(-1)?.trim()).toBe("2 more");
  });

  test("unchecked parts that have no room are counted", () => {
    const notChecked = Array.from({ length: 20 }, (_, i) => ({
      subject: `${"part ".repeat(8)}${i}`,
      reason: "reason",
    }));
    const text = unwrapped(show({ ...goodRun, notChecked }));
    const listed = text.match(/part \d+;/g) ?? [];
    expect(listed.length).toBeGreaterThan(3);
    expect(text).toContain(`; ${20 - listed.length} more `);
    expect(text).not.toContain("reason;");
  });

  test("what this run skipped is listed first, with its reason, however long", () => {
    const others = Array.from({ length: 20 }, (_, i) => ({ subject: `${"part ".repeat(8)}${i}` }));
    const part = { subject: `${"base ".repeat(100)}end`, reason: "the base is too old", topic: "skipped" as const };
    const text = unwrapped(show({ ...goodRun, notChecked: [...others, part] }));
    expect(text).toContain(" not checked base base ");
    expect(text).toContain(" end: the base is too old; part ");
  });

  test("properties that do not apply are named if they are few, and counted if they are many", () => {
    const items = (count: number): RunReport["notChecked"] =>
      Array.from({ length: count }, (_, i) => ({ subject: { property: `C${i}` }, reason: "there is no swap" }));
    expect(show({ ...goodRun, notChecked: items(3) })).toContain("\n  not checked not applicable here: C0, C1, C2\n");
    expect(show({ ...goodRun, notChecked: items(9) })).toContain("\n  not checked 9 properties not applicable here\n");
  });

  test("a search that ended early has the reason under “not checked”, too", () => {
    const notChecked = [{ subject: "The rest", reason: "5 states were not expanded", topic: "stopped" as const }];
    expect(show({ ...incompleteRun, notChecked })).toContain("\n  not checked The rest: 5 states were not expanded\n");
  });

  test("a run of an mm image has the total of the lines that were reached", () => {
    expect(show(imageRun)).toContain("\n  lines       6 of 1,109 lines with code reached, in 3 files of 5\n");
  });

  test("a counterexample stands below the summary, and the verdict again below it", () => {
    const text = show(violatedRun);
    expect(text.indexOf("\nClaims")).toBeLessThan(text.indexOf("\nCounterexample to C8"));
    expect(text).toMatch(/\nviolated: C8\n✗ violated · [^\n]*\n$/);
    expect(show(unreachedRun)).toMatch(/^✗ unreached: .*\n {2}unreached: W1 [\s\S]*\n--verbose prints [^\n]*\n$/);
  });
});

describe("a short report of a suite", () => {
  const good: SearchReport = {
    ...suite,
    verdict: "holds",
    runs: [goodRun, goodRun, { ...goodRun, machine: "race", kernel: "rfc-2026-04", against: "v7.1" }],
    claims: suite.claims.map((each) => ({ ...each, verdict: "holds" as const })),
  };

  test("the machines are counted, and those with other kernels named", () => {
    expect(show(good)).toContain(`✓ holds: profile quick, kernel ${suite.kernel}, 3 runs\n`);
    expect(show(good)).toContain(
      "\n  search      complete: every state within the bounds of each run was visited\n" +
        "  machines    owner-tracking 2, race 1; of these, kernel rfc-2026-04 against v7.1 1\n",
    );
  });

  test("runs that ended early are counted beside the verdict, and listed by reason", () => {
    const early = show({ ...good, verdict: "incomplete", runs: [goodRun, incompleteRun, incompleteRun] });
    expect(early).toContain("\n  search      2 of 3 runs ended early: states that were not visited are not checked\n");
    expect(unwrapped(early)).toContain(
      ' runs 2, 3 are incomplete: the memory limit was reached, after 24,691,356 states, which is never "holds" ',
    );
  });

  test("proofs are a line with the claims, and one for each that failed", () => {
    const proof = {
      topic: "tracking" as const,
      config: "64bit",
      verdict: "proved" as const,
      invariant: "strong" as const,
      claims: ["C8", "C1", "C2", "C3"],
      bounds: { pages: 2, mappings: 2, others: 2 },
      states: 1,
      steps: 2,
      refuted: [],
    };
    const text = show({ ...good, proofs: [proof, { ...proof, config: "32bit", verdict: "refuted", claims: [] }] });
    expect(text).toContain("\n  not proved  32bit: ✗ refuted\n");
    expect(text).toContain("\n  proved      for any number of MMs, in 1 proof: C1–C3, C8\n");
  });
});

describe("a short report of a gate", () => {
  const config = "page-mapcount,32bit,mm-id";

  test("the verdict is the first line, the new findings by name the second, and their traces follow", () => {
    const text = showGate(gateReport);
    const [first, second] = text.split("\n");
    expect(first).toBe("✗ violated: tree linux, profile quick, 2 configurations");
    expect(second).toBe("  new         CF.folio_mapcount");
    expect(text).toContain("\n  not checked Concurrency\n");
    expect(text.indexOf("\nNew finding: CF.folio_mapcount")).toBeLessThan(text.indexOf("\nFunctions"));
    expect(text).toMatch(/\n✗ violated · 1 run · 5 states · [^\n]*\n$/);
  });

  test("functions that conform in every configuration are a count, and all others are named", () => {
    const plain = ["a", "b", "c"].map((name) => functionReport({ name }));
    const functions = [
      ...plain,
      functionReport({ name: "callee", outcome: "ran" }),
      functionReport({ name: "wrong", outcome: "differs" }),
      functionReport({ name: "new_one", status: "changed" }),
      ...["d", "e", "f", "g"].flatMap((name) => [
        functionReport({ name }),
        functionReport({ name, config, outcome: "not reached" }),
      ]),
    ];
    const lines = section(showGate({ ...gateReport, functions, findings: [] }), "Functions");
    expect(lines.map((line) => line.trim().split(/ {2,}/))).toEqual([
      ["differs", "1", "wrong"],
      ["changed, conforms", "1", "new_one"],
      ["not reached in 1, conforms in 1", "4", "d, e and 2 more"],
      ["conforms", "3", "others"],
      ["ran", "1", "as callees of these"],
    ]);
  });

  test("claims are merged over the configurations; a violated one has the number of configurations", () => {
    const claim = { id: "C1", claim: "Sentence", config, verdict: "holds" as const, states: 1 };
    const claims = [claim, { ...claim, config: "64bit", verdict: "violated" as const }, { ...claim, id: "C2" }];
    expect(section(showGate({ ...gateReport, claims }), "Claims")).toEqual([
      "  ✗ violated  C1  Sentence (in 1 of 2 configurations)",
      "  ✓ holds     C2  owner slots, exclusive or maybe shared",
    ]);
  });

  test("claims with the C code alone and on mm images have a column each, and share the rows of their topics", () => {
    const claim = { id: "C1", claim: "Sentence", config, verdict: "holds" as const, states: 1 };
    const of = (...ids: readonly string[]): (typeof claim)[] => ids.map((id) => ({ ...claim, id }));
    const claims = [...of("C1", "C2", "C3"), ...of("C7"), { ...claim, id: "C6", verdict: "incomplete" as const }];
    const image = {
      baseRuns: 0,
      coverage: [],
      claims: [...of("C1"), ...of("C6", "RMAP"), { ...claim, id: "KERNEL", verdict: "violated" as const }],
    };
    const lines = section(showGate({ ...gateReport, claims, image }), "Claims");
    expect(lines).toEqual([
      "                C code alone  mm images",
      "  ✗ violated                  KERNEL     Sentence (in 1 of 1 configuration)",
      "  … incomplete  C6                       mapcounts and mapped statistics",
      "  ✓ holds       C1–C3         C1         owner slots, exclusive or maybe shared",
      "  ✓ holds                     C6         mapcounts and mapped statistics",
      "  ✓ holds       C7                       references",
      "  ✓ holds                     RMAP       reverse mapping and page tables",
    ]);
  });

  test("claims whose findings are all accepted share a row; one with a new finding, too, has its own", () => {
    const claims = ["C1", "C2", "C8"].map((id) => ({
      id,
      claim: "Sentence",
      config,
      verdict: "violated" as const,
      states: 1,
    }));
    const findings = [
      { ...finding, property: "C1.mapped", accepted: "latent" },
      { ...finding, property: "C2", accepted: "latent" },
      { ...finding, property: "C8", accepted: "latent" },
      { ...finding, property: "C8" },
    ];
    expect(section(showGate({ ...gateReport, claims, findings }), "Claims")).toEqual([
      "  ✗ violated  C8      Sentence (in 1 of 1 configuration)",
      "  ✗ violated  C1, C2  accepted in the baseline",
    ]);
  });

  test("incomplete runs, accepted findings and violated layouts are never hidden", () => {
    const layout = [
      ...(gateReport.layout ?? []),
      { id: "C22", target: "i386", verdict: "violated" as const, layouts: 1 },
    ];
    const text = showGate({ ...acceptedOnly, layout, runs: [goodRun, incompleteRun], verdict: "incomplete" });
    expect(text).toContain("\n  accepted    CF.folio_mapcount\n");
    expect(text).toContain("\nKnown findings\n  - CF.folio_mapcount: it is latent\n");
    expect(unwrapped(text)).toContain(
      " incomplete page-mapcount,64bit,mm-id: 1 run of owner-tracking: the memory limit",
    );
    expect(section(text, "Runs, proofs and layouts").map((line) => unwrapped(line.trim()))).toEqual([
      "functions … incomplete 2 runs, 1 incomplete, 24,691,356 states",
      "layouts ✓ holds C21 on x86-64",
      "layouts ✗ violated C22 (i386)",
    ]);
  });

  test("accepted findings with the same reason are one line", () => {
    const accepted = (property: string, reason: string): typeof finding => ({ ...finding, property, accepted: reason });
    const findings = [accepted("C1", "latent"), accepted("C2", "to be mended"), accepted("C3", "latent")];
    const lines = section(showGate({ ...acceptedOnly, findings }), "Known findings");
    expect(lines).toEqual(["  - C1, C3: latent", "  - C2: to be mended"]);
  });

  test("unchecked changes have their own section, ten at most, and the others are counted", () => {
    const lines = Array.from({ length: 12 }, (_, i) => ({
      subject: { lines: { file: "mm/a.c", line: i + 1, endLine: i + 1 } },
      reason: "nothing in scope uses it",
    }));
    const text = showGate({ ...acceptedOnly, notChecked: [...gateReport.notChecked, ...lines] });
    const listed = section(text, "Changed, and not checked");
    expect(listed).toHaveLength(11);
    expect(listed[0]).toBe("  - mm/a.c:1 is changed, and nothing in scope uses it");
    expect(listed.at(-1)).toBe("  - 2 more");
    expect(text).toContain("\n  not checked Concurrency\n");
  });

  describe("a long call tree", () => {
    const inline = (name: string): ReturnType<typeof ranC> => ranC(name, "include/linux/mm.h:5");
    const callees = Array.from({ length: 8 }, (_, i) => ranC(`callee_${i}`, "mm/rmap.c:9", [inline(`inline_${i}`)]));
    const step = rmapTrace.steps[0] as TraceReport["steps"][number];
    const traceOf = (calls: readonly ReturnType<typeof ranC>[]): GateReport => ({
      ...gateReport,
      functions: [functionReport({ name: "inline_3", status: "changed" })],
      findings: [{ ...finding, trace: { ...rmapTrace, steps: [{ ...step, functions: [{ calls }] }] } }],
    });
    const long = traceOf([ranC("root", "mm/memory.c:1", callees)]);

    test("a long call tree leaves out calls of inline functions that call nothing, but not of changed ones", () => {
      const text = showGate(long);
      expect(text.match(/inline_\d\(\)/g)).toEqual(["inline_3()"]);
      expect(text.match(/callee_\d\(\)/g)).toHaveLength(8);
      expect(text).toContain("… and 7 calls more\n");
    });

    test("a short call tree, and one of a verbose report, is whole", () => {
      const all = gatePretty(long, { color: false, verbose: true });
      expect(all.match(/inline_\d\(\)/g)).toHaveLength(8);
      expect(showGate(traceOf([ranC("root", "mm/memory.c:1", callees.slice(0, 2))]))).toContain("inline_0()");
    });
  });
});

describe("the width of a report", () => {
  const long = "a sentence that goes on ".repeat(20);
  const runs: RunReport[] = [goodRun, imageRun, violatedRun, unreachedRun, incompleteRun, threefoldRun];
  const reports: SearchReport[] = [
    ...runs,
    suite,
    { ...suite, notChecked: [{ subject: long }], claims: suite.claims.map((each) => ({ ...each, claim: long })) },
  ];

  test.each([60, 80, 100, 120])("no line of a report is wider than a terminal of %i columns", (width) => {
    for (const report of reports) {
      // The tables of a verbose report have more columns than fit a terminal of 60.
      for (const verbose of width < 80 ? [false] : [false, true]) {
        for (const line of pretty(report, { color: false, width, verbose }).split("\n")) {
          expect([...line].length, line).toBeLessThanOrEqual(width);
        }
      }
    }
    for (const line of showGate(acceptedOnly, width).split("\n")) {
      expect([...line].length, line).toBeLessThanOrEqual(width);
    }
  });

  test("a wider terminal has fewer lines", () => {
    const lines = (width: number): number => show(suite, width).split("\n").length;
    expect(lines(120)).toBeLessThan(lines(60));
  });
});
