/** KTAP: the rules of the kernel's documentation, and what is in the results. */
import { describe, expect, test } from "vitest";
import { ktap } from "../../report/ktap/ktap.ts";
import { gateResults } from "../../report/results/gate.ts";
import { searchResults } from "../../report/results/search.ts";
import type { TestResults } from "../../report/results/test-results.ts";
import { formatTrace } from "../../report/trace/format-trace.ts";
import { goodRun, incompleteRun, rmapTrace, suite, threefoldRun, violatedRun } from "./fixtures.ts";
import { acceptedOnly, report } from "./gate-report.ts";
import { type Ktap, type KtapTest, parseKtap } from "./ktap-parser.ts";

const searched = (of: Parameters<typeof searchResults>[0]): Ktap => parseKtap(ktap(searchResults(of)));
const leaves = (tests: readonly KtapTest[]): readonly KtapTest[] =>
  tests.flatMap((each) => (each.subtests.length === 0 ? [each] : leaves(each.subtests)));

const results = (more: Partial<TestResults>): TestResults => ({
  command: "check",
  name: "foliocheck",
  code: { name: "the model" },
  suites: [],
  seconds: 0,
  ...more,
});

describe("ktap", () => {
  test.each([
    ["a suite", searchResults(suite)],
    ["a run that holds", searchResults(goodRun)],
    ["a run with three violations", searchResults(threefoldRun)],
    ["an incomplete run", searchResults(incompleteRun)],
    ["a gate", gateResults(report)],
    ["a gate whose findings are accepted", gateResults(acceptedOnly)],
  ])("%s as KTAP follows the rules, with a test for each suite and a subtest for each case", (_, of) => {
    const { tests } = parseKtap(ktap(of));
    expect(tests.map(({ subtests }) => subtests.map(({ name }) => name))).toEqual(
      of.suites.map(({ cases }) => cases.map(({ name }) => name)),
    );
    for (const { ok, subtests, skipped } of tests) {
      expect(ok).toBe(subtests.every((each) => each.ok));
      expect(skipped !== undefined).toBe(subtests.every((each) => each.skipped !== undefined));
    }
  });

  test("the last line of KTAP has the totals of kselftest", () => {
    const { tests, trailer } = searched(suite);
    const cases = leaves(tests);
    const skip = cases.filter(({ skipped }) => skipped !== undefined).length;
    const fail = cases.filter(({ ok }) => !ok).length;
    expect({ skip, fail, all: cases.length }).toEqual({ skip: 2, fail: 3, all: 10 });
    expect(trailer).toEqual([`Totals: pass:5 fail:3 xfail:0 xpass:0 skip:2 error:0`]);
  });

  test("a violated property is not ok in KTAP, with its counterexample directly before the result", () => {
    const [failed] = leaves(searched(violatedRun).tests);
    expect(failed?.ok).toBe(false);
    expect(failed?.diagnostics[0]).toMatch(/^Not checked: /);
    expect(failed?.diagnostics.slice(1)).toEqual([
      rmapTrace.claim,
      ...formatTrace(rmapTrace, { color: false, shows: "violated" }).trimEnd().split("\n"),
    ]);
  });

  test("an incomplete property is skipped in KTAP with the reason, and so is a run without any other", () => {
    const { tests } = searched(incompleteRun);
    const incomplete = leaves(tests).filter(({ skipped }) => skipped !== undefined);
    expect(incomplete[0]).toMatchObject({
      ok: true,
      skipped: "incomplete: the search ended before every state was visited",
    });
    expect(tests[0]?.ok).toBe(true);
  });

  test("a report without cases is a plan of no tests in KTAP", () => {
    expect(ktap(results({}))).toBe(
      "KTAP version 1\n1..0 # SKIP nothing was checked\n# foliocheck check: the model\n" +
        "# Totals: pass:0 fail:0 xfail:0 xpass:0 skip:0 error:0\n",
    );
  });

  test("names and reasons have no line break, no hash sign and no control character in KTAP", () => {
    const name = "- a #1\nname\u001b[1m";
    const suites = [
      {
        id: "x",
        name,
        className: "x",
        remark: "first\nsecond",
        cases: [
          { id: "1", name, outcome: "passed", remark: "# SKIP no\nmore" },
          { id: "2", name, outcome: "skipped", reason: "a\nb" },
          { id: "3", name, outcome: "failed", reason: "ok 7 c\nnot ok 8 d", counterexample: () => "1..9\u0000\n\ne\n" },
        ],
      },
    ] as const;
    const { tests } = parseKtap(ktap(results({ suites })));
    const plain = "a 1; name\\u001b[1m";
    expect(tests[0]?.name).toBe(plain);
    expect(leaves(tests).map((each) => each.name)).toEqual([plain, plain, plain]);
    expect(leaves(tests).map(({ remark, skipped, diagnostics }) => ({ remark, skipped, diagnostics }))).toEqual([
      { remark: "remark: SKIP no; more", skipped: undefined, diagnostics: ["first\\nsecond"] },
      { remark: undefined, skipped: "a; b", diagnostics: [] },
      { remark: undefined, skipped: undefined, diagnostics: ["ok 7 c", "not ok 8 d", "1..9\\u0000", "", "e"] },
    ]);
  });
});
