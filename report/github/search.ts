/** Search report as workflow commands, which GitHub Actions shows as annotations. */
import { describeStop } from "../../explore/search/budget.ts";
import type { SearchReport, TraceReport } from "../../verify/report/report.ts";
import { coverageProblems, type Failure, failureLines, failuresOf, runsOf } from "../text/findings.ts";
import { formatSeconds, plural } from "../text/numbers.ts";
import { PrintedTraces } from "../text/printed-traces.ts";
import { formatSubject } from "../text/subject.ts";
import { callLines } from "../trace/call-lines.ts";
import { formatViolation } from "../trace/trace.ts";

/** Formats a report: failures with their traces, warnings about coverage, and the verdict as a notice. */
export function github(report: SearchReport): string {
  const runs = runsOf(report);
  const printed = new PrintedTraces();
  const lines = [
    ...failuresOf(report).flatMap((failure) => failureCommands(failure, report, printed)),
    ...runs.flatMap((run) =>
      run.stopped === undefined
        ? []
        : [githubCommand("warning", "foliocheck: incomplete", `${formatSubject(run)}: ${describeStop(run.stopped)}`)],
    ),
    ...coverageProblems(report).map((problem) => githubCommand("warning", "foliocheck: coverage", problem)),
    githubCommand(
      "notice",
      `foliocheck: ${report.verdict}`,
      `${plural(runs.length, "run")}, ${plural(report.states, "state")}, ${plural(report.transitions, "transition")}, ` +
        formatSeconds(report.seconds),
    ),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** Returns an annotation with the calls of the trace, followed by the folded trace with its pictures. */
function failureCommands(failure: Failure, report: SearchReport, printed: PrintedTraces): string[] {
  const { property, trace } = failure;
  const title = `foliocheck: ${property.id} ${property.verdict}`;
  const lines = failureLines(failure, report);
  return trace === null
    ? [githubCommand("error", title, lines.join("\n"))]
    : [
        githubCommand("error", title, [...lines, ...callLines(trace)].join("\n")),
        ...foldedTrace(property.id, trace, printed),
      ];
}

/**
 * Formats a trace as a folded group of the log.
 *
 * @param printed traces that the log already contains
 * @param reproduce command that reproduces it, for C code
 */
export function foldedTrace(id: string, trace: TraceReport, printed: PrintedTraces, reproduce?: string): string[] {
  return [
    `::group::${escapeData(`Counterexample to ${id}`)}`,
    formatViolation(trace, printed, reproduce).trimEnd(),
    "::endgroup::",
  ];
}

/** Formats a workflow command. @param place file of the repository, and a line or a range of lines */
export function githubCommand(
  name: "error" | "warning" | "notice",
  title: string,
  message: string,
  place?: { readonly file: string; readonly line: number; readonly endLine?: number },
): string {
  const end = place?.endLine === undefined ? "" : `endLine=${place.endLine},`;
  const at = place === undefined ? "" : `file=${escapeProperty(place.file)},line=${place.line},${end}`;
  return `::${name} ${at}title=${escapeProperty(title)}::${escapeData(message)}`;
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
