/** Reporters of proofs. */
import type { ProofReport } from "../verify/proof-report.ts";
import { type ResultReporterName, resultReporters } from "./result-reporters.ts";
import { proofResults } from "./results/proof.ts";
import { proofSarif } from "./sarif/proof.ts";
import { proofPretty } from "./terminal/proof.ts";

/** Formats a report. */
export type ProofReporter = (report: ProofReport, options: { readonly color: boolean }) => string;

/** Names of the reporters. */
export type ProofReporterName = "pretty" | "json" | "sarif" | ResultReporterName;

/** The reporters by name. */
export const PROOF_REPORTERS: { readonly [N in ProofReporterName]: ProofReporter } = {
  pretty: proofPretty,
  json: (report) => `${JSON.stringify(report, null, 2)}\n`,
  sarif: proofSarif,
  ...resultReporters(proofResults),
};
