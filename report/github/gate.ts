/** The report on a kernel tree as workflow commands: each finding at the changed lines that may be its cause. */

import { findingCommand } from "../../gate/run/command.ts";
import { findingsWithStatus } from "../../gate/run/finding-status.ts";
import type { GateFindingReport, GateReport } from "../../verify/report/report.ts";
import { findingText } from "../text/diagnostic.ts";
import { changeRemark } from "../text/gate-change.ts";
import { comparisonRows, comparisonText, comparisonTotals } from "../text/gate-comparison.ts";
import { incompleteSentences } from "../text/gate-incomplete.ts";
import { optimisationText } from "../text/gate-optimisation.ts";
import { type Place, placesOf } from "../text/gate-places.ts";
import { unmatchedTexts } from "../text/gate-unmatched.ts";
import { formatSeconds, plural } from "../text/numbers.ts";
import { PrintedTraces } from "../text/printed-traces.ts";
import { callLines, foldedTrace, githubCommand } from "./search.ts";

/** Annotations of one kind that GitHub shows of a step; it drops the others without a word. */
const SHOWN = 10;

/** An annotation, and what to call it where it is not shown. */
interface Annotation {
  readonly command: string;
  readonly where: string;
}

/**
 * New findings are errors, one for each range of changed lines, and accepted ones notices; changed lines that were not
 * checked are warnings. Findings of the base are in the log only. Files are relative to the tree.
 * Annotations that GitHub would not show are in the log.
 */
export function gateGithub(report: GateReport): string {
  const { verdict, findings, runs, states, transitions, seconds } = report;
  const fresh = findingsWithStatus("new", findings);
  const known = findingsWithStatus("accepted", findings);
  const printed = new PrintedTraces();
  const errors = inTurns(fresh.map((finding) => annotations(finding, report)));
  const notices = known.flatMap((finding) => annotations(finding, report).slice(0, 1));
  const warnings = overlooked(report);
  const rest = [...errors.slice(SHOWN), ...notices.slice(SHOWN - 1), ...warnings.slice(SHOWN - 1)];
  const totals = [
    ...comparisonTotals(report),
    plural(runs.length, "run"),
    plural(states, "state"),
    plural(transitions, "transition"),
    formatSeconds(seconds),
  ].join(", ");
  const lines = [
    ...errors.slice(0, SHOWN).map(({ command }) => command),
    ...notices.slice(0, SHOWN - 1).map(({ command }) => command),
    ...incomplete(report),
    ...warnings.slice(0, SHOWN - 1).map(({ command }) => command),
    githubCommand(
      "notice",
      `foliocheck: ${verdict}${changeRemark(report)}`,
      rest.length === 0
        ? totals
        : `${totals}\n${plural(rest.length, "place")} without an annotation, as GitHub shows ${SHOWN} of a step: see the log`,
    ),
    ...rest.map(({ where }) => `Without an annotation: ${where}`),
    ...comparisonRows(report).map((row) => `Compared with the base, ${comparisonText(row)}`),
    ...unmatchedTexts(report).map((each) => `An entry of the baseline that matches no finding: ${each}`),
    ...fresh.flatMap(({ property, trace }) =>
      trace === null ? [] : foldedTrace(property, trace, printed, findingCommand(report, trace)),
    ),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function annotations(finding: GateFindingReport, report: GateReport): Annotation[] {
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
    command: githubCommand(accepted === undefined ? "error" : "notice", title, message, place),
    where: `${property}${place === undefined ? "" : ` at ${placeText(place)}`}`,
  }));
}

function placeText({ file, line, endLine = line }: Place): string {
  return `${file}:${line}${endLine === line ? "" : `-${endLine}`}`;
}

/**
 * The first annotation of each finding, then the second of each, and so on: every finding is shown before any twice.
 */
function inTurns(lists: readonly (readonly Annotation[])[]): Annotation[] {
  const longest = Math.max(0, ...lists.map((each) => each.length));
  return Array.from({ length: longest }, (_, turn) => lists.flatMap((each) => each[turn] ?? [])).flat();
}

/**
 * A warning for each range of changed lines that was not checked, and for each changed function that no run reached.
 */
function overlooked({ change }: GateReport): Annotation[] {
  const warning = (place: Place, why: string): Annotation => ({
    command: githubCommand("warning", "foliocheck: not checked", `This is changed, and ${why}`, place),
    where: `not checked: ${placeText(place)}`,
  });
  return [
    ...(change?.overlooked ?? []).map(({ why, ...place }) => warning(place, why)),
    ...(change?.unreached ?? []).map(({ name, ...place }) => warning(place, `no run reached ${name}()`)),
  ];
}

/** One warning for all runs that were cut short. */
function incomplete(report: GateReport): string[] {
  const cut = incompleteSentences(report);
  return cut.length === 0 ? [] : [githubCommand("warning", "foliocheck: incomplete", cut.join("\n"))];
}
