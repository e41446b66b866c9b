/** Test results as JUnit XML, for CI systems. */

import { countOutcomes, type TestCase, type TestResults, type TestSuite } from "../results/test-results.ts";
import { PrintedTraces } from "../text/printed-traces.ts";
import { type Attributes, element, escapeXml } from "./xml.ts";

/** Formats test results. */
export function junit({ name, suites, seconds }: TestResults): string {
  const root = element(
    "testsuites",
    { name, ...counts(suites.flatMap(({ cases }) => cases)), ...time(seconds) },
    suites.flatMap((suite) => ["\n", testSuite(suite)]).concat("\n"),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`;
}

/** No case is an error: undecided cases are skipped, as JUnit has no word for them. */
function counts(cases: readonly TestCase[]): Attributes {
  const { all, failed, unknown, skipped } = countOutcomes(cases);
  return { tests: all, failures: failed, errors: 0, skipped: unknown + skipped };
}

function time(seconds: number | undefined): Attributes {
  return seconds === undefined ? {} : { time: seconds.toFixed(3) };
}

function testSuite({ name, className, properties, cases, remark, seconds }: TestSuite): string {
  const printed = new PrintedTraces();
  const lines = [
    ...(properties === undefined
      ? []
      : [
          element(
            "properties",
            {},
            properties.map(([key, value]) => element("property", { name: key, value })),
          ),
        ]),
    ...cases.map((each) => testCase(className, each, printed)),
    ...(remark === undefined ? [] : [element("system-out", {}, [escapeXml(remark)])]),
  ];
  return element(
    "testsuite",
    { name, ...counts(cases), ...time(seconds) },
    lines.flatMap((line) => ["\n  ", line]).concat("\n"),
  );
}

function testCase(classname: string, each: TestCase, printed: PrintedTraces): string {
  const { name, place, seconds } = each;
  return element("testcase", { classname, name, ...place, ...time(seconds) }, content(each, printed));
}

/** Returns the content of a case. Several findings are one failure, because some CI systems show only the first. */
function content({ outcome, failure, reason, remark, counterexample }: TestCase, printed: PrintedTraces): string[] {
  const text = counterexample === undefined ? [] : [escapeXml(`\n${counterexample(printed)}`)];
  switch (outcome) {
    case "passed":
      return remark === undefined ? [] : [element("system-out", {}, [escapeXml(remark)])];
    case "failed":
      return [element("failure", { type: failure ?? outcome, message: reason ?? "" }, text)];
    case "unknown":
    case "skipped":
      return [
        element("skipped", { message: reason ?? outcome }),
        ...(text.length === 0 ? [] : [element("system-out", {}, text)]),
      ];
  }
}
