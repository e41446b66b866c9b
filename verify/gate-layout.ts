/** What the layout of a tree's structs comes to, in the words of the gate's report. */
import { LAYOUT_CLAIMS, type LayoutReport } from "../gate/layout/check-layout.ts";
import type { Finding } from "./gate-findings.ts";
import type { GateLayoutReport } from "./report.ts";

/** The faults as findings, each on its machine and with its options. */
export function layoutFindings({ faults }: LayoutReport): Finding[] {
  return faults.map(({ claim, target, variant, text }) => ({
    property: claim,
    mode: "layout",
    config: `${target}: ${variant}`,
    machine: "layout",
    claim: LAYOUT_CLAIMS[claim],
    what: text,
    trace: null,
  }));
}

/** The verdicts, claim by claim and machine by machine. */
export function layoutReports({ verdicts }: LayoutReport): GateLayoutReport[] {
  return verdicts.map(({ claim, target, layouts, holds }) => ({
    id: claim,
    target,
    verdict: holds ? "holds" : "violated",
    layouts,
  }));
}
