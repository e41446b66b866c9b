/** `foliocheck check`. */
import type { Command } from "commander";
import { MACHINES } from "../invariants/machines.ts";
import { CONFIG_WORDS } from "../model/config.ts";
import { resolve, spell } from "../verify/job.ts";
import type { RunReport } from "../verify/report.ts";
import { addSearchOptions, budgetOf, type SearchOptionValues, wholeNumber } from "./search-options.ts";
import { runAndReport } from "./session.ts";

interface CheckOptions extends SearchOptionValues {
  readonly config: string;
  readonly symmetry: boolean;
  readonly variant?: string;
  readonly against?: string;
}

/** Every bound of any machine, with a description of its values in each. */
function boundOptions(): Map<string, string> {
  const options = new Map<string, string>();
  for (const { name: machine, bounds } of MACHINES) {
    for (const { name, description, values, default: usual } of bounds) {
      const known = options.get(name);
      const text = `${description}: ${spell(values)}, default ${usual} (${machine})`;
      options.set(name, known === undefined ? text : `${known}; ${text}`);
    }
  }
  return options;
}

/** `minPages` as an option: `--min-pages`. */
function flagOf(bound: string): string {
  return `--${bound.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Adds the command. @param exit gets the exit code */
export function addCheckCommand(program: Command, exit: (code: number) => void): void {
  const command = program
    .command("check")
    .summary("explore one machine at given bounds")
    .description("Explores one machine at given bounds and checks every claim that applies.")
    .argument("<machine>", MACHINES.map((each) => each.name).join(" or "))
    .optionsGroup("Bounds:");
  const bounds = boundOptions();
  for (const [name, description] of bounds) {
    command.option(`${flagOf(name)} <n>`, description, wholeNumber);
  }
  command
    .optionsGroup("Kernel:")
    .option("--config <words>", `kernel configuration, comma-separated: ${CONFIG_WORDS.join(", ")}`, "")
    .option("--variant <name>", "put a faulty or changed kernel in the place of v6.15")
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
  foliocheck check pmd --variant rfc-2026-04 --against v6.15 --config no-page-mapcount`,
    )
    .action(async (machine: string, options: CheckOptions & { readonly [bound: string]: unknown }) => {
      const given = [...bounds.keys()].flatMap((name) => {
        const value = options[name];
        return typeof value === "number" ? [[name, value] as const] : [];
      });
      const { job } = resolve({
        machine,
        config: options.config,
        bounds: Object.fromEntries(given),
        symmetry: options.symmetry,
        budget: budgetOf(options),
        ...(options.variant !== undefined && { kernel: options.variant }),
        ...(options.against !== undefined && { against: options.against }),
      });
      exit(await runAndReport([job], { ...options, workers: 1 }, ([run]) => run as RunReport));
    });
}
