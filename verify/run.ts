/** Runs a job and returns its report. */

import { MachineError } from "../explore/model/errors.ts";
import { compile } from "../explore/search/compile.ts";
import type { IdleThreads } from "../explore/search/parallel/idle-threads.ts";
import { chunkObstacle } from "../explore/search/parallel/model-source.ts";
import { type Workers, workersOf } from "../explore/search/parallel/team.ts";
import { revised, searchRevised } from "../explore/search/revised.ts";
import type { Finding, Progress, SearchOptions, SearchResult } from "../explore/search/search.ts";
import { callsOf } from "../explore/search/trace.ts";
import { simulate } from "../explore/simulation/simulate.ts";
import { spillTo } from "../explore/visited/spill-file.ts";
import { MOST_OPAQUE_WORDS } from "../gate/harness/harness.ts";
import { IMAGE_EXCEPTIONS } from "../gate/image/machine/image-claims.ts";
import { switchesStacks } from "../gate/image/machine/image-machine.ts";
import { loadBinaryen } from "../gate/image/module/stack-switching.ts";
import { claimOf } from "../invariants/catalogue.ts";
import { type NotChecked, notChecked, skipped } from "../invariants/not-checked.ts";
import type { AnyModel } from "../machines/machine.ts";
import { checkpointing, filesOf, finishedReport, storeReport } from "./checkpoints.ts";
import { linesNotReached } from "./image-coverage.ts";
import { resolveCompiled } from "./job/compiled-job.ts";
import { resolveImage } from "./job/image-job.ts";
import type { CompiledSubject } from "./job/job.ts";
import { type Job, type KernelRequest, modelOf, type ResolvedJob, resolve } from "./job/job.ts";
import { sourceOf } from "./job/job-model.ts";
import { notVisited } from "./not-visited.ts";
import { withoutAbsentExceptions } from "./race-exceptions.ts";
import {
  type PropertyReport,
  REPORT_VERSION,
  type RunReport,
  type SearchMode,
  type TraceReport,
  type UnwrittenFile,
} from "./report/report.ts";
import { worst } from "./run-verdict.ts";
import { diagnosticOf } from "./trace/execution.ts";
import { traceReport } from "./trace/trace-report.ts";

/** Callbacks during a run. */
export interface RunHooks {
  readonly onProgress?: (progress: Progress) => void;
  readonly interrupted?: () => boolean;
  /** Idle threads of the pool that runs the job, for a search that lasts. The report does not depend on them. */
  readonly idle?: IdleThreads;
}

/**
 * Prepares a thread for a job. runJob() must not be called before.
 *
 * @throws CompileError when a package is not installed
 */
export async function prepareJob({ image, bounds }: Job): Promise<void> {
  if (image !== undefined && switchesStacks(bounds)) {
    await loadBinaryen();
  }
}

/**
 * Explores a job's model. With a folder for checkpoints, it resumes from the checkpoint of an earlier process, or
 * returns the report of the finished run.
 *
 * @throws UsageError for a job that cannot be run
 * @throws MachineError when the model breaks the explorer's rules, or a checkpoint is damaged
 */
export function runJob(job: Job, hooks: RunHooks = {}): RunReport {
  if (job.compiled !== undefined) {
    return runCompiled(job, job.compiled, hooks);
  }
  if (job.image !== undefined) {
    const resolved = resolveImage(job, job.image);
    return withoutAbsentExceptions(explore(resolved, modelOf(resolved), hooks), IMAGE_EXCEPTIONS);
  }
  const resolved = resolve(job);
  const model = modelOf(resolved);
  const files = job.checkpoints === undefined ? undefined : filesOf(job.checkpoints, resolved, model);
  const finished = files && finishedReport(files);
  if (finished !== undefined) {
    return finished;
  }
  if (files === undefined) {
    return explore(resolved, model, hooks);
  }
  let unwritten: UnwrittenFile | undefined;
  const checkpoint = checkpointing(files, (failure) => {
    unwritten = failure;
  });
  const report = explore(resolved, model, { ...hooks, checkpoint });
  if (report.stopped === undefined) {
    unwritten = storeReport(files, report);
  }
  return unwritten === undefined ? report : { ...report, unwritten };
}

/**
 * Explores the model of a request. If its kernel is an object of functions, the report contains only the kernel's name,
 * and a replay of its trace requires the same object.
 *
 * @throws UsageError, MachineError as runJob() does
 */
export function runRequest(request: KernelRequest, hooks: RunHooks = {}): RunReport {
  const resolved = resolve(request);
  return explore(resolved, modelOf(resolved), hooks);
}

/**
 * Explores C code. In claims mode the state must contain every word of the struct pages that the code writes: after
 * unexpected writes, the words become opaque words of the state, and the search restarts.
 */
function runCompiled(job: Job, compiled: CompiledSubject, hooks: RunHooks): RunReport {
  const resolved = resolveCompiled(job, compiled);
  const report = withoutAbsentExceptions(explore(resolved, modelOf(resolved), hooks));
  const { opaqueWords = [], mode } = compiled;
  const unexpectedWords = [...(resolved.unexpectedWrites ?? [])].filter((word) => !opaqueWords.includes(word));
  const words = [...opaqueWords, ...unexpectedWords];
  if (mode === "conformance" || unexpectedWords.length === 0 || words.length > MOST_OPAQUE_WORDS) {
    return report;
  }
  // No symmetry: opaque words may contain MM ids, which a permutation of the MMs does not rename.
  const wider = { ...compiled, opaqueWords: words };
  return runCompiled({ ...job, symmetry: false, compiled: wider }, wider, hooks);
}

/** Options of an exploration. */
type ExploreOptions = SearchOptions & Pick<RunHooks, "idle">;

function explore(resolved: ResolvedJob, unrevised: AnyModel, options: ExploreOptions): RunReport {
  const { job } = resolved;
  const cpuBefore = process.cpuUsage();
  const { result, model } = searchModel(job, unrevised, options);
  const cpu = process.cpuUsage(cpuBefore);
  const properties = propertyReports(resolved, model, result);
  const coverage = resolved.coverage?.();
  const lockstep = resolved.lockstep?.();
  const interleaving = resolved.definition.interleaving?.(job.bounds, job.calls);
  return {
    format: "foliocheck-report",
    version: REPORT_VERSION,
    command: "check",
    verdict: worst([
      ...properties.map((each) => each.verdict),
      // Random walks are incomplete even if they reach every witness and no violation.
      ...(result.simulation === undefined ? [] : ["incomplete" as const]),
    ]),
    mode: modeOf(job),
    machine: job.machine,
    kernel: job.kernel,
    ...(job.against === undefined ? {} : { against: job.against }),
    config: job.config,
    bounds: job.bounds,
    ...(job.optimisation === undefined ? {} : { optimisation: job.optimisation }),
    ...(job.calls === undefined ? {} : { calls: job.calls }),
    ...(result.stopped === undefined ? {} : { stopped: result.stopped }),
    ...(result.simulation === undefined ? {} : { simulation: result.simulation }),
    states: result.states,
    ...(result.estimatedStates === undefined ? {} : { estimatedStates: result.estimatedStates }),
    transitions: result.transitions,
    depth: result.depth,
    symmetry: result.symmetry,
    properties,
    actions: result.actions,
    seconds: result.seconds,
    ...(result.resumedAt === undefined ? {} : { resumedAt: result.resumedAt }),
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
    tableBytes: result.tableBytes,
    // Node reports maxRSS in KiB on every platform.
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    ...(interleaving === undefined ? {} : { interleaving }),
    notChecked: [...uncheckedIn(resolved, result), ...(coverage === undefined ? [] : linesNotReached(coverage))],
    ...(resolved.reached === undefined ? {} : { reached: resolved.reached() }),
    ...(coverage === undefined ? {} : { coverage }),
    ...(lockstep === undefined ? {} : { lockstep }),
  };
}

/**
 * Searches a model, or walks it at random. If C code treats MMs differently by their ids, which is a fault, its states
 * have no canonical form: the search restarts without symmetry.
 */
function searchModel(
  job: Job,
  model: AnyModel,
  { idle, ...options }: ExploreOptions,
): { readonly result: SearchResult; readonly model: AnyModel } {
  const { symmetry, budget, compiled, simulation, allViolations = false, spill } = job;
  if (simulation !== undefined) {
    const walkOptions = { symmetry, budget, allViolations, ...simulation, ...options };
    return revised(model, (current) => simulate(compile(current), walkOptions));
  }
  const parallel = workersFor(job, model, idle);
  const spilling = spill === undefined || chunkObstacle(model) !== undefined ? {} : { spill: spillTo(spill) };
  try {
    return searchRevised(model, { symmetry, budget, allViolations, ...parallel, ...spilling, ...options });
  } catch (error) {
    if (compiled !== undefined && symmetry && error instanceof MachineError && error.code === "not-symmetric") {
      return searchRevised(model, { symmetry: false, budget, ...options });
    }
    throw error;
  }
}

/**
 * Returns the threads that expand states besides the search's own: those that the job asks for, else the idle ones of a
 * pool. C code is searched by one thread, which collects the functions that ran.
 */
function workersFor(job: Job, model: AnyModel, idle: IdleThreads | undefined): { readonly workers?: Workers } {
  const { workers = 1, compiled } = job;
  if (workers > 1) {
    return { workers: workersOf({ threads: workers, source: sourceOf(job) }) };
  }
  const canBeShared = idle !== undefined && compiled === undefined && chunkObstacle(model) === undefined;
  return canBeShared ? { workers: workersOf({ threads: idle, source: sourceOf(job) }) } : {};
}

function propertyReports(resolved: ResolvedJob, model: AnyModel, result: SearchResult): PropertyReport[] {
  const findings = new Map<number, Finding>();
  for (const finding of [...result.violations, ...result.witnesses]) {
    if (!findings.has(finding.property)) {
      findings.set(finding.property, finding);
    }
  }
  return model.properties.map((property, index) => {
    const outcome = result.properties[index] as SearchResult["properties"][number];
    const { id, claim, source, kind } = property;
    const finding = findings.get(index);
    const trace = finding === undefined ? null : traceOf(resolved, model, { id, claim, source }, finding);
    return {
      id,
      claim,
      source,
      kind,
      verdict: outcome.verdict,
      checked: outcome.checked,
      vacuous: outcome.vacuous,
      trace,
      ...(finding?.walk === undefined ? {} : { walk: finding.walk }),
    };
  });
}

function modeOf({ simulation, allViolations }: Job): SearchMode {
  return simulation !== undefined ? "simulation" : allViolations === true ? "all-violations" : "first-violation";
}

function traceOf(
  resolved: ResolvedJob,
  model: AnyModel,
  property: { id: string; claim: string; source: string },
  finding: Finding,
): TraceReport {
  const { warning, path } = finding;
  // The diagnostic of the search: immutable states cannot represent impossible values, so re-execution does not raise
  // it.
  const diagnostic = warning === undefined ? resolved.notices?.get(property.id) : diagnosticOf(model, warning);
  const traced = {
    ...property,
    ...(warning === undefined ? {} : { warning }),
    ...(diagnostic === undefined ? {} : { diagnostic }),
  };
  const calls = callsOf(model, path);
  const refined = model.refine?.(path.initial, calls);
  if (refined === undefined) {
    return traceReport(resolved, traced, path.initial, calls);
  }
  const bounds = { ...resolved.job.bounds, ...refined.bounds };
  const refinedJob = { ...resolved, job: { ...resolved.job, bounds } };
  return traceReport(refinedJob, { ...traced, endsTrace: true }, path.initial, refined.calls);
}

function uncheckedIn({ job, definition, kernel, against }: ResolvedJob, result: SearchResult): NotChecked[] {
  const { claims } = job;
  const isRequested = ({ subject }: NotChecked): boolean => {
    if (typeof subject !== "object" || !("property" in subject)) {
      return true;
    }
    return against === undefined && (claims === undefined || claims.includes(claimOf(subject.property)));
  };
  return [
    ...notVisited(job, result),
    ...(claims === undefined ? [] : [skipped(`Other claims than ${claims.join(", ")}`, "not asked for")]),
    ...(against === undefined
      ? []
      : [notChecked(`Claims about ${kernel.name} alone`, `this run compares it with ${against.name}`)]),
    ...definition.notChecked(job.bounds, kernel).filter(isRequested),
  ];
}
