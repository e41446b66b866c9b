import { expect, test } from "vitest";
import { github } from "../../report/github/search.ts";
import { html } from "../../report/html/html.ts";
import { json } from "../../report/json/json.ts";
import { markdown } from "../../report/markdown/search.ts";
import { REPORTERS, type ReporterName } from "../../report/reporters.ts";
import { resultReporters } from "../../report/result-reporters.ts";
import { searchResults } from "../../report/results/search.ts";
import { sarif } from "../../report/sarif/search.ts";
import { pretty } from "../../report/terminal/search.ts";
import type { SearchReport } from "../../verify/report/report.ts";
import { suite, violatedRun } from "./fixtures.ts";

test("the table has every reporter under its name", () => {
  const ofResults = resultReporters((report: SearchReport) => searchResults(report));
  const reporters = { pretty, json, github, markdown, sarif, html, ...ofResults };
  expect(Object.keys(REPORTERS)).toEqual(Object.keys(reporters));
  for (const [name, reporter] of Object.entries(reporters)) {
    expect(REPORTERS[name as ReporterName](suite, { color: false })).toBe(reporter(suite, { color: false }));
  }
});

test("every reporter returns the same text for the same report, and leaves the report unchanged", () => {
  for (const reporter of Object.values(REPORTERS)) {
    for (const report of [suite, violatedRun]) {
      const before = JSON.stringify(report);
      expect(reporter(report, { color: false })).toBe(reporter(report, { color: false }));
      expect(JSON.stringify(report)).toBe(before);
      expect(reporter(report, { color: false }).endsWith("\n")).toBe(true);
    }
  }
});
