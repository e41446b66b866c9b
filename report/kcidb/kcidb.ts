/**
 * Test results for KCIDB, the database of the Linux kernel's CI systems: a checkout, a build for each configuration, a
 * test for each case and each measurement. Identifiers follow from the inputs: who submits a report again changes
 * nothing.
 *
 * @source kcidb-io, schema version 5.3
 */
import { createHash } from "node:crypto";
import { type IdentifiedSuite, identifiedSuites, identifier } from "../results/identifiers.ts";
import type { CaseOutcome, Metric, TestCase, TestResults } from "../results/test-results.ts";
import { PrintedTraces } from "../text/printed-traces.ts";

/** Name of the system that submits. */
const ORIGIN = "foliocheck";

/** Largest length of an excerpt of a log, in characters. */
const MOST_CHARACTERS = 16_384;

/** KCIDB's status of an undecided case is the one that no PASS of another test outweighs. */
const STATUS: { readonly [O in CaseOutcome]: "PASS" | "FAIL" | "MISS" | "SKIP" } = {
  passed: "PASS",
  failed: "FAIL",
  unknown: "MISS",
  skipped: "SKIP",
};

/** Formats test results. */
export function kcidb(results: TestResults): string {
  const { code, provenance } = results;
  const { patch } = provenance?.inputs ?? {};
  const checkout = idOf(provenance?.inputs ?? code);
  const suites = identifiedSuites(results);
  const builds = [...new Map(suites.map(({ suite: { config } }) => [buildId(checkout, config), config]))];
  const content = {
    version: { major: 5, minor: 3 },
    checkouts: [
      {
        id: checkout,
        origin: ORIGIN,
        ...(code.release === undefined ? {} : { git_commit_name: code.release }),
        ...(patch === undefined ? {} : { patchset_hash: sha256(`${patch}\n`) }),
        comment: code.name,
        valid: true,
        ...(provenance?.inputs === undefined ? {} : { misc: { sha256: provenance.inputs } }),
      },
    ],
    builds: builds.map(([id, config]) => ({
      id,
      checkout_id: checkout,
      origin: ORIGIN,
      ...(config === undefined ? {} : { config_name: config }),
      status: "PASS",
    })),
    tests: suites.flatMap((each) => testsOf(each, checkout, results)),
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

function testsOf({ id: suiteId, suite, cases }: IdentifiedSuite, checkout: string, results: TestResults): object[] {
  const { command, provenance } = results;
  const printed = new PrintedTraces();
  const environment = {
    comment: ["foliocheck", provenance?.foliocheck ?? [], provenance?.platform ?? []].flat().join(" "),
    ...(suite.properties === undefined ? {} : { misc: Object.fromEntries(suite.properties) }),
  };
  const about = (id: string): object => {
    const path = [ORIGIN, command, suiteId, id].join(".");
    return {
      // The same inputs and options give the same results.
      id: idOf([checkout, path, provenance?.foliocheck, provenance?.arguments, provenance?.options]),
      build_id: buildId(checkout, suite.config),
      origin: ORIGIN,
      path,
      environment,
    };
  };
  return [
    ...cases.map(({ id, testCase }) => ({ ...about(id), ...outcomeOf(testCase, printed) })),
    ...(suite.metrics ?? []).map((metric) => ({ ...about(metric.name), ...measurement(metric) })),
  ];
}

function outcomeOf(
  { name, outcome, seconds, reason, remark, counterexample }: TestCase,
  printed: PrintedTraces,
): object {
  const log = [reason ?? remark, counterexample?.(printed)].filter((each) => each !== undefined).join("\n");
  return {
    comment: withoutNul(name),
    status: STATUS[outcome],
    ...(seconds === undefined ? {} : { duration: seconds }),
    ...(log === "" ? {} : { log_excerpt: withoutNul(log).slice(0, MOST_CHARACTERS) }),
  };
}

function measurement({ value, unit }: Metric): object {
  return { status: "DONE", number: { value, ...(unit === undefined ? {} : { unit }) } };
}

function buildId(checkout: string, config: string | undefined): string {
  return config === undefined ? checkout : `${checkout}-${identifier(config)}`;
}

function idOf(content: unknown): string {
  return `${ORIGIN}:${sha256(JSON.stringify(content)).slice(0, 40)}`;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** KCIDB's texts have no NUL. */
function withoutNul(text: string): string {
  return text.replaceAll("\u0000", "\\0");
}
