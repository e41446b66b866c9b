/** Output of the command by every reporter, for a run and for a suite. */

import { readFileSync } from "node:fs";
import { Ajv, type AnySchema } from "ajv";
import { describe, expect, test } from "vitest";
import { notCheckedText } from "../../report/text/not-checked.ts";
import type { RunReport, SuiteReport } from "../../verify/report/report.ts";
import { FAULTY, type Finished, foliocheck, ownFolder, SMALL, shell } from "./command.ts";
import { xmlElements } from "./xml.ts";

const folder = ownFolder();

const schema = JSON.parse(readFileSync(new URL("../../docs/report.schema.json", import.meta.url), "utf8")) as AnySchema;
const validate = new Ajv({ allErrors: true }).compile(schema);

function expectValid(report: unknown): void {
  expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
}

/** A suite with a failed run, and a suite with two incomplete runs. */
const FAULTY_SUITE = ["verify", "--only", "owner-tracking", "--variant", "slot-1-without-shared"];
const SHORT_SUITE = ["verify", "--only", "W5", "--max-states", "20"];

const report = (args: readonly string[], format: string): Finished => foliocheck([...args, "--reporter", format]);
const parsed = (args: readonly string[]): RunReport => JSON.parse(report(args, "json").out) as RunReport;

describe("json", () => {
  test("the json reporter prints a run that holds as one object that the schema accepts", () => {
    const run = parsed(SMALL);
    expectValid(run);
    expect(run).toMatchObject({
      format: "foliocheck-report",
      version: 4,
      command: "check",
      verdict: "holds",
      machine: "owner-tracking",
      kernel: "v7.1",
      config: "page-mapcount,64bit,mm-id",
      bounds: { pages: 2, mms: 2 },
      symmetry: true,
      states: 9,
      transitions: 36,
    });
    expect(run).not.toHaveProperty("stopped");
    expect(run.actions.map(({ name }) => name)).toEqual(["map", "unmap"]);
  });

  test("the json reporter prints a failed run with the trace of the failed property", () => {
    const run = parsed(FAULTY);
    expectValid(run);
    const failed = run.properties.filter(({ verdict }) => verdict === "violated");
    expect(failed.map(({ id, kind }) => [id, kind])).toEqual([["C1", "always"]]);
    expect(failed[0]?.trace).toMatchObject({ format: "foliocheck-trace", kernel: run.kernel, property: "C1" });
    expect(failed[0]?.trace?.steps.map(({ call }) => call)).toEqual(["map(mm: 0, pages: 1)", "map(mm: 1, pages: 1)"]);
    expect(run.notChecked.map(notCheckedText)[0]).toMatch(/^Everything after the first violation: /);
  });

  test("the json reporter prints an incomplete run", () => {
    const run = parsed([...SMALL, "--no-symmetry", "--max-states", "3"]);
    expectValid(run);
    expect(run).toMatchObject({ verdict: "incomplete", stopped: "max-states", symmetry: false });
    expect(run.states).toBeLessThan(17);
  });

  test.each([
    { suite: FAULTY_SUITE, verdict: "violated", code: 1, runs: 1 },
    { suite: SHORT_SUITE, verdict: "incomplete", code: 3, runs: 2 },
  ])("the json reporter prints a suite as one object: $verdict", ({ suite, verdict, code, runs }) => {
    const finished = report(suite, "json");
    expect({ code: finished.code, err: finished.err }).toEqual({ code, err: "" });
    const result = JSON.parse(finished.out) as SuiteReport;
    expectValid(result);
    expect(result).toMatchObject({ command: "verify", profile: "quick", verdict });
    expect(result.runs).toHaveLength(runs);
    expect(result.states).toBe(result.runs.reduce((sum, each) => sum + each.states, 0));
    expect(result.transitions).toBe(result.runs.reduce((sum, each) => sum + each.transitions, 0));
  });
});

describe("junit", () => {
  const elementsOf = ({ out }: Finished): ReturnType<typeof xmlElements> => xmlElements(out);

  test.each([
    { what: "a run that holds", args: SMALL, failures: 0, skipped: 0 },
    { what: "a failed run", args: FAULTY, failures: 1 },
    { what: "a failed suite", args: FAULTY_SUITE, failures: 1 },
    { what: "an incomplete suite", args: SHORT_SUITE, failures: 0 },
  ])("the junit reporter prints well-formed XML with correct totals, for $what", ({ args, failures, skipped }) => {
    const elements = elementsOf(report(args, "junit"));
    const [root] = elements;
    const inside = (name: string): number => elements.filter((each) => each.name === name).length;
    expect(root?.name).toBe("testsuites");
    expect(root?.attributes).toMatchObject({
      tests: String(inside("testcase")),
      failures: String(inside("failure")),
      skipped: String(inside("skipped")),
      errors: "0",
    });
    expect(inside("failure")).toBe(failures);
    expect(inside("skipped")).toBe(skipped ?? inside("skipped"));
    const suites = elements.filter(({ name }) => name === "testsuite");
    for (const total of ["tests", "failures", "skipped"]) {
      const sum = suites.reduce((all, { attributes }) => all + Number(attributes[total]), 0);
      expect(String(sum)).toBe(root?.attributes[total]);
    }
  });

  test("the junit reporter has a test case for each property, and a failure for the failed one", () => {
    const { out } = report(FAULTY, "junit");
    const cases = elementsOf({ code: 1, out, err: "" }).filter(({ name }) => name === "testcase");
    const { properties } = parsed(FAULTY);
    expect(cases.map(({ attributes }) => attributes["name"])).toEqual(
      properties.map(({ id, claim }) => `${id}: ${claim}`),
    );
    expect(out).toMatch(/name="C1: [^"]*" time="[\d.]+"><failure type="violated" message="A folio that is reported/);
  });
});

describe("github", () => {
  test("the github reporter prints only a notice for a run that holds", () => {
    const { code, out } = report(SMALL, "github");
    expect(code).toBe(0);
    expect(out).toMatch(/^::notice title=foliocheck%3A holds::1 run, 9 states, 36 transitions, [\d.]+ s\n$/);
  });

  test.each([{ args: FAULTY }, { args: FAULTY_SUITE }])(
    "the github reporter prints the error and the trace of $args.0",
    ({ args }) => {
      const { code, out } = report(args, "github");
      expect(code).toBe(1);
      const lines = out.trimEnd().split("\n");
      expect(lines[0]).toMatch(/^::error title=foliocheck%3A C1 violated::A folio .*%0A1\. map\(.*%0A2\. map\(/);
      expect(lines).toContain("::group::Counterexample to C1");
      expect(lines).toContain("::endgroup::");
      expect(lines.at(-1)).toMatch(/^::notice title=foliocheck%3A violated::1 run, /);
    },
  );

  test("the github reporter warns of every incomplete run", () => {
    const warnings = report(SHORT_SUITE, "github").out.match(/^::warning title=foliocheck%3A incomplete::/gm);
    expect(warnings).toHaveLength(2);
  });
});

describe("pretty", () => {
  test("the pretty reporter begins with the verdict, and ends with it after a trace, or with --verbose", () => {
    expect(report(SMALL, "pretty").out).toMatch(/^✓ holds: machine owner-tracking, kernel v7\.1\n/);
    expect(report([...SMALL, "--verbose"], "pretty").out).toMatch(/\n✓ holds · 9 states · 36 transitions · [^\n]*\n$/);
    expect(report(FAULTY_SUITE, "pretty").out).toMatch(/^✗ violated: profile quick, /);
    expect(report(FAULTY_SUITE, "pretty").out).toMatch(/\nviolated: C1\n✗ violated · 1 run · [^\n]*\n$/);
    expect(report(SHORT_SUITE, "pretty").out).toMatch(
      /^… incomplete: profile quick, .*\n {2}runs 1, 2 are incomplete: /,
    );
  });

  test("the pretty reporter is the default", () => {
    const timeless = (text: string): string => text.replace(/\d[\d.,]* (?:[km]?s|[kMG]?B|.*per CPU second)\b/g, "…");
    expect(timeless(foliocheck(SMALL).out)).toBe(timeless(report(SMALL, "pretty").out));
  });

  test("the pretty reporter lists what was not checked, with reasons only for --verbose", () => {
    expect(foliocheck(SMALL).out.replaceAll(/\s+/g, " ")).toContain(
      " not checked Page tables; Everything but mapping and unmapping; Interleavings; not applicable here: W1, W2 ",
    );
    const { out } = foliocheck([...SMALL, "--verbose"]);
    expect(out).toContain("\nNot checked\n  - Page tables: ");
    expect(out).toMatch(/^ {4}- it takes 3 MMs: W1/m);
  });
});

describe("list", () => {
  interface Named {
    readonly name: string;
  }

  test("foliocheck list as JSON has machines, claims, variants and profiles", () => {
    const { code, out, err } = foliocheck(["list", "--reporter", "json"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const catalogue = JSON.parse(out) as {
      machines: Named[];
      claims: { id: string; claim: string }[];
      variants: (Named & { base: string; faulty: boolean; caughtBy: string | null })[];
      profiles: Named[];
    };
    const scopes = [
      "rmap",
      "pmd",
      "cow",
      "mremap",
      "pins",
      "swap",
      "shmem",
      "migration",
      "split",
      "struct-pages",
      "race",
    ];
    expect(catalogue.machines.map(({ name }) => name)).toEqual(["owner-tracking", ...scopes]);
    expect(catalogue.profiles.map(({ name }) => name)).toEqual(["quick", "ci", "deep"]);
    const claims = catalogue.claims.map(({ id }) => id);
    const strange = claims.filter((id) => !/^(?:[CPWDL]\d+|EQ)$/.test(id));
    expect(strange).toEqual([]);
    expect(new Set(claims).size).toBe(claims.length);
    for (const { base, faulty, caughtBy } of catalogue.variants) {
      expect(["v7.1", "v6.18", "v6.15", "rfc-2026-04"]).toContain(base);
      expect(faulty ? claims : [null]).toContain(caughtBy);
    }
    expect(catalogue.variants.filter(({ faulty }) => faulty).length).toBeGreaterThan(20);
  });

  test("foliocheck list as text has every name of its JSON", () => {
    const { machines, claims, variants, profiles } = JSON.parse(foliocheck(["list", "--reporter", "json"]).out) as {
      [what: string]: { name?: string; id?: string }[];
    };
    const { out } = foliocheck(["list"]);
    const names = [machines, claims, variants, profiles].flat().map((each) => each?.name ?? each?.id ?? "?");
    const missing = names.filter((name) => !out.split(/\s+/).includes(name));
    expect(missing).toEqual([]);
    expect(out).not.toContain("Bounds");
  });

  test("foliocheck list with a name has that entry alone, with the bounds of a machine or the source of a claim", () => {
    const machine = foliocheck(["list", "pmd"]).out;
    expect(machine).toMatch(/^Machines\n {2}pmd {2}PMD mappings of anon and file folios/);
    expect(machine).toMatch(/\n +values +default\n {2}--pages +2, 4, 8 +4 +pages of the largest folio/);
    expect(machine).toContain("--small-folios");
    expect(machine).not.toContain("Claims");
    expect(foliocheck(["list", "C3"]).out).toMatch(
      /^Claims .*\n {2}C3 {2}A folio with a single mapping left .*\n?.*14\/20\]/,
    );
    const { variants, machines } = JSON.parse(foliocheck(["list", "add-by-one", "--reporter", "json"]).out) as {
      [what: string]: Named[];
    };
    expect([machines, variants?.map(({ name }) => name)]).toEqual([[], ["add-by-one"]]);
  });
});

describe("a reader that goes away early", () => {
  const exitCodeBefore = (args: readonly string[], reader: string): number => {
    const { err, out } = shell(`{ foliocheck ${args.join(" ")}; echo $? >&2; } | ${reader}`, folder.path);
    expect(out.split("\n").length).toBeLessThanOrEqual(2);
    return Number(err);
  };

  test("a reader of standard output that goes away early is no error, and does not change the exit code", () => {
    expect(exitCodeBefore(["list", "--reporter", "json"], "head -1")).toBe(0);
    expect(exitCodeBefore([...FAULTY, "--reporter", "json"], "head -1")).toBe(1);
    expect(exitCodeBefore([...SHORT_SUITE, "--reporter", "json"], "head -1")).toBe(3);
    expect(exitCodeBefore(SMALL, "true")).toBe(0);
  });

  test("a reader of standard error that goes away early does not change the exit code", () => {
    expect(shell("{ foliocheck bogus 2>&1; echo $? >&2; } | true", folder.path).err).toBe("2\n");
  });
});
