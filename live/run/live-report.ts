/** Plans and executes walks on a running kernel, and reports on them. */

import type { ActionCall } from "../../explore/model/model.ts";
import { type NotChecked, notChecked } from "../../invariants/not-checked.ts";
import type { Bounds } from "../../machines/machine.ts";
import { formatConfig, type KernelConfig } from "../../model/kernel/config.ts";
import { DEFAULT_KERNEL } from "../../model/kernels/index.ts";
import { type ResolvedJob, resolve } from "../../verify/job/job.ts";
import type { DescribeDiagnostic } from "../../verify/report/diagnostic.ts";
import { REPORT_VERSION, type TraceReport } from "../../verify/report/report.ts";
import { oneOf, UsageError } from "../../verify/request/usage-error.ts";
import { isImageTrace } from "../../verify/trace/image-trace.ts";
import { requireModelled } from "../../verify/trace/modelled-trace.ts";
import { requireFaithful } from "../../verify/trace/replay.ts";
import { traceReport } from "../../verify/trace/trace-report.ts";
import { reproducerSources } from "../reproducer/reproducer-sources.ts";
import type { LiveSession, SessionBounds } from "../session/session.ts";
import { PackedWorld } from "../walk/packed-world.ts";
import { walkRandomly } from "../walk/random-walks.ts";
import { LIVE_SCOPES, type LiveScope, liveModel, sessionBounds } from "../walk/scopes.ts";
import { walkTour } from "../walk/tour-walk.ts";
import { type Difference, Walker } from "../walk/walk.ts";
import type { WalkHooks, WalkResult } from "../walk/walk-result.ts";
import { imageReproducer } from "./image-reproducer.ts";
import { modelReproducer, refusePmds } from "./model-reproducer.ts";
import type { LiveDifferenceReport, LiveHost, LiveReport } from "./report.ts";

/** Parameters of a walk. Absent ones have defaults. */
export interface LiveRequest {
  /** Name of a live scope. */
  readonly scope: string;
  readonly kernel?: string;
  readonly bounds?: Bounds;
  /** Random walks with this number of steps in total, in place of a tour. */
  readonly random?: { readonly seed: number; readonly steps: number };
}

/** A validated request, with defaults. */
export interface LivePlan {
  readonly request: LiveRequest;
  readonly scope: LiveScope;
  readonly bounds: Bounds;
  /** Bounds of the session. */
  readonly session: SessionBounds;
}

/** Property of the traces of differences. */
const PROPERTY = {
  id: "live",
  claim: "The running kernel shows what the model says",
  source: "docs/live.md",
} as const;

/**
 * Validates a request, and adds defaults.
 *
 * @throws UsageError for an unknown scope or kernel, or bounds out of range
 */
export function planLive(request: LiveRequest): LivePlan {
  const scope = LIVE_SCOPES.find(({ name }) => name === request.scope);
  if (scope === undefined) {
    throw new UsageError(`unknown scope "${request.scope}"; want ${oneOf(LIVE_SCOPES.map(({ name }) => name))}`);
  }
  const bounds = { ...(request.random === undefined ? scope.tour : scope.walks), ...request.bounds };
  const { job } = resolve({ machine: scope.machine, bounds, kernel: request.kernel ?? DEFAULT_KERNEL });
  refusePmds(job.bounds);
  return { request, scope, bounds: job.bounds, session: sessionBounds(job.bounds) };
}

/**
 * Executes a walk.
 *
 * @param config configuration of the running kernel
 * @returns the report
 */
export async function runLive(
  { request, scope, bounds }: LivePlan,
  session: LiveSession,
  host: LiveHost,
  config: KernelConfig,
  hooks: WalkHooks,
): Promise<LiveReport> {
  const resolved = resolve({
    machine: scope.machine,
    bounds,
    config: formatConfig(config),
    kernel: request.kernel ?? DEFAULT_KERNEL,
  });
  const { random } = request;
  const includes = (call: ActionCall): boolean =>
    (scope.includes?.(call) ?? true) && (random !== undefined || (scope.inTour?.(call) ?? true));
  const model = new PackedWorld(liveModel(resolved.definition, bounds, resolved.kernel, includes));
  const walker = new Walker(session, model, host.pageSize, () => hooks.stopped() === "interrupt");
  const result =
    random === undefined ? await walkTour(walker, model, hooks) : await walkRandomly(walker, model, random, hooks);
  const { coverage, stopped, steps, retries, seconds } = result;
  const { machine: name, kernel, config: words } = resolved.job;
  return {
    format: "foliocheck-report",
    version: REPORT_VERSION,
    command: "live",
    verdict: result.differences.length > 0 ? "violated" : stopped === undefined ? "holds" : "incomplete",
    scope: scope.name,
    machine: name,
    kernel,
    config: words,
    bounds,
    host,
    walk: random === undefined ? { kind: "tour" } : { kind: "random", seed: random.seed, walks: result.walks ?? 0 },
    ...(stopped !== undefined && { stopped }),
    ...(coverage !== undefined && {
      coverage: { covered: coverage.covered, reachable: coverage.reachable },
      states: coverage.states,
    }),
    steps,
    stepsPerSecond: seconds > 0 ? Math.round(steps / seconds) : 0,
    retries,
    seconds,
    differences: result.differences.map((difference) => differenceReport(difference, resolved)),
    notChecked: [
      ...uncheckedBy(scope, result, random !== undefined),
      ...(model.exceededRange ? [notChecked("Calls for which a counter of the faulty model exceeds its range")] : []),
    ],
  };
}

function differenceReport({ calls, fields }: Difference, resolved: ResolvedJob): LiveDifferenceReport {
  const trace = traceReport(resolved, PROPERTY, 0, calls);
  return { trace, fields, reproducer: modelReproducer(trace, resolved, calls, reproducerSources()) };
}

/**
 * Returns a C program that executes a trace on a running kernel.
 *
 * @param kernel name of the model kernel that determines the expected observations; by default that of the trace
 * @param describe returns the text of the warning of an image's trace, for a comment
 * @throws UsageError when a step cannot be performed from user space, an element of the trace does not exist here, or
 * its own kernel does not reproduce the trace
 */
export function reproducerOfTrace(
  trace: TraceReport,
  kernel: string = trace.kernel,
  describe?: DescribeDiagnostic,
): string {
  if (isImageTrace(trace)) {
    if (kernel !== trace.kernel) {
      throw new UsageError("a trace of an mm image contains the expected states: --variant is for traces of the model");
    }
    return imageReproducer(trace, describe);
  }
  const { machine, bounds, config, steps } = trace;
  requireModelled(trace, kernel);
  if (trace.against !== undefined) {
    throw new UsageError("the trace compares two kernels: a program can expect the states of only one of them");
  }
  requireFaithful(trace);
  return modelReproducer(trace, resolve({ machine, bounds, config, kernel }), steps, reproducerSources());
}

function uncheckedBy(scope: LiveScope, { stopped, coverage, differences }: WalkResult, random: boolean): NotChecked[] {
  const uncovered = coverage === undefined ? 0 : coverage.reachable - coverage.covered;
  return [
    ...(differences.length > 0 ? [notChecked("Everything after the first difference")] : []),
    ...(stopped !== undefined && uncovered > 0
      ? [notChecked(`The ${uncovered} ${uncovered === 1 ? "transition" : "transitions"} that the walk did not take`)]
      : []),
    ...(random ? [notChecked("Executions that no walk took", "random walks show differences, not their absence")] : []),
    ...(!random && scope.inTour !== undefined
      ? [notChecked("Writes to pages that are writable", "they raise no page fault; random walks contain them")]
      : []),
    notChecked(
      "Operations that user space cannot trigger",
      "read-only pins, speculative references, migration, folio split, PMD-sized folios",
    ),
    notChecked("Concurrency", "one operation is done at a time"),
  ];
}
