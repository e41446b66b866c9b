/** Provenance of reports: versions, arguments and options of the command. */
import type { Command } from "commander";
import type { Provenance } from "../verify/report/report.ts";
import { formatShard, type Shard } from "../verify/shard/shard.ts";

/** Options that do not affect the results: output files, formats, parallelism, caches. */
const IRRELEVANT_OPTIONS = [
  "reporter",
  "output",
  "color",
  "verbose",
  "traceOut",
  "reproOut",
  "graph",
  "embedSource",
  "progress",
  "workers",
  "cache",
  "checkpoint",
  "spill",
];

/** Returns the provenance of a command's report. @param inputs hashes of the inputs, by option */
export function provenanceOf(command: Command, inputs?: Provenance["inputs"]): Provenance {
  const options = Object.entries(command.opts<{ readonly [name: string]: unknown }>());
  return {
    foliocheck: command.parent?.version() ?? "",
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    arguments: [command.name(), ...command.args],
    options: Object.fromEntries(
      options
        .filter(([name, value]) => value !== undefined && !IRRELEVANT_OPTIONS.includes(name))
        .map(([name, value]) => [name, name === "shard" ? formatShard(value as Shard) : value]),
    ) as Provenance["options"],
    ...(inputs === undefined ? {} : { inputs }),
  };
}
