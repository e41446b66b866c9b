/** Runs of machine race in the report of a gate: interleaving and known exceptions. */
import type { GateExceptionReport, GateReport, RunReport } from "../../verify/report/report.ts";
import { worst } from "../../verify/run-verdict.ts";
import { optimisationText } from "./gate-optimisation.ts";
import { plural } from "./numbers.ts";
import { formatBounds, labelledCalls, nonzero } from "./subject.ts";

/** Runs at the same bounds and the same optimisation level. */
export interface RaceRow {
  /** Bounds, and calls if they are fixed. */
  readonly bounds: string;
  /** `-O0` or `-O2`. */
  readonly code: string;
  readonly configs: number;
  readonly states: number;
  readonly verdict: RunReport["verdict"];
}

/** Merges the runs of machine race at the same bounds and optimisation level to rows. */
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

/**
 * Selects the nonzero bounds that determine what the CPUs execute. Reductions are described by the interleaving
 * sentences.
 */
function boundsOf({ bounds }: RunReport): RunReport["bounds"] {
  return Object.fromEntries(Object.entries(nonzero(bounds)).filter(([name]) => name !== "merge" && name !== "frames"));
}

/** Lists the rules of interleaving, each sentence once. */
export function interleavingSentences({ runs }: GateReport): string[] {
  return [...new Set(runs.flatMap(({ interleaving = [] }) => interleaving))];
}

/** Formats an exception with its configurations. */
export function exceptionText(exception: GateExceptionReport): string {
  const { property, claim, configs, trace } = exception;
  return `${property}, in ${plural(trace.steps.length, "step")} (${configs.join("; ")}; ${optimisationText(exception)}): ${claim}`;
}
