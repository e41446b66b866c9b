/** Command `foliocheck list`. */
import type { Command } from "commander";
import { CATALOGUE_REPORTERS, type CatalogueReporterName } from "../report/terminal/catalogue.ts";
import { catalogue, entriesNamed } from "../verify/catalogue.ts";
import { deliver } from "./delivery.ts";
import { ExitCode } from "./exit-code.ts";
import { colorOption, openReports, type ReporterOptionValues, reporterOption } from "./reporter-option.ts";

/** Adds the command. @param exit called with the exit code */
export function addListCommand(program: Command, exit: (code: number) => void): void {
  program
    .command("list")
    .summary("show machines, claims, variants and profiles")
    .description("Lists the names that the other commands accept.")
    .argument("[name]", "machine, claim, variant or profile to describe: bounds, source")
    .addOption(reporterOption(Object.keys(CATALOGUE_REPORTERS)))
    .option("--output <file>", "write the list to a file instead of standard output")
    .addOption(colorOption())
    .addHelpText("after", "\nExamples:\n  foliocheck list\n  foliocheck list rmap\n  foliocheck list --reporter json")
    .action(async (name: string | undefined, options: ReporterOptionValues<CatalogueReporterName>) => {
      const all = catalogue();
      const entries = name === undefined ? all : entriesNamed(all, name);
      const reports = openReports(options);
      exit(
        await deliver({
          reports,
          text: (format, medium) => CATALOGUE_REPORTERS[format](entries, { ...medium, detailed: name !== undefined }),
          code: ExitCode.expected,
        }),
      );
    });
}
