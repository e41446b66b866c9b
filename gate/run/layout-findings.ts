/** Findings about the layouts of a tree and of its base. */
import type { LayoutReport, LocatedFault } from "../layout/layout-report.ts";
import type { MeasuredLayouts } from "../preparation/measured-layouts.ts";
import type { Finding } from "./findings.ts";
import { signatureOf } from "./signature.ts";

const LAYOUT_CLAIMS: Readonly<Record<LocatedFault["claim"], string>> = {
  C21: "No two live fields of one folio kind overlap, and every folio has room for its fields",
  C22: "Private of a page that is handed out again, or split off a folio, is 0, or the kernel warned",
  B3: "Struct pages of a hugetlb folio whose vmemmap comes back are reset as far as fields overlay them",
  B4: "A large fsdax folio that is split into pages leaves no stale _nr_pages behind",
};

/** Returns the findings about the layouts of a tree, and marks those that the base also has. */
export function layoutFindings({ own: layout, base }: MeasuredLayouts): Finding[] {
  const own = faultFindings(layout);
  const baseFindings = base === "same" ? own : faultsOfBase(base);
  return own.map((each) => (baseFindings.some((other) => isSameFault(each, other)) ? { ...each, inBase: true } : each));
}

/** Returns the findings about layouts of the base that the tree does not have. */
export function curedLayoutFindings({ own: layout, base }: MeasuredLayouts): Finding[] {
  const own = faultFindings(layout);
  return faultsOfBase(base).filter((each) => !own.some((other) => isSameFault(each, other)));
}

function faultsOfBase(base: MeasuredLayouts["base"]): Finding[] {
  return base === undefined || base === "same" || "refusal" in base ? [] : faultFindings(base);
}

function isSameFault(one: Finding, other: Finding): boolean {
  return one.config === other.config && signatureOf(one) === signatureOf(other);
}

function faultFindings({ faults }: LayoutReport): Finding[] {
  return faults.map(({ claim, target, variant, fault, place }) => ({
    property: claim,
    mode: "layout",
    config: `${target}, ${variant}`,
    target,
    machine: "layout",
    claim: LAYOUT_CLAIMS[claim],
    verdict: "violated",
    cause: { kind: "layout", fault },
    ...(place === undefined ? {} : { place }),
    trace: null,
  }));
}
