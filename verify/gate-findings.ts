/** What the gate finds: a function that does something else than the model, or a claim that the C code breaks. */

import type { Mode } from "../gate/compiled-functions.ts";
import { UNCALLED } from "../gate/machines.ts";
import type { CompiledSubject } from "./compiled-job.ts";
import { claimOf, type Job } from "./job.ts";
import type { PropertyReport, RunReport, TraceReport } from "./report.ts";

/** One finding, in one configuration. */
export interface Finding {
  /** `CF.` and the name of the function, or the id of the property that is violated. */
  readonly property: string;
  readonly mode: Mode | "layout";
  readonly config: string;
  readonly machine: string;
  readonly claim: string;
  /** The function at fault, where one is known. */
  readonly function?: string;
  /** What is different, or what was warned of; the claim where that says all. */
  readonly what: string;
  /** A shortest trace; null for a witness that is not reached, and for a layout. */
  readonly trace: TraceReport | null;
}

/** The findings of a run. */
export function findingsOf(job: Job, report: RunReport): Finding[] {
  const { mode } = job.compiled as CompiledSubject;
  return report.properties.flatMap((property) => {
    const { verdict } = property;
    return verdict === "violated" || verdict === "unreached" ? [findingOf(property, mode, report)] : [];
  });
}

function findingOf({ id, claim, trace, verdict }: PropertyReport, mode: Mode, report: RunReport): Finding {
  const operation = operationOf(id) ?? (trace !== null && usesUncalled(trace) ? UNCALLED : undefined);
  return {
    property: id,
    mode,
    config: report.config,
    machine: report.machine,
    claim,
    ...(operation === undefined ? {} : { function: operation }),
    what: trace?.warning ?? (verdict === "unreached" ? `unreached: ${claim}` : claim),
    trace,
  };
}

/** The operation that a property is about: `CF.folio_mapcount` is about folio_mapcount(). */
export function operationOf(property: string): string | undefined {
  return claimOf(property) === "CF" ? property.slice("CF.".length) : undefined;
}

function usesUncalled({ steps }: TraceReport): boolean {
  return steps.some(({ action }) => action === "dupFilePmd");
}

/**
 * The job to run after one that stopped at a violation, to see what else there is: the same without the operations that
 * are known to be at fault now. Undefined when none is, or when nothing would be left to learn.
 */
export function followUp(job: Job, findings: readonly Finding[]): Job | undefined {
  const compiled = job.compiled as CompiledSubject;
  const fresh = findings.flatMap((each) => each.function ?? []).filter((name) => !compiled.leftOut.includes(name));
  return fresh.length === 0
    ? undefined
    : { ...job, compiled: { ...compiled, leftOut: [...compiled.leftOut, ...new Set(fresh)] } };
}

/**
 * What a finding is, whatever line of the tree and whatever numbers it shows with: two findings that agree in this are
 * one to a baseline.
 */
export function signatureOf({ property, what }: Pick<Finding, "property" | "what">): string {
  return `${property}: ${what.replace(/:\d+/g, "").replace(/-?\d+/g, "#")}`;
}
