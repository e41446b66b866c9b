/** Report of a proof, which reporters turn into their formats. */
import type { SubjectResult, SubjectVerdict } from "../proof/proof-result.ts";
import type { Provenance } from "./report/report.ts";

/** A proof of the model, or of the C of a tree. */
export interface ProofReport {
  readonly format: "foliocheck-report";
  readonly version: number;
  readonly command: "prove";
  readonly verdict: SubjectVerdict;
  /** Absent for the model. */
  readonly tree?: string;
  readonly patch?: string;
  readonly subjects: readonly SubjectResult[];
  /** Assumptions of the proof, in sentences. */
  readonly assumptions: readonly string[];
  readonly seconds: number;
  readonly provenance: Provenance;
}
