/** Command `foliocheck gate`. */
import { accessSync, constants } from "node:fs";
import { availableParallelism } from "node:os";
import { type Command, InvalidArgumentError, Option } from "commander";
import { reasonOf } from "../files/error-reason.ts";
import { makeFolder } from "../files/make-folder.ts";
import { userCacheFolder } from "../files/user-cache.ts";
import type { Mode } from "../gate/adapter/compiled-functions.ts";
import { isOfImage } from "../gate/image/build/image-files.ts";
import { checkTree, type GateResult, type GateSettings, requireExploration } from "../gate/index.ts";
import { acceptedBy, BASELINE_FILE, readBaseline, type updatedBaseline } from "../gate/run/baseline.ts";
import type { Finding } from "../gate/run/findings.ts";
import { DEFAULT_GATE_PROFILE, gateMachineNames } from "../gate/run/plan.ts";
import type { ChangedCode } from "../gate/tree/changed-code.ts";
import { ANSWER_SECONDS } from "../proof/solver/panel.ts";
import type { SolverName } from "../proof/solver/solver.ts";
import { coverageNotice } from "../report/text/gate-change.ts";
import { buildLine } from "../report/text/progress.ts";
import type { BaselineEntry } from "../verify/report/report.ts";
import { oneOf, UsageError } from "../verify/request/usage-error.ts";
import type { Shard } from "../verify/shard/shard.ts";
import { embedSourceOption, requireEmbeddable, sourceReader } from "./embed-source-option.ts";
import { untilInterrupted } from "./interrupts.ts";
import type { GateBlobContent } from "./merged-report.ts";
import { OutputFile } from "./output-file.ts";
import { ProgressDisplay } from "./progress-display.ts";
import { provenanceOf } from "./provenance.ts";
import { showingRuns } from "./run-progress.ts";
import {
  addLimitOptions,
  addReportOptions,
  budgetOf,
  type SearchOptionValues,
  secondCount,
  workerCount,
} from "./search-options.ts";
import { openOutputs, writeReport } from "./session.ts";
import { addShardOption, SHARD_REPORTERS, type ShardReporterName } from "./shard-option.ts";
import { solverOption, solversNamed } from "./solver-option.ts";

interface GateOptions extends Omit<SearchOptionValues<ShardReporterName>, "checkpoint"> {
  readonly tree: string;
  readonly patch?: string;
  readonly base?: string;
  readonly config?: readonly string[];
  readonly profile: string;
  readonly only?: string;
  readonly judge: "both" | Mode;
  readonly baseline?: string;
  readonly updateBaseline?: boolean;
  readonly reason?: string;
  readonly requireCoverage?: true;
  readonly cache: string | false;
  readonly image: boolean;
  readonly proof: boolean;
  readonly solver?: readonly SolverName[];
  readonly solverTimeout?: number;
  readonly clang: string;
  readonly workers: number;
  readonly embedSource?: true;
  readonly shard?: Shard;
}

/** Adds the command. @param exit called with the exit code */
export function addGateCommand(program: Command, exit: (code: number) => void): void {
  const command = program
    .command("gate")
    .summary("check the C code of a kernel tree, or of a patch")
    .description(
      "Extracts the functions in scope from a kernel source tree, compiles them to WebAssembly, and checks on every reachable " +
        "step that they conform to the model, and that every claim holds with the C code instead of the model's kernel.",
    )
    .requiredOption("--tree <folder>", "kernel source tree, or a folder with the required files")
    .option("--patch <file>", "a patch, applied in memory first; - for standard input")
    .option("--base <folder>", "tree to compare with (default: with a patch, the tree without it)")
    .option("--require-coverage", "end as incomplete (exit code 3) unless every changed function and line was checked")
    .option("--config <words...>", "configurations, each as comma-separated words (default: all six)")
    .option("--profile <name>", "quick, ci or deep", DEFAULT_GATE_PROFILE)
    .option("--only <machine>", `explore one machine: ${oneOf(gateMachineNames())}`)
    .addOption(
      new Option(
        "--judge <question>",
        "conformance: C code and model are equivalent; claims: for a patch that changes internals",
      )
        .choices(["both", "conformance", "claims"])
        .default("both"),
    )
    .option("--no-image", "leave out whole files of mm/ (mm images): check only the functions in scope")
    .option("--clang <choice>", "auto, npm, or a program: clang 16 or later with wasm-ld", "auto")
    .option("--workers <n>", "runs to explore at one time", workerCount, availableParallelism());
  addShardOption(command)
    .option("--cache <folder>", "cache of compiled modules", userCacheFolder())
    .option("--no-cache", "compile everything again")
    .optionsGroup("Proof of owner tracking for any number of MMs (foliocheck prove):")
    .option("--no-proof", "leave it out")
    .addOption(solverOption())
    .option("--solver-timeout <time>", `for one answer, in seconds, or 10m (default: ${ANSWER_SECONDS})`, secondCount)
    .optionsGroup("Known findings:")
    .option("--baseline <file>", `accepted findings (default: ${BASELINE_FILE}, if it exists)`)
    .option("--update-baseline", "accept all findings: write the baseline")
    .option("--reason <text>", "with --update-baseline: reason for accepting new findings", reason);
  addLimitOptions(command);
  addReportOptions(command, SHARD_REPORTERS)
    .addOption(embedSourceOption())
    .addHelpText(
      "after",
      `
Examples:
  foliocheck gate --tree linux
  foliocheck gate --tree linux --patch my.patch --require-coverage
  foliocheck gate --tree . --base ../base --reporter github
  foliocheck gate --tree linux --config no-page-mapcount --profile ci
  foliocheck gate --tree linux --profile ci --shard 2/4 --reporter blob:blobs/2.json
  foliocheck gate --tree linux --update-baseline --reason "latent: no caller"`,
    )
    .action(async (options: GateOptions, self: Command) => {
      exit(await runGate(options, self));
    });
}

/** Parses the reason. @throws InvalidArgumentError for a blank reason */
function reason(text: string): string {
  if (text.trim() === "") {
    throw new InvalidArgumentError("Want a text that says why.");
  }
  return text;
}

async function runGate(options: GateOptions, command: Command): Promise<number> {
  const { patch, base } = options;
  if (options.reason !== undefined && options.updateBaseline !== true) {
    throw new UsageError("--reason goes with --update-baseline");
  }
  if (options.requireCoverage === true && patch === undefined && base === undefined) {
    throw new UsageError("--require-coverage goes with --patch or --base: without them there is no change");
  }
  if (!options.proof && (options.solver !== undefined || options.solverTimeout !== undefined)) {
    throw new UsageError("--solver and --solver-timeout are about the proof, which --no-proof leaves out");
  }
  requireEmbeddable(options);
  if (options.updateBaseline === true && options.shard !== undefined) {
    throw new UsageError("--update-baseline accepts all findings, and a shard has not all: omit --shard");
  }
  const settings = settingsOf(options);
  // Checked before the compilation.
  requireExploration(settings);
  const baselineFile = options.baseline ?? BASELINE_FILE;
  const baseline = await readBaseline(baselineFile, options.baseline !== undefined && options.updateBaseline !== true);
  const baselineOutput = options.updateBaseline === true ? new OutputFile(baselineFile) : undefined;
  if (options.cache !== false && options.cache !== userCacheFolder()) {
    prepareCache(options.cache);
  }
  const opened = openOutputs(options);
  const source = await sourceReader(options);
  const outputs = source === undefined ? opened : { ...opened, source };
  // An update accepts every finding, so that runs must continue past all of them.
  const isAccepted = (finding: Finding): boolean =>
    baselineOutput !== undefined || acceptedBy(finding, baseline) !== undefined;
  const result = await checkWithProgress(settings, options.progress, isAccepted);
  const update =
    baselineOutput === undefined
      ? { baseline, unwritten: [] }
      : await updateBaseline(baselineOutput, baseline, () => result.updatedBaseline(baseline, options.reason));
  const provenance = provenanceOf(command, result.inputs);
  const { shard = { number: 1, count: 1 } } = options;
  const content: GateBlobContent = { part: result.part, baseline: update.baseline };
  return writeReport({ ...result.report(update.baseline), provenance }, outputs, {
    unwritten: update.unwritten,
    part: { shard, content },
  });
}

/** @throws UsageError for a solver that is not installed */
function settingsOf(options: GateOptions): GateSettings {
  const {
    tree,
    patch,
    base,
    config,
    profile,
    only,
    judge,
    baseline,
    requireCoverage,
    image,
    proof,
    solver,
    solverTimeout,
    clang,
    cache,
    workers,
    shard,
  } = options;
  return {
    tree,
    ...(patch === undefined ? {} : { patch }),
    ...(base === undefined ? {} : { base }),
    ...(config === undefined ? {} : { config }),
    profile,
    ...(only === undefined ? {} : { only }),
    ...(judge === "both" ? {} : { judge }),
    ...(baseline === undefined ? {} : { baselineFile: baseline }),
    ...(requireCoverage === true ? { requireCoverage } : {}),
    ...(image ? {} : { image }),
    ...(proof ? {} : { proof }),
    ...(solver === undefined ? {} : { solvers: solversNamed(solver) }),
    ...(solverTimeout === undefined ? {} : { solverTimeout }),
    budget: budgetOf(options),
    clang,
    ...(cache === false ? {} : { cacheFolder: cache }),
    workers,
    ...(shard === undefined ? {} : { shard }),
  };
}

/** Checks the tree with a progress display, and ends the check at an interrupt. */
async function checkWithProgress(
  settings: GateSettings,
  progress: boolean,
  isAccepted: (finding: Finding) => boolean,
): Promise<GateResult> {
  const display = new ProgressDisplay(progress);
  let compiled = (): void => {};
  const reportableFrom = new Promise<void>((resolve) => {
    compiled = resolve;
  });
  try {
    return await untilInterrupted({ onInterrupt: () => display.showInterrupted(), reportableFrom }, (signal) =>
      checkTree(
        settings,
        {
          signal,
          onRun: showingRuns(display),
          onBuild: (progress) => display.showBeside(buildLine(progress)),
          onChange: (change, hasImages) => announce(change, hasImages, display),
          onCompiled: compiled,
          onProof: () => display.show("proving owner tracking for any number of MMs"),
        },
        isAccepted,
      ),
    );
  } finally {
    display.clear();
  }
}

/** Writes the updated baseline. If this fails, the report uses the old baseline. */
async function updateBaseline(
  output: OutputFile,
  baseline: readonly BaselineEntry[],
  update: () => ReturnType<typeof updatedBaseline>,
): Promise<{ readonly baseline: readonly BaselineEntry[]; readonly unwritten: readonly string[] }> {
  try {
    const { text, entries } = update();
    const reason = await output.write(text);
    return reason === undefined
      ? { baseline: entries, unwritten: [] }
      : { baseline, unwritten: [`cannot write ${output.name}: ${reason}`] };
  } catch (error) {
    if (error instanceof UsageError) {
      return { baseline, unwritten: [error.message] };
    }
    throw error;
  }
}

/** Creates a requested cache folder. The default cache is optional: without it, everything is compiled. */
function prepareCache(folder: string): void {
  try {
    makeFolder(folder);
    accessSync(folder, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw new UsageError(`cannot store compiled modules in ${folder}: ${reasonOf(error)}`);
  }
}

/** Prints, before the exploration, the changed functions and lines that no run can check. */
function announce(change: ChangedCode, hasImages: boolean, display: ProgressDisplay): void {
  for (const line of coverageNotice(hasImages ? outsideOfImage(change) : change)) {
    display.note(line);
  }
}

/** Removes reasons of functions in files of an image: only the runs determine whether they are reached. */
function outsideOfImage({ functions, ...change }: ChangedCode): ChangedCode {
  return {
    ...change,
    functions: functions.map(({ why, ...each }) =>
      why === undefined || isOfImage(each.file) ? each : { ...each, why },
    ),
  };
}
