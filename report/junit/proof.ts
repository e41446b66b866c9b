/** Proof report as JUnit XML: a test suite for each configuration, a test case for each obligation and method. */
import type { ObligationResult, ProofVerdict, SubjectResult } from "../../proof/proof-result.ts";
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
}

function obligationsOf({ enumeration, formulas }: SubjectResult): Case[] {
  return [
    ...enumeration.obligations.map((each) => ({ ...each, method: "enumeration" as const })),
    ...(formulas?.obligations ?? []).map((each) => ({ ...each, method: "formulas" as const })),
  ];
}

const OUTCOMES: { readonly [verdict in ProofVerdict]: CaseOutcome } = {
  proved: "passed",
  refuted: "failed",
  unknown: "skipped",
};

function countsOf(cases: readonly Case[]): ReturnType<typeof junitCounts> {
  return junitCounts(cases.map(({ verdict }) => OUTCOMES[verdict]));
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
  return element("testcase", { classname, name: `${each.from}: ${each.to} (${each.method})` }, outcome(result, each));
}

function outcome(result: SubjectResult, each: Case): string[] {
  switch (each.verdict) {
    case "proved":
      return [];
    case "refuted": {
      const text = printLines(counterexampleLines(each, subjectText(result)), false);
      return [element("failure", { type: "refuted", message: each.sentence }, [escapeXml(`\n${text}`)])];
    }
    case "unknown":
      return [element("skipped", { message: each.why ?? "not known" })];
  }
}
