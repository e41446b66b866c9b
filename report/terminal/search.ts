/** Search report for the terminal. */
import { describeStop, type StopReason } from "../../explore/search/budget.ts";
import type { RunReport, SearchReport, TraceReport } from "../../verify/report/report.ts";
import { type Block, following, labelled } from "../text/block.ts";
import { coverageLines } from "../text/coverage.ts";
import { counterexamplesOf, coverageProblems, type Failure, failuresOf, runsOf } from "../text/findings.ts";
import { lockstepLines } from "../text/lockstep.ts";
import { notCheckedLines } from "../text/not-checked.ts";
import { formatBytes, formatCount, formatSeconds, formatSet, plural } from "../text/numbers.ts";
import { printSections, type VerbosePrintOptions } from "../text/print-lines.ts";
import { type Role, span } from "../text/styled-text.ts";
import { formatKernel } from "../text/subject.ts";
import { describeUnwritten } from "../text/unwritten.ts";
import { LOST_BEHAVIOUR, roleOf, verdictSpan } from "../text/verdict.ts";
import { traceLines } from "../trace/trace.ts";
import { actionLines, costLines, exploredLines, headRow, propertyLines } from "./run.ts";
import { claimSummary, summaryRows } from "./search-summary.ts";
import { claimLines, proofLines, runLines, suiteHeading } from "./suite.ts";

/** Options of the reporter. */
export interface PrettyOptions extends VerbosePrintOptions {
  /** Returns the file that contains a trace, for the command that replays it; undefined if none was written. */
  readonly traceFile?: (trace: TraceReport) => string | undefined;
}

/** Formats a report: in short, or with all tables. */
export function pretty(report: SearchReport, options: PrettyOptions): string {
  const sections = options.verbose === true ? allSections(report, options) : shortSections(report, options);
  return printSections(sections, options);
}

/** Lists all sections. The verdict is the last line. */
function allSections(report: SearchReport, options: PrettyOptions): (readonly Block[])[] {
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
  return [
    ...overview,
    ...counterexamples(report, options),
    notCheckedLines(report.notChecked),
    bulletSection("Coverage gaps", coverageProblems(report), "warn"),
    [...reasonLines(report, 0), ...verdictLine(report)],
  ];
}

/** Lists the sections of a short report. The verdict comes first, and is repeated below counterexamples. */
function shortSections(report: SearchReport, options: PrettyOptions): (readonly Block[])[] {
  const traces = counterexamples(report, options);
  return [
    [...headline(report), ...reasonLines(report, 2), ...summaryRows(report), ...headRow("cost", totalsOf(report))],
    claimSummary(report),
    VERBOSE_HINT,
    ...traces,
    traces.length === 0 ? [] : [...reasonLines(report, 0), ...verdictLine(report)],
  ];
}

/** No function is excepted from folding: the model has no changed functions. */
const NONE: ReadonlySet<string> = new Set();

const VERBOSE_HINT: readonly Block[] = labelled(
  span(""),
  "--verbose prints every run, property and action, and the reasons for what was not checked",
  0,
  "dim",
);

/**
 * Formats the shortest counterexample of each violated property; an execution that violates several is printed once.
 */
function counterexamples(report: SearchReport, { traceFile, width, verbose = false }: PrettyOptions): Block[][] {
  return counterexamplesOf(report).map(({ trace, also, failures }) => {
    const file = traceFile?.(trace);
    return [
      ...failures.flatMap(whereLines),
      ...traceLines(trace, {
        width,
        ...(verbose ? {} : { unfolded: NONE }),
        shows: "violated",
        also,
        ...(file === undefined ? {} : { file }),
      }),
    ];
  });
}

/** Lists the runs that violate a property, if there are several; for a random walk, its number and length. */
function whereLines({ property, runs }: Failure): Block[] {
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
export function bulletSection(title: string, sentences: readonly string[], role?: Role): Block[] {
  return sentences.length === 0
    ? []
    : [[span(title, "strong")], ...sentences.flatMap((each) => labelled(span("  -", "dim"), each, 4, role))];
}

/** Formats the verdict and its subject. */
function headline(report: SearchReport): Block[] {
  const subject =
    report.command === "verify"
      ? `profile ${report.profile}, kernel ${report.kernel}, ${plural(report.runs.length, "run")}`
      : `machine ${report.machine}, kernel ${formatKernel(report)}`;
  return following([verdictSpan(report.verdict)], `: ${subject}`, "strong");
}

/** Formats the reasons of the verdict: failures, incomplete runs, files that were not written. */
function reasonLines(report: SearchReport, indent: number): Block[] {
  const reasons = [...failureReasons(report), ...stopReasons(report), ...unwrittenReasons(report, runsOf(report))];
  return reasons.flatMap((reason) => labelled(span(""), reason, indent, roleOf(report.verdict)));
}

/** Formats the verdict and the totals. */
function verdictLine(report: SearchReport): Block[] {
  return following([verdictSpan(report.verdict), span(" ")], `· ${totalsOf(report)}`);
}

function totalsOf(report: SearchReport): string {
  return [
    ...(report.command === "verify" ? [plural(report.runs.length, "run")] : []),
    plural(report.states, "state"),
    plural(report.transitions, "transition"),
    formatSeconds(report.seconds),
    `${formatBytes(report.peakMemoryBytes)} at the peak`,
  ].join(" · ");
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

/** Describes the runs that ended early, a sentence for each reason. */
function stopReasons(report: SearchReport): string[] {
  const runs = new Map<StopReason, number[]>();
  for (const [i, { stopped, verdict }] of runsOf(report).entries()) {
    if (stopped !== undefined && !(stopped === "simulated" && verdict === "violated")) {
      runs.set(stopped, [...(runs.get(stopped) ?? []), i]);
    }
  }
  return [...runs].map(([stopped, indices]) => {
    const numbers = formatSet(indices.map((i) => i + 1));
    const name =
      report.command === "check"
        ? "incomplete"
        : indices.length === 1
          ? `run ${numbers} is incomplete`
          : `runs ${numbers} are incomplete`;
    const states = indices.reduce((sum, i) => sum + (runsOf(report)[i]?.states ?? 0), 0);
    return `${name}: ${describeStop(stopped)}, after ${plural(states, "state")}, which is never "holds"`;
  });
}

/** Lists the runs whose checkpoint or report could not be written, with the reasons. */
function unwrittenReasons(report: SearchReport, runs: readonly RunReport[]): string[] {
  return runs.flatMap(({ unwritten }, i) => {
    const name = report.command === "verify" ? `run ${i + 1}` : "this run";
    return unwritten === undefined ? [] : [`${name} is not stored: ${describeUnwritten(unwritten)}`];
  });
}
