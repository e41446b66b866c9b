/** Findings of the proof of owner tracking: refuted obligations. */
import { FUNCTION_OF } from "../../proof/function-of.ts";
import type { ObligationResult, SubjectResult } from "../../proof/proof-result.ts";
import type { Finding } from "./findings.ts";

/** Prefix of the property ids, for obligations of the inductive invariant. */
const INVARIANT = "INV";

/** Returns a finding for each obligation refuted by enumeration or formulas, in each configuration of the code. */
export function proofFindings({ subject, enumeration, formulas, reachability }: SubjectResult): Finding[] {
  const refuted = [...enumeration.obligations, ...(formulas?.obligations ?? [])].filter(
    ({ verdict }) => verdict === "refuted",
  );
  // Enumeration comes first, because its counterexamples are the smallest.
  const obligations = new Map<string, ObligationResult>();
  for (const each of refuted) {
    const property = propertyOf(each);
    obligations.set(property, obligations.get(property) ?? each);
  }
  const configs = configsOf({ subject });
  const reached = reachability?.kind === "reached";
  return [...obligations].flatMap(([property, obligation]) =>
    configs.map(
      (config): Finding => ({
        property,
        mode: "proof",
        config,
        machine: "proof",
        claim: obligation.sentence,
        verdict: reached ? "violated" : "unproved",
        cause: { kind: "induction", obligation, reached },
        trace: null,
      }),
    ),
  );
}

/**
 * Returns `INV.sub.whole` for an operation that does not preserve the invariant, `INV.claim.C1` for a claim not implied
 * by it.
 */
function propertyOf({ from, to }: ObligationResult): string {
  return [INVARIANT, from, to].join(".").replaceAll(" ", "-");
}

/** Whether a signature is that of a proof's finding. */
export function isProofSignature(signature: string): boolean {
  return signature.startsWith(`${INVARIANT}.`);
}

/** Returns the configurations that a proof covers. */
export function configsOf({ subject }: Pick<SubjectResult, "subject">): readonly string[] {
  return subject.kind === "tree" ? [subject.config, ...subject.also] : [subject.config];
}

/** Whether every obligation is proved or refuted. */
export function isWholeProof({ enumeration, formulas }: SubjectResult): boolean {
  const obligations = [...enumeration.obligations, ...(formulas?.obligations ?? [])];
  return formulas !== undefined && obligations.every(({ verdict }) => verdict !== "unknown");
}

/**
 * Returns the function of an obligation; undefined for a fresh folio, which no function of owner tracking initialises.
 */
export function functionOf({ from }: Pick<ObligationResult, "from">): string | undefined {
  switch (from) {
    case "fresh folio":
      return undefined;
    case "claim":
      return "folio_maybe_mapped_shared";
    default:
      return FUNCTION_OF[from];
  }
}
