import type { LiveReport } from "../../live/run/report.ts";
import { claimOf, differenceText, factsOf, referenceOf } from "../text/live.ts";
import { element, escapeXml } from "./xml.ts";

/** One test suite with one test case, for CI systems. */
export function junitLive(report: LiveReport): string {
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
