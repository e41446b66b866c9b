/** Proofs of a suite as test results: a case for each configuration, without times. */
import type { SuiteReport } from "../../verify/report/report.ts";
import type { SuiteProof } from "../../verify/report/suite-proof.ts";
import { formatCount } from "../text/numbers.ts";
import { withTopic } from "../text/proof-subject.ts";
import type { TestCase, TestSuite } from "./test-results.ts";

/** Returns a suite with a case for each proof. */
export function proofSuite({ kernel, proofs }: Pick<SuiteReport, "kernel" | "proofs">): TestSuite {
  const name = `owner tracking, for any number of MMs · ${kernel}`;
  // CI systems split class names at dots.
  return { id: name, name, className: `foliocheck.${name.replaceAll(".", "_")}`, cases: proofs.map(proofCase) };
}

/** An unreachable counterexample to induction leaves the claims undecided. */
function proofCase({ topic, config, verdict, claims, refuted, states, steps }: SuiteProof): TestCase {
  const name = withTopic(topic, config);
  const about = { id: name, name };
  const failed = `the induction fails: ${refuted.join(", ")}`;
  switch (verdict) {
    case "proved": {
      const how = `${formatCount(steps)} operations from ${formatCount(states)} states`;
      return { ...about, outcome: "passed", remark: `proved: ${claims.join(" ")} (${how})` };
    }
    case "refuted":
      return { ...about, outcome: "failed", failure: verdict, reason: failed };
    case "not inductive":
    case "unknown":
      return { ...about, outcome: "unknown", reason: `${failed}, where no explored execution leads` };
  }
}
