/** A proof beside the explorations of a suite, as its report has it. */
import type { EnumerationBounds } from "../../proof/enumerate.ts";
import type { ProofVerdict, SubjectResult } from "../../proof/proof-result.ts";

/** A proof by enumeration of one configuration. */
export interface SuiteProof {
  readonly config: string;
  readonly verdict: ProofVerdict;
  readonly invariant: SubjectResult["invariant"];
  /** Properties that hold for any number of MMs. */
  readonly claims: readonly string[];
  readonly bounds: EnumerationBounds;
  readonly states: number;
  readonly steps: number;
  /** Obligations that are refuted, as `sub: whole`. */
  readonly refuted: readonly string[];
  /** Whether an execution reaches a failure; absent where nothing is refuted. */
  readonly reached?: boolean;
}
