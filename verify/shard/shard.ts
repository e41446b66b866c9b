/** Shards: parts of a command's work, for hosts that share it. */

import { type NotChecked, skipped } from "../../invariants/not-checked.ts";

/** One of `count` shards, counted from 1. */
export interface Shard {
  readonly number: number;
  readonly count: number;
}

/** Formats a shard as in `--shard`: `2/4`. */
export function formatShard({ number, count }: Shard): string {
  return `${number}/${count}`;
}

/** Says that a report is that of one shard only. */
export function otherShards(shard: Shard): NotChecked {
  return skipped(`The runs of shards other than ${formatShard(shard)}`, "foliocheck merge puts all shards together");
}

/**
 * Distributes items so that the shards take about the same time: longest processing time first, each to the shard with
 * the least so far. The same costs give the same shards on every host.
 *
 * @param costs costs of the items, in any unit
 * @param count number of shards
 * @returns the number of each item's shard, from 1
 * @source Ronald Graham, Bounds on multiprocessing timing anomalies
 */
export function shardsOf(costs: readonly number[], count: number): number[] {
  const loads = Array.from({ length: count }, () => 0);
  const shards = costs.map(() => 1);
  const longestFirst = [...costs.keys()].sort((a, b) => (costs[b] as number) - (costs[a] as number) || a - b);
  for (const item of longestFirst) {
    const least = loads.indexOf(Math.min(...loads));
    loads[least] = (loads[least] as number) + (costs[item] as number);
    shards[item] = least + 1;
  }
  return shards;
}
