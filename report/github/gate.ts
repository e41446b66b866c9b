/** Gate report as workflow commands: each finding is annotated at the changed lines that may be its cause. */

import { findingCommand } from "../../gate/run/command.ts";
import { findingsWithStatus } from "../../gate/run/finding-status.ts";
import type { GateFindingReport, GateReport } from "../../verify/report/report.ts";
import { findingText } from "../text/diagnostic.ts";
import { changeRemark } from "../text/gate-change.ts";
import { comparisonRows, comparisonText, comparisonTotals } from "../text/gate-comparison.ts";
import { incompleteSentences } from "../text/gate-incomplete.ts";
import { optimisationText } from "../text/gate-optimisation.ts";
import { type Place, placesOf, uncheckedPlaces } from "../text/gate-places.ts";
import { unmatchedTexts } from "../text/gate-unmatched.ts";
import { formatSeconds, plural } from "../text/numbers.ts";
import { PrintedTraces } from "../text/printed-traces.ts";
import { callLines } from "../trace/call-lines.ts";
import { foldedTrace, githubCommand } from "./search.ts";

/** Largest number of annotations of one kind that GitHub shows for a step; it drops the others silently. */
const MOST_ANNOTATIONS = 10;

/** An annotation, and its text in the log if it is not shown. */
interface Annotation {
  readonly command: string;
  readonly where: string;
}

/**
 * Formats a report. New findings are errors, one for each range of changed lines; accepted findings are notices;
 * unproved obligations and unchecked changed lines are warnings. Findings of the base, and annotations beyond GitHub's limit, are only in the
 * log. File names are relative to the tree.
 */
export function gateGithub(report: GateReport): string {
  const { verdict, findings, runs, states, transitions, seconds } = report;
  const newFindings = findingsWithStatus("new", findings);
  const unprovedFindings = findingsWithStatus("unproved", findings);
  const acceptedFindings = findingsWithStatus("accepted", findings);
  const printed = new PrintedTraces();
  const errors = interleaved(newFindings.map((finding) => annotations("error", finding, report)));
  const notices = acceptedFindings.flatMap((finding) => annotations("notice", finding, report).slice(0, 1));
  const warnings = [
    ...unprovedFindings.flatMap((finding) => annotations("warning", finding, report).slice(0, 1)),
    ...uncheckedChanges(report),
  ];
  const rest = [
    ...errors.slice(MOST_ANNOTATIONS),
    ...notices.slice(MOST_ANNOTATIONS - 1),
    ...warnings.slice(MOST_ANNOTATIONS - 1),
  ];
  const totals = [
    ...comparisonTotals(report),
    plural(runs.length, "run"),
    plural(states, "state"),
    plural(transitions, "transition"),
    formatSeconds(seconds),
  ].join(", ");
  const lines = [
    ...errors.slice(0, MOST_ANNOTATIONS).map(({ command }) => command),
    ...notices.slice(0, MOST_ANNOTATIONS - 1).map(({ command }) => command),
    ...incomplete(report),
    ...warnings.slice(0, MOST_ANNOTATIONS - 1).map(({ command }) => command),
    githubCommand(
      "notice",
      `foliocheck: ${verdict}${changeRemark(report)}`,
      rest.length === 0
        ? totals
        : `${totals}\n${plural(rest.length, "place")} without an annotation, as GitHub shows ${MOST_ANNOTATIONS} of a step: see the log`,
    ),
    ...rest.map(({ where }) => `Without an annotation: ${where}`),
    ...comparisonRows(report).map((row) => `Compared with the base, ${comparisonText(row)}`),
    ...unmatchedTexts(report).map((each) => `An entry of the baseline that matches no finding: ${each}`),
    ...newFindings.flatMap(({ property, trace }) =>
      trace === null ? [] : foldedTrace(property, trace, printed, findingCommand(report, trace)),
    ),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function annotations(
  level: "error" | "warning" | "notice",
  finding: GateFindingReport,
  report: GateReport,
): Annotation[] {
  const { property, configs, accepted, trace } = finding;
  const code = optimisationText(finding);
  const title = `foliocheck: ${property}${accepted === undefined ? "" : " (known)"}`;
  const message = [
    findingText(finding),
    `Configurations: ${configs.join("; ")}`,
    ...(code === undefined ? [] : [`clang: ${code}`]),
    ...(accepted === undefined ? (trace === null ? [] : callLines(trace)) : [`Accepted: ${accepted}`]),
  ].join("\n");
  const places = placesOf(finding, report);
  return (places.length === 0 ? [undefined] : places).map((place) => ({
    command: githubCommand(level, title, message, place),
    where: `${property}${place === undefined ? "" : ` at ${placeText(place)}`}`,
  }));
}

function placeText({ file, line, endLine = line }: Place): string {
  return `${file}:${line}${endLine === line ? "" : `-${endLine}`}`;
}

/**
 * Interleaves annotations: the first of each finding, then the second of each, so that the limit affects no first one.
 */
function interleaved(lists: readonly (readonly Annotation[])[]): Annotation[] {
  const longest = Math.max(0, ...lists.map((each) => each.length));
  return Array.from({ length: longest }, (_, i) => lists.flatMap((each) => each[i] ?? [])).flat();
}

/** Returns a warning for each unchecked range of changed lines, and for each changed function that no run reached. */
function uncheckedChanges(report: GateReport): Annotation[] {
  return uncheckedPlaces(report).map(({ place, sentence }) => ({
    command: githubCommand("warning", "foliocheck: not checked", sentence, place),
    where: `not checked: ${placeText(place)}`,
  }));
}

/** Returns one warning for all incomplete runs. */
function incomplete(report: GateReport): string[] {
  const sentences = incompleteSentences(report);
  return sentences.length === 0 ? [] : [githubCommand("warning", "foliocheck: incomplete", sentences.join("\n"))];
}
