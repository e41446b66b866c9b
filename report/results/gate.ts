/** Gate report as test results: a case for each function and each claim, in each configuration. */

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
import { plainText } from "../text/block.ts";
import { findingText } from "../text/diagnostic.ts";
import { comparisonRows, comparisonText } from "../text/gate-comparison.ts";
import { optimisationText } from "../text/gate-optimisation.ts";
import { plural } from "../text/numbers.ts";
import type { PrintedTraces } from "../text/printed-traces.ts";
import { counterexampleLines } from "../text/proof-counterexample.ts";
import { isFailure } from "../text/verdict.ts";
import { formatViolation } from "../trace/trace.ts";
import { caseTimes } from "./gate-times.ts";
import type { Metric, TestCase, TestResults, TestSuite } from "./test-results.ts";

/** Identity of a case. */
type About = Pick<TestCase, "id" | "name" | "place">;

/** Returns the test cases of a report. Accepted findings, and those of the base, are no failures. */
export function gateResults(report: GateReport): TestResults {
  const configs = [...new Set(report.functions.map(({ config }) => config))];
  const targets = [...new Set(report.layout?.map(({ target }) => target))];
  return {
    command: "gate",
    name: "foliocheck",
    code: { name: `the tree ${report.tree}` },
    suites: [
      ...configs.map((config) => configSuite(config, report)),
      ...imageSuites(report),
      ...(report.proofs ?? []).flatMap((proof) => proofSuites(proof, report)),
      ...targets.map((target) =>
        suiteOf(
          target,
          (report.layout ?? []).filter((each) => each.target === target).map((each) => layoutCase(each, report)),
        ),
      ),
      ...(report.change === undefined ? [] : [suiteOf("change", changeCases(report.change, report))]),
    ],
    seconds: report.seconds,
    ...(report.provenance === undefined ? {} : { provenance: report.provenance }),
  };
}

function suiteOf(name: string, cases: readonly TestCase[], config?: string): TestSuite {
  return { id: name, name, className: `foliocheck.gate.${name}`, ...(config === undefined ? {} : { config }), cases };
}

/** Returns the cases of the functions in scope in a configuration, and of the claims on them. */
function configSuite(config: string, report: GateReport): TestSuite {
  const claims = claimsIn(config, report);
  const ids = claims.map(({ id }) => id);
  const times = caseTimes(config, ids, report);
  const withTime = (of: TestCase, key: string): TestCase => ({ ...of, seconds: times.get(key) ?? 0 });
  const cases = [
    ...report.functions
      .filter((each) => each.config === config)
      .map((each) => withTime(functionCase(each, report), each.name)),
    ...claims.map((each) => withTime(coreClaimCase(each, report), each.id)),
  ];
  const runs = report.runs.filter((each) => each.config === config);
  const sum = (value: (run: GateReport["runs"][number]) => number): number =>
    runs.reduce((total, run) => total + value(run), 0);
  const metrics: readonly Metric[] = [
    { name: "states", value: sum(({ states }) => states) },
    { name: "transitions", value: sum(({ transitions }) => transitions) },
    { name: "seconds", value: sum(({ seconds }) => seconds), unit: "s" },
  ];
  return { ...suiteOf(config, cases, config), metrics, seconds: sum(({ seconds }) => seconds) };
}

/** Returns the cases of mm images: one for each claim in each configuration. */
function imageSuites(report: GateReport): TestSuite[] {
  const claims = report.image?.claims ?? [];
  return [...new Set(claims.map(({ config }) => config))].map((config) =>
    suiteOf(
      `mm image, ${config}`,
      claims
        .filter((each) => each.config === config)
        .map((each) => claimCase(each, report, (finding) => isOnImage(finding) && finding.property === each.id)),
      config,
    ),
  );
}

function isOnImage({ mode }: GateFindingReport): boolean {
  return mode === "image";
}

/** Returns the case of findings. */
function failedCase(about: About, findings: readonly GateFindingReport[], report: GateReport): TestCase {
  return {
    ...about,
    outcome: "failed",
    ...(findings[0] === undefined ? {} : { failure: findings[0].property }),
    reason: findings.map(textOf).join("\n"),
    counterexample: (printed) => findings.map((each) => violationText(each, report, printed)).join("\n"),
  };
}

function functionCase({ name, config, file, line, status, outcome }: GateFunctionReport, report: GateReport): TestCase {
  const own = report.findings.filter((each) => each.function === name && each.configs.includes(config));
  const failures = findingsWithStatus("new", own);
  const about = { id: `${name}()`, name: `${name}()`, ...(line === 0 ? {} : { place: { file, line } }) };
  if (failures.length > 0) {
    return failedCase(about, failures, report);
  }
  switch (outcome) {
    case "missing":
      return { ...about, outcome: "skipped", reason: outcome };
    case "incomplete":
    case "not reached":
      return { ...about, outcome: "unknown", reason: outcome };
    case "conforms":
    case "differs":
    case "ran":
      return { ...about, outcome: "passed", remark: [acceptanceText(own) ?? outcome, status].join(", ") };
  }
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
function coreClaimCase(claim: GateClaimReport, report: GateReport): TestCase {
  return claimCase(claim, report, (finding) => !isOnImage(finding) && isPartOf(finding.property, claim.id));
}

/** Returns the case of a claim. @param isAbout whether a finding is about the claim */
function claimCase(
  { id, claim, config, verdict }: GateClaimReport,
  report: GateReport,
  isAbout: (finding: GateFindingReport) => boolean,
): TestCase {
  const about = { id, name: `${id}: ${claim}` };
  const own = report.findings.filter((each) => each.configs.includes(config) && isAbout(each));
  const failures = findingsWithStatus("new", own);
  if (failures.length > 0) {
    return failedCase(about, failures, report);
  }
  if (!isFailure(verdict) && verdict !== "incomplete") {
    return { ...about, outcome: "passed", remark: verdict };
  }
  const accepted = acceptanceText(own);
  return accepted === undefined
    ? { ...about, outcome: "unknown", reason: "incomplete" }
    : { ...about, outcome: "skipped", reason: accepted };
}

function layoutCase({ id, target, verdict, layouts }: GateLayoutReport, report: GateReport): TestCase {
  const about = { id: `layout ${id}`, name: `layout ${id}` };
  const own = report.findings.filter(
    ({ property, mode, targets }) => mode === "layout" && property === id && targets?.includes(target) === true,
  );
  const failures = findingsWithStatus("new", own);
  return failures.length === 0
    ? {
        ...about,
        outcome: "passed",
        remark: acceptanceText(own) ?? `${verdict} in ${plural(layouts, "layout")}`,
      }
    : failedCase(about, failures, report);
}

/** Returns the cases of a proof: one for each obligation in each configuration. */
function proofSuites(proof: SubjectResult, report: GateReport): TestSuite[] {
  const all = [...proof.enumeration.obligations, ...(proof.formulas?.obligations ?? [])];
  const names = [...new Set(all.map(obligationName))];
  return configsOf(proof).map((config) =>
    suiteOf(
      `proof, ${config}`,
      names.map((name) => {
        const own = report.findings.filter(
          ({ cause, configs }) =>
            cause?.kind === "induction" && obligationName(cause.obligation) === name && configs.includes(config),
        );
        const unknown = all.find((each) => obligationName(each) === name && each.verdict === "unknown");
        return obligationCase(name, own, unknown, report);
      }),
      config,
    ),
  );
}

/** Returns the case of an obligation. @param unknown its result, if it is not decided */
function obligationCase(
  name: string,
  findings: readonly GateFindingReport[],
  unknown: ObligationResult | undefined,
  report: GateReport,
): TestCase {
  const about = { id: name, name };
  const failures = findingsWithStatus("new", findings);
  const [unproved] = findingsWithStatus("unproved", findings);
  if (failures.length > 0) {
    return failedCase(about, failures, report);
  }
  if (unproved !== undefined) {
    return { ...about, outcome: "unknown", reason: textOf(unproved) };
  }
  return unknown !== undefined
    ? { ...about, outcome: "unknown", reason: unknown.why ?? "unknown" }
    : { ...about, outcome: "passed", remark: acceptanceText(findings) ?? "proved" };
}

function obligationName({ from, to }: Pick<ObligationResult, "from" | "to">): string {
  return `${from}: ${to}`;
}

/**
 * Returns the cases of a change: one for the whole, one for each changed function, and one for each file with unchecked
 * lines.
 */
function changeCases(
  { functions, uncovered, notApplied, isAnyChecked }: GateChangeReport,
  report: GateReport,
): TestCase[] {
  const files = [...new Set(uncovered.map(({ file }) => file))];
  const whole = { id: "whole change", name: "whole change" };
  const remarks = [...notApplied, ...comparisonRows(report).map(comparisonText)];
  return [
    isAnyChecked
      ? { ...whole, outcome: "passed", remark: ["checked", ...remarks].join("; ") }
      : { ...whole, outcome: "unknown", reason: ["no changed line was checked", ...remarks].join("; ") },
    ...functions.map(({ name, file, line, status, reason }): TestCase => {
      const about = { id: `function ${name}()`, name: `${status} function ${name}()`, place: { file, line } };
      return reason === undefined
        ? { ...about, outcome: "passed", remark: "checked" }
        : { ...about, outcome: "unknown", reason };
    }),
    ...files.map((file): TestCase => {
      const own = uncovered.filter((each) => each.file === file);
      return {
        id: `lines of ${file}`,
        name: `lines of ${file}`,
        place: { file, line: own[0]?.line ?? 0 },
        outcome: "unknown",
        reason: own.map(({ line, endLine, why }) => `${line}-${endLine}: ${why}`).join("; "),
      };
    }),
  ];
}

function textOf(finding: GateFindingReport): string {
  const code = optimisationText(finding);
  const text = findingText(finding);
  return code === undefined ? text : `${text} (clang ${code})`;
}

/** Formats the trace of a finding, or its counterexample to induction. */
function violationText({ cause, trace }: GateFindingReport, report: GateReport, printed: PrintedTraces): string {
  return cause?.kind === "induction"
    ? plainText(counterexampleLines(cause.obligation))
    : trace === null
      ? "no trace"
      : formatViolation(trace, printed, findingCommand(report, trace));
}
