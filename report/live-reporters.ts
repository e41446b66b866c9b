/** The reporters of walks on a running kernel. The names are those of the other reports' (reporters.ts). */
import type { LiveReport } from "../live/run/report.ts";
import { githubLive } from "./github/live.ts";
import { htmlLive } from "./html/html.ts";
import { markdownLive } from "./markdown/live.ts";
import type { ReporterName } from "./reporters.ts";
import { resultReporters } from "./result-reporters.ts";
import { liveResults } from "./results/live.ts";
import { liveSarif } from "./sarif/live.ts";
import { type LivePrettyOptions, prettyLive } from "./terminal/live.ts";

/** Turns a report into text. */
export type LiveReporter = (report: LiveReport, options: LivePrettyOptions) => string;

/** The reporters by name. */
export const LIVE_REPORTERS: { readonly [N in ReporterName]: LiveReporter } = {
  pretty: prettyLive,
  json: (report) => `${JSON.stringify(report, null, 2)}\n`,
  github: githubLive,
  markdown: markdownLive,
  sarif: liveSarif,
  html: htmlLive,
  ...resultReporters(liveResults),
};
