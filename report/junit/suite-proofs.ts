/** Proofs of a suite as JUnit XML: a test case for each configuration. */
import type { SuiteReport } from "../../verify/report/report.ts";
import type { SuiteProof } from "../../verify/report/suite-proof.ts";
import { formatCount } from "../text/numbers.ts";
import { type CaseOutcome, junitCounts } from "./counts.ts";
import { element, escapeXml } from "./xml.ts";

/** Returns the outcomes of proofs. An unreachable counterexample to induction leaves the claims unproved: `skipped`. */
export function proofOutcomes(proofs: readonly SuiteProof[]): CaseOutcome[] {
  return proofs.map(outcomeOf);
}

function outcomeOf({ verdict }: SuiteProof): CaseOutcome {
  return verdict === "proved" ? "passed" : verdict === "refuted" ? "failed" : "skipped";
}

/** Returns a test suite with a case for each proof, without times. */
export function proofTestSuite({ kernel, proofs }: Pick<SuiteReport, "kernel" | "proofs">): string {
  const name = `owner tracking, for any number of MMs · ${kernel}`;
  // CI systems split class names at dots.
  const classname = `foliocheck.${name.replaceAll(".", "_")}`;
  return element(
    "testsuite",
    { name, ...junitCounts(proofOutcomes(proofs)) },
    proofs
      .flatMap((proof) => ["\n  ", element("testcase", { classname, name: proof.config }, [content(proof)])])
      .concat("\n"),
  );
}

function content(proof: SuiteProof): string {
  const { claims, refuted, states, steps } = proof;
  const failed = `the induction fails: ${refuted.join(", ")}`;
  switch (outcomeOf(proof)) {
    case "passed": {
      const how = `${formatCount(steps)} operations from ${formatCount(states)} states`;
      return element("system-out", {}, [escapeXml(`proved: ${claims.join(" ")} (${how})`)]);
    }
    case "failed":
      return element("failure", { type: "refuted", message: failed });
    case "skipped":
      return element("skipped", { message: `${failed}, where no explored execution leads` });
  }
}
