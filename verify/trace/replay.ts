/** Replays a trace under its own kernel, which must reproduce the recorded states, or under another kernel. */
import { isDeepStrictEqual } from "node:util";
import { formatCall } from "../../explore/model/model.ts";
import type { AnyModel } from "../../machines/machine.ts";
import { KERNEL_NAMES } from "../../model/kernels/index.ts";
import type { MemoryModel } from "../../races/race-model.ts";
import { modelOf, type ResolvedJob, resolve } from "../job/job.ts";
import type { Diagnostic } from "../report/diagnostic.ts";
import { identityOf } from "../report/diagnostic-identity.ts";
import { REPORT_VERSION, type TraceReport } from "../report/report.ts";
import { UsageError } from "../request/usage-error.ts";
import { type Divergence, type Execution, executeTrace, type Obstacle, type ReplayFinding } from "./execution.ts";
import { underMemoryModel } from "./memory-model.ts";
import { requireModelled } from "./modelled-trace.ts";
import { describeDifference } from "./state-difference.ts";
import { traceReport } from "./trace-report.ts";
import { requireClaim } from "./tree-trace.ts";

/** Outcome of a replay. */
export type ReplayOutcome =
  /** The property of the trace is violated, at this step. */
  | { readonly kind: "violated"; readonly step: number }
  /** Only other properties are violated. */
  | { readonly kind: "fails-otherwise"; readonly violated: readonly string[] }
  /** Every step was taken, and no property is violated. */
  | { readonly kind: "cured" }
  /** The witness is reached, at this step, and no property is violated. */
  | { readonly kind: "reached"; readonly step: number }
  /** Every step was taken, no property is violated, and the witness is not reached. */
  | { readonly kind: "unreached" }
  /** The kernel cannot take every step: the replay does not show whether it has the fault, or the witness. */
  | { readonly kind: "not-applicable"; readonly obstacle: Obstacle };

/** Report on a replay. */
export interface ReplayReport {
  readonly format: "foliocheck-replay";
  readonly version: number;
  readonly property: string;
  readonly kernel: string;
  /** The memory model, if it is not the trace's. */
  readonly memory?: MemoryModel;
  /** Whether the property of the trace is a witness, which must be reachable. */
  readonly witness: boolean;
  readonly outcome: ReplayOutcome;
  /** Whether the trace was also executed under its own kernel, with the recorded steps, states and decision. */
  readonly confirmed: boolean;
  /** Every property that the execution violates or reaches. */
  readonly findings: readonly ReplayFinding[];
  /** The first step that this kernel cannot take. */
  readonly obstacle?: Obstacle;
  /** The first state that differs from that under the trace's own kernel. */
  readonly divergence?: Divergence;
  /** The execution under this kernel. */
  readonly trace: TraceReport;
}

/**
 * Replays a trace.
 *
 * @param kernel name of another kernel to replay it under
 * @param memory another memory model to replay a trace of machine race under
 * @throws UsageError when the trace's machine, bounds or property do not exist here, and when its own kernel does not
 * reproduce the trace
 */
export function replay(trace: TraceReport, kernel: string = trace.kernel, memory?: MemoryModel): ReplayReport {
  requireModelled(trace, kernel);
  requireClaim(trace);
  const converted = memory === undefined ? trace : underMemoryModel(trace, memory);
  const resolved = resolvedUnder(converted, kernel);
  const model = modelOf(resolved);
  const property = propertyOf(converted, model);
  const witness = property.kind === "sometimes" || property.kind === "sometimes-step";
  const confirmed = KERNEL_NAMES.includes(trace.kernel);
  const execution = executeTrace(converted, model);
  if (confirmed) {
    const original = kernel === trace.kernel && memory === undefined ? execution : executeUnder(trace, trace.kernel);
    requireRecordedSteps(trace, original);
    requireRecordedDecision(trace, original);
  }
  const { findings, taken, obstacle, divergence } = execution;
  const warning = findings.find(({ id }) => id === trace.property)?.warning;
  const traced = { id: property.id, claim: property.claim, source: property.source };
  return {
    format: "foliocheck-replay",
    version: REPORT_VERSION,
    property: trace.property,
    kernel,
    ...(memory === undefined ? {} : { memory }),
    witness,
    outcome: outcomeOf(trace.property, witness, execution),
    confirmed,
    findings,
    ...(obstacle && { obstacle }),
    // States are not comparable with those of C code, which have more fields, nor with those of another memory model.
    ...(divergence && confirmed && memory === undefined && { divergence }),
    trace: {
      ...traceReport(resolved, traced, trace.initial, converted.steps.slice(0, taken)),
      ...(warning !== undefined && { warning }),
    },
  };
}

function executeUnder(trace: TraceReport, kernel: string): Execution {
  return executeTrace(trace, modelOf(resolvedUnder(trace, kernel)));
}

function resolvedUnder({ machine, config, bounds, against, calls }: TraceReport, kernel: string): ResolvedJob {
  return resolve({
    machine,
    config,
    bounds,
    kernel,
    ...(against !== undefined && { against }),
    ...(calls !== undefined && { calls }),
  });
}

function propertyOf(
  { property: name, machine }: TraceReport,
  { properties }: AnyModel,
): AnyModel["properties"][number] {
  const property = properties.find(({ id }) => id === name);
  if (property === undefined) {
    throw new UsageError(`the trace is about property ${name}, which machine ${machine} does not check here`);
  }
  return property;
}

/** Returns the outcome of a replay. A violation takes precedence: it does not depend on the steps after it. */
function outcomeOf(property: string, witness: boolean, { findings, obstacle }: Execution): ReplayOutcome {
  const step = findings.find(({ id }) => id === property)?.step;
  const violated = findings.filter(({ verdict }) => verdict === "violated").map(({ id }) => id);
  if (step !== undefined && !witness) {
    return { kind: "violated", step };
  }
  if (violated.length > 0) {
    return { kind: "fails-otherwise", violated };
  }
  if (step !== undefined) {
    return { kind: "reached", step };
  }
  if (obstacle !== undefined) {
    return { kind: "not-applicable", obstacle };
  }
  return { kind: witness ? "unreached" : "cured" };
}

/** Possible reasons for a difference between a trace file and this model, for messages. */
const POSSIBLE_REASONS = "the file was edited, or the model has changed since";

/** @throws UsageError when the model's kernel of a trace does not reproduce its steps and states */
export function requireFaithful(trace: TraceReport): void {
  if (KERNEL_NAMES.includes(trace.kernel)) {
    requireRecordedSteps(trace, executeUnder(trace, trace.kernel));
  }
}

/** @throws UsageError when the steps and states of a trace are not those of its execution under its own kernel */
function requireRecordedSteps({ kernel, steps }: TraceReport, { obstacle, divergence }: Execution): void {
  if (obstacle !== undefined) {
    const { step, message } = obstacle;
    throw new UsageError(
      `cannot execute step ${step} of the trace under its own kernel ${kernel}: ${message}; ${POSSIBLE_REASONS}`,
    );
  }
  if (divergence !== undefined) {
    const where = divergence.step === 0 ? "in the initial state" : `after step ${divergence.step}`;
    const difference = describeDifference(divergence);
    throw new UsageError(
      `the trace is not what its own kernel ${kernel} does: ${where}, ${difference}; ${POSSIBLE_REASONS}`,
    );
  }
  // The order of parameters is not significant in JSON.
  const words = (call: string): string =>
    call
      .split(/[(), ]+/)
      .toSorted()
      .join(" ");
  const misnamed = steps.findIndex((step) => words(step.call) !== words(formatCall(step)));
  if (misnamed >= 0) {
    throw new UsageError(
      `the trace contradicts itself: step ${misnamed + 1} is called ${steps[misnamed]?.call}; ${POSSIBLE_REASONS}`,
    );
  }
}

/**
 * @throws UsageError when the execution under its own kernel does not violate or reach a trace's property as recorded
 */
function requireRecordedDecision({ property, kernel, warning }: TraceReport, { findings }: Execution): void {
  const decided = findings.find(({ id }) => id === property);
  if (decided === undefined) {
    throw new UsageError(
      `the trace does not decide ${property} under its own kernel ${kernel}: it was cut short, or the model has changed since`,
    );
  }
  // Version 1 contains messages, which may have been reworded since.
  if (warning !== undefined && warning.kind !== "text" && !isDeepStrictEqual(warning, decided.warning)) {
    throw new UsageError(
      `the trace is not what its own kernel ${kernel} does: it raises ${describe(decided.warning)}, and ` +
        `${describe(warning)} in the file; ${POSSIBLE_REASONS}`,
    );
  }
}

function describe(warning: Diagnostic | undefined): string {
  return warning === undefined ? "no warning" : identityOf(warning);
}
