/** Reporters: each formats a report, without other effects. */
import type { GateReport, Report, SearchReport } from "../verify/report/report.ts";
import { gateGithub } from "./github/gate.ts";
import { github } from "./github/search.ts";
import { json } from "./json/json.ts";
import { gateJunit } from "./junit/gate.ts";
import { junit } from "./junit/search.ts";
import { gateMarkdown } from "./markdown/gate.ts";
import { markdown } from "./markdown/search.ts";
import { gateSarif } from "./sarif/gate.ts";
import { sarif } from "./sarif/search.ts";
import { gatePretty } from "./terminal/gate.ts";
import { type PrettyOptions, pretty } from "./terminal/search.ts";

/** Formats a report. */
export type Reporter = (report: Report, options: PrettyOptions) => string;

/** Names of the reporters. */
export type ReporterName = "pretty" | "json" | "junit" | "github" | "markdown" | "sarif";

/** The reporters by name, in the order of help texts. */
export const REPORTERS: { readonly [N in ReporterName]: Reporter } = {
  pretty: either(pretty, gatePretty),
  json,
  junit: either(junit, gateJunit),
  github: either(github, gateGithub),
  markdown: either(markdown, gateMarkdown),
  sarif: either(sarif, gateSarif),
};

function either(
  ofSearch: (report: SearchReport, options: PrettyOptions) => string,
  ofGate: (report: GateReport, options: PrettyOptions) => string,
): Reporter {
  return (report, options) => (report.command === "gate" ? ofGate(report, options) : ofSearch(report, options));
}
