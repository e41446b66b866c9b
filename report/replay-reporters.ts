/** Reporters of replays. */
import type { ReplayReport } from "../verify/trace/replay.ts";
import { htmlReplay } from "./html/html.ts";
import { replayPretty } from "./terminal/replay.ts";
import type { PrintOptions } from "./text/print-lines.ts";

/** Options of the reporters. */
export interface ReplayOptions extends PrintOptions {
  /** The trace file. */
  readonly file: string;
}

/** Formats the report on a replay. */
export type ReplayReporter = (report: ReplayReport, options: ReplayOptions) => string;

/** Names of the reporters. */
export type ReplayReporterName = "pretty" | "json" | "html";

/** The reporters by name. */
export const REPLAY_REPORTERS: { readonly [N in ReplayReporterName]: ReplayReporter } = {
  pretty: replayPretty,
  json: (report) => `${JSON.stringify(report, null, 2)}\n`,
  html: htmlReplay,
};
