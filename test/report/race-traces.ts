/** Traces of machine race: executions, and small hand-written ones. */
import type { RaceAccess, StepAccess } from "../../model/race/step-access.ts";
import { resolve } from "../../verify/job/job.ts";
import { type RunReport, TRACE_VERSION, type TraceReport, type TraceReportStep } from "../../verify/report/report.ts";
import { runJob } from "../../verify/run.ts";

/** Calls with an interleaving that leaves a partially mapped folio off the deferred split queue: the known C14 race. */
export const UNQUEUED = {
  start: [
    { operation: "anonFault", parameters: { mm: 0 } },
    { operation: "fork", parameters: { parent: 0, child: 1 } },
  ],
  cpus: [
    [{ operation: "exit", parameters: { mm: 0 } }],
    [{ operation: "zap", parameters: { mm: 1, first: 0, count: 1 } }],
  ],
} as const;

const runs = new Map<number, RunReport>();

/** Returns the run with this race. @param tso 1 for x86-TSO */
export function unqueuedRun(tso: 0 | 1 = 0): RunReport {
  const bounds = { cpus: 2, pages: 4, pmd: 1, tso };
  const cached = runs.get(tso);
  const run = cached ?? runJob(resolve({ machine: "race", config: "no-page-mapcount", bounds, calls: UNQUEUED }).job);
  runs.set(tso, run);
  return run;
}

/** Returns the run with a data race of a faulty lockless reader. */
export function dataRaceRun(): RunReport {
  const cpus = [[{ operation: "maybeMappedShared", parameters: {} }], [{ operation: "zap", parameters: ZAPPED }]];
  const calls = { start: UNQUEUED.start, cpus };
  return runJob(resolve({ machine: "race", kernel: "reader-compares-slots", bounds: { cpus: 2 }, calls }).job);
}

const ZAPPED = { mm: 0, first: 0, count: 1 };

/** Returns the trace of a property in a run. */
export function traceIn({ properties }: RunReport, property: string): TraceReport {
  const trace = properties.find(({ id }) => id === property)?.trace;
  if (trace === undefined || trace === null) {
    throw new Error(`${property} has no trace`);
  }
  return trace;
}

/** Creates an access to one field. */
export function access(cpu: number, kind: StepAccess["kind"], given: Partial<StepAccess> = {}): StepAccess {
  const fields = [{ path: "folios[0].refcount", name: "_refcount", before: 2, after: kind === "load" ? 2 : 3 }];
  const object = "folio->_refcount";
  return {
    cpu,
    kind,
    object,
    marked: true,
    order: "relaxed",
    text: `${kind} _refcount`,
    functions: [],
    fields,
    ...given,
  };
}

/** Creates a state from its CPUs: the call that each executes, or its next access. */
export function raceState(executes: readonly string[], next: readonly (RaceAccess | undefined)[] = []): object {
  return {
    mms: [],
    folios: [],
    cpus: executes.map((call, cpu) => {
      const access = next[cpu];
      return { executes: call, ...(access === undefined ? {} : { next: access }), buffer: [] };
    }),
  };
}

/** Creates the start of an operation. */
export function begins(cpu: number, action: string, state: object): TraceReportStep {
  return { action, parameters: { cpu }, call: `${action}(cpu: ${cpu})`, functions: [], accesses: [], state };
}

/** Creates a step with accesses. */
export function steps(cpu: number, accesses: readonly StepAccess[], state: object): TraceReportStep {
  return { action: "step", parameters: { cpu }, call: `step(cpu: ${cpu})`, functions: [], accesses, state };
}

/** Creates a trace from steps. */
export function raceTrace(cpus: number, made: readonly TraceReportStep[], property = "C1"): TraceReport {
  return {
    format: "foliocheck-trace",
    version: TRACE_VERSION,
    machine: "race",
    kernel: "v7.1",
    config: "page-mapcount,64bit,mm-id",
    bounds: { cpus },
    property,
    claim: "A claim",
    source: "a source",
    initial: 0,
    state: raceState(Array.from({ length: cpus }, () => "")),
    steps: made,
  };
}
