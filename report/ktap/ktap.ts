/**
 * Test results as KTAP, which the kernel's own tools read.
 *
 * @source Documentation/dev-tools/ktap.rst; the totals are those of tools/testing/selftests/kselftest.h
 */

import { countOutcomes, type TestCase, type TestResults, type TestSuite } from "../results/test-results.ts";
import { PrintedTraces } from "../text/printed-traces.ts";

/** Formats test results: a test for each suite, with its cases as subtests. */
export function ktap({ command, code, suites, provenance }: TestResults): string {
  // A test without subtests has no result.
  const tests = suites.filter(({ cases }) => cases.length > 0);
  const { passed, failed, unknown, skipped } = countOutcomes(tests.flatMap(({ cases }) => cases));
  const lines = [
    "KTAP version 1",
    tests.length === 0 ? "1..0 # SKIP nothing was checked" : `1..${tests.length}`,
    diagnostic(`foliocheck ${[provenance?.foliocheck ?? [], command].flat().join(" ")}: ${code.name}`),
    ...tests.flatMap((suite, i) => suiteLines(suite, i + 1)),
    diagnostic(`Totals: pass:${passed} fail:${failed} xfail:0 xpass:0 skip:${unknown + skipped} error:0`),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function suiteLines(suite: TestSuite, number: number): string[] {
  const { cases, remark } = suite;
  const name = nameOf(suite.name);
  const printed = new PrintedTraces();
  const { failed, passed } = countOutcomes(cases);
  return [
    ...[
      "KTAP version 1",
      // The kernel's parser takes the name from here.
      `# Subtest: ${name}`,
      `1..${cases.length}`,
      ...(remark === undefined ? [] : [diagnostic(remark)]),
      ...cases.flatMap((each, i) => caseLines(each, i + 1, printed)),
    ].map((line) => `  ${line}`),
    failed > 0 ? `not ok ${number} ${name}` : `ok ${number} ${name}${passed === 0 ? " # SKIP" : ""}`,
  ];
}

/** Returns the result line of a case, with the counterexample before it, where KTAP has the diagnostics of a test. */
function caseLines(each: TestCase, number: number, printed: PrintedTraces): string[] {
  const { outcome, reason, remark, counterexample } = each;
  const name = nameOf(each.name);
  const reasons = reason === undefined ? [] : reason.split("\n").map(diagnostic);
  const trace = counterexample === undefined ? [] : counterexample(printed).trimEnd().split("\n").map(diagnostic);
  switch (outcome) {
    case "passed":
      // The word in front keeps a remark from being a directive.
      return [`ok ${number} ${name}${remark === undefined ? "" : ` # remark: ${plainText(remark)}`}`];
    case "failed":
      return [...reasons, ...trace, `not ok ${number} ${name}`];
    case "unknown":
    case "skipped":
      return [...trace, `ok ${number} ${name} # SKIP ${plainText(reason ?? outcome)}`];
  }
}

function diagnostic(text: string): string {
  return text === "" ? "#" : `# ${text.replace(/\p{Cc}/gu, escaped)}`;
}

/** Returns a text without line breaks and without the hash sign, which separates names and directives. */
function plainText(text: string): string {
  return text
    .replace(/\s*\n\s*/g, "; ")
    .replaceAll("#", "")
    .replace(/\p{Cc}/gu, escaped)
    .trim();
}

/** A dash in front of a name is no part of it in KTAP. */
function nameOf(text: string): string {
  return plainText(text).replace(/^(?:- )+/, "");
}

function escaped(character: string): string {
  return JSON.stringify(character).slice(1, -1);
}
