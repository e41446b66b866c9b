/**
 * Known exceptions from claims: witnesses that machine race must reach, instead of checking the claim. In a run of
 * C code an exception that is not reached is no failure: the claim then holds in every state in which no CPU executes.
 */
import { miscountedByRace, undetectedByRace } from "../invariants/races.ts";
import type { GateExceptionReport, PropertyReport, RunReport } from "./report/report.ts";
import { worst } from "./run-verdict.ts";

const IDS: ReadonlySet<string> = new Set([miscountedByRace.id, undetectedByRace.id]);

/**
 * Replaces the verdict of each exception that is not reached by the verdict of its claim, `holds`.
 *
 * @param exceptions ids of the exceptions
 */
export function withoutAbsentExceptions(report: RunReport, exceptions: ReadonlySet<string> = IDS): RunReport {
  const properties = report.properties.map(
    (each): PropertyReport =>
      exceptions.has(each.id) && each.verdict === "unreached" ? { ...each, verdict: "holds" } : each,
  );
  return { ...report, properties, verdict: worst(properties.map(({ verdict }) => verdict)) };
}

/** Lists the exceptions that runs reach, each once, with its configurations, optimisations and shortest trace. */
export function exceptionsIn(runs: readonly RunReport[]): GateExceptionReport[] {
  const reports = new Map<string, GateExceptionReport>();
  for (const { config, optimisation, properties } of runs) {
    for (const { id, claim, verdict, trace } of properties) {
      if (!IDS.has(id) || verdict !== "reached" || trace === null) {
        continue;
      }
      const previous = reports.get(id);
      const shortest =
        previous === undefined || trace.steps.length < previous.trace.steps.length ? trace : previous.trace;
      const configs = [...new Set([...(previous?.configs ?? []), config])];
      const optimisations = [...new Set([...(previous?.optimisations ?? []), ...(optimisation ? [optimisation] : [])])];
      reports.set(id, { property: id, claim, configs, optimisations, trace: shortest });
    }
  }
  return [...reports.values()];
}
