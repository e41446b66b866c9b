/** What the gate finds: a function that does something else than the model, or a claim that the C code breaks. */

import type { Mode } from "../gate/compiled-functions.ts";
import type { LayoutFault, LayoutReport } from "../gate/layout/check-layout.ts";
import { UNCALLED } from "../gate/machines.ts";
import type { CompiledSubject } from "./compiled-job.ts";
import { claimOf, type Job } from "./job.ts";
import type { PropertyReport, RunReport, TraceReport } from "./report.ts";

/** One finding, in one configuration. */
export interface Finding {
  /** `CF.` and the name of the function, or the id of the property that is violated. */
  readonly property: string;
  readonly mode: Mode | "layout";
  /** Of a layout: the machine, and the options. */
  readonly config: string;
  readonly machine: string;
  readonly claim: string;
  /** The function at fault, where one is known. */
  readonly function?: string;
  /** What is different, or what was warned of; the claim where that says all. */
  readonly what: string;
  /** A shortest trace; null for a witness that is not reached. */
  readonly trace: TraceReport | null;
}

const LAYOUT_CLAIMS: Readonly<Record<LayoutFault["claim"], string>> = {
  C21: "No two live fields of one folio kind overlap, and every folio has room for its fields",
  B3: "Struct pages of a hugetlb folio whose vmemmap comes back are reset as far as fields overlay them",
  B4: "A large fsdax folio that is taken apart leaves no stale _nr_pages behind",
};

/** The findings about layouts. */
export function layoutFindings({ faults }: LayoutReport): Finding[] {
  return faults.map(({ claim, target, variant, text }) => ({
    property: claim,
    mode: "layout",
    config: `${target}, ${variant}`,
    machine: "layout",
    claim: LAYOUT_CLAIMS[claim],
    what: text,
    trace: null,
  }));
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
