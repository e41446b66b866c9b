/** Comparison of a tree's findings with those of its base, as text. */
import { findingsWithStatus } from "../../gate/run/finding-status.ts";
import type { GateFindingReport, GateReport } from "../../verify/report/report.ts";
import { plural } from "./numbers.ts";

/** A title and its findings. */
export interface ComparisonRow {
  readonly title: "brings" | "cures" | "both have";
  readonly findings: readonly GateFindingReport[];
}

/** Returns the rows; none without a base. Accepted findings are in no row. */
export function comparisonRows({ base, findings }: GateReport): ComparisonRow[] {
  return base === undefined
    ? []
    : [
        {
          title: "brings",
          findings: [...findingsWithStatus("new", findings), ...findingsWithStatus("unproved", findings)],
        },
        { title: "cures", findings: base.cured },
        { title: "both have", findings: findingsWithStatus("in base", findings) },
      ];
}

/** Formats the findings of a row: `CF.folio_dup_file_rmap_pmd, …`; `nothing` for an empty row. */
export function findingNames({ findings }: ComparisonRow): string {
  return findings.length === 0 ? "nothing" : [...new Set(findings.map(({ property }) => property))].join(", ");
}

/** Formats a row: `the change brings: C12`. */
export function comparisonText(row: ComparisonRow): string {
  return `${row.title === "both have" ? "" : "the change "}${row.title}: ${findingNames(row)}`;
}

/** Formats the runs of the base: `the same code in 2 configurations; 16 runs, 12,345 states`. */
export function baseText({ base, image }: GateReport): string {
  if (base === undefined) {
    return "";
  }
  const same = base.same.length === 0 ? [] : [`the same code in ${plural(base.same.length, "configuration")}`];
  const runs = base.runs === 0 ? [] : [`${plural(base.runs, "run")}, ${plural(base.states, "state")}`];
  const images = image === undefined || image.baseRuns === 0 ? [] : [`${plural(image.baseRuns, "run")} on mm images`];
  return [...same, ...runs, ...images].join("; ") || "not run";
}

/** Formats totals about the base: `1 finding already in the base`, `1 finding of the base cured`. */
export function comparisonTotals(report: GateReport): string[] {
  const [, cures, both] = comparisonRows(report).map(({ findings }) => findings.length);
  return [
    ...(both === undefined || both === 0 ? [] : [`${plural(both, "finding")} already in the base`]),
    ...(cures === undefined || cures === 0 ? [] : [`${plural(cures, "finding")} of the base cured`]),
  ];
}
