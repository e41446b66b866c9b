/** Threads of a counterexample for SARIF: its steps with the calls of C code, a thread for each CPU. */
import type { CallNode, SourcePlace } from "../../model/kernel/call-node.ts";
import type { TraceReport, TraceReportStep } from "../../verify/report/report.ts";
import { callText } from "../text/call.ts";
import { callHeading } from "../trace/call-heading.ts";
import { episodesOf } from "../trace/race-episodes.ts";
import { rowsOf } from "../trace/race-rows.ts";
import { isRaceTrace, raceSummary } from "../trace/race-trace.ts";

/** Entry of a thread. */
export interface FlowStep {
  readonly text: string;
  /** Line of C code, where it is known. */
  readonly place?: SourcePlace;
  /** Number of enclosing calls; 0 for a step of the trace. */
  readonly depth: number;
  /** Position among the entries of all threads, from 1. */
  readonly order: number;
}

/** Entries of one CPU, in order of execution. */
export interface FlowThread {
  readonly cpu: number;
  readonly steps: readonly FlowStep[];
}

/** Counterexample as threads. */
export interface Flow {
  /** A race in one or two sentences. */
  readonly summary?: string;
  readonly threads: readonly FlowThread[];
}

/** Entry before it has its position. */
type Entry = Omit<FlowStep, "order"> & { readonly cpu: number };

/** Largest number of entries of a counterexample: GitHub shows no more of a result. */
const MOST_ENTRIES = 1000;

/**
 * Returns the threads of a trace. Of a long one, the deepest calls are left out, and then the first steps.
 *
 * @param trace null for a witness that was not reached: no threads
 */
export function flowOf(trace: TraceReport | null): Flow {
  if (trace === null) {
    return { threads: [] };
  }
  return isRaceTrace(trace)
    ? { summary: raceSummary(trace), threads: threadsOf(accessEntries(trace)) }
    : { threads: threadsOf(trace.steps.flatMap(callEntries)) };
}

/** Returns the single thread of steps that have texts only. */
export function plainFlow(texts: readonly string[]): Flow {
  return { threads: threadsOf(texts.map((text) => ({ cpu: 0, text, depth: 0 }))) };
}

/** Returns the entries of a step of whole operations: its call, and the calls of C code. */
function callEntries(step: TraceReportStep, index: number): Entry[] {
  const calls = step.functions.flatMap((each) => each.calls);
  return [
    { cpu: 0, text: `${index + 1}. ${callHeading(step)}`, ...firstPlaceIn(calls), depth: 0 },
    ...calls.flatMap((call) => entriesOf(call, 0, 1)),
  ];
}

function entriesOf(call: CallNode, cpu: number, depth: number): Entry[] {
  const { kind, name, place, calls } = call;
  if (kind === "cpu") {
    return calls.flatMap((each) => entriesOf(each, Number(name), depth));
  }
  const own = place === undefined ? [] : [{ cpu, text: callText(call), place, depth }];
  return [...own, ...calls.flatMap((each) => entriesOf(each, cpu, depth + own.length))];
}

function firstPlaceIn(calls: readonly CallNode[]): { place?: SourcePlace } {
  for (const { place, calls: callees } of calls) {
    const found = place === undefined ? firstPlaceIn(callees) : { place };
    if (found.place !== undefined) {
      return found;
    }
  }
  return {};
}

/** Returns the entries of a trace of single accesses: the rows of its episodes. */
function accessEntries(trace: TraceReport): Entry[] {
  return episodesOf(trace.steps)
    .flatMap((episode) => rowsOf(trace, episode))
    .map(({ cpu, kind, text, accesses }) => {
      const place = accesses.findLast((each) => each.place !== undefined)?.place;
      const isWithin = kind !== "begins" && kind !== "ends";
      return { cpu, text, ...(place === undefined ? {} : { place }), depth: isWithin ? 1 : 0 };
    });
}

function threadsOf(entries: readonly Entry[]): FlowThread[] {
  const steps = shortened(entries).map((entry, i) => ({ ...entry, order: i + 1 }));
  const cpus = [...new Set(steps.map(({ cpu }) => cpu))].sort((a, b) => a - b);
  return cpus.map((cpu) => ({
    cpu,
    steps: steps.filter((each) => each.cpu === cpu).map(({ cpu: _, ...step }) => step),
  }));
}

/** Leaves out the deepest entries until few enough remain; then the first ones. */
function shortened(entries: readonly Entry[]): readonly Entry[] {
  let kept = entries;
  for (
    let depth = Math.max(0, ...entries.map((each) => each.depth));
    depth > 0 && kept.length > MOST_ENTRIES;
    depth--
  ) {
    kept = kept.filter((each) => each.depth < depth);
  }
  return kept.slice(-MOST_ENTRIES);
}
