/** Proof report as SARIF: a result for each obligation that is refuted or unknown. */
import type { ObligationResult, SubjectResult } from "../../proof/proof-result.ts";
import type { ProofReport } from "../../verify/proof-report.ts";
import { plainText } from "../text/block.ts";
import { counterexampleLines } from "../text/proof-counterexample.ts";
import { subjectText } from "../text/proof-subject.ts";
import { type SarifResult, sarifLog } from "./log.ts";
import { plainFlow } from "./thread-flows.ts";

const HELP =
  "An obligation of the proof for any number of MMs and every folio size is not proved. The code flow is the " +
  "counterexample to induction: a state that satisfies the invariant, and a call after which it does not hold.";

/** Formats a report. */
export function proofSarif({ assumptions, provenance, subjects, verdict }: ProofReport): string {
  return sarifLog({
    results: subjects.flatMap((subject) =>
      [...subject.enumeration.obligations, ...(subject.formulas?.obligations ?? [])]
        .filter((obligation) => obligation.verdict !== "proved")
        .map((obligation) => resultOf(subject, obligation)),
    ),
    notifications: assumptions.map((each) => `Assumed: ${each}`),
    isComplete: verdict === "proved" || verdict === "refuted",
    provenance,
  });
}

/** A counterexample to induction that no execution is known to reach leaves the obligation unproved. */
function resultOf(subject: SubjectResult, obligation: ObligationResult): SarifResult {
  const { from, to, sentence, verdict, why } = obligation;
  const isReached = subject.reachability?.kind !== "not reached";
  const name = subjectText(subject);
  return {
    rule: { id: `INV.${from}.${to}`, claim: sentence, help: HELP },
    level: verdict === "refuted" && isReached ? "error" : "warning",
    message: [name, sentence, verdict === "unknown" ? `Unknown: ${why ?? "no solver answered"}` : "Refuted"].join("\n"),
    places: [],
    flow:
      obligation.counterexample === undefined
        ? { threads: [] }
        : plainFlow(plainText(counterexampleLines(obligation, name)).trimEnd().split("\n")),
  };
}
