/** A replayed trace, as text. */
import type { ReplayReport } from "../verify/replay.ts";
import { type Line, labelled, printLines, span } from "./text.ts";
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
  const { witness, reproduced } = report;
  const others = report.findings.filter(({ id, verdict }) => id !== report.property && verdict === "violated");
  return [
    ...traceLines(report.trace, { file, ...(reproduced ? { shows: witness ? "reached" : "violated" } : {}) }),
    [],
    ...others.flatMap(({ id, claim, step }) =>
      labelled(span(`✗ ${id}`, "bad"), `violated as well, at step ${step}: ${claim}`, 4),
    ),
    verdict(report),
  ];
}

function verdict({ property, kernel, reproduced, witness, divergesAt, findings }: ReplayReport): Line {
  const at = findings.find((each) => each.id === property)?.step;
  if (reproduced) {
    return witness
      ? [span(`✓ ${property} is reached again under ${kernel}, at step ${at}`, "good")]
      : [span(`✗ still fails: ${property} is violated under ${kernel}, at step ${at}`, "bad")];
  }
  const why = divergesAt === undefined ? "" : `: step ${divergesAt} is not enabled any more`;
  return witness
    ? [span(`✗ ${property} is no longer reached under ${kernel}${why}`, "bad")]
    : [span(`✓ ${property} no longer fails under ${kernel}${why}`, "good")];
}
