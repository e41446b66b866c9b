/** What a finding is, whatever line of the tree and whatever numbers it shows with. */
import { MANIFEST } from "../gate/source/manifest.ts";
import type { Finding } from "./gate-findings.ts";
import { lastStepsOf, treeFunctionsIn, treeFunctionsOf } from "./tree-trace.ts";

/**
 * Two findings that agree in this are one to a baseline. It keeps
 *
 * - the property, and what is said of it: names, indices, texts of warnings, and whether a number is more or less than the model's;
 * - of a claim with the C code alone also the machine, the functions in scope that ran in the last step (of a race: in the
 *   operations that overlap at its end), and those that the claim asked. Of other functions a trace names those that differ from a base: they do not count.
 * - of a race also that only optimised code has it;
 * - of an mm image the last operation.
 *
 * It keeps no lines, no numbers that are compared, and no ranges.
 */
export function signatureOf(finding: Finding): string {
  const { property, mode, machine, trace } = finding;
  const text = textOf(finding);
  if (mode === "image") {
    return `${property} on ${machine} after ${trace?.steps.at(-1)?.action}: ${text}`;
  }
  if (mode !== "claims") {
    return `${property}: ${text}`;
  }
  const last = trace === null ? [] : lastStepsOf(trace);
  const named = [...last.flatMap(treeFunctionsOf), ...treeFunctionsIn(trace?.asked ?? [])];
  const ran = [...new Set(named)].filter((name) => IN_SCOPE.has(name));
  const code = finding.heldBy === "-O0" ? ` with ${finding.optimisation}, not with -O0` : "";
  return `${property} on ${machine}${ran.length === 0 ? "" : ` by ${ran.join(", ")}`}${code}: ${text}`;
}

const IN_SCOPE: ReadonlySet<string> = new Set(MANIFEST.map(({ name }) => name));

/** What findings that are told as one have in common: the same is wrong, be it on several machines. */
export function kindOf(finding: Finding): string {
  return `${finding.property}: ${textOf(finding)}`;
}

function textOf({ mode, what }: Finding): string {
  return mode === "layout"
    ? what.replace(/-?\d+/g, "#")
    : what
        .replace(/(\.[ch]):\d+/g, "$1")
        .replace(/(-?\d+)(?:, in the model (?:by )?(-?\d+)| where PTEs map (\d+) pages)/g, (_, is, wanted, pages) =>
          Number(is) > Number(wanted ?? pages) ? "too much" : "too little",
        )
        .replace(
          /the value (-?\d+) does not fit (field [^ ,]+), which is declared (-?\d+) … -?\d+/g,
          (_, is, field, least) => `${field} is ${Number(is) < Number(least) ? "too small" : "too large"}`,
        );
}
