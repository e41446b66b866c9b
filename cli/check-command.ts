/** `foliocheck check`. */
import type { Command } from "commander";
import { MACHINES } from "../invariants/machines.ts";
import { CONFIG_WORDS } from "../model/config.ts";
import { resolve } from "../verify/job.ts";
import type { RunReport } from "../verify/report.ts";
import { addBoundOptions, addSearchOptions, boundsGiven, budgetOf, type SearchOptionValues } from "./search-options.ts";
import { runAndReport } from "./session.ts";

interface CheckOptions extends SearchOptionValues {
  readonly config: string;
  readonly symmetry: boolean;
  readonly variant?: string;
  readonly against?: string;
}

/** Adds the command. @param exit gets the exit code */
export function addCheckCommand(program: Command, exit: (code: number) => void): void {
  const command = program
    .command("check")
    .summary("explore one machine at given bounds")
    .description("Explores one machine at given bounds and checks every claim that applies.")
    .argument("<machine>", MACHINES.map((each) => each.name).join(" or "))
    .optionsGroup("Bounds:");
  addBoundOptions(command, MACHINES);
  command
    .optionsGroup("Kernel:")
    .option("--config <words>", `kernel configuration, comma-separated: ${CONFIG_WORDS.join(", ")}`, "")
    .option("--variant <name>", "put a faulty or changed kernel in the place of v7.1")
    .option("--against <name>", "take every step under this kernel too, and check that both do the same")
    .optionsGroup("Search:")
    .option("--symmetry", "count states up to the renaming of MMs and folios (the default)")
    .option("--no-symmetry", "count every state");
  addSearchOptions(command)
    .addHelpText(
      "after",
      `
Examples:
  foliocheck check owner-tracking --pages 8 --mms 4
  foliocheck check rmap --pages 4 --mms 3 --anon 0 --file 1 --config no-page-mapcount
  foliocheck check rmap --pages 2 --mms 3 --anon 0 --file 2 --config 32bit,mm-id-mapcount-max=1
  foliocheck check owner-tracking --variant slot-1-without-shared --trace-out trace.json
  foliocheck check pmd --variant rfc-2026-04 --against v7.1 --config no-page-mapcount`,
    )
    .action(async (machine: string, options: CheckOptions & { readonly [bound: string]: unknown }) => {
      const { job } = resolve({
        machine,
        config: options.config,
        bounds: boundsGiven(options, MACHINES),
        symmetry: options.symmetry,
        budget: budgetOf(options),
        ...(options.variant !== undefined && { kernel: options.variant }),
        ...(options.against !== undefined && { against: options.against }),
      });
      exit(await runAndReport([job], { ...options, workers: 1 }, ([run]) => run as RunReport));
    });
}
