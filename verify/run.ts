/** Runs one job and reports it. */

import { MachineError } from "../explore/model/errors.ts";
import { compile } from "../explore/search/compile.ts";
import { revised, searchRevised } from "../explore/search/revised.ts";
import type { Finding, Progress, SearchOptions, SearchResult } from "../explore/search/search.ts";
import { callsOf } from "../explore/search/trace.ts";
import { simulate } from "../explore/simulation/simulate.ts";
import { MOST_EXTRA } from "../gate/harness/harness.ts";
import { IMAGE_EXCEPTIONS } from "../gate/image/machine/proc-claims.ts";
import { claimOf } from "../invariants/catalogue.ts";
import { type NotChecked, notChecked } from "../invariants/not-checked.ts";
import type { AnyModel } from "../machines/machine.ts";
import { checkpointing, filesOf, finishedReport, keepReport } from "./checkpoints.ts";
import { linesNotReached } from "./image-coverage.ts";
import { resolveCompiled } from "./job/compiled-job.ts";
import { resolveImage } from "./job/image-job.ts";
import type { CompiledSubject } from "./job/job.ts";
import { type Job, type KernelRequest, modelOf, type ResolvedJob, resolve } from "./job/job.ts";
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

/** What the owner of a run is told and asked while it runs. */
export interface RunHooks {
  readonly onProgress?: (progress: Progress) => void;
  readonly interrupted?: () => boolean;
}

/**
 * Explores the job's machine, or goes on where an earlier process left off, if the job has a folder for checkpoints.
 *
 * @throws UsageError for a job that cannot be run
 * @throws MachineError when the machine breaks the explorer's rules, or a checkpoint is damaged
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
    unwritten = keepReport(files, report);
  }
  return unwritten === undefined ? report : { ...report, unwritten };
}

/**
 * Explores the machine of a request. Its kernel may be made of functions: then the report has its name, and its trace replays
 * only where the kernel is given again.
 *
 * @throws UsageError, MachineError as runJob() does
 */
export function runRequest(request: KernelRequest, hooks: RunHooks = {}): RunReport {
  const resolved = resolve(request);
  return explore(resolved, modelOf(resolved), hooks);
}

/**
 * Explores C code. Where it alone is the kernel, its state is whatever it writes: a word of the struct pages that it
 * turns out to write becomes part of the state, and the search starts anew.
 */
function runCompiled(job: Job, compiled: CompiledSubject, hooks: RunHooks): RunReport {
  const resolved = resolveCompiled(job, compiled);
  const report = withoutAbsentExceptions(explore(resolved, modelOf(resolved), hooks));
  const { opaqueWords = [], mode } = compiled;
  const fresh = [...(resolved.unexpectedWrites ?? [])].filter((word) => !opaqueWords.includes(word));
  const words = [...opaqueWords, ...fresh];
  if (mode === "conformance" || fresh.length === 0 || words.length > MOST_EXTRA) {
    return report;
  }
  // Words may hold ids of MMs, which a renaming does not reach.
  const wider = { ...compiled, opaqueWords: words };
  return runCompiled({ ...job, symmetry: false, compiled: wider }, wider, hooks);
}

function explore(resolved: ResolvedJob, unrevised: AnyModel, options: SearchOptions): RunReport {
  const { job } = resolved;
  const cpuBefore = process.cpuUsage();
  const { result, model } = searched(job, unrevised, options);
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
      // Random walks that come upon every witness have not shown that all is as expected.
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
    // In KiB on every platform that Node reports it for.
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    ...(interleaving === undefined ? {} : { interleaving }),
    notChecked: [...uncheckedIn(resolved, result), ...(coverage === undefined ? [] : linesNotReached(coverage))],
    ...(resolved.reached === undefined ? {} : { reached: resolved.reached() }),
    ...(coverage === undefined ? {} : { coverage }),
    ...(lockstep === undefined ? {} : { lockstep }),
  };
}

/**
 * Searches. C code may tell MMs apart by their ids, which is a fault, and then nothing can be said up to symmetry: it is
 * searched without.
 */
function searched(
  job: Job,
  model: AnyModel,
  options: SearchOptions,
): { readonly result: SearchResult; readonly model: AnyModel } {
  const { symmetry, budget, compiled, simulation, allViolations = false } = job;
  if (simulation !== undefined) {
    const walked = { symmetry, budget, allViolations, ...simulation, ...options };
    return revised(model, (current) => simulate(compile(current), walked));
  }
  try {
    return searchRevised(model, { symmetry, budget, allViolations, ...options });
  } catch (error) {
    if (compiled !== undefined && symmetry && error instanceof MachineError && error.code === "not-symmetric") {
      return searchRevised(model, { symmetry: false, budget, ...options });
    }
    throw error;
  }
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
  // What the search saw, on the same path: values that no state can have are none to its execution on immutable states.
  const found = warning === undefined ? resolved.remarks?.get(property.id) : diagnosticOf(model, warning);
  const decided = {
    ...property,
    ...(warning === undefined ? {} : { warning }),
    ...(found === undefined ? {} : { found }),
  };
  const calls = callsOf(model, path);
  const refined = model.refine?.(path.initial, calls);
  if (refined === undefined) {
    return traceReport(resolved, decided, path.initial, calls);
  }
  const bounds = { ...resolved.job.bounds, ...refined.bounds };
  const small = { ...resolved, job: { ...resolved.job, bounds } };
  return traceReport(small, { ...decided, endsTrace: true }, path.initial, refined.calls);
}

function uncheckedIn({ job, definition, kernel, against }: ResolvedJob, result: SearchResult): NotChecked[] {
  const { claims } = job;
  const asksFor = ({ subject }: NotChecked): boolean => {
    if (typeof subject !== "object" || !("property" in subject)) {
      return true;
    }
    return against === undefined && (claims === undefined || claims.includes(claimOf(subject.property)));
  };
  return [
    ...notVisited(job, result),
    ...(claims === undefined ? [] : [notChecked(`Other claims than ${claims.join(", ")}`, "not asked for")]),
    ...(against === undefined
      ? []
      : [notChecked(`Claims about ${kernel.name} alone`, `this run compares it with ${against.name}`)]),
    ...definition.notChecked(job.bounds, kernel).filter(asksFor),
  ];
}
