/** The reporters of walks on a running kernel. The names are those of the other reports' (reporters.ts). */

import { formatCall } from "../explore/model/model.ts";
import type { LiveDifferenceReport, LiveReport } from "../live/run/report.ts";
import { githubCommand } from "./github/search.ts";
import { element, escapeXml } from "./junit/xml.ts";
import { markdownTable } from "./markdown/search.ts";
import type { ReporterName } from "./reporters.ts";
import { type LivePrettyOptions, prettyLive, referenceOf } from "./terminal/live.ts";
import { notCheckedText } from "./text/not-checked.ts";
import { formatCount } from "./text/numbers.ts";
import { formatBounds } from "./text/subject.ts";

/** Turns a report into text. */
export type LiveReporter = (report: LiveReport, options: LivePrettyOptions) => string;

/** The reporters by name. */
export const LIVE_REPORTERS: { readonly [N in ReporterName]: LiveReporter } = {
  pretty: prettyLive,
  json: (report) => `${JSON.stringify(report, null, 2)}\n`,
  junit: junitLive,
  github: githubLive,
  markdown: markdownLive,
};

function claimOf({ walk }: LiveReport): string {
  return `The running kernel shows what the ${referenceOf(walk)} says`;
}

/** The steps of a difference and the fields that differ, a line each. */
function differenceText({ trace, fields }: LiveDifferenceReport, reference: string): string {
  const steps = trace.steps.map((step, i) => `${i + 1}. ${formatCall(step)}`);
  const differing = fields
    .filter(({ holds }) => !holds)
    .map(({ place, field, model, kernel }) => `${place}, ${field}: ${reference} ${model}, kernel ${kernel}`);
  return [...steps, ...differing].join("\n");
}

/** What is known of a walk besides its verdict, by name. */
function factsOf(report: LiveReport): { readonly [name: string]: string } {
  const { scope, machine, kernel, config, bounds, host, coverage, steps, retries } = report;
  return {
    scope,
    machine,
    kernel,
    config,
    bounds: formatBounds(bounds),
    "running kernel": host.release,
    ...(coverage !== undefined && { coverage: `${coverage.covered} of ${coverage.reachable}` }),
    steps: formatCount(steps),
    retries: formatCount(retries),
  };
}

/** One test suite with one test case, for CI systems. */
function junitLive(report: LiveReport): string {
  const { verdict, differences, scope, seconds, walk } = report;
  const [claim, reference] = [claimOf(report), referenceOf(walk)];
  const counts = {
    tests: 1,
    failures: verdict === "violated" ? 1 : 0,
    errors: 0,
    skipped: verdict === "incomplete" ? 1 : 0,
  };
  const outcome =
    verdict === "violated"
      ? differences.map((difference) =>
          element("failure", { type: verdict, message: claim }, [
            escapeXml(`\n${differenceText(difference, reference)}\n`),
          ]),
        )
      : verdict === "incomplete"
        ? [element("skipped", { message: "incomplete: the walk ended before it was done" })]
        : [];
  const facts = Object.entries(factsOf(report)).map(([name, value]) => element("property", { name, value }));
  const suite = element(
    "testsuite",
    { name: `live ${scope}`, ...counts, time: seconds.toFixed(3) },
    [
      element("properties", {}, facts),
      element("testcase", { classname: `foliocheck.live.${scope}`, name: claim }, outcome),
    ]
      .flatMap((line) => ["\n  ", line])
      .concat("\n"),
  );
  const root = element("testsuites", { name: "foliocheck", ...counts, time: seconds.toFixed(3) }, ["\n", suite, "\n"]);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`;
}

/** Workflow commands, which GitHub Actions shows as annotations. */
function githubLive(report: LiveReport): string {
  const { verdict, differences, stopped } = report;
  const facts = Object.entries(factsOf(report)).map(([name, value]) => `${name}: ${value}`);
  const lines = [
    ...differences.map((difference) =>
      githubCommand(
        "error",
        `foliocheck live: ${claimOf(report)}: no`,
        differenceText(difference, referenceOf(report.walk)),
      ),
    ),
    ...(stopped === undefined
      ? []
      : [githubCommand("warning", "foliocheck live: incomplete", "the walk ended before it was done")]),
    githubCommand("notice", `foliocheck live: ${verdict}`, facts.join("\n")),
  ];
  return `${lines.join("\n")}\n`;
}

/** Tables, without times. */
function markdownLive(report: LiveReport): string {
  const { verdict, differences, notChecked } = report;
  const facts = Object.entries(factsOf(report)).map(([name, value]) => [name, value]);
  const sections = [
    `${referenceOf(report.walk) === "trace" ? "Trace" : "Model"} against the running kernel: ${verdict}.`,
    markdownTable(["what", "value"], facts),
    ...differences.map(({ fields, trace }) =>
      [
        trace.steps.map((step, i) => `${i + 1}. \`${formatCall(step)}\``).join("\n"),
        markdownTable(
          ["where", "what", referenceOf(report.walk), "kernel", ""],
          fields.map(({ place, field, model, kernel, holds }) => [
            place,
            field,
            String(model),
            String(kernel),
            holds ? "" : "differs",
          ]),
        ),
      ].join("\n\n"),
    ),
    "Not checked:",
    notChecked.map((each) => `- ${notCheckedText(each)}`).join("\n"),
  ];
  return `${sections.join("\n\n")}\n`;
}
