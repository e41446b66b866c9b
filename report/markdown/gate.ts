/** Gate report as Markdown tables, without times, so that it is reproducible. */

import { type FindingStatus, statusOf } from "../../gate/run/finding-status.ts";
import type { GateFindingReport, GateReport } from "../../verify/report/report.ts";
import { findingText } from "../text/diagnostic.ts";
import { changeRemark } from "../text/gate-change.ts";
import { baseText, comparisonRows, findingNames } from "../text/gate-comparison.ts";
import { imageRows } from "../text/gate-image.ts";
import { kernelText } from "../text/gate-kernel.ts";
import { optimisationText } from "../text/gate-optimisation.ts";
import { exceptionText, interleavingSentences, raceRows } from "../text/gate-races.ts";
import { claimsText, functionRows, outcomeText } from "../text/gate-table.ts";
import { unmatchedTexts } from "../text/gate-unmatched.ts";
import { notCheckedText } from "../text/not-checked.ts";
import { formatCount, plural } from "../text/numbers.ts";
import { subjectText } from "../text/proof-subject.ts";
import { callLines } from "../trace/call-lines.ts";
import { markdownList, markdownTable } from "./search.ts";

/** Statuses of findings that no baseline accepts. */
const STATUSES: { readonly [status in FindingStatus]: string } = {
  new: "no",
  unproved: "no: not proved",
  accepted: "yes",
  "in base": "already in the base",
};

/** Formats a report. */
export function gateMarkdown(report: GateReport): string {
  const { tree, profile, verdict, states, functions, claims, layout = [], findings, change, notChecked: not } = report;
  const { exceptions = [], proofs = [] } = report;
  const races = raceRows(report);
  const images = imageRows(report);
  const unmatched = unmatchedTexts(report);
  const sections = [
    `Tree ${tree}, profile ${profile}: ${verdict}${changeRemark(report)}, ${plural(states, "state")}.`,
    `Compared with the model's kernel ${kernelText(report.modelKernel)}.`,
    markdownTable(
      ["function", "found at", "base", "compiled", "states", "compared", "claims held", "outcome"],
      functionRows(functions).map((row) => [
        row.name,
        row.place,
        row.status,
        `${row.compiled} of ${row.configs}`,
        formatCount(row.states),
        formatCount(row.compared),
        claimsText(row),
        outcomeText(row),
      ]),
    ),
    ...(claims.length === 0
      ? []
      : [
          markdownTable(
            ["claim", "sentence", "configuration", "verdict", "proved for any size"],
            claims.map(({ id, claim, config, verdict: each, proved = [] }) => [
              id,
              claim,
              config,
              each,
              proved.join(" "),
            ]),
          ),
        ]),
    ...(proofs.length === 0
      ? []
      : [
          markdownTable(
            ["owner tracking, for any number of MMs", "verdict", "states, by enumeration", "obligations, by formulas"],
            proofs.map((proof) => [
              subjectText(proof),
              proof.verdict,
              formatCount(proof.enumeration.states),
              proof.formulas === undefined ? (proof.withoutFormulas ?? "") : String(proof.formulas.obligations.length),
            ]),
          ),
        ]),
    ...(races.length === 0
      ? []
      : [
          markdownTable(
            ["machine race at", "clang", "configurations", "states", "verdict"],
            races.map((row) => [row.bounds, row.code, String(row.configs), formatCount(row.states), row.verdict]),
          ),
          "Interleaved:",
          markdownList(interleavingSentences(report)),
        ]),
    ...(images.length === 0
      ? []
      : [
          markdownTable(
            ["mm image at", "configurations", "states", "operations", "verdict"],
            images.map((row) => [
              row.bounds,
              String(row.configs),
              formatCount(row.states),
              formatCount(row.transitions),
              row.verdict,
            ]),
          ),
          markdownTable(
            ["claim on mm images", "sentence", "configuration", "verdict"],
            (report.image?.claims ?? []).map(({ id, claim, config, verdict: each }) => [id, claim, config, each]),
          ),
        ]),
    ...(layout.length === 0
      ? []
      : [
          markdownTable(
            ["layout", "architecture", "verdict", "layouts"],
            layout.map(({ id, target, verdict: each, layouts: count }) => [id, target, each, String(count)]),
          ),
        ]),
    ...(findings.length === 0
      ? []
      : [
          markdownTable(
            ["finding", "what", "configurations", "steps", "accepted"],
            findings.map((finding) => [...findingCells(finding), finding.accepted ?? STATUSES[statusOf(finding)]]),
          ),
        ]),
    ...(exceptions.length === 0 ? [] : ["Known exceptions:", markdownList(exceptions.map(exceptionText))]),
    ...(report.base === undefined || report.base.cured.length === 0
      ? []
      : [markdownTable(["cured", "what", "configurations", "steps"], report.base.cured.map(findingCells))]),
    ...(report.base === undefined
      ? []
      : [
          markdownTable(
            ["compared with the base", "findings"],
            [...comparisonRows(report).map((row) => [row.title, findingNames(row)]), ["base", baseText(report)]],
          ),
        ]),
    ...(change === undefined || change.functions.length === 0
      ? []
      : [
          markdownTable(
            ["changed function", "place", "checked"],
            change.functions.map(({ name, file, line, checked, reason }) => [
              name,
              `${file}:${line}`,
              checked ? "yes" : `no: ${reason}`,
            ]),
          ),
        ]),
    ...(unmatched.length === 0 ? [] : [`Baseline entries that match no finding:`, markdownList(unmatched)]),
    "Not checked:",
    markdownList(not.map(notCheckedText)),
  ];
  return `${sections.join("\n\n")}\n`;
}

function findingCells(finding: GateFindingReport): string[] {
  const { property, configs, trace } = finding;
  const what = findingText(finding);
  const code = optimisationText(finding);
  return [
    property,
    code === undefined ? what : `${what} (clang ${code})`,
    configs.join("; "),
    trace === null ? "" : callLines(trace).join("; "),
  ];
}
