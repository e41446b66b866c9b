/** Option `--shard`. */
import { type Command, InvalidArgumentError } from "commander";
import { REPORTERS, type ReporterName } from "../report/reporters.ts";
import type { Shard } from "../verify/shard/shard.ts";

/** Formats of the reports of a command with shards. */
export type ShardReporterName = ReporterName | "blob";

/** Names of the formats. */
export const SHARD_REPORTERS: readonly string[] = [...Object.keys(REPORTERS), "blob"];

/** Most shards of a run. */
const MOST_SHARDS = 1000;

/** Adds the option. */
export function addShardOption(command: Command): Command {
  return command.option(
    "--shard <i/n>",
    "only the i-th of n parts, for n hosts; with --reporter blob:FILE, and foliocheck merge",
    shard,
  );
}

/** @throws InvalidArgumentError for anything but two numbers */
function shard(text: string): Shard {
  const [, number, count] = /^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? [];
  const result = { number: Number(number), count: Number(count) };
  if (count === undefined || result.count > MOST_SHARDS || result.number < 1 || result.number > result.count) {
    throw new InvalidArgumentError(`Want a number and how many there are, 1/${MOST_SHARDS} at most, such as 2/4.`);
  }
  return result;
}
