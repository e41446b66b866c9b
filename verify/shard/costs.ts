/** Costs of runs, as they were measured: with them, shards take about the same time. */
import type { Job } from "../job/job.ts";

/** Properties of a run that its cost depends on. */
export type CostSubject = Pick<Job, "machine" | "config" | "bounds" | "against" | "calls">;

/** Measured costs by the key of a run, in milliseconds of CPU time. */
export type CostTable = { readonly [key: string]: number };

/**
 * Returns the key of a run in a cost table: machine, configuration and bounds, without those that are 0. Symmetry is not
 * part of it: whether a model has any, only the run shows.
 */
export function costKey({ machine, config, bounds, against, calls }: CostSubject): string {
  const named = Object.entries(bounds).flatMap(([name, value]) => (value === 0 ? [] : [`${name} ${value}`]));
  return [
    machine,
    config,
    named.join(" "),
    ...(against === undefined ? [] : ["against another kernel"]),
    ...(calls === undefined ? [] : [JSON.stringify(calls)]),
  ].join(", ");
}

/**
 * Returns the cost of each run. One that is not in the table costs as much as those of its machine on average, or as all
 * runs of the table. Costs decide only which shard has a run, never what it finds.
 */
export function costsOf(keys: readonly string[], table: CostTable): number[] {
  const all = Object.entries(table);
  const average = (entries: readonly (readonly [string, number])[]): number | undefined =>
    entries.length === 0 ? undefined : entries.reduce((sum, [, cost]) => sum + cost, 0) / entries.length;
  return keys.map((key) => {
    const machine = key.slice(0, key.indexOf(","));
    return table[key] ?? average(all.filter(([each]) => each.startsWith(`${machine},`))) ?? average(all) ?? 1;
  });
}
