import { describe, expect, test } from "vitest";
import type { LayoutReport } from "../../gate/layout/check-layout.ts";
import { layoutFindings, layoutReports } from "../../verify/gate-layout.ts";

const report: LayoutReport = {
  verdicts: [
    { claim: "C21", target: "x86-64", layouts: 9, holds: true },
    { claim: "B3", target: "i386", layouts: 9, holds: false },
  ],
  faults: [{ claim: "B3", target: "i386", variant: "memcg", text: "a stale field" }],
  notChecked: [],
};

describe("the layout of a tree's structs in the gate's report", () => {
  test("has a verdict for each claim and machine", () => {
    expect(layoutReports(report)).toEqual([
      { id: "C21", target: "x86-64", verdict: "holds", layouts: 9 },
      { id: "B3", target: "i386", verdict: "violated", layouts: 9 },
    ]);
  });

  test("has its faults among the findings, so that a baseline can accept them", () => {
    expect(layoutFindings(report)).toEqual([
      {
        property: "B3",
        mode: "layout",
        config: "i386: memcg",
        machine: "layout",
        claim: expect.stringContaining("hugetlb"),
        what: "a stale field",
        trace: null,
      },
    ]);
  });
});
