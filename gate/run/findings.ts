/** Findings of a gate: differences between functions and the model, and violations of claims. */

import type { SourcePlace } from "../../model/kernel/call-node.ts";
import type { Job } from "../../verify/job/job.ts";
import type { Diagnostic } from "../../verify/report/diagnostic.ts";
import type { PropertyReport, RunReport, TraceReport } from "../../verify/report/report.ts";
import { type KnownViolation, violationKey } from "../adapter/known-violations.ts";
import { operationOf, UNCALLED } from "../adapter/machines.ts";
import type { Optimisation } from "../compile/clang.ts";
import { modeOf, type RunMode } from "./outcome.ts";

/** Finding in one configuration. */
export interface Finding {
  /** `CF.` and a function's name, or the id of the violated or unreached property. */
  readonly property: string;
  readonly mode: RunMode | "layout" | "proof";
  /** Kernel configuration; for a layout, the target and the options. */
  readonly config: string;
  /** Layout only: the target. */
  readonly target?: string;
  readonly machine: string;
  readonly claim: string;
  /** The faulty function, if the finding identifies one. */
  readonly function?: string;
  /** `unproved`: of a proof whose counterexample no execution is known to reach. */
  readonly verdict: "violated" | "unreached" | "unproved";
  /** The difference or the warning; absent if the claim alone describes the finding. */
  readonly cause?: Diagnostic;
  /** Layout only: the code that causes it, besides the structs. */
  readonly place?: SourcePlace;
  /** A shortest trace; null for an unreached witness, a layout and a proof. */
  readonly trace: TraceReport | null;
  /** Races only: the optimisation level of the code. */
  readonly optimisation?: Optimisation;
  /** Races only: the other optimisation level, if its code does not have the finding at the same bounds. */
  readonly heldBy?: Optimisation;
  /** Whether the base also has it. */
  readonly inBase?: boolean;
}

/** Returns the findings of a run. */
export function findingsOf(job: Job, report: RunReport): Finding[] {
  const mode = modeOf(job);
  return report.properties.flatMap((property) => {
    const { verdict } = property;
    return verdict === "violated" || verdict === "unreached" ? [findingOf(property, mode, report)] : [];
  });
}

function findingOf({ id, claim, trace, verdict }: PropertyReport, mode: RunMode, report: RunReport): Finding {
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
 * Returns the job that continues past the violation at which a run stopped: without the faulty functions, and without
 * the accepted violations. Undefined if the job would be the same, and if a violation is not accepted, because later
 * violations may be its consequence.
 *
 * @param isAccepted whether the search continues past a finding
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
  const violations = others.flatMap(({ property, trace }): KnownViolation[] =>
    trace === null ? [] : [{ property, ...(trace.warning === undefined ? {} : { warning: trace.warning }) }],
  );
  const newViolations = violations.filter((each) => !isKnown(each));
  // In conformance mode, findings without a faulty function are warnings of the model, which cannot be accepted.
  const canContinue = others.length === 0 || (compiled?.mode !== "conformance" && others.every(isAccepted));
  if (!canContinue || names.length + newViolations.length === 0) {
    return undefined;
  }
  const more = newViolations.length === 0 ? {} : { known: [...known, ...newViolations] };
  return {
    ...job,
    ...(compiled && { compiled: { ...compiled, leftOut: [...leftOut, ...new Set(names)], ...more } }),
    ...(image && { image: { ...image, ...more } }),
  };
}
