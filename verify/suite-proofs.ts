/** Proofs for any number of MMs, in addition to the explorations of a suite. */

import type { Kernel } from "../model/kernel/kernel.ts";
import { ACCOUNTING_CLAIMS } from "../proof/accounting/accounting-claims.ts";
import type { EnumerationBounds } from "../proof/enumerate.ts";
import type { SubjectResult } from "../proof/proof-result.ts";
import { provableClaims } from "../proof/provable.ts";
import { hasAccounting, proveModel, proveModelAccounting } from "../proof/prove.ts";
import type { Topic } from "../proof/theory.ts";
import type { RunVerdict } from "./report/report.ts";
import type { SuiteProof } from "./report/suite-proof.ts";
import { configOf, fits, hasConfig, kernelOf } from "./request/kernel-choice.ts";

/** A proof of a suite. */
interface ProofOfSuite {
  readonly topic: Topic;
  readonly config: string;
  readonly bounds: EnumerationBounds;
}

/** The proofs. In the second, a slot overflows at the third mapping. `foliocheck prove` has larger bounds. */
const PROVED: readonly ProofOfSuite[] = [
  { topic: "tracking", config: "64bit", bounds: { pages: 2, mappings: 2, others: 4 } },
  { topic: "tracking", config: "32bit,mm-id-mapcount-max=1", bounds: { pages: 2, mappings: 4, others: 4 } },
  { topic: "accounting", config: "no-page-mapcount,64bit", bounds: { pages: 4, mappings: 1, others: 2 } },
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
  return PROVED.filter(({ config }) => hasConfig(kernel, config)).flatMap((proof) => {
    const proved = kernelOf(kernel, configOf(kernel, proof.config));
    const claims = claimsOf(proof, proved);
    const isRequested = only === undefined ? claims.length > 0 : claims.some((id) => isPartOf(id, only));
    return isRequested ? [proofOf(proofResult(proof, proved))] : [];
  });
}

/** Claims that a proof is about; none where the kernel does not have the topic. */
function claimsOf({ topic }: ProofOfSuite, kernel: Kernel): readonly string[] {
  switch (topic) {
    case "tracking":
      return provableClaims(kernel.config);
    case "accounting":
      return hasAccounting(kernel) ? ACCOUNTING_CLAIMS.flatMap(({ ids }) => ids) : [];
  }
}

function proofResult({ topic, bounds }: ProofOfSuite, kernel: Kernel): SubjectResult {
  const options = { bounds, evidence: false };
  return topic === "tracking" ? proveModel(kernel, options) : proveModelAccounting(kernel, options);
}

/** Whether a property is a claim or one of its parts. */
function isPartOf(property: string, claim: string): boolean {
  return property === claim || property.startsWith(`${claim}.`);
}

function proofOf({ topic, subject, verdict, invariant, claims, enumeration, reachability }: SubjectResult): SuiteProof {
  const { bounds, states, steps, obligations } = enumeration;
  return {
    topic,
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
