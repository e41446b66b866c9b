/** Command `foliocheck check`. */
import type { Command } from "commander";
import { chunkObstacle } from "../explore/search/parallel/model-source.ts";
import { MACHINES } from "../machines/index.ts";
import { memoryBounds } from "../machines/race.ts";
import { CONFIG_WORDS } from "../model/kernel/config.ts";
import type { MemoryModel } from "../races/race-model.ts";
import { dot } from "../report/dot/dot.ts";
import { graphReport, MOST_NODES } from "../verify/graph-report.ts";
import { modelOf, type ResolvedJob, resolve, type Walks } from "../verify/job/job.ts";
import type { RunReport } from "../verify/report/report.ts";
import { UsageError } from "../verify/request/usage-error.ts";
import { distinctFiles, OutputFile } from "./output-file.ts";
import { provenanceOf } from "./provenance.ts";
import { memoryOption } from "./race-command.ts";
import { reportFiles } from "./reporter-option.ts";
import {
  addBoundOptions,
  addSearchOptions,
  addSpillOption,
  atLeastOne,
  boundsGiven,
  budgetOf,
  requireLimitForSpill,
  type SearchOptionValues,
  wholeNumber,
  workerCount,
} from "./search-options.ts";
import { runAndReport } from "./session.ts";

interface CheckOptions extends SearchOptionValues {
  readonly config: string;
  readonly symmetry: boolean;
  readonly variant?: string;
  readonly against?: string;
  readonly allViolations?: boolean;
  readonly simulate?: number;
  readonly seed?: number;
  readonly graph?: string;
  readonly memory?: MemoryModel;
  readonly workers: number;
}

/** Default depth and seed of random walks. */
const WALK_DEPTH = 100;
const SEED = 1;

/** Adds the command. @param exit called with the exit code */
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
    .option("--variant <name>", "check a faulty or changed kernel instead of v7.1")
    .addOption(memoryOption())
    .option("--against <name>", "take every step under this kernel too, and check that both are equivalent")
    .optionsGroup("Search:")
    .option("--symmetry", "count states up to the renaming of MMs and folios (the default)")
    .option("--no-symmetry", "count every state")
    .option("--all-violations", "continue after a violation: a shortest trace for each violated property")
    .option(
      "--simulate <n>",
      `take n random walks, each of at most --max-depth steps (default: ${WALK_DEPTH}), instead of visiting every state`,
      atLeastOne,
    )
    .option("--seed <n>", `seed of the random walks (default: ${SEED})`, wholeNumber)
    .option("--workers <n>", "threads that expand states; the result does not depend on it", workerCount, 1);
  addSearchOptions(addSpillOption(command))
    .option("--graph <file>", `write the states and steps as a graph for Graphviz, of at most ${MOST_NODES} states`)
    .addHelpText(
      "after",
      `
Examples:
  foliocheck check owner-tracking --pages 8 --mms 4
  foliocheck check rmap --pages 4 --mms 3 --anon 0 --file 1 --config no-page-mapcount
  foliocheck check rmap --pages 2 --mms 3 --anon 0 --file 2 --config 32bit,mm-id-mapcount-max=1
  foliocheck check owner-tracking --variant slot-1-without-shared --trace-out trace.json
  foliocheck check pmd --variant rfc-2026-04 --against v7.1 --config no-page-mapcount
  foliocheck check swap --pages 8 --mms 4 --simulate 1000 --seed 7
  foliocheck check owner-tracking --pages 2 --mms 2 --graph states.dot`,
    )
    .action(async (machine: string, options: CheckOptions & { readonly [bound: string]: unknown }, self: Command) => {
      exit(await check(machine, options, self));
    });
}

async function check(
  machine: string,
  options: CheckOptions & { readonly [bound: string]: unknown },
  command: Command,
): Promise<number> {
  const { maxDepth: walkDepth = WALK_DEPTH, ...limits } = budgetOf(options);
  const simulation = simulationOf(options, walkDepth);
  const resolved = resolve({
    machine,
    config: options.config,
    bounds: { ...boundsGiven(options, MACHINES), ...memoryBoundsOf(options) },
    symmetry: options.symmetry,
    budget: simulation === undefined ? budgetOf(options) : limits,
    ...(options.variant !== undefined && { kernel: options.variant }),
    ...(options.against !== undefined && { against: options.against }),
    ...(options.allViolations !== undefined && { allViolations: options.allViolations }),
    ...(simulation !== undefined && { simulation }),
    ...(options.workers > 1 && { workers: options.workers }),
  });
  if (resolved.job.bounds["views"] === 1 && options.checkpoint !== undefined) {
    throw new UsageError("a search under views has no checkpoints: the size of its states grows during the search");
  }
  requireLimitForSpill(options);
  if (options.workers > 1) {
    requireChunks(resolved, "--workers");
  }
  if (options.spill !== undefined) {
    requireChunks(resolved, "--spill");
  }
  const { traceOut, graph } = options;
  distinctFiles([...reportFiles(options), ["--trace-out", traceOut], ["--graph", graph]]);
  // Before the search, so that a graph that is too large is refused immediately.
  const files = graph === undefined ? [] : [{ file: new OutputFile(graph), content: dot(graphReport(resolved)) }];
  const provenance = provenanceOf(command);
  const summarize = ([run]: readonly RunReport[]): RunReport => run as RunReport;
  return runAndReport([resolved.job], { ...options, workers: 1 }, summarize, { provenance, files });
}

/** @throws UsageError for an exploration that cannot expand its states in chunks */
function requireChunks(resolved: ResolvedJob, option: string): void {
  const { machine, simulation } = resolved.job;
  if (simulation !== undefined) {
    throw new UsageError(`${option} is for exhaustive searches, not for random walks`);
  }
  const obstacle = chunkObstacle(modelOf(resolved));
  if (obstacle !== undefined) {
    throw new UsageError(`${option} is not for machine ${machine}: ${obstacle}`);
  }
}

/** Returns the bounds of `--memory`. @throws UsageError when `--tso` or `--views` contradicts it */
function memoryBoundsOf({ memory, ...given }: { readonly memory?: MemoryModel; readonly [bound: string]: unknown }): {
  readonly [bound: string]: number;
} {
  if (memory === undefined) {
    return {};
  }
  const bounds = memoryBounds(memory);
  for (const [bound, value] of Object.entries(bounds)) {
    if (given[bound] !== undefined && given[bound] !== value) {
      throw new UsageError(`--memory ${memory} contradicts --${bound} ${String(given[bound])}: give one of them`);
    }
  }
  return bounds;
}

/**
 * Returns the options of random walks; undefined for an exhaustive search. @throws UsageError for conflicting options
 */
function simulationOf({ simulate, seed, checkpoint }: CheckOptions, maxDepth: number): Walks | undefined {
  if (simulate === undefined) {
    if (seed !== undefined) {
      throw new UsageError("--seed is for random walks: give their number with --simulate");
    }
    return undefined;
  }
  if (checkpoint !== undefined) {
    throw new UsageError("--checkpoint is for exhaustive searches: continue random walks with another --seed instead");
  }
  return { walks: simulate, seed: seed ?? SEED, maxDepth };
}
