/** Faults of layouts: which of them the base has, too, and which only it has. */
import { expect, test } from "vitest";
import type { LayoutReport, LocatedFault } from "../../../gate/layout/check-layout.ts";
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
