/** What a reader must not overlook in a report, besides failed properties. */
import { findingsWithStatus } from "../../gate/run/finding-status.ts";
import type {
  PropertyReport,
  Report,
  RunReport,
  SearchReport,
  SuiteReport,
  TraceReport,
} from "../../verify/report/report.ts";
import { formatSet } from "./numbers.ts";
import { executionOf } from "./printed-traces.ts";
import { isFailure, VACUOUS } from "./verdict.ts";

/** A property with the run that looked at it. */
interface Outcome {
  readonly run: RunReport;
  /** Position of the run in the report, from 0. */
  readonly index: number;
  readonly property: PropertyReport;
}

/** The runs of a report. */
export function runsOf(report: SearchReport): readonly RunReport[] {
  return report.command === "verify" ? report.runs : [report];
}

/** All outcomes of a report, run by run. */
function outcomesOf(report: SearchReport): Outcome[] {
  return runsOf(report).flatMap((run, index) => run.properties.map((property) => ({ run, index, property })));
}

/** A failed property with all outcomes that failed in the same way. */
export interface Failure {
  readonly property: PropertyReport;
  /** A counterexample, the shortest of all runs: null for an unreached witness. */
  readonly trace: TraceReport | null;
  /** Positions of the runs, from 0. */
  readonly runs: readonly number[];
}

/** The failed properties, each once, in the order of their first failure. */
export function failuresOf(report: SearchReport): Failure[] {
  const failures = new Map<string, Failure>();
  for (const { property, index } of outcomesOf(report)) {
    if (isFailure(property.verdict)) {
      const key = `${property.verdict} ${property.id}`;
      const known = failures.get(key) ?? { property, trace: null, runs: [] };
      failures.set(key, { ...known, trace: shorterOf(known.trace, property.trace), runs: [...known.runs, index] });
    }
  }
  return [...failures.values()];
}

/** The trace that a report shows first. */
export function firstTraceOf(report: Report): TraceReport | undefined {
  const traces =
    report.command === "gate"
      ? findingsWithStatus("new", report.findings).map(({ trace }) => trace)
      : failuresOf(report).map(({ trace }) => trace);
  return traces.find((trace) => trace !== null) ?? undefined;
}

function shorterOf(first: TraceReport | null, second: TraceReport | null): TraceReport | null {
  if (first === null || second === null) {
    return first ?? second;
  }
  return second.steps.length < first.steps.length ? second : first;
}

/** An execution with everything that it violates. */
export interface Counterexample {
  /** The execution, as the counterexample to the first of the failures. */
  readonly trace: TraceReport;
  /** The counterexamples to the others: the same steps, and what they say of their properties. */
  readonly also: readonly TraceReport[];
  readonly failures: readonly Failure[];
}

/** The executions that violate properties, each once, in the order of the failures. */
export function counterexamplesOf(report: SearchReport): Counterexample[] {
  const executions = new Map<string, Counterexample>();
  for (const failure of failuresOf(report)) {
    const { trace } = failure;
    if (trace !== null) {
      const key = executionOf(trace);
      const known = executions.get(key);
      executions.set(
        key,
        known === undefined
          ? { trace, also: [], failures: [failure] }
          : { ...known, also: [...known.also, trace], failures: [...known.failures, failure] },
      );
    }
  }
  return [...executions.values()];
}

/** Whether the search of the run ended before it had seen every state within the bounds. */
export function endedEarly(run: RunReport): boolean {
  const endsAtViolation = run.mode === "first-violation" && run.verdict === "violated";
  return run.stopped !== undefined || endsAtViolation || run.verdict === "incomplete";
}

/** Whatever makes a verdict weaker than it looks: actions never enabled, vacuous properties. Sentences. */
export function coverageProblems(report: SearchReport): string[] {
  return report.command === "verify" ? suiteProblems(report) : runProblems(report);
}

function runProblems(run: RunReport): string[] {
  const when = endedEarly(run) ? " before the search ended" : "";
  return [
    ...run.actions.filter(({ enabled }) => enabled === 0).map(({ name }) => `action ${name} was never enabled${when}`),
    ...run.properties.filter(({ vacuous }) => vacuous).map(({ id }) => `${id} is ${VACUOUS}`),
  ];
}

function suiteProblems({ runs }: SuiteReport): string[] {
  const actions = new Map<string, { seen: number; never: number[] }>();
  const properties = new Map<string, { seen: number; vacuous: number[] }>();
  for (const [index, run] of runs.entries()) {
    for (const { name, enabled } of run.actions) {
      const key = `action ${name} of machine ${run.machine}`;
      const entry = actions.get(key) ?? { seen: 0, never: [] };
      entry.seen += 1;
      entry.never.push(...(enabled === 0 ? [index + 1] : []));
      actions.set(key, entry);
    }
    for (const { id, vacuous } of run.properties) {
      const entry = properties.get(id) ?? { seen: 0, vacuous: [] };
      entry.seen += 1;
      entry.vacuous.push(...(vacuous ? [index + 1] : []));
      properties.set(id, entry);
    }
  }
  const where = (found: readonly number[], seen: number, ofAll: string): string =>
    found.length === seen && seen > 1 ? ofAll : `in run${found.length === 1 ? "" : "s"} ${formatSet(found)}`;
  return [
    ...[...actions]
      .filter(([, { never }]) => never.length > 0)
      .map(([key, { seen, never }]) => `${key} was never enabled ${where(never, seen, "in any run")}`),
    ...[...properties]
      .filter(([, { vacuous }]) => vacuous.length > 0)
      .map(
        ([id, { seen, vacuous }]) =>
          `${id} is vacuous ${where(vacuous, seen, "in every run")}: its premise was never true there, so it says nothing`,
      ),
  ];
}
