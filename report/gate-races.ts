/** Runs of machine race in the report of a gate: how they are interleaved, and which known exceptions they show. */
import type { GateExceptionReport, GateReport, RunReport } from "../verify/report.ts";
import { worst } from "../verify/run-verdict.ts";
import { plural } from "./numbers.ts";
import { formatBounds } from "./subject.ts";

/** The runs at the same bounds. */
export interface RaceRow {
  readonly bounds: string;
  readonly configs: number;
  readonly states: number;
  readonly verdict: RunReport["verdict"];
}

/** The runs of machine race, those at the same bounds in one row. */
export function raceRows({ runs }: GateReport): RaceRow[] {
  const rows = new Map<string, RunReport[]>();
  for (const run of runs) {
    if (run.interleaving !== undefined) {
      const bounds = formatBounds(boundsOf(run));
      rows.set(bounds, [...(rows.get(bounds) ?? []), run]);
    }
  }
  return [...rows].map(([bounds, own]) => ({
    bounds,
    configs: new Set(own.map(({ config }) => config)).size,
    states: own.reduce((sum, { states }) => sum + states, 0),
    verdict: worst(own.map(({ verdict }) => verdict)),
  }));
}

/** What its CPUs execute: bounds that are 0 leave something out, and reductions are among the sentences. */
function boundsOf({ bounds }: RunReport): RunReport["bounds"] {
  return Object.fromEntries(
    Object.entries(bounds).filter(([name, value]) => value !== 0 && name !== "merge" && name !== "frames"),
  );
}

/** How they are interleaved, each sentence once. */
export function interleavingSentences({ runs }: GateReport): string[] {
  return [...new Set(runs.flatMap(({ interleaving = [] }) => interleaving))];
}

/** An exception with its configurations. */
export function exceptionText({ property, claim, configs, trace }: GateExceptionReport): string {
  return `${property}, in ${plural(trace.steps.length, "step")} (${configs.join("; ")}): ${claim}`;
}
