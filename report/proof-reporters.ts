/** Reporters of proofs. */
import type { ProofReport } from "../verify/proof-report.ts";
import { type ResultReporterName, resultReporters } from "./result-reporters.ts";
import { proofResults } from "./results/proof.ts";
import { proofSarif } from "./sarif/proof.ts";
import { proofPretty } from "./terminal/proof.ts";
import type { VerbosePrintOptions } from "./text/print-lines.ts";

/** Formats a report. */
export type ProofReporter = (report: ProofReport, options: VerbosePrintOptions) => string;

/** Names of the reporters. */
export type ProofReporterName = "pretty" | "json" | "sarif" | ResultReporterName;

/** The reporters by name. */
export const PROOF_REPORTERS: { readonly [N in ProofReporterName]: ProofReporter } = {
  pretty: proofPretty,
  json: (report) => `${JSON.stringify(report, null, 2)}\n`,
  sarif: proofSarif,
  ...resultReporters(proofResults),
};
