/** Gate report as JUnit XML: a case for each function and each claim, in each configuration. */

import { findingCommand } from "../../gate/run/command.ts";
import { findingsWithStatus } from "../../gate/run/finding-status.ts";
import { configsOf } from "../../gate/run/proof-findings.ts";
import type { ObligationResult, SubjectResult } from "../../proof/proof-result.ts";
import type {
  GateChangeReport,
  GateClaimReport,
  GateFindingReport,
  GateFunctionReport,
  GateLayoutReport,
  GateReport,
} from "../../verify/report/report.ts";
import { findingText } from "../text/diagnostic.ts";
import { comparisonRows, comparisonText } from "../text/gate-comparison.ts";
import { optimisationText } from "../text/gate-optimisation.ts";
import { plural } from "../text/numbers.ts";
import { PrintedTraces } from "../text/printed-traces.ts";
import { counterexampleLines } from "../text/proof-counterexample.ts";
import { printLines } from "../text/styled-text.ts";
import { isFailure } from "../text/verdict.ts";
import { formatViolation } from "../trace/trace.ts";
import { junitCounts } from "./counts.ts";
import { caseTimes } from "./gate-times.ts";
import { element, escapeXml } from "./xml.ts";

interface Case {
  readonly name: string;
  /** Place in the tree. */
  readonly place?: { readonly file: string; readonly line: number };
  /** New findings: the case fails. */
  readonly failures?: readonly GateFindingReport[];
  /** Reason for which it was not checked. */
  readonly skipped?: string;
  /** Remark on a case that passes. */
  readonly remark?: string;
  /** Seconds; absent if not measured. */
  readonly time?: number;
}

interface Suite {
  readonly config: string;
  readonly cases: readonly Case[];
  /** Seconds; absent if not measured. */
  readonly time?: number;
}

/** Formats a report. Accepted findings, and those of the base, are no failures. */
export function gateJunit(report: GateReport): string {
  const configs = [...new Set(report.functions.map(({ config }) => config))];
  const targets = [...new Set(report.layout?.map(({ target }) => target))];
  const suites: readonly Suite[] = [
    ...configs.map((config) => {
      const claims = claimsIn(config, report);
      const ids = claims.map(({ id }) => id);
      const times = caseTimes(config, ids, report);
      const withTime = (of: Case, key: string): Case => ({ ...of, time: times.get(key) ?? 0 });
      return {
        config,
        cases: [
          ...report.functions
            .filter((each) => each.config === config)
            .map((each) => withTime(functionCase(each, report), each.name)),
          ...claims.map((each) => withTime(coreClaimCase(each, report), each.id)),
        ],
        time: report.runs.filter((each) => each.config === config).reduce((sum, { seconds }) => sum + seconds, 0),
      };
    }),
    ...imageSuites(report),
    ...(report.proofs ?? []).flatMap((proof) => proofSuites(proof, report)),
    ...targets.map((target) => ({
      config: target,
      cases: (report.layout ?? []).filter((each) => each.target === target).map((each) => layoutCase(each, report)),
    })),
    ...(report.change === undefined ? [] : [{ config: "change", cases: changeCases(report.change, report) }]),
  ];
  const root = element(
    "testsuites",
    { name: "foliocheck", ...countsOf(suites.flatMap(({ cases }) => cases)), time: report.seconds.toFixed(3) },
    suites.flatMap((suite) => ["\n", testSuite(suite, report)]).concat("\n"),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`;
}

/** Returns the cases of mm images: one for each claim in each configuration. */
function imageSuites(report: GateReport): Suite[] {
  const claims = report.image?.claims ?? [];
  return [...new Set(claims.map(({ config }) => config))].map((config) => ({
    config: `mm image, ${config}`,
    cases: claims
      .filter((each) => each.config === config)
      .map((each) => claimCase(each, report, (finding) => isOnImage(finding) && finding.property === each.id)),
  }));
}

function isOnImage({ mode }: GateFindingReport): boolean {
  return mode === "image";
}

function countsOf(cases: readonly Case[]): ReturnType<typeof junitCounts> {
  return junitCounts(
    cases.map(({ failures, skipped }) =>
      failures !== undefined ? "failed" : skipped !== undefined ? "skipped" : "passed",
    ),
  );
}

/**
 * Returns the case of a function. Its name contains no line or verdict, because CI systems identify a case by its name.
 */
function functionCase({ name, config, file, line, status, outcome }: GateFunctionReport, report: GateReport): Case {
  const own = report.findings.filter((each) => each.function === name && each.configs.includes(config));
  const failures = findingsWithStatus("new", own);
  const about = { name: `${name}()`, ...(line === 0 ? {} : { place: { file, line } }) };
  if (failures.length > 0) {
    return { ...about, failures };
  }
  return outcome === "missing" || outcome === "incomplete" || outcome === "not reached"
    ? { ...about, skipped: outcome }
    : { ...about, remark: [acceptanceText(own) ?? outcome, status].join(", ") };
}

/** Returns the claims in a configuration, including those violated in conformance mode. */
function claimsIn(config: string, { claims, findings }: GateReport): GateClaimReport[] {
  const checkedClaims = claims.filter((each) => each.config === config);
  const violations = findings.filter(
    (each) =>
      each.function === undefined &&
      each.mode !== "layout" &&
      each.mode !== "proof" &&
      !isOnImage(each) &&
      each.configs.includes(config),
  );
  const others = violations.filter(({ property }) => !checkedClaims.some(({ id }) => isPartOf(property, id)));
  const otherClaims = others.map(({ property, claim }): GateClaimReport => {
    return { id: property, claim, config, verdict: "violated", states: 0 };
  });
  return [...checkedClaims, ...new Map(otherClaims.map((each) => [each.id, each])).values()];
}

function isPartOf(property: string, claim: string): boolean {
  return property === claim || property.startsWith(`${claim}.`);
}

/** Returns the reason for which a finding does not fail its case. */
function acceptanceText([first]: readonly GateFindingReport[]): string | undefined {
  return first === undefined ? undefined : (first.accepted ?? "already in the base");
}

/** Returns the case of a claim on the functions in scope, without mm images. */
function coreClaimCase(claim: GateClaimReport, report: GateReport): Case {
  return claimCase(claim, report, (finding) => !isOnImage(finding) && isPartOf(finding.property, claim.id));
}

/** Returns the case of a claim. @param isAbout whether a finding is about the claim */
function claimCase(
  { id, claim, config, verdict }: GateClaimReport,
  report: GateReport,
  isAbout: (finding: GateFindingReport) => boolean,
): Case {
  const name = `${id}: ${claim}`;
  const own = report.findings.filter((each) => each.configs.includes(config) && isAbout(each));
  const failures = findingsWithStatus("new", own);
  if (failures.length > 0) {
    return { name, failures };
  }
  return isFailure(verdict) || verdict === "incomplete"
    ? { name, skipped: acceptanceText(own) ?? "incomplete" }
    : { name, remark: verdict };
}

function layoutCase({ id, target, verdict, layouts }: GateLayoutReport, report: GateReport): Case {
  const name = `layout ${id}`;
  const own = report.findings.filter(
    ({ property, mode, targets }) => mode === "layout" && property === id && targets?.includes(target) === true,
  );
  const failures = findingsWithStatus("new", own);
  return failures.length === 0
    ? { name, remark: acceptanceText(own) ?? `${verdict} in ${plural(layouts, "layout")}` }
    : { name, failures };
}

/** Returns the cases of a proof: one for each obligation in each configuration. */
function proofSuites(proof: SubjectResult, report: GateReport): Suite[] {
  const all = [...proof.enumeration.obligations, ...(proof.formulas?.obligations ?? [])];
  const names = [...new Set(all.map(obligationName))];
  return configsOf(proof).map((config) => ({
    config: `proof, ${config}`,
    cases: names.map((name) => {
      const own = report.findings.filter(
        ({ cause, configs }) =>
          cause?.kind === "induction" && obligationName(cause.obligation) === name && configs.includes(config),
      );
      const failures = findingsWithStatus("new", own);
      const [unproved] = findingsWithStatus("unproved", own);
      const unknown = all.find((each) => obligationName(each) === name && each.verdict === "unknown");
      return failures.length > 0
        ? { name, failures }
        : unproved !== undefined
          ? { name, skipped: textOf(unproved) }
          : unknown !== undefined
            ? { name, skipped: unknown.why ?? "unknown" }
            : { name, remark: acceptanceText(own) ?? "proved" };
    }),
  }));
}

function obligationName({ from, to }: Pick<ObligationResult, "from" | "to">): string {
  return `${from}: ${to}`;
}

/**
 * Returns the cases of a change: one for the whole, one for each changed function, and one for each file with unchecked
 * lines.
 */
function changeCases({ functions, overlooked, notApplied, isLookedAt }: GateChangeReport, report: GateReport): Case[] {
  const files = [...new Set(overlooked.map(({ file }) => file))];
  const whole = { name: "whole change" };
  const remarks = [...notApplied, ...comparisonRows(report).map(comparisonText)];
  return [
    isLookedAt
      ? { ...whole, remark: ["checked", ...remarks].join("; ") }
      : { ...whole, skipped: ["no changed line was checked", ...remarks].join("; ") },
    ...functions.map(({ name, file, line, status, reason }) => ({
      name: `${status} function ${name}()`,
      place: { file, line },
      ...(reason === undefined ? { remark: "checked" } : { skipped: reason }),
    })),
    ...files.map((file) => {
      const own = overlooked.filter((each) => each.file === file);
      return {
        name: `lines of ${file}`,
        place: { file, line: own[0]?.line ?? 0 },
        skipped: own.map(({ line, endLine, why }) => `${line}-${endLine}: ${why}`).join("; "),
      };
    }),
  ];
}

function testSuite({ config, cases, time }: Suite, report: GateReport): string {
  const classname = `foliocheck.gate.${config}`;
  const printed = new PrintedTraces();
  const lines = cases.map((each) =>
    element(
      "testcase",
      { classname, name: each.name, ...each.place, ...timeOf(each.time) },
      contentOf(each, report, printed),
    ),
  );
  return element(
    "testsuite",
    { name: config, ...countsOf(cases), ...timeOf(time) },
    lines.flatMap((line) => ["\n  ", line]).concat("\n"),
  );
}

function timeOf(seconds: number | undefined): { readonly time?: string } {
  return seconds === undefined ? {} : { time: seconds.toFixed(3) };
}

function textOf(finding: GateFindingReport): string {
  const code = optimisationText(finding);
  const text = findingText(finding);
  return code === undefined ? text : `${text} (clang ${code})`;
}

/** Formats the trace of a finding, or its counterexample to induction. */
function violationText({ cause, trace }: GateFindingReport, report: GateReport, printed: PrintedTraces): string {
  return cause?.kind === "induction"
    ? printLines(counterexampleLines(cause.obligation), false)
    : trace === null
      ? "no trace"
      : formatViolation(trace, printed, findingCommand(report, trace));
}

/** Returns the content of a case. Several findings are one failure, because some CI systems show only the first. */
function contentOf({ failures, skipped, remark }: Case, report: GateReport, printed: PrintedTraces): string[] {
  const [first] = failures ?? [];
  if (failures !== undefined && first !== undefined) {
    const texts = failures.map((each) => violationText(each, report, printed));
    const message = failures.map(textOf).join("\n");
    return [element("failure", { type: first.property, message }, [escapeXml(`\n${texts.join("\n")}`)])];
  }
  if (skipped !== undefined) {
    return [element("skipped", { message: skipped })];
  }
  return remark === undefined ? [] : [element("system-out", {}, [escapeXml(remark)])];
}
