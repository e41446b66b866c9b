/** A replayed trace, as text. */
import type { ReplayReport } from "../verify/replay.ts";
import { LINE_WIDTH, type Line, labelled, printLines, span, wrap } from "./text.ts";
import { traceLines } from "./trace.ts";

/** How a replay is printed. */
export interface ReplayOptions {
  readonly color: boolean;
  /** The file that the trace came from. */
  readonly file: string;
}

/** Turns the outcome of a replay into text. */
export type ReplayReporter = (report: ReplayReport, options: ReplayOptions) => string;

/** The names of the reporters. */
export type ReplayReporterName = "pretty" | "json";

/** The reporters by name. */
export const REPLAY_REPORTERS: { readonly [N in ReplayReporterName]: ReplayReporter } = {
  pretty: (report, options) => printLines(lines(report, options), options.color),
  json: (report) => `${JSON.stringify(report, null, 2)}\n`,
};

function lines(report: ReplayReport, { file }: ReplayOptions): Line[] {
  const { witness, reproduced, kernel } = report;
  const others = report.findings.filter(({ id, verdict }) => id !== report.property && verdict === "violated");
  const shows = witness ? "reached" : "violated";
  const violated = reproduced && !witness ? "violated as well" : "violated";
  const indent = Math.max(0, ...others.map(({ id }) => id.length)) + 4;
  return [
    ...traceLines(report.trace, { file, variant: kernel, ...(reproduced ? { shows } : {}) }),
    [],
    ...others.flatMap(({ id, claim, step, warning }) =>
      labelled(
        span(`✗ ${id}`, "bad"),
        `${violated}, at step ${step}: ${claim}${warning === undefined ? "" : ` (${warning})`}`,
        indent,
      ),
    ),
    ...verdict(
      report,
      others.map(({ id }) => id),
    ),
  ];
}

/** The verdict, which is good only when no property is violated. */
function verdict(report: ReplayReport, others: readonly string[]): Line[] {
  const { property, kernel, reproduced, witness, divergesAt, findings } = report;
  const at = findings.find((each) => each.id === property)?.step;
  if (reproduced && !witness) {
    return marked(false, `still fails: ${property} is violated under ${kernel}, at step ${at}`);
  }
  const but = others.length === 0 ? "" : `, but the execution violates ${others.join(", ")}`;
  if (reproduced) {
    return marked(others.length === 0, `${property} is reached again under ${kernel}, at step ${at}${but}`);
  }
  const why = divergesAt === undefined ? "" : `: step ${divergesAt} is not enabled any more`;
  return witness
    ? marked(false, `${property} is no longer reached under ${kernel}${why}${but}`)
    : marked(others.length === 0, `${property} no longer fails under ${kernel}${why}${but}`);
}

function marked(good: boolean, text: string): Line[] {
  return wrap(`${good ? "✓" : "✗"} ${text}`, LINE_WIDTH).map((each) => [span(each, good ? "good" : "bad")]);
}
