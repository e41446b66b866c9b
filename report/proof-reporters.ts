/** The formats of the report of a proof. */
import type { ProofReport } from "../verify/proof-report.ts";
import { proofJunit } from "./junit/proof.ts";
import { proofPretty } from "./terminal/proof.ts";

/** Turns the report into text. */
export type ProofReporter = (report: ProofReport, options: { readonly color: boolean }) => string;

/** Names of the formats. */
export type ProofReporterName = "pretty" | "json" | "junit";

/** The formats by name. */
export const PROOF_REPORTERS: { readonly [N in ProofReporterName]: ProofReporter } = {
  pretty: proofPretty,
  json: (report) => `${JSON.stringify(report, null, 2)}\n`,
  junit: proofJunit,
};
