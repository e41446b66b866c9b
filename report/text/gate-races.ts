/** Runs of machine race in the report of a gate: how they are interleaved, and which known exceptions they show. */
import type { GateExceptionReport, GateReport, RunReport } from "../../verify/report/report.ts";
import { worst } from "../../verify/run-verdict.ts";
import { optimisationText } from "./gate-optimisation.ts";
import { plural } from "./numbers.ts";
import { formatBounds, labelledCalls } from "./subject.ts";

/** The runs at the same bounds, of code that was compiled in the same way. */
export interface RaceRow {
  /** Bounds, and calls if they are fixed. */
  readonly bounds: string;
  /** `-O0` or `-O2`. */
  readonly code: string;
  readonly configs: number;
  readonly states: number;
  readonly verdict: RunReport["verdict"];
}

/** The runs of machine race, those at the same bounds and of the same code in one row. */
export function raceRows({ runs }: GateReport): RaceRow[] {
  const rows = new Map<string, { readonly bounds: string; readonly code: string; readonly own: RunReport[] }>();
  for (const run of runs) {
    if (run.interleaving !== undefined) {
      const [bounds, code] = [boundsText(run), run.optimisation ?? ""];
      const key = `${code} ${bounds}`;
      const row = rows.get(key) ?? { bounds, code, own: [] };
      row.own.push(run);
      rows.set(key, row);
    }
  }
  return [...rows.values()].map(({ bounds, code, own }) => ({
    bounds,
    code,
    configs: new Set(own.map(({ config }) => config)).size,
    states: own.reduce((sum, { states }) => sum + states, 0),
    verdict: worst(own.map(({ verdict }) => verdict)),
  }));
}

function boundsText(run: RunReport): string {
  const calls = run.calls === undefined ? [] : labelledCalls(run.calls).map(([label, text]) => `${label}: ${text}`);
  return [formatBounds(boundsOf(run)), ...calls].join("; ");
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
export function exceptionText(exception: GateExceptionReport): string {
  const { property, claim, configs, trace } = exception;
  return `${property}, in ${plural(trace.steps.length, "step")} (${configs.join("; ")}; ${optimisationText(exception)}): ${claim}`;
}
