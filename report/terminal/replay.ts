/** Replay report for the terminal. */

import type { ReplayReport } from "../../verify/trace/replay.ts";
import { describeDifference } from "../../verify/trace/state-difference.ts";
import { diagnosticText } from "../text/diagnostic.ts";
import { LINE_WIDTH, type Line, labelled, printLines, type Role, span, wrap } from "../text/styled-text.ts";
import { traceLines } from "../trace/trace.ts";

/** Options of the reporters. */
export interface ReplayOptions {
  readonly color: boolean;
  /** The trace file. */
  readonly file: string;
}

/** Formats the report on a replay. */
export type ReplayReporter = (report: ReplayReport, options: ReplayOptions) => string;

/** Names of the reporters. */
export type ReplayReporterName = "pretty" | "json";

/** The reporters by name. */
export const REPLAY_REPORTERS: { readonly [N in ReplayReporterName]: ReplayReporter } = {
  pretty: (report, options) => printLines(lines(report, options), options.color),
  json: (report) => `${JSON.stringify(report, null, 2)}\n`,
};

function lines(report: ReplayReport, { file }: ReplayOptions): Line[] {
  const { witness, kernel, property } = report;
  const decided = stepOf(report) !== undefined;
  const others = report.findings.filter(({ id, verdict }) => id !== property && verdict === "violated");
  const shows = witness ? "reached" : "violated";
  const violated = decided && !witness ? "violated as well" : "violated";
  const indent = Math.max(0, ...others.map(({ id }) => id.length)) + 4;
  return [
    ...traceLines(report.trace, { file, variant: kernel, ...(decided ? { shows } : {}) }),
    [],
    ...others.flatMap(({ id, claim, step, warning }) =>
      labelled(
        span(`✗ ${id}`, "bad"),
        `${violated}, at step ${step}: ${claim}${warning === undefined ? "" : ` (${diagnosticText(warning)})`}`,
        indent,
      ),
    ),
    ...remarks(report).flatMap((remark) => colored("dim", remark)),
    ...verdict(report),
  ];
}

/** Returns the step that violates or reaches the property of the trace. */
function stepOf({ findings, property }: ReplayReport): number | undefined {
  return findings.find(({ id }) => id === property)?.step;
}

/** Remarks on differences between the execution and the file. */
function remarks({ kernel, confirmed, divergence, trace }: ReplayReport): string[] {
  if (!confirmed) {
    return [
      "not executed under its own kernel, which the model does not have: the file's steps and states are not verified",
    ];
  }
  if (divergence === undefined || trace.steps.length === 0) {
    return [];
  }
  const { step } = divergence;
  const from = step === 0 ? "from the initial state on" : `from step ${step} on`;
  return [`the states under ${kernel} differ from those in the file ${from}: ${describeDifference(divergence)}`];
}

/** Formats the verdict. It is good only if every step was taken and no property is violated. */
function verdict(report: ReplayReport): Line[] {
  const { property, outcome } = report;
  const kernel = report.memory === undefined ? report.kernel : `${report.kernel} and memory model ${report.memory}`;
  switch (outcome.kind) {
    case "violated":
      return colored("bad", `✗ still fails: ${property} is violated under ${kernel}, at step ${outcome.step}`);
    case "fails-otherwise":
      return colored("bad", `✗ fails otherwise under ${kernel}: ${outcome.violated.join(", ")}${besides(report)}`);
    case "cured":
      return colored("good", `✓ cured: ${property} no longer fails under ${kernel}`);
    case "reached":
      return colored("good", `✓ ${property} is reached again under ${kernel}, at step ${outcome.step}`);
    case "unreached":
      return colored("bad", `✗ ${property} is no longer reached under ${kernel}`);
    case "not-applicable": {
      const { step, message } = outcome.obstacle;
      const unknown = report.witness ? `it reaches ${property}` : "it has the fault";
      return colored(
        "warn",
        `… not applicable under ${kernel} from step ${step} on: ${message}; whether ${unknown} is not known`,
      );
    }
  }
}

/** Returns the outcome of the trace's property in an execution that violates other properties. */
function besides(report: ReplayReport): string {
  const { property, witness, obstacle } = report;
  const step = stepOf(report);
  if (step !== undefined) {
    return `; ${property} is reached at step ${step}`;
  }
  return obstacle === undefined
    ? `; ${property} is ${witness ? "not reached" : "not violated"}`
    : `; the execution ends before step ${obstacle.step}: ${obstacle.message}`;
}

function colored(role: Role, text: string): Line[] {
  return wrap(text, LINE_WIDTH).map((each) => [span(each, role)]);
}
