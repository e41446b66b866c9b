/** `--only`: one machine, or one claim. */

import { describe, expect, test } from "vitest";
import { notCheckedText } from "../../report/text/not-checked.ts";
import type { SuiteReport } from "../../verify/report/report.ts";
import { foliocheck } from "./command.ts";

const suite = (only: string): SuiteReport => {
  const { code, out, err } = foliocheck(["verify", "--only", only, "--max-states", "1", "--reporter", "json"]);
  expect({ code, err }).toEqual({ code: 3, err: "" });
  return JSON.parse(out) as SuiteReport;
};

// test/verify/suite.test.ts checks that every claim and every machine has runs.
describe("verify --only", () => {
  test("verify --only with a machine explores that machine", () => {
    const { runs, claims, notChecked } = suite("owner-tracking");
    expect(new Set(runs.map(({ machine }) => machine))).toEqual(new Set(["owner-tracking"]));
    expect(claims.map(({ id }) => id)).toContain("W2");
    expect(notChecked.map(notCheckedText)[0]).toBe("Anything but owner-tracking: not asked for");
  });

  test("verify --only with a claim checks it in the runs where it applies", () => {
    const { runs, claims, notChecked } = suite("C17");
    expect(runs.map(({ config }) => config)).toEqual([
      "page-mapcount,32bit,mm-id,mm-id-mapcount-max=1",
      "no-page-mapcount,32bit,mm-id,mm-id-mapcount-max=1",
    ]);
    expect(claims.map(({ id, verdict }) => [id, verdict])).toEqual([["C17", "incomplete"]]);
    expect(notChecked.map(notCheckedText)[0]).toBe("Anything but C17: not asked for");
  });
});
