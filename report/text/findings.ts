/** Failures, counterexamples and coverage gaps of a report. */
import { findingsWithStatus } from "../../gate/run/finding-status.ts";
import type {
  PropertyReport,
  Report,
  RunReport,
  SearchReport,
  SuiteReport,
  TraceReport,
} from "../../verify/report/report.ts";
import { diagnosticText } from "./diagnostic.ts";
import { formatSet } from "./numbers.ts";
import { executionOf } from "./printed-traces.ts";
import { formatSubject } from "./subject.ts";
import { isFailure, LOST_BEHAVIOUR, VACUOUS } from "./verdict.ts";

/** Outcome of a property in one run. */
interface Outcome {
  readonly run: RunReport;
  /** Position of the run in the report, from 0. */
  readonly index: number;
  readonly property: PropertyReport;
}

/** Returns the runs of a report. */
export function runsOf(report: SearchReport): readonly RunReport[] {
  return report.command === "verify" ? report.runs : [report];
}

/** Lists all outcomes of a report, run by run. */
function outcomesOf(report: SearchReport): Outcome[] {
  return runsOf(report).flatMap((run, index) => run.properties.map((property) => ({ run, index, property })));
}

/** Failed property, merged over the runs in which it failed with the same verdict. */
export interface Failure {
  readonly property: PropertyReport;
  /** The shortest counterexample of all runs; null for an unreached witness. */
  readonly trace: TraceReport | null;
  /** Positions of the runs, from 0. */
  readonly runs: readonly number[];
}

/** Lists the failed properties, each once, in the order of their first failure. */
export function failuresOf(report: SearchReport): Failure[] {
  const failures = new Map<string, Failure>();
  for (const { property, index } of outcomesOf(report)) {
    if (isFailure(property.verdict)) {
      const key = `${property.verdict} ${property.id}`;
      const failure = failures.get(key) ?? { property, trace: null, runs: [] };
      failures.set(key, {
        ...failure,
        trace: shorterOf(failure.trace, property.trace),
        runs: [...failure.runs, index],
      });
    }
  }
  return [...failures.values()];
}

/** Returns the first trace of a report. */
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

/** Execution with all properties that it violates. */
export interface Counterexample {
  /** The execution, as the counterexample to the first of the failures. */
  readonly trace: TraceReport;
  /** The counterexamples to the other failures, which have the same steps. */
  readonly also: readonly TraceReport[];
  readonly failures: readonly Failure[];
}

/** Lists the executions that violate properties, each once, in the order of the failures. */
export function counterexamplesOf(report: SearchReport): Counterexample[] {
  const executions = new Map<string, Counterexample>();
  for (const failure of failuresOf(report)) {
    const { trace } = failure;
    if (trace !== null) {
      const key = executionOf(trace);
      const first = executions.get(key);
      executions.set(
        key,
        first === undefined
          ? { trace, also: [], failures: [failure] }
          : { ...first, also: [...first.also, trace], failures: [...first.failures, failure] },
      );
    }
  }
  return [...executions.values()];
}

/** Whether the search of a run ended before it had visited every state within the bounds. */
export function endedEarly(run: RunReport): boolean {
  const endsAtViolation = run.mode === "first-violation" && run.verdict === "violated";
  return run.stopped !== undefined || endsAtViolation || run.verdict === "incomplete";
}

/** Describes coverage gaps that weaken a verdict: actions never enabled, vacuous properties. */
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
  const actions = new Map<string, { runCount: number; neverEnabled: number[] }>();
  const properties = new Map<string, { runCount: number; vacuous: number[] }>();
  for (const [index, run] of runs.entries()) {
    for (const { name, enabled } of run.actions) {
      const key = `action ${name} of machine ${run.machine}`;
      const entry = actions.get(key) ?? { runCount: 0, neverEnabled: [] };
      entry.runCount += 1;
      entry.neverEnabled.push(...(enabled === 0 ? [index + 1] : []));
      actions.set(key, entry);
    }
    for (const { id, vacuous } of run.properties) {
      const entry = properties.get(id) ?? { runCount: 0, vacuous: [] };
      entry.runCount += 1;
      entry.vacuous.push(...(vacuous ? [index + 1] : []));
      properties.set(id, entry);
    }
  }
  const where = (numbers: readonly number[], runCount: number, ofAll: string): string =>
    numbers.length === runCount && runCount > 1
      ? ofAll
      : `in run${numbers.length === 1 ? "" : "s"} ${formatSet(numbers)}`;
  return [
    ...[...actions]
      .filter(([, { neverEnabled }]) => neverEnabled.length > 0)
      .map(
        ([key, { runCount, neverEnabled }]) =>
          `${key} was never enabled ${where(neverEnabled, runCount, "in any run")}`,
      ),
    ...[...properties]
      .filter(([, { vacuous }]) => vacuous.length > 0)
      .map(
        ([id, { runCount, vacuous }]) =>
          `${id} is vacuous ${where(vacuous, runCount, "in every run")}: its premise was never true there, so it says nothing`,
      ),
  ];
}

/** Describes a failure, a line each: the claim, its source, the runs that fail, and the warning that was raised. */
export function failureLines({ property, trace, runs }: Failure, report: SearchReport): string[] {
  const { verdict, claim, source } = property;
  const subjects = runs.map((index) => runsOf(report)[index]).filter((run) => run !== undefined);
  return [
    ...(verdict === "unreached" ? [`Unreached: ${LOST_BEHAVIOUR}`] : []),
    claim,
    `Source: ${source}`,
    ...subjects.map((run) => `Run: ${formatSubject(run)}`),
    ...(trace?.warning === undefined ? [] : [`Warning: ${diagnosticText(trace.warning)}`]),
  ];
}
