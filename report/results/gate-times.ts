/** Times of the test cases of a gate. */
import { conformanceId } from "../../gate/adapter/machines.ts";
import type { GateReport, RunReport } from "../../verify/report/report.ts";

/**
 * Returns seconds by function name and claim id, in one configuration. A run checks all its cases together: each
 * function and claim has an equal share of the time of every run that executed or checked it.
 *
 * @param claims ids of the claims
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
      ...names.filter((name) => run.reached?.includes(name) === true || checks(run, conformanceId(name))),
      ...claims.filter((claim) => checks(run, claim)),
    ];
    for (const each of own) {
      times.set(each, (times.get(each) ?? 0) + run.seconds / own.length);
    }
  }
  return times;
}

/** Whether a run checked a property, or a part of a claim, at least once. */
function checks({ properties }: RunReport, id: string): boolean {
  return properties.some((each) => (each.id === id || each.id.startsWith(`${id}.`)) && each.checked > 0);
}
