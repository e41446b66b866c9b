/** Proofs for any number of MMs, in addition to the explorations of a suite. */
import type { EnumerationBounds } from "../proof/enumerate.ts";
import type { SubjectResult } from "../proof/proof-result.ts";
import { provableClaims, proveModel } from "../proof/prove.ts";
import type { RunVerdict } from "./report/report.ts";
import type { SuiteProof } from "./report/suite-proof.ts";
import { configOf, fits, hasConfig, kernelOf } from "./request/kernel-choice.ts";

/**
 * Configurations of the proofs. In the second, a slot overflows at the third mapping. `foliocheck prove` has larger
 * bounds.
 */
const PROVED: readonly { readonly config: string; readonly bounds: EnumerationBounds }[] = [
  { config: "64bit", bounds: { pages: 2, mappings: 2, others: 4 } },
  { config: "32bit,mm-id-mapcount-max=1", bounds: { pages: 2, mappings: 4, others: 4 } },
];

/**
 * Proves a kernel in each configuration that it supports.
 *
 * @param only a claim or a machine: configurations in which this claim is not provable are left out
 */
export function suiteProofs(kernel: string, only?: string): readonly SuiteProof[] {
  if (!fits(kernel, "owner-tracking")) {
    return [];
  }
  return PROVED.filter(({ config }) => hasConfig(kernel, config)).flatMap(({ config: words, bounds }) => {
    const config = configOf(kernel, words);
    const isRequested = only === undefined || provableClaims(config).some((id) => isPartOf(id, only));
    return isRequested ? [proofOf(proveModel(kernelOf(kernel, config), { bounds, evidence: false }))] : [];
  });
}

/** Whether a property is a claim or one of its parts. */
function isPartOf(property: string, claim: string): boolean {
  return property === claim || property.startsWith(`${claim}.`);
}

function proofOf({ subject, verdict, invariant, claims, enumeration, reachability }: SubjectResult): SuiteProof {
  const { bounds, states, steps, obligations } = enumeration;
  return {
    config: subject.config,
    verdict,
    invariant,
    claims,
    bounds,
    states,
    steps,
    refuted: obligations.filter((each) => each.verdict === "refuted").map(({ from, to }) => `${from}: ${to}`),
    ...(reachability === undefined ? {} : { reached: reachability.kind === "reached" }),
  };
}

/**
 * Converts the verdict to a run's. An unreachable counterexample to induction violates no claim, but leaves it
 * unproved.
 */
export function runVerdictOf({ verdict }: SuiteProof): RunVerdict {
  switch (verdict) {
    case "proved":
      return "holds";
    case "refuted":
      return "violated";
    case "not inductive":
    case "unknown":
      return "incomplete";
  }
}
