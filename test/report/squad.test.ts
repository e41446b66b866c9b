/** Tests and measurements for SQUAD. */
import { describe, expect, test } from "vitest";
import { gateResults } from "../../report/results/gate.ts";
import { identifier } from "../../report/results/identifiers.ts";
import { searchResults } from "../../report/results/search.ts";
import type { TestResults } from "../../report/results/test-results.ts";
import { squadMetrics, squadTests } from "../../report/squad/squad.ts";
import { goodRun, incompleteRun, suite, violatedRun } from "./fixtures.ts";
import { report } from "./gate-report.ts";

type Tests = { readonly [name: string]: string | { readonly result: string; readonly log: string } };
type Metrics = { readonly [name: string]: number | { readonly value: number; readonly unit: string } };

const testsOf = (results: TestResults): Tests => JSON.parse(squadTests(results)) as Tests;
const metricsOf = (results: TestResults): Metrics => JSON.parse(squadMetrics(results)) as Metrics;
const resultOf = (value: Tests[string]): string => (typeof value === "string" ? value : value.result);

/** A suite, a slash, and a test without slashes and brackets of at most 256 characters. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*\/[a-zA-Z0-9_.-]{1,256}$/;

describe("squad", () => {
  test.each([
    ["a suite", searchResults(suite)],
    ["a run that holds", searchResults(goodRun)],
    ["an incomplete run", searchResults(incompleteRun)],
    ["a gate", gateResults(report)],
  ])("%s has a test for each case in SQUAD, whose name SQUAD takes", (_, results) => {
    const tests = testsOf(results);
    expect(Object.keys(tests)).toHaveLength(results.suites.flatMap(({ cases }) => cases).length);
    expect(Object.keys(tests).filter((name) => !NAME.test(name))).toEqual([]);
    const metrics = metricsOf(results);
    expect(Object.keys(metrics).filter((name) => !NAME.test(name))).toEqual([]);
    const values = Object.values(metrics).map((each) => (typeof each === "number" ? each : each.value));
    expect(values.every((each) => Number.isFinite(each))).toBe(true);
  });

  test("a violated property fails in SQUAD with its counterexample as log, and an incomplete one is skipped", () => {
    const [violated] = Object.entries(testsOf(searchResults(violatedRun))).filter(
      ([, value]) => resultOf(value) === "fail",
    );
    expect(violated?.[0]).toMatch(/^foliocheck-check\/rmap_.*\.C8$/);
    expect(violated?.[1]).toMatchObject({ log: expect.stringContaining("initial state") });
    const incomplete = Object.values(testsOf(searchResults(incompleteRun))).map(resultOf);
    expect(incomplete.filter((each) => each === "skip")).toHaveLength(
      incompleteRun.properties.filter(({ verdict }) => verdict === "incomplete").length,
    );
  });

  test("the measurements of a run are its states, transitions, depth, seconds and bytes in SQUAD", () => {
    const byName = Object.entries(metricsOf(searchResults(goodRun))).map(([name, value]) => [
      name.split(".").at(-1),
      value,
    ]);
    expect(Object.fromEntries(byName)).toEqual({
      states: goodRun.states,
      transitions: goodRun.transitions,
      depth: goodRun.depth,
      seconds: { value: goodRun.seconds, unit: "s" },
      "table-bytes": { value: goodRun.tableBytes, unit: "B" },
    });
  });

  test("equal cases have different names in SQUAD", () => {
    const cases = [
      { id: "a b", name: "1", outcome: "passed" },
      { id: "a.b", name: "2", outcome: "passed" },
      { id: "a,b", name: "3", outcome: "failed" },
    ] as const;
    const twice = [
      { id: "s", name: "s", className: "s", cases },
      { id: "s.", name: "s", className: "s", cases: cases.slice(0, 1) },
    ];
    expect(Object.keys(testsOf({ ...searchResults(goodRun), suites: twice }))).toEqual([
      "foliocheck-check/s.a_b",
      "foliocheck-check/s.a.b",
      "foliocheck-check/s.a_b_2",
      "foliocheck-check/s_2.a_b",
    ]);
  });
});

test("an identifier has few characters, and a long one ends with a hash of the whole", () => {
  expect(identifier("C7.expected")).toBe("C7.expected");
  expect(identifier(" folio_mapcount() … #2..x ")).toBe("folio_mapcount_2.x");
  const [one, other] = ["x", "y"].map((end) => identifier("a".repeat(200) + end));
  expect(one).toHaveLength(120);
  expect(one).toMatch(/^a+_[0-9a-f]{8}$/);
  expect(one).not.toBe(other);
});
