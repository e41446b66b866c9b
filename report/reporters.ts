/** Reporters: each formats a report, without other effects. */
import type { GateReport, Report, SearchReport } from "../verify/report/report.ts";
import { gateGithub } from "./github/gate.ts";
import { github } from "./github/search.ts";
import { type HtmlOptions, html } from "./html/html.ts";
import { json } from "./json/json.ts";
import { gateMarkdown } from "./markdown/gate.ts";
import { markdown } from "./markdown/search.ts";
import { type ResultReporterName, resultReporters } from "./result-reporters.ts";
import { gateResults } from "./results/gate.ts";
import { searchResults } from "./results/search.ts";
import { gateSarif } from "./sarif/gate.ts";
import { sarif } from "./sarif/search.ts";
import { gatePretty } from "./terminal/gate.ts";
import { type PrettyOptions, pretty } from "./terminal/search.ts";

/** Formats a report. */
export type Reporter = (report: Report, options: PrettyOptions & HtmlOptions) => string;

/** Names of the reporters. */
export type ReporterName = "pretty" | "json" | "github" | "markdown" | "sarif" | "html" | ResultReporterName;

/** The reporters by name, in the order of help texts. */
export const REPORTERS: { readonly [N in ReporterName]: Reporter } = {
  pretty: either(pretty, gatePretty),
  json,
  github: either(github, gateGithub),
  markdown: either(markdown, gateMarkdown),
  sarif: either(sarif, gateSarif),
  html,
  ...resultReporters((report: Report) => (report.command === "gate" ? gateResults(report) : searchResults(report))),
};

function either(
  ofSearch: (report: SearchReport, options: PrettyOptions) => string,
  ofGate: (report: GateReport, options: PrettyOptions) => string,
): Reporter {
  return (report, options) => (report.command === "gate" ? ofGate(report, options) : ofSearch(report, options));
}
