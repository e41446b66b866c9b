/** Command `foliocheck image`. */
import type { Command } from "commander";
import { userCacheFolder } from "../files/user-cache.ts";
import { readPatch } from "../gate/change/patch.ts";
import { CompileError } from "../gate/compile/clang.ts";
import { clangChoice } from "../gate/image/build/clang-choice.ts";
import { ImageBuilder } from "../gate/image/image-builder.ts";
import { switchesStacks } from "../gate/image/machine/image-machine.ts";
import type { ImageModule } from "../gate/image/module/image-module.ts";
import { IMAGE_BOUNDS, IMAGE_MACHINE } from "../gate/image/world/image-bounds.ts";
import { TreeError } from "../gate/preparation/extract-units.ts";
import { configurationOf, gateConfig } from "../gate/unit/configurations.ts";
import { ConfigError, formatConfig } from "../model/kernel/config.ts";
import { buildLine } from "../report/text/progress.ts";
import { imageJob } from "../verify/job/image-job.ts";
import { boundsWithin } from "../verify/job/job.ts";
import type { RunReport } from "../verify/report/report.ts";
import { UsageError } from "../verify/request/usage-error.ts";
import { embedSourceOption, requireEmbeddable, sourceReader } from "./embed-source-option.ts";
import { ProgressDisplay } from "./progress-display.ts";
import { provenanceOf } from "./provenance.ts";
import {
  addBoundOptions,
  addLimitOptions,
  addReportOptions,
  boundsGiven,
  budgetOf,
  type SearchOptionValues,
} from "./search-options.ts";
import { openOutputs, runAndReport } from "./session.ts";

interface ImageOptions extends Omit<SearchOptionValues, "checkpoint"> {
  readonly tree: string;
  readonly patch?: string;
  readonly config: string;
  readonly clang: string;
  readonly cache: string | false;
  readonly symmetry: boolean;
  readonly allViolations?: boolean;
  readonly embedSource?: true;
}

const SUBJECT = { name: IMAGE_MACHINE, bounds: IMAGE_BOUNDS };

/** Adds the command. @param exit called with the exit code */
export function addImageCommand(program: Command, exit: (code: number) => void): void {
  const command = program
    .command("image")
    .summary("explore whole files of a kernel tree")
    .description(
      "Compiles files of mm/ and what they need from a kernel source tree, unmodified, to one WebAssembly module, and explores " +
        "faults, fork, system calls, splits and migration in it on real page tables and struct pages.",
    )
    .requiredOption("--tree <folder>", "kernel source tree")
    .option("--patch <file>", "a patch, applied in memory first; - for standard input")
    .option("--config <words>", "configuration, as comma-separated words", "page-mapcount,32bit,mm-id")
    .option("--clang <choice>", "auto, npm, or a program: clang 16 or later with wasm-ld", "auto")
    .option("--cache <folder>", "cache of compiled objects", userCacheFolder())
    .option("--no-cache", "compile everything again")
    .optionsGroup("Bounds:");
  addBoundOptions(command, [SUBJECT]);
  command
    .optionsGroup("Search:")
    .option("--symmetry", "count states up to the numbers of processes and the ids of their MMs (the default)")
    .option("--no-symmetry", "count every state")
    .option("--all-violations", "continue after a violation: a shortest trace for each violated property");
  addLimitOptions(command);
  addReportOptions(command)
    .addOption(embedSourceOption())
    .addHelpText(
      "after",
      `
Examples:
  foliocheck image --tree linux --mms 2 --split 1
  foliocheck image --tree linux --patch my.patch --mms 1 --move 1 --pages 16
  foliocheck image --tree linux --config no-page-mapcount,32bit,mm-id --migrate 1 --max-states 100000`,
    )
    .action(async (options: ImageOptions & { readonly [bound: string]: unknown }, self: Command) => {
      exit(await image(options, self));
    });
}

async function image(options: ImageOptions & { readonly [bound: string]: unknown }, command: Command): Promise<number> {
  requireEmbeddable(options);
  openOutputs(options);
  // Validated before the compilation.
  const bounds = boundsWithin(SUBJECT, boundsGiven(options, [SUBJECT]));
  const configuration = parseConfiguration(options.config);
  const module = await moduleOf(options, configuration, switchesStacks(bounds));
  const job = imageJob(module, {
    config: formatConfig(gateConfig(configuration)),
    bounds,
    budget: budgetOf(options),
    symmetry: options.symmetry,
    ...(options.allViolations === undefined ? {} : { allViolations: options.allViolations }),
  });
  const summarize = ([run]: readonly RunReport[]): RunReport => run as RunReport;
  const source = await sourceReader(options);
  return runAndReport([job], { ...options, workers: 1 }, summarize, { provenance: provenanceOf(command), source });
}

/** @throws UsageError for an invalid configuration */
function parseConfiguration(words: string): ReturnType<typeof configurationOf> {
  try {
    return configurationOf(words);
  } catch (error) {
    throw error instanceof ConfigError ? new UsageError(error.message) : error;
  }
}

/**
 * Builds the image. @throws UsageError when the tree, the patch or the compiler is invalid, or a file does not compile
 */
async function moduleOf(
  { tree, patch, clang, cache, progress }: ImageOptions,
  configuration: ReturnType<typeof configurationOf>,
  switches: boolean,
): Promise<ImageModule> {
  const display = new ProgressDisplay(progress);
  const builder = new ImageBuilder({
    clang: clangChoice(clang),
    onProgress: (progress) => display.showBeside(buildLine(progress)),
    ...(cache === false ? {} : { cacheFolder: cache }),
  });
  try {
    const input = { tree, ...(patch === undefined ? {} : { patch: await readPatch(patch) }) };
    return await builder.build(input, configuration, switches);
  } catch (error) {
    throw error instanceof CompileError || error instanceof TreeError ? new UsageError(error.message) : error;
  } finally {
    await builder.close();
    display.clear();
  }
}
