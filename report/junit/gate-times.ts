/** How long the cases of a gate took. */
import { conformanceId } from "../../gate/adapter/machines.ts";
import type { GateReport, RunReport } from "../../verify/report/report.ts";

/**
 * Seconds by name of a function and by id of a claim, in one configuration. What a run checks it checks together: each
 * function and claim has an equal share of the time of each run that compared it, ran it or judged it.
 *
 * @param claims ids
 */
export function caseTimes(
  config: string,
  claims: readonly string[],
  { functions, runs }: Pick<GateReport, "functions" | "runs">,
): ReadonlyMap<string, number> {
  const names = functions.filter((each) => each.config === config).map(({ name }) => name);
  const times = new Map([...names, ...claims].map((each) => [each, 0]));
  for (const run of runs.filter((each) => each.config === config)) {
    const own = [
      ...names.filter((name) => run.reached?.includes(name) === true || judges(run, conformanceId(name))),
      ...claims.filter((claim) => judges(run, claim)),
    ];
    for (const each of own) {
      times.set(each, (times.get(each) ?? 0) + run.seconds / own.length);
    }
  }
  return times;
}

/** Whether a run has a property, or a part of a claim, and came upon something to check it on. */
function judges({ properties }: RunReport, id: string): boolean {
  return properties.some((each) => (each.id === id || each.id.startsWith(`${id}.`)) && each.checked > 0);
}
