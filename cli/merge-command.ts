/** Command `foliocheck merge`. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { reasonOf } from "../files/error-reason.ts";
import { UsageError } from "../verify/request/usage-error.ts";
import { parseBlob, shardsOfOneRun } from "../verify/shard/blob.ts";
import { mergedReport } from "./merged-report.ts";
import { addReportOptions, type SearchOptionValues } from "./search-options.ts";
import { openOutputs, writeReport } from "./session.ts";

/** Adds the command. @param exit called with the exit code */
export function addMergeCommand(program: Command, exit: (code: number) => void): void {
  const command = program
    .command("merge")
    .summary("put the reports of shards together")
    .description(
      "Makes the report that verify or gate would have made without --shard, of the blobs of all shards.\n" +
        "Exits as that command would. Refuses blobs of other trees, versions or options, and missing or double shards.",
    )
    .argument("<folder>", "folder of the files of --reporter blob:FILE, and of no other files");
  addReportOptions(command)
    .addHelpText(
      "after",
      `
Examples:
  foliocheck merge blobs
  foliocheck merge blobs --reporter pretty --reporter junit:results.xml --reporter sarif:results.sarif`,
    )
    .action(async (folder: string, options: SearchOptionValues) => {
      const outputs = openOutputs(options);
      const blobs = shardsOfOneRun(
        filesIn(folder).map(({ name, text }) => parseBlob(name, text)),
        program.version() ?? "",
      );
      exit(await writeReport(mergedReport(blobs), outputs));
    });
}

/** Reads the files of a folder, in the order of their names, without hidden ones. */
function filesIn(folder: string): { readonly name: string; readonly text: string }[] {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith("."))
      .sort()
      .map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));
  } catch (error) {
    throw new UsageError(`cannot read ${folder}: ${reasonOf(error)}`);
  }
}
