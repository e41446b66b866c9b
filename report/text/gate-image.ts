/** Runs on mm images in the report of a gate. */
import { IMAGE_MACHINE } from "../../gate/image/world/image-bounds.ts";
import type { GateReport, RunReport } from "../../verify/report/report.ts";
import { worst } from "../../verify/run-verdict.ts";
import { formatBounds, nonzero } from "./subject.ts";

/** Runs at the same bounds. */
export interface ImageRow {
  readonly bounds: string;
  readonly configs: number;
  readonly states: number;
  readonly transitions: number;
  readonly verdict: RunReport["verdict"];
}

/** Merges the runs on images at the same bounds to rows. */
export function imageRows({ runs }: Pick<GateReport, "runs">): ImageRow[] {
  const rows = new Map<string, RunReport[]>();
  for (const run of runs.filter(({ machine }) => machine === IMAGE_MACHINE)) {
    const bounds = formatBounds(nonzero(run.bounds));
    rows.set(bounds, [...(rows.get(bounds) ?? []), run]);
  }
  return [...rows].map(([bounds, own]) => ({
    bounds,
    configs: new Set(own.map(({ config }) => config)).size,
    states: own.reduce((sum, { states }) => sum + states, 0),
    transitions: own.reduce((sum, { transitions }) => sum + transitions, 0),
    verdict: worst(own.map(({ verdict }) => verdict)),
  }));
}
