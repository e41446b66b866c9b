/** Faults of layouts: which of them the base has, too, and which only it has. */
import { expect, test } from "vitest";
import type { LayoutFault, LayoutReport } from "../../gate/layout/check-layout.ts";
import { curedLayoutFindings, layoutFindings } from "../../verify/gate-layout-findings.ts";

const report = (...faults: readonly LayoutFault[]): LayoutReport => ({
  verdicts: [],
  faults,
  notChecked: [],
  lines: [],
});
const fault = (claim: LayoutFault["claim"], at: number, variant = "memcg"): LayoutFault => ({
  claim,
  target: "x86-64",
  variant,
  text: `_a at bits ${at} to ${at + 31} overlaps _b`,
});

const own = report(fault("C21", 32), fault("B3", 0));
const inBase = (base: Parameters<typeof layoutFindings>[0]["base"]): string[] =>
  layoutFindings({ own, base }).flatMap(({ property, inBase: is }) => (is === true ? [property] : []));

test("a fault is the base's where that has it in the same layout, at whatever bits", () => {
  expect(inBase(report(fault("C21", 64)))).toEqual(["C21"]);
  expect(inBase(report(fault("C21", 64, "no memcg")))).toEqual([]);
  expect(inBase("same")).toEqual(["C21", "B3"]);
  expect(inBase({ refusal: "no struct page" })).toEqual([]);
  expect(inBase(undefined)).toEqual([]);
});

test("a fault of the base alone is cured", () => {
  const cured = (base: Parameters<typeof layoutFindings>[0]["base"]): string[] =>
    curedLayoutFindings({ own, base }).map(({ property }) => property);
  expect(cured(report(fault("C21", 64), fault("B4", 1)))).toEqual(["B4"]);
  expect(cured("same")).toEqual([]);
});
