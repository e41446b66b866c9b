/** Replays a trace: under the kernel that it was found with, which must do what the file says, or under another one. */
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
import { describeDifference } from "./state-difference.ts";
import { traceReport } from "./trace-report.ts";
import { requireClaim, requireModelled } from "./tree-trace.ts";

/** Outcome of a replay. */
export type ReplayOutcome =
  /** The property of the trace is violated again, at this step. */
  | { readonly kind: "violated"; readonly step: number }
  /** Only other properties are violated. */
  | { readonly kind: "fails-otherwise"; readonly violated: readonly string[] }
  /** Every step was taken, and nothing is violated. */
  | { readonly kind: "cured" }
  /** The witness is reached again, at this step, and nothing is violated. */
  | { readonly kind: "reached"; readonly step: number }
  /** Every step was taken, nothing is violated, and the witness is not reached. */
  | { readonly kind: "unreached" }
  /** The kernel cannot take every step: whether it has the fault, or the witness, is not known. */
  | { readonly kind: "not-applicable"; readonly obstacle: Obstacle };

/** The report on a replay. */
export interface ReplayReport {
  readonly format: "foliocheck-replay";
  readonly version: number;
  readonly property: string;
  readonly kernel: string;
  /** The memory model; absent where it is the trace's own. */
  readonly memory?: MemoryModel;
  /** Whether the property of the trace is a witness: something that must be reachable. */
  readonly witness: boolean;
  readonly outcome: ReplayOutcome;
  /** Whether the trace was executed under its own kernel as well, and does there what the file says. */
  readonly confirmed: boolean;
  /** Every property that the execution decides. */
  readonly findings: readonly ReplayFinding[];
  /** The first step that this kernel cannot take. */
  readonly obstacle?: Obstacle;
  /** The first state that is another one than under the trace's own kernel. */
  readonly divergence?: Divergence;
  /** The execution under this kernel. */
  readonly trace: TraceReport;
}

/**
 * Executes a trace again.
 *
 * @param kernel name of another kernel to replay it under
 * @param memory another memory model to replay a trace of machine race under
 * @throws UsageError when the trace's machine, bounds or property do not exist here, and when the trace does not do under
 * its own kernel what the file says
 */
export function replay(trace: TraceReport, kernel: string = trace.kernel, memory?: MemoryModel): ReplayReport {
  requireModelled(trace, kernel);
  requireClaim(trace);
  const own = memory === undefined ? trace : underMemoryModel(trace, memory);
  const resolved = resolvedUnder(own, kernel);
  const model = modelOf(resolved);
  const owner = propertyOf(own, model);
  const witness = owner.kind === "sometimes" || owner.kind === "sometimes-step";
  const confirmed = KERNEL_NAMES.includes(trace.kernel);
  const execution = executeTrace(own, model);
  if (confirmed) {
    const original = kernel === trace.kernel && memory === undefined ? execution : executeUnder(trace, trace.kernel);
    requireRecordedSteps(trace, original);
    requireRecordedDecision(trace, original);
  }
  const { findings, taken, obstacle, divergence } = execution;
  const warning = findings.find(({ id }) => id === trace.property)?.warning;
  const decided = { id: owner.id, claim: owner.claim, source: owner.source };
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
    // The C code of a tree keeps more in its states than the model does, and each memory model something else.
    ...(divergence && confirmed && memory === undefined && { divergence }),
    trace: {
      ...traceReport(resolved, decided, trace.initial, own.steps.slice(0, taken)),
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

function propertyOf({ property, machine }: TraceReport, { properties }: AnyModel): AnyModel["properties"][number] {
  const owner = properties.find(({ id }) => id === property);
  if (owner === undefined) {
    throw new UsageError(`the trace is about property ${property}, which machine ${machine} does not check here`);
  }
  return owner;
}

/** A violation counts more than anything else: it is there whether or not the steps after it can be taken. */
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

/** Why a trace file and this model may disagree. */
const EDITED = "the file was edited, or the model has changed since";

/** @throws UsageError when a trace of one of the model's kernels does not do there what the file says */
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
      `cannot execute step ${step} of the trace under its own kernel ${kernel}: ${message}; ${EDITED}`,
    );
  }
  if (divergence !== undefined) {
    const where = divergence.step === 0 ? "in the initial state" : `after step ${divergence.step}`;
    const difference = describeDifference(divergence);
    throw new UsageError(`the trace is not what its own kernel ${kernel} does: ${where}, ${difference}; ${EDITED}`);
  }
  // JSON does not keep the order of parameters.
  const words = (call: string): string =>
    call
      .split(/[(), ]+/)
      .toSorted()
      .join(" ");
  const misnamed = steps.findIndex((step) => words(step.call) !== words(formatCall(step)));
  if (misnamed >= 0) {
    throw new UsageError(
      `the trace contradicts itself: step ${misnamed + 1} is called ${steps[misnamed]?.call}; ${EDITED}`,
    );
  }
}

/** @throws UsageError when the execution under its own kernel does not decide the property of a trace as recorded */
function requireRecordedDecision({ property, kernel, warning }: TraceReport, { findings }: Execution): void {
  const decided = findings.find(({ id }) => id === property);
  if (decided === undefined) {
    throw new UsageError(
      `the trace does not decide ${property} under its own kernel ${kernel}: it was cut short, or the model has changed since`,
    );
  }
  // Version 1 has messages, which may have been reworded since.
  if (warning !== undefined && warning.kind !== "text" && !isDeepStrictEqual(warning, decided.warning)) {
    throw new UsageError(
      `the trace is not what its own kernel ${kernel} does: it raises ${describe(decided.warning)}, and ` +
        `${describe(warning)} in the file; ${EDITED}`,
    );
  }
}

function describe(warning: Diagnostic | undefined): string {
  return warning === undefined ? "no warning" : identityOf(warning);
}
