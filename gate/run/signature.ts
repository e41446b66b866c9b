/** Signatures of findings: identities without line numbers and values. */

import { identityOf } from "../../verify/report/diagnostic-identity.ts";
import { lastStepsOf, treeFunctionsIn, treeFunctionsOf } from "../../verify/trace/tree-trace.ts";
import { MANIFEST } from "../tree/manifest.ts";
import type { Finding } from "./findings.ts";

/**
 * Version of signatures, incremented when the signatures of findings change. A baseline contains that of its entries.
 */
export const SIGNATURE_VERSION = 2;

/**
 * Returns the signature of a finding. A baseline treats findings with the same signature as one. It consists of
 *
 * - the property and the identity of the diagnostic;
 * - in claims mode, also the machine, the functions in scope that ran in the last step (for a race, in the operations
 * that
 *   overlap at its end), and those that the claim called. Other functions in the trace, which are those that differ from a
 *   base, do not count;
 * - for a race, also that only optimised code has it;
 * - for an mm image, the machine and the last operation.
 */
export function signatureOf(finding: Finding): string {
  const { property, mode, machine, trace } = finding;
  const identity = identityIn(finding);
  if (mode === "image") {
    return `${property} on ${machine} after ${trace?.steps.at(-1)?.action}${identity}`;
  }
  if (mode !== "claims") {
    return `${property}${identity}`;
  }
  const last = trace === null ? [] : lastStepsOf(trace);
  const named = [...last.flatMap(treeFunctionsOf), ...treeFunctionsIn(trace?.queries ?? [])];
  const ran = [...new Set(named)].filter((name) => IN_SCOPE.has(name));
  const code = finding.heldBy === "-O0" ? ` with ${finding.optimisation}, not with -O0` : "";
  return `${property} on ${machine}${ran.length === 0 ? "" : ` by ${ran.join(", ")}`}${code}${identity}`;
}

const IN_SCOPE: ReadonlySet<string> = new Set(MANIFEST.map(({ name }) => name));

/** Returns a key that is equal for findings to be reported as one, also on several machines. */
export function kindOf(finding: Finding): string {
  return `${finding.property}${identityIn(finding)}`;
}

function identityIn({ cause, verdict }: Finding): string {
  return cause !== undefined ? `: ${identityOf(cause)}` : verdict === "unreached" ? ": unreached" : "";
}
