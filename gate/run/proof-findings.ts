/** Findings of the proof of owner tracking: obligations that are refuted. */
import { FUNCTION_OF } from "../../proof/operations.ts";
import type { ObligationResult, SubjectResult } from "../../proof/proof-result.ts";
import type { Finding } from "./findings.ts";

/** The first part of the properties: the obligations of the inductive invariant. */
const INVARIANT = "INV";

/** A finding for each obligation that is refuted, by enumeration or by formulas, in each configuration of the code. */
export function proofFindings({ subject, enumeration, formulas, reachability }: SubjectResult): Finding[] {
  const refuted = [...enumeration.obligations, ...(formulas?.obligations ?? [])].filter(
    ({ verdict }) => verdict === "refuted",
  );
  // The first counts: counterexamples of an enumeration are the smallest.
  const obligations = new Map<string, ObligationResult>();
  for (const each of refuted) {
    const property = propertyOf(each);
    obligations.set(property, obligations.get(property) ?? each);
  }
  const configs = configsOf({ subject });
  return [...obligations].flatMap(([property, obligation]) =>
    configs.map(
      (config): Finding => ({
        property,
        mode: "proof",
        config,
        machine: "proof",
        claim: obligation.sentence,
        verdict: "violated",
        cause: { kind: "induction", obligation, reached: reachability?.kind === "reached" },
        trace: null,
      }),
    ),
  );
}

/** `INV.sub.whole`: what an operation does not keep; `INV.claim.C1`: what the invariant does not imply. */
function propertyOf({ from, to }: ObligationResult): string {
  return [INVARIANT, from, to].join(".").replaceAll(" ", "-");
}

/** Whether an entry of a baseline is about a proof. */
export function isProofSignature(signature: string): boolean {
  return signature.startsWith(`${INVARIANT}.`);
}

/** The configurations that a proof is about. */
export function configsOf({ subject }: Pick<SubjectResult, "subject">): readonly string[] {
  return subject.kind === "tree" ? [subject.config, ...subject.also] : [subject.config];
}

/** Whether everything about a kernel is proved or refuted. */
export function isWholeProof({ enumeration, formulas }: SubjectResult): boolean {
  const obligations = [...enumeration.obligations, ...(formulas?.obligations ?? [])];
  return formulas !== undefined && obligations.every(({ verdict }) => verdict !== "unknown");
}

/** The function that an obligation is about; of a fresh folio it is none of owner tracking. */
export function functionOf({ from }: Pick<ObligationResult, "from">): string | undefined {
  switch (from) {
    case "set":
    case "add":
    case "sub":
      return FUNCTION_OF[from];
    case "fresh folio":
      return undefined;
    case "claim":
      return "folio_maybe_mapped_shared";
  }
}
