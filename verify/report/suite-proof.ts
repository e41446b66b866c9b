/** Proofs in the report of a suite. */
import type { EnumerationBounds } from "../../proof/enumerate.ts";
import type { SubjectResult, SubjectVerdict } from "../../proof/proof-result.ts";

/** Proof by enumeration of one configuration. */
export interface SuiteProof {
  readonly topic: SubjectResult["topic"];
  readonly config: string;
  readonly verdict: SubjectVerdict;
  readonly invariant: SubjectResult["invariant"];
  /** Properties that hold for any number of MMs. */
  readonly claims: readonly string[];
  readonly bounds: EnumerationBounds;
  readonly states: number;
  readonly steps: number;
  /** Refuted obligations, as `sub: whole`. */
  readonly refuted: readonly string[];
  /** Whether an execution reaches a counterexample; absent if no obligation is refuted. */
  readonly reached?: boolean;
}
