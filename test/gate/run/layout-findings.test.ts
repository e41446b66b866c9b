/** Faults of layouts: those that the base has, too, and cured ones. */
import { expect, test } from "vitest";
import type { LayoutReport, LocatedFault } from "../../../gate/layout/layout-report.ts";
import { curedLayoutFindings, layoutFindings } from "../../../gate/run/layout-findings.ts";

const report = (...faults: readonly LocatedFault[]): LayoutReport => ({
  verdicts: [],
  faults,
  notChecked: [],
  lines: [],
});
const fault = (claim: LocatedFault["claim"], at: number, variant = "memcg"): LocatedFault => ({
  claim,
  target: "x86-64",
  variant,
  fault: {
    kind: "overlap",
    folio: "large folio",
    one: { name: "_a", offset: at, bytes: 4 },
    other: { name: "_b", offset: at, bytes: 4 },
  },
});

const own = report(fault("C21", 32), fault("B3", 0));
const inBase = (base: Parameters<typeof layoutFindings>[0]["base"]): string[] =>
  layoutFindings({ own, base }).flatMap(({ property, inBase: is }) => (is === true ? [property] : []));

test("a fault is in the base if the base has it in the same layout, at any bits", () => {
  expect(inBase(report(fault("C21", 64)))).toEqual(["C21"]);
  expect(inBase(report(fault("C21", 64, "no memcg")))).toEqual([]);
  expect(inBase("same")).toEqual(["C21", "B3"]);
  expect(inBase({ refusal: "no struct page" })).toEqual([]);
  expect(inBase(undefined)).toEqual([]);
});

test("a fault that only the base has is cured", () => {
  const cured = (base: Parameters<typeof layoutFindings>[0]["base"]): string[] =>
    curedLayoutFindings({ own, base }).map(({ property }) => property);
  expect(cured(report(fault("C21", 64), fault("B4", 1)))).toEqual(["B4"]);
  expect(cured("same")).toEqual([]);
});
