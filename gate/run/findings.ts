/** What the gate finds: a function that does something else than the model, or a claim that the C code breaks. */

import type { SourcePlace } from "../../model/kernel/call-node.ts";
import type { CompiledSubject, Job } from "../../verify/job/job.ts";
import type { Diagnostic } from "../../verify/report/diagnostic.ts";
import type { PropertyReport, RunReport, TraceReport } from "../../verify/report/report.ts";
import type { Mode } from "../adapter/compiled-functions.ts";
import { type KnownViolation, violationKey } from "../adapter/known-violations.ts";
import { operationOf, UNCALLED } from "../adapter/machines.ts";
import type { Optimisation } from "../compile/clang.ts";

/** One finding, in one configuration. */
export interface Finding {
  /** `CF.` and the name of the function, or the id of the property that is violated. */
  readonly property: string;
  readonly mode: Mode | "layout" | "image" | "proof";
  /** Of a layout: the machine, and the options. */
  readonly config: string;
  /** Of a layout: the machine alone. */
  readonly target?: string;
  readonly machine: string;
  readonly claim: string;
  /** The function at fault, where one is known. */
  readonly function?: string;
  readonly verdict: "violated" | "unreached";
  /** The difference, or the warning; absent where the claim says all. */
  readonly cause?: Diagnostic;
  /** Of a layout: what of the tree decides it, besides the structs. */
  readonly place?: SourcePlace;
  /** A shortest trace; null for a witness that is not reached, of a layout, and of a proof. */
  readonly trace: TraceReport | null;
  /** Of races: how clang compiled the code. */
  readonly optimisation?: Optimisation;
  /** The other optimisation, where its code does not show it at the same bounds. */
  readonly heldBy?: Optimisation;
  /** Whether the base has it, too. */
  readonly inBase?: boolean;
}

/** The findings of a run. */
export function findingsOf(job: Job, report: RunReport): Finding[] {
  const mode = job.image === undefined ? (job.compiled as CompiledSubject).mode : "image";
  return report.properties.flatMap((property) => {
    const { verdict } = property;
    return verdict === "violated" || verdict === "unreached" ? [findingOf(property, mode, report)] : [];
  });
}

function findingOf({ id, claim, trace, verdict }: PropertyReport, mode: Mode | "image", report: RunReport): Finding {
  const operation = operationOf(id) ?? (trace !== null && usesUncalled(trace) ? UNCALLED : undefined);
  return {
    property: id,
    mode,
    config: report.config,
    machine: report.machine,
    claim,
    ...(operation === undefined ? {} : { function: operation }),
    verdict: verdict === "unreached" ? "unreached" : "violated",
    ...(trace?.warning === undefined ? {} : { cause: trace.warning }),
    trace,
    ...(report.optimisation === undefined ? {} : { optimisation: report.optimisation }),
  };
}

function usesUncalled({ steps }: TraceReport): boolean {
  return steps.some(({ action }) => action === "dupFilePmd");
}

/**
 * The job to run after one that stopped at a violation, to see what else there is: the same without the operations that
 * are known to be at fault now, and not judged by claims whose violation is accepted. Undefined when nothing would be
 * left to learn, and when a claim is violated that nobody has accepted: what comes after that may be its consequence.
 *
 * @param isAccepted whether a finding is known and accepted
 */
export function followUp(
  job: Job,
  findings: readonly Finding[],
  isAccepted: (finding: Finding) => boolean,
): Job | undefined {
  const { compiled, image } = job;
  const leftOut = compiled?.leftOut ?? [];
  const known = (image ?? compiled)?.known ?? [];
  const names = findings.flatMap((each) => each.function ?? []).filter((name) => !leftOut.includes(name));
  const others = findings.filter((each) => each.function === undefined);
  const isKnown = (violation: KnownViolation): boolean =>
    known.some((each) => violationKey(each) === violationKey(violation));
  const violated = others.flatMap(({ property, trace }): KnownViolation[] =>
    trace === null ? [] : [{ property, ...(trace.warning === undefined ? {} : { warning: trace.warning }) }],
  );
  const fresh = violated.filter((each) => !isKnown(each));
  // Where C code and model are compared, what the model warns of is left to the model.
  const goesOn = others.length === 0 || (compiled?.mode !== "conformance" && others.every(isAccepted));
  if (!goesOn || names.length + fresh.length === 0) {
    return undefined;
  }
  const more = fresh.length === 0 ? {} : { known: [...known, ...fresh] };
  return {
    ...job,
    ...(compiled && { compiled: { ...compiled, leftOut: [...leftOut, ...new Set(names)], ...more } }),
    ...(image && { image: { ...image, ...more } }),
  };
}
