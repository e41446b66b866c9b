/** Provenance of a report: versions, arguments and options of the command. */
import type { Command } from "commander";
import type { Provenance } from "../verify/report/report.ts";

/**
 * Options that say where a report goes and how it looks, or how the work is shared out: it says the same without them.
 */
const OF_NO_CONSEQUENCE = [
  "reporter",
  "output",
  "traceOut",
  "reproOut",
  "graph",
  "progress",
  "workers",
  "cache",
  "checkpoint",
];

/** @param inputs hashes of what was read, by option */
export function provenanceOf(command: Command, inputs?: Provenance["inputs"]): Provenance {
  const options = Object.entries(command.opts<{ readonly [name: string]: unknown }>());
  return {
    foliocheck: command.parent?.version() ?? "",
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    arguments: [command.name(), ...command.args],
    options: Object.fromEntries(
      options.filter(([name, value]) => value !== undefined && !OF_NO_CONSEQUENCE.includes(name)),
    ) as Provenance["options"],
    ...(inputs === undefined ? {} : { inputs }),
  };
}
