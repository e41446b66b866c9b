/** The report on a kernel tree as JUnit XML: a case for each function and each claim, in each configuration. */
import type {
  GateClaimReport,
  GateFindingReport,
  GateFunctionReport,
  GateLayoutReport,
  GateReport,
} from "../verify/report.ts";
import { formatTrace } from "./trace.ts";
import { isFailure } from "./verdict.ts";
import { element, escapeXml } from "./xml.ts";

interface Case {
  readonly name: string;
  readonly failure?: GateFindingReport;
  /** Why nothing is known. */
  readonly skipped?: string;
  /** What is said of a case that passes. */
  readonly remark?: string;
}

/** The report as JUnit XML. Accepted findings do not fail. */
export function gateJunit(report: GateReport): string {
  const configs = [...new Set(report.functions.map(({ config }) => config))];
  const targets = [...new Set(report.layout?.map(({ target }) => target))];
  const suites = [
    ...configs.map((config) => ({
      config,
      cases: [
        ...report.functions.filter((each) => each.config === config).map((each) => functionCase(each, report)),
        ...report.claims.filter((each) => each.config === config).map((each) => claimCase(each, report)),
      ],
    })),
    ...targets.map((target) => ({
      config: target,
      cases: (report.layout ?? []).filter((each) => each.target === target).map((each) => layoutCase(each, report)),
    })),
  ];
  const root = element(
    "testsuites",
    { name: "foliocheck", ...countsOf(suites.flatMap(({ cases }) => cases)), time: report.seconds.toFixed(3) },
    suites.flatMap(({ config, cases }) => ["\n", testSuite(config, cases)]).concat("\n"),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`;
}

function countsOf(cases: readonly Case[]): { tests: number; failures: number; errors: number; skipped: number } {
  return {
    tests: cases.length,
    failures: cases.filter(({ failure }) => failure !== undefined).length,
    errors: 0,
    skipped: cases.filter(({ skipped }) => skipped !== undefined).length,
  };
}

function functionCase({ name, config, file, line, status, outcome }: GateFunctionReport, report: GateReport): Case {
  const finding = report.findings.find((each) => each.function === name && each.configs.includes(config));
  const title = `${name}() ${file}:${line}, ${status}`;
  if (finding !== undefined && finding.accepted === undefined) {
    return { name: title, failure: finding };
  }
  return outcome === "missing" || outcome === "not reached"
    ? { name: title, skipped: outcome }
    : { name: title, remark: finding?.accepted ?? outcome };
}

function claimCase({ id, config, verdict }: GateClaimReport, report: GateReport): Case {
  const name = `claim ${id}`;
  const own = report.findings.filter(
    ({ property, configs }) => configs.includes(config) && (property === id || property.startsWith(`${id}.`)),
  );
  const fresh = own.find(({ accepted }) => accepted === undefined);
  if (fresh !== undefined) {
    return { name, failure: fresh };
  }
  return isFailure(verdict) || verdict === "incomplete"
    ? { name, skipped: own[0]?.accepted ?? "incomplete" }
    : { name, remark: verdict };
}

function layoutCase({ id, target, verdict, layouts }: GateLayoutReport, report: GateReport): Case {
  const name = `layout ${id}`;
  const own = report.findings.filter(
    ({ property, mode, configs }) =>
      mode === "layout" && property === id && configs.some((config) => config.startsWith(`${target}, `)),
  );
  const fresh = own.find(({ accepted }) => accepted === undefined);
  return fresh === undefined
    ? { name, remark: own[0]?.accepted ?? `${verdict} in ${layouts} layouts` }
    : { name, failure: fresh };
}

function testSuite(config: string, cases: readonly Case[]): string {
  const classname = `foliocheck.gate.${config}`;
  const lines = cases.map((each) => element("testcase", { classname, name: each.name }, contentOf(each)));
  return element(
    "testsuite",
    { name: config, ...countsOf(cases) },
    lines.flatMap((line) => ["\n  ", line]).concat("\n"),
  );
}

function contentOf({ failure, skipped, remark }: Case): string[] {
  if (failure !== undefined) {
    const { what, trace, property } = failure;
    const text = trace === null ? "no trace" : formatTrace(trace, { color: false, shows: "violated" });
    return [element("failure", { type: property, message: what }, [escapeXml(`\n${text}`)])];
  }
  if (skipped !== undefined) {
    return [element("skipped", { message: skipped })];
  }
  return remark === undefined ? [] : [element("system-out", {}, [escapeXml(remark)])];
}
