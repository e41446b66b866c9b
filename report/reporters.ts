/** The reporters by name. Each turns the one report into a format, and does nothing else. */
import type { GateReport, Report, SearchReport } from "../verify/report.ts";
import { gateGithub } from "./gate-github.ts";
import { gateJunit } from "./gate-junit.ts";
import { gateMarkdown } from "./gate-markdown.ts";
import { gatePretty } from "./gate-pretty.ts";
import { github } from "./github.ts";
import { json } from "./json.ts";
import { junit } from "./junit.ts";
import { markdown } from "./markdown.ts";
import { type PrettyOptions, pretty } from "./pretty.ts";

/** Turns a report into text. */
export type Reporter = (report: Report, options: PrettyOptions) => string;

/** The names of the reporters. */
export type ReporterName = "pretty" | "json" | "junit" | "github" | "markdown";

/** The reporters by name, in the order in which help texts show them. */
export const REPORTERS: { readonly [N in ReporterName]: Reporter } = {
  pretty: either(pretty, gatePretty),
  json,
  junit: either(junit, gateJunit),
  github: either(github, gateGithub),
  markdown: either(markdown, gateMarkdown),
};

function either(
  ofSearch: (report: SearchReport, options: PrettyOptions) => string,
  ofGate: (report: GateReport, options: PrettyOptions) => string,
): Reporter {
  return (report, options) => (report.command === "gate" ? ofGate(report, options) : ofSearch(report, options));
}
