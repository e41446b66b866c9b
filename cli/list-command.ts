/** Command `foliocheck list`. */
import type { Command } from "commander";
import { CATALOGUE_REPORTERS, type CatalogueReporterName } from "../report/terminal/catalogue.ts";
import { catalogue } from "../verify/catalogue.ts";
import { ExitCode } from "./exit-code.ts";
import { reporterOption } from "./search-options.ts";
import { wantsColor } from "./session.ts";
import { print } from "./standard-output.ts";

/** Adds the command. @param exit called with the exit code */
export function addListCommand(program: Command, exit: (code: number) => void): void {
  program
    .command("list")
    .summary("show machines, claims, variants and profiles")
    .description("Lists the names that the other commands accept.")
    .addOption(reporterOption(Object.keys(CATALOGUE_REPORTERS)))
    .addHelpText("after", "\nExamples:\n  foliocheck list\n  foliocheck list --reporter json")
    .action(({ reporter }: { readonly reporter: CatalogueReporterName }) => {
      print(CATALOGUE_REPORTERS[reporter](catalogue(), { color: wantsColor(process.stdout) }));
      exit(ExitCode.expected);
    });
}
