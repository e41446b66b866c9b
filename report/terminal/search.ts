/** Search report for the terminal. */
import { describeStop } from "../../explore/search/budget.ts";
import type { RunReport, SearchReport, TraceReport } from "../../verify/report/report.ts";
import { coverageLines } from "../text/coverage.ts";
import { counterexamplesOf, coverageProblems, type Failure, failuresOf, runsOf } from "../text/findings.ts";
import { lockstepLines } from "../text/lockstep.ts";
import { notCheckedLines } from "../text/not-checked.ts";
import { formatBytes, formatCount, formatSeconds, formatSet, plural } from "../text/numbers.ts";
import { printLines } from "../text/print-lines.ts";
import { LINE_WIDTH, type Line, labelled, type Role, span, wrap } from "../text/styled-text.ts";
import { describeUnwritten } from "../text/unwritten.ts";
import { LOST_BEHAVIOUR, markOf, roleOf } from "../text/verdict.ts";
import { traceLines } from "../trace/trace.ts";
import { actionLines, costLines, exploredLines, propertyLines } from "./run.ts";
import { claimLines, proofLines, runLines, suiteHeading } from "./suite.ts";

/** Options of the reporter. */
export interface PrettyOptions {
  readonly color: boolean;
  /** Returns the file that contains a trace, for the command that replays it; undefined if none was written. */
  readonly traceFile?: (trace: TraceReport) => string | undefined;
}

/** Formats a report. The verdict is the last line. */
export function pretty(report: SearchReport, options: PrettyOptions): string {
  const overview =
    report.command === "verify"
      ? [suiteHeading(report), runLines(report), claimLines(report), proofLines(report)]
      : [
          exploredLines(report),
          propertyLines(report),
          actionLines(report),
          lockstepLines(report.lockstep ?? []),
          coverageLines(report),
          costLines(report),
        ];
  const sections = [
    ...overview,
    ...counterexamples(report, options),
    notCheckedLines(report.notChecked),
    bulletSection("Coverage gaps", coverageProblems(report), "warn"),
    verdictLines(report),
  ].filter((lines) => lines.length > 0);
  return printLines(
    sections.flatMap((lines, i) => (i === 0 ? lines : [[], ...lines])),
    options.color,
  );
}

/**
 * Formats the shortest counterexample of each violated property; an execution that violates several is printed once.
 */
function counterexamples(report: SearchReport, { traceFile }: PrettyOptions): Line[][] {
  return counterexamplesOf(report).map(({ trace, also, failures }) => {
    const file = traceFile?.(trace);
    return [
      ...failures.flatMap(whereLines),
      ...traceLines(trace, { shows: "violated", also, ...(file === undefined ? {} : { file }) }),
    ];
  });
}

/** Lists the runs that violate a property, if there are several; for a random walk, its number and length. */
function whereLines({ property, runs }: Failure): Line[] {
  if (property.walk !== undefined) {
    const { walk, trace } = property;
    const violation = `${property.id} was violated by walk ${formatCount(walk.number)} after ${plural(walk.steps, "step")}`;
    const shortened =
      trace !== null && trace.steps.length < walk.steps ? `, shortened to ${formatCount(trace.steps.length)}` : "";
    return labelled(
      span(""),
      `${violation}${shortened}; no step can be left out, but this need not be a shortest trace`,
      0,
      "dim",
    );
  }
  const numbers = formatSet(runs.map((index) => index + 1));
  return runs.length > 1
    ? labelled(span(""), `${property.id} is violated in runs ${numbers}; the shortest trace:`, 0, "dim")
    : [];
}

/** Formats a list of sentences under a title; empty without sentences. */
export function bulletSection(title: string, sentences: readonly string[], role?: Role): Line[] {
  return sentences.length === 0
    ? []
    : [[span(title, "strong")], ...sentences.flatMap((each) => labelled(span("  -", "dim"), each, 4, role))];
}

/** Formats the reasons, the verdict and the totals. */
function verdictLines(report: SearchReport): Line[] {
  const runs = runsOf(report);
  const role = roleOf(report.verdict);
  const reasons = [...failureReasons(report), ...stopReasons(report, runs), ...unwrittenReasons(report, runs)];
  const totals = [
    ...(report.command === "verify" ? [plural(runs.length, "run")] : []),
    plural(report.states, "state"),
    plural(report.transitions, "transition"),
    formatSeconds(report.seconds),
    `${formatBytes(report.peakMemoryBytes)} at the peak`,
  ].join(" · ");
  return [
    ...reasons.flatMap((reason) => wrap(reason, LINE_WIDTH).map((each): Line => [span(each, role)])),
    [span(`${markOf(report.verdict)} ${report.verdict}`, role), span(` · ${totals}`)],
  ];
}

function failureReasons(report: SearchReport): string[] {
  const ids = (verdict: string): string[] =>
    failuresOf(report)
      .filter(({ property }) => property.verdict === verdict)
      .map(({ property }) => property.id);
  const violated = ids("violated");
  const unreached = ids("unreached");
  return [
    ...(violated.length === 0 ? [] : [`violated: ${violated.join(", ")}`]),
    ...(unreached.length === 0 ? [] : [`unreached: ${unreached.join(", ")} (${LOST_BEHAVIOUR})`]),
  ];
}

function stopReasons(report: SearchReport, runs: readonly RunReport[]): string[] {
  return runs.flatMap((run, i) => {
    if (run.stopped === undefined || (run.stopped === "simulated" && run.verdict === "violated")) {
      return [];
    }
    const name = report.command === "verify" ? `run ${i + 1} is incomplete` : "incomplete";
    return [`${name}: ${describeStop(run.stopped)}, after ${plural(run.states, "state")}, which is never "holds"`];
  });
}

/** Lists the runs whose checkpoint or report could not be written, with the reasons. */
function unwrittenReasons(report: SearchReport, runs: readonly RunReport[]): string[] {
  return runs.flatMap(({ unwritten }, i) => {
    const name = report.command === "verify" ? `run ${i + 1}` : "this run";
    return unwritten === undefined ? [] : [`${name} is not stored: ${describeUnwritten(unwritten)}`];
  });
}
