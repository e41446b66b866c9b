/** Proof report as JUnit XML: a test suite for each configuration, a test case for each obligation and method. */
import type { ObligationResult, SubjectResult } from "../../proof/proof-result.ts";
import type { ProofReport } from "../../verify/proof-report.ts";
import { counterexampleLines } from "../text/proof-counterexample.ts";
import { subjectText } from "../text/proof-subject.ts";
import { printLines } from "../text/styled-text.ts";
import { type CaseOutcome, junitCounts } from "./counts.ts";
import { element, escapeXml } from "./xml.ts";

/** Formats a report. */
export function proofJunit({ subjects, seconds }: ProofReport): string {
  const all = subjects.flatMap(obligationsOf);
  const root = element(
    "testsuites",
    { name: "foliocheck prove", ...countsOf(all), time: seconds.toFixed(3) },
    subjects.flatMap((subject) => ["\n", suite(subject)]).concat("\n"),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`;
}

interface Case extends ObligationResult {
  readonly method: "enumeration" | "formulas";
  readonly outcome: CaseOutcome;
}

function obligationsOf(result: SubjectResult): Case[] {
  const { enumeration, formulas } = result;
  const cases = (method: Case["method"], obligations: readonly ObligationResult[]): Case[] =>
    obligations.map((each) => ({ ...each, method, outcome: outcomeOf(each, result) }));
  return [...cases("enumeration", enumeration.obligations), ...cases("formulas", formulas?.obligations ?? [])];
}

/** A counterexample to induction that nothing is known to reach fails nothing, and leaves the obligation unproved. */
function outcomeOf({ verdict }: ObligationResult, { reachability }: SubjectResult): CaseOutcome {
  switch (verdict) {
    case "proved":
      return "passed";
    case "refuted":
      return reachability?.kind === "not reached" ? "skipped" : "failed";
    case "unknown":
      return "skipped";
  }
}

function countsOf(cases: readonly Case[]): ReturnType<typeof junitCounts> {
  return junitCounts(cases.map(({ outcome }) => outcome));
}

function suite(result: SubjectResult): string {
  const cases = obligationsOf(result);
  const seconds = result.enumeration.seconds + (result.formulas?.seconds ?? 0);
  return element(
    "testsuite",
    { name: subjectText(result), ...countsOf(cases), time: seconds.toFixed(3) },
    cases.flatMap((each) => ["\n  ", testCase(result, each)]).concat("\n"),
  );
}

function testCase(result: SubjectResult, each: Case): string {
  // CI systems split class names at dots.
  const classname = `foliocheck.prove ${subjectText(result).replaceAll(".", "_")}`;
  return element("testcase", { classname, name: `${each.from}: ${each.to} (${each.method})` }, content(result, each));
}

function content(result: SubjectResult, each: Case): string[] {
  const text = (): string => escapeXml(`\n${printLines(counterexampleLines(each, subjectText(result)), false)}`);
  switch (each.outcome) {
    case "passed":
      return [];
    case "failed":
      return [element("failure", { type: "refuted", message: each.sentence }, [text()])];
    case "skipped":
      return each.counterexample === undefined
        ? [element("skipped", { message: each.why ?? "not known" })]
        : [
            element("skipped", { message: `not proved, and no explored execution fails: ${each.sentence}` }),
            element("system-out", {}, [text()]),
          ];
  }
}
