/**
 * Known exceptions from claims, which the race machine shows instead of checking the claim. Of the C code of a tree an exception
 * that does not show is no failure: then the claim holds in every state at rest.
 */
import { miscountedByRace, undetectedByRace } from "../invariants/races.ts";
import type { GateExceptionReport, PropertyReport, RunReport } from "./report/report.ts";
import { worst } from "./run-verdict.ts";

const IDS: ReadonlySet<string> = new Set([miscountedByRace.id, undetectedByRace.id]);

/**
 * The report with the verdict of the claim in the place of that of an exception that does not show.
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

/** The exceptions that runs show, each once, with its configurations and its shortest trace. */
export function exceptionsIn(runs: readonly RunReport[]): GateExceptionReport[] {
  const reports = new Map<string, GateExceptionReport>();
  for (const { config, optimisation, properties } of runs) {
    for (const { id, claim, verdict, trace } of properties) {
      if (!IDS.has(id) || verdict !== "reached" || trace === null) {
        continue;
      }
      const known = reports.get(id);
      const shortest = known === undefined || trace.steps.length < known.trace.steps.length ? trace : known.trace;
      const configs = [...new Set([...(known?.configs ?? []), config])];
      const optimisations = [...new Set([...(known?.optimisations ?? []), ...(optimisation ? [optimisation] : [])])];
      reports.set(id, { property: id, claim, configs, optimisations, trace: shortest });
    }
  }
  return [...reports.values()];
}
