/** Command `foliocheck race`. */
import { type Command, Option } from "commander";
import { groupsOf, memoryBounds, RACE_MACHINE } from "../machines/race.ts";
import { CONFIG_WORDS } from "../model/kernel/config.ts";
import type { MemoryModel } from "../races/race-model.ts";
import type { JobRequest } from "../verify/job/job.ts";
import { resolveCalls } from "../verify/job/race-request.ts";
import type { RunReport } from "../verify/report/report.ts";
import { provenanceOf } from "./provenance.ts";
import { addBoundOptions, addSearchOptions, boundsGiven, budgetOf, type SearchOptionValues } from "./search-options.ts";
import { runAndReport } from "./session.ts";

interface RaceOptions extends SearchOptionValues {
  readonly start: string;
  readonly config: string;
  readonly variant?: string;
  readonly memory: MemoryModel;
  readonly allViolations?: boolean;
}

const MEMORY_MODELS: readonly MemoryModel[] = ["sc", "tso", "views"];

/** Creates option `--memory`. */
export function memoryOption(): Option {
  return new Option(
    "--memory <model>",
    "memory model: sc (sequential consistency), tso (x86-TSO: stores wait in buffers) or views (loads may read values " +
      "that were overwritten, as acquire, release and smp_mb() allow)",
  ).choices(MEMORY_MODELS);
}

const NO_GROUPS = groupsOf({ start: [], cpus: [] });

/** The bounds with options. The calls determine the others. */
const SUBJECT = {
  name: "race",
  bounds: RACE_MACHINE.bounds.filter(
    ({ name }) => name !== "cpus" && !(name in memoryBounds("sc")) && !(name in NO_GROUPS),
  ),
};

/** Adds the command. @param exit called with the exit code */
export function addRaceCommand(program: Command, exit: (code: number) => void): void {
  const command = program
    .command("race")
    .summary("explore every interleaving of given calls")
    .description(
      "Explores every interleaving of fixed calls, one column for each CPU, and checks every claim that applies.\n" +
        "A bar separates CPUs, a semicolon the calls of one CPU. Calls have the syntax of traces.",
    )
    .argument("<calls>", 'such as "zap(mm: 0, first: 0, count: 1) | folio_maybe_mapped_shared()"')
    .optionsGroup("Start:")
    .option("--start <calls>", "calls that one CPU executes first; in the initial state one MM is live", "anonFault(0)")
    .optionsGroup("Bounds:");
  addBoundOptions(command, [SUBJECT]);
  command
    .optionsGroup("Kernel:")
    .option("--config <words>", `kernel configuration, comma-separated: ${CONFIG_WORDS.join(", ")}`, "")
    .option("--variant <name>", "check a faulty or changed kernel instead of v7.1")
    .addOption(memoryOption().default("sc"))
    .optionsGroup("Search:")
    .option("--all-violations", "continue after a violation: a shortest trace for each violated property");
  addSearchOptions(command)
    .addHelpText(
      "after",
      `
Examples:
  foliocheck race "zap(0, 0, 1) | zap(1, 0, 2) | folio_maybe_mapped_shared()" --start "anonFault(0); fork(0, 1)"
  foliocheck race "fork(parent: 0, child: 1) | gupFast(mm: 0, entry: 0, pin: true)" --memory tso
  foliocheck race "exit(0) | zap(1, 0, 1)" --start "anonFault(0); fork(0, 1)" --pages 4 --pmd 1 --config no-page-mapcount`,
    )
    .action(async (calls: string, options: RaceOptions & { readonly [bound: string]: unknown }, self: Command) => {
      exit(await race(calls, options, self));
    });
}

async function race(
  text: string,
  options: RaceOptions & { readonly [bound: string]: unknown },
  command: Command,
): Promise<number> {
  const request: JobRequest = {
    machine: RACE_MACHINE.name,
    config: options.config,
    bounds: { ...boundsGiven(options, [SUBJECT]), ...memoryBounds(options.memory) },
    budget: budgetOf(options),
    ...(options.variant !== undefined && { kernel: options.variant }),
    ...(options.allViolations !== undefined && { allViolations: options.allViolations }),
  };
  const resolved = resolveCalls(request, { start: options.start, cpus: text });
  const summarize = ([run]: readonly RunReport[]): RunReport => run as RunReport;
  return runAndReport([resolved.job], { ...options, workers: 1 }, summarize, { provenance: provenanceOf(command) });
}
