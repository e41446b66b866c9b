/** What a finding is, whatever line of the tree and whatever numbers it shows with. */

import { identityOf } from "../../verify/report/diagnostic-identity.ts";
import { lastStepsOf, treeFunctionsIn, treeFunctionsOf } from "../../verify/trace/tree-trace.ts";
import { MANIFEST } from "../tree/manifest.ts";
import type { Finding } from "./findings.ts";

/** Version of signatures: it rises when findings get other ones. A baseline has that of its entries. */
export const SIGNATURE_VERSION = 2;

/**
 * Two findings that agree in this are one to a baseline. It keeps
 *
 * - the property, and the identity of the diagnostic; - of a claim with the C code alone also the machine, the
 * functions in scope that ran in the last step (of a race: in the
 *   operations that overlap at its end), and those that the claim called. Of other functions a trace names those that differ from a base: they do not count.
 * - of a race also that only optimised code has it;
 * - of an mm image the last operation.
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
  const named = [...last.flatMap(treeFunctionsOf), ...treeFunctionsIn(trace?.asked ?? [])];
  const ran = [...new Set(named)].filter((name) => IN_SCOPE.has(name));
  const code = finding.heldBy === "-O0" ? ` with ${finding.optimisation}, not with -O0` : "";
  return `${property} on ${machine}${ran.length === 0 ? "" : ` by ${ran.join(", ")}`}${code}${identity}`;
}

const IN_SCOPE: ReadonlySet<string> = new Set(MANIFEST.map(({ name }) => name));

/** Equal for findings that are reported as one: the same is wrong, be it on several machines. */
export function kindOf(finding: Finding): string {
  return `${finding.property}${identityIn(finding)}`;
}

function identityIn({ cause, verdict }: Finding): string {
  return cause !== undefined ? `: ${identityOf(cause)}` : verdict === "unreached" ? ": unreached" : "";
}
