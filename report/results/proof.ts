/** Proof report as test results: a suite for each configuration, a case for each obligation and method. */
import type { ObligationResult, SubjectResult } from "../../proof/proof-result.ts";
import type { ProofReport } from "../../verify/proof-report.ts";
import { plainText } from "../text/block.ts";
import { counterexampleLines } from "../text/proof-counterexample.ts";
import { subjectText } from "../text/proof-subject.ts";
import type { TestCase, TestResults, TestSuite } from "./test-results.ts";

/** Returns the test cases of a report. */
export function proofResults({ subjects, seconds, provenance, tree }: ProofReport): TestResults {
  return {
    command: "prove",
    name: "foliocheck prove",
    code: { name: tree === undefined ? "the model" : `the tree ${tree}` },
    suites: subjects.map(subjectSuite),
    seconds,
    provenance,
  };
}

function subjectSuite(result: SubjectResult): TestSuite {
  const { subject, enumeration, formulas } = result;
  const name = subjectText(result);
  const cases = (method: string, obligations: readonly ObligationResult[]): TestCase[] =>
    obligations.map((each) => obligationCase(method, each, result));
  return {
    id: name,
    name,
    // CI systems split class names at dots.
    className: `foliocheck.prove ${name.replaceAll(".", "_")}`,
    config: subject.config,
    cases: [...cases("enumeration", enumeration.obligations), ...cases("formulas", formulas?.obligations ?? [])],
    metrics: [
      { name: "states", value: enumeration.states },
      { name: "steps", value: enumeration.steps },
      ...(formulas === undefined ? [] : [{ name: "queries", value: formulas.queries }]),
    ],
    seconds: enumeration.seconds + (formulas?.seconds ?? 0),
  };
}

/** A counterexample to induction that nothing is known to reach fails nothing, and leaves the obligation undecided. */
function obligationCase(method: string, obligation: ObligationResult, result: SubjectResult): TestCase {
  const { from, to, sentence, verdict, why, counterexample } = obligation;
  const name = `${from}: ${to} (${method})`;
  const about = { id: name, name };
  const text = (): string => plainText(counterexampleLines(obligation, subjectText(result)));
  if (verdict === "proved") {
    return { ...about, outcome: "passed" };
  }
  if (verdict === "refuted" && result.reachability?.kind !== "not reached") {
    return { ...about, outcome: "failed", failure: "refuted", reason: sentence, counterexample: text };
  }
  return counterexample === undefined
    ? { ...about, outcome: "unknown", reason: why ?? "not known" }
    : {
        ...about,
        outcome: "unknown",
        reason: `not proved, and no explored execution fails: ${sentence}`,
        counterexample: text,
      };
}
