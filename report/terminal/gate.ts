/** Gate report for the terminal. */

import { IMAGE_MACHINE } from "../../gate/image/world/image-bounds.ts";
import { findingCommand } from "../../gate/run/command.ts";
import { findingsWithStatus } from "../../gate/run/finding-status.ts";
import type { GateFindingReport, GateReport } from "../../verify/report/report.ts";
import { type Block, following, labelled } from "../text/block.ts";
import { coverageLines } from "../text/coverage.ts";
import { findingText } from "../text/diagnostic.ts";
import { baseText, comparisonRows, comparisonTotals, findingNames } from "../text/gate-comparison.ts";
import { imageRows } from "../text/gate-image.ts";
import { incompleteSentences } from "../text/gate-incomplete.ts";
import { kernelText } from "../text/gate-kernel.ts";
import { optimisationText } from "../text/gate-optimisation.ts";
import { exceptionText, interleavingSentences, raceRows } from "../text/gate-races.ts";
import { claimsText, functionRows, outcomeRole, outcomeText } from "../text/gate-table.ts";
import { unmatchedTexts } from "../text/gate-unmatched.ts";
import { notCheckedLines } from "../text/not-checked.ts";
import { formatCount, plural } from "../text/numbers.ts";
import { printSections } from "../text/print-lines.ts";
import { PrintedTraces } from "../text/printed-traces.ts";
import { type Role, span } from "../text/styled-text.ts";
import { table } from "../text/table.ts";
import { verdictSpan } from "../text/verdict.ts";
import { sameStepsLines, type TraceLinesOptions, traceLines } from "../trace/trace.ts";
import {
  GATE_HINT,
  gateConfigs,
  gateHead,
  gateOverview,
  gateTotals,
  gateVerdict,
  uncheckedChangeLines,
} from "./gate-summary.ts";
import { failureSections, subjectLines } from "./proof.ts";
import { bulletSection, type PrettyOptions } from "./search.ts";

/** Formats a report: in short, or with all tables. */
export function gatePretty(report: GateReport, options: PrettyOptions): string {
  const sections = options.verbose === true ? allSections(report, options) : shortSections(report, options);
  return printSections(sections, options);
}

/**
 * Lists the sections of a short report. The verdict comes first, then the findings; the verdict is repeated if traces
 * separate it from the end.
 */
function shortSections(report: GateReport, { width }: PrettyOptions): (readonly Block[])[] {
  const printed = new PrintedTraces();
  const options: TraceLinesOptions = { width, unfolded: changedFunctions(report) };
  const findings = findingsWithStatus("new", report.findings);
  return [
    gateHead(report),
    ...findings.map((finding) => newFindingLines(finding, report, printed, options)),
    ...findingsWithStatus("unproved", report.findings).map((finding) => findingLines("Not proved", finding, "warn")),
    ...unprovedSections(report),
    uncheckedChangeLines(report),
    bulletSection("Known findings", acceptedTexts(findingsWithStatus("accepted", report.findings))),
    bulletSection("Baseline entries that match no finding", unmatchedTexts(report)),
    ...gateOverview(report),
    GATE_HINT,
    findings.length === 0 ? [] : verdictLines(report),
  ];
}

/** Returns the functions that are never left out of call trees: those that changed, and those at fault. */
function changedFunctions({ functions, change, findings }: GateReport): ReadonlySet<string> {
  const changed = functions.filter(({ status }) => status === "changed" || status === "new");
  const names = [...changed, ...(change?.functions ?? [])].map(({ name }) => name);
  return new Set([...names, ...findings.flatMap((finding) => finding.function ?? [])]);
}

/** Formats accepted findings, those with the same reason as one. */
function acceptedTexts(findings: readonly GateFindingReport[]): string[] {
  const reasons = [...new Set(findings.map(({ accepted = "" }) => accepted))];
  return reasons.map((reason) => {
    const properties = findings.filter(({ accepted = "" }) => accepted === reason).map(({ property }) => property);
    return `${[...new Set(properties)].join(", ")}: ${reason}`;
  });
}

/** Formats the proofs that failed, each with its smallest counterexample. */
function unprovedSections({ proofs = [] }: GateReport): Block[][] {
  return proofs
    .filter(({ verdict }) => verdict !== "proved")
    .flatMap((proof) => [subjectLines(proof), ...failureSections(proof)]);
}

/** Lists all sections. The verdict is the last line. */
function allSections(report: GateReport, { width }: PrettyOptions): Block[][] {
  const printed = new PrintedTraces();
  return [
    [
      [
        span(
          `foliocheck: tree ${report.tree}, profile ${report.profile}, ${plural(gateConfigs(report).length, "configuration")}`,
          "strong",
        ),
      ],
      [span(`  compared with the model's kernel ${kernelText(report.modelKernel)}`)],
    ],
    functionLines(report),
    claimLines("Claims, with the C code alone", report.claims),
    ...proofSections(report),
    raceLines(report),
    imageLines(report),
    claimLines("Claims, on mm images", report.image?.claims ?? []),
    coverageLines(report.image ?? {}),
    layoutLines(report),
    ...findingsWithStatus("new", report.findings).map((finding) =>
      newFindingLines(finding, report, printed, { width }),
    ),
    ...findingsWithStatus("unproved", report.findings).map((finding) => findingLines("Not proved", finding, "warn")),
    ...findingsWithStatus("accepted", report.findings).map((finding) => findingLines("Known finding", finding, "warn")),
    ...(report.base?.cured ?? []).map((finding) => findingLines("Cured", finding, "good")),
    ...findingsWithStatus("in base", report.findings).map((finding) =>
      findingLines("Already in the base", finding, "dim"),
    ),
    bulletSection("Known exceptions", (report.exceptions ?? []).map(exceptionText)),
    comparisonLines(report),
    bulletSection("Baseline entries that match no finding", unmatchedTexts(report)),
    notCheckedLines(report.notChecked),
    bulletSection("Incomplete", incompleteSentences(report), "warn"),
    verdictLines(report),
  ];
}

function functionLines({ functions, options }: GateReport): Block[] {
  if (options.only === IMAGE_MACHINE) {
    return [];
  }
  const rows = functionRows(functions).map((row) => [
    span(row.name, "strong"),
    span(row.place),
    span(row.status, row.status === "unchanged" ? "dim" : "warn"),
    span(`${row.compiled}/${row.configs}`),
    span(formatCount(row.states)),
    span(claimsText(row), row.held === row.judged ? undefined : "bad"),
    span(outcomeText(row), outcomeRole(row)),
  ]);
  return [
    [span("Functions", "strong")],
    ...table(
      [
        { title: "" },
        { title: "found at" },
        { title: "base" },
        { title: "compiled", align: "right" },
        { title: "states", align: "right" },
        { title: "claims", align: "right" },
        { title: "outcome", wraps: true },
      ],
      rows,
      2,
    ),
  ];
}

function claimLines(title: string, claims: GateReport["claims"]): Block[] {
  if (claims.length === 0) {
    return [];
  }
  const ids = [...new Set(claims.map(({ id }) => id))];
  const rows = ids.flatMap((id) => {
    const own = claims.filter((each) => each.id === id);
    return [...new Set(own.map(({ verdict }) => verdict))].map((verdict) => {
      const same = own.filter((each) => each.verdict === verdict);
      return [
        span(id, "strong"),
        verdictSpan(verdict),
        span(`in ${plural(same.length, "configuration")}`),
        span(`${same[0]?.claim ?? ""}${provedText(same)}`, "dim"),
      ];
    });
  });
  return [
    [span(title, "strong")],
    ...table([{ title: "" }, { title: "verdict" }, { title: "" }, { title: "", wraps: true }], rows, 2),
  ];
}

/** Lists the proved properties of a claim, with the number of configurations if it is not all. */
function provedText(claims: GateReport["claims"]): string {
  const proved = claims.flatMap((each) => each.proved ?? []);
  const texts = [...new Set(proved)].map((property) => {
    const count = proved.filter((each) => each === property).length;
    const what = property === claims[0]?.id ? "" : `${property} `;
    return `${what}proved for any size${count === claims.length ? "" : ` in ${count}`}`;
  });
  return texts.length === 0 ? "" : ` (${texts.join(", ")})`;
}

/** Formats the proofs of owner tracking, with the smallest counterexample of each failed proof. */
function proofSections({ proofs = [] }: GateReport): Block[][] {
  return proofs.length === 0
    ? []
    : [
        [
          [span("Owner tracking, for any number of MMs", "strong"), span("  (foliocheck prove; docs/proof.md)", "dim")],
          ...proofs.flatMap(subjectLines),
        ],
        ...proofs.flatMap(failureSections),
      ];
}

/** Formats the runs of machine race, with their bounds and the rules of interleaving. */
function raceLines(report: GateReport): Block[] {
  const rows = raceRows(report);
  if (rows.length === 0) {
    return [];
  }
  return [
    [span("Races, with the C code as threads", "strong")],
    ...table(
      [{ title: "" }, { title: "clang" }, { title: "states", align: "right" }, { title: "verdict" }, { title: "" }],
      rows.map(({ bounds, code, configs, states, verdict }) => [
        span(bounds),
        span(code),
        span(formatCount(states)),
        verdictSpan(verdict),
        span(`in ${plural(configs, "configuration")}`),
      ]),
      2,
    ),
    ...interleavingSentences(report).flatMap((each) => labelled(span("  -", "dim"), each, 4)),
  ];
}

/** Formats the runs on mm images, with their bounds. */
function imageLines(report: GateReport): Block[] {
  const rows = imageRows(report);
  return rows.length === 0
    ? []
    : [
        [span("Whole files: mm images", "strong")],
        ...table(
          [
            { title: "", wraps: true },
            { title: "states", align: "right" },
            { title: "operations", align: "right" },
            { title: "verdict" },
            { title: "" },
          ],
          rows.map(({ bounds, configs, states, transitions, verdict }) => [
            span(bounds),
            span(formatCount(states)),
            span(formatCount(transitions)),
            verdictSpan(verdict),
            span(`in ${plural(configs, "configuration")}`),
          ]),
          2,
        ),
      ];
}

function layoutLines({ layout = [] }: GateReport): Block[] {
  if (layout.length === 0) {
    return [];
  }
  const rows = layout.map(({ id, target, verdict, layouts }) => [
    span(id, "strong"),
    span(target),
    verdictSpan(verdict),
    span(verdict === "holds" ? `in ${plural(layouts, "layout")}` : `of ${plural(layouts, "layout")}`),
  ]);
  return [
    [span("Layout of struct page and struct folio", "strong")],
    ...table([{ title: "" }, { title: "architecture" }, { title: "verdict" }, { title: "" }], rows, 2),
  ];
}

function newFindingLines(
  finding: GateFindingReport,
  report: GateReport,
  printed: PrintedTraces,
  options: TraceLinesOptions,
): Block[] {
  return [...findingLines("New finding", finding, "bad"), ...findingTrace(finding, report, printed, options)];
}

function findingLines(title: string, finding: GateFindingReport, role: Role): Block[] {
  const { property, configs, accepted } = finding;
  const code = optimisationText(finding);
  return [
    [span(`${title}: ${property}`, role)],
    ...labelled(span("  what", "dim"), findingText(finding), 12),
    ...labelled(span("  where", "dim"), configs.join("; "), 12),
    ...(code === undefined ? [] : labelled(span("  clang", "dim"), code, 12)),
    ...(accepted === undefined ? [] : labelled(span("  accepted", "dim"), accepted, 12)),
  ];
}

/** Formats the trace of a new finding, once for all findings with the same steps. */
function findingTrace(
  { trace }: GateFindingReport,
  report: GateReport,
  printed: PrintedTraces,
  options: TraceLinesOptions,
): Block[] {
  if (trace === null) {
    return [];
  }
  const property = printed.propertyWithSameSteps(trace);
  return [
    [],
    ...(property === undefined
      ? traceLines(trace, { ...options, shows: "violated", reproduce: findingCommand(report, trace) })
      : sameStepsLines(trace, property)),
  ];
}

function comparisonLines(report: GateReport): Block[] {
  const rows = comparisonRows(report);
  return rows.length === 0
    ? []
    : [
        [span("Compared with the base", "strong")],
        ...rows.flatMap((row) => labelled(span(`  ${row.title}`, "dim"), findingNames(row), 13)),
        ...labelled(span("  base", "dim"), baseText(report), 13),
      ];
}

function verdictLines(report: GateReport): Block[] {
  const accepted = findingsWithStatus("accepted", report.findings).length;
  const totals = [
    ...(accepted === 0 ? [] : [`${plural(accepted, "known finding")} accepted`]),
    ...comparisonTotals(report),
    gateTotals(report),
  ].join(" · ");
  return following([...gateVerdict(report), span(" ")], `· ${totals}`);
}
