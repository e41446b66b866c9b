/** `foliocheck gate`. */
import { accessSync, constants } from "node:fs";
import { availableParallelism } from "node:os";
import { type Command, InvalidArgumentError, Option } from "commander";
import { reasonOf } from "../files/error-reason.ts";
import { makeFolder } from "../files/make-folder.ts";
import { userCacheFolder } from "../files/user-cache.ts";
import type { Mode } from "../gate/adapter/compiled-functions.ts";
import { type InputHashes, inputHashes } from "../gate/change/input-hashes.ts";
import { readPatch } from "../gate/change/patch.ts";
import { CompileError } from "../gate/compile/clang.ts";
import { type ClangChoice, clangChoice, nativeClangOf } from "../gate/image/build/clang-choice.ts";
import { isOfImage } from "../gate/image/build/image-files.ts";
import { ImageBuilder } from "../gate/image/image-builder.ts";
import { presentConfigurations, TreeError } from "../gate/preparation/extract-units.ts";
import { type MeasuredLayouts, prepare } from "../gate/preparation/preparation.ts";
import { acceptedBy, BASELINE_FILE, readBaseline, updatedBaseline } from "../gate/run/baseline.ts";
import { type GateImageResult, runGateImages } from "../gate/run/explore-images.ts";
import { type GateRunResult, runGate } from "../gate/run/explore-units.ts";
import type { Finding } from "../gate/run/findings.ts";
import { layoutFindings } from "../gate/run/layout-findings.ts";
import { isComplete } from "../gate/run/outcome.ts";
import { checkSomethingIsAsked, DEFAULT_GATE_PROFILE, gateMachineNames, raceOptimisations } from "../gate/run/plan.ts";
import type { GateProofResult } from "../gate/run/proof.ts";
import { gateReport, wasChecked } from "../gate/run/report.ts";
import type { GateRequest } from "../gate/run/request.ts";
import type { ChangedCode } from "../gate/tree/changed-code.ts";
import type { GateConfiguration } from "../gate/tree/configuration.ts";
import { configurationsOf, GATE_CONFIGURATIONS, gateConfig } from "../gate/unit/configurations.ts";
import { ConfigError, formatConfig } from "../model/kernel/config.ts";
import { coverageNotice } from "../report/text/gate-change.ts";
import { gateCommand } from "../report/text/gate-command.ts";
import { buildLine } from "../report/text/progress.ts";
import { JobFailure } from "../verify/pool.ts";
import type { BaselineEntry, GateOptionsReport } from "../verify/report/report.ts";
import { oneOf, UsageError } from "../verify/request/usage-error.ts";
import { type GateImages, gateImages } from "./gate-images.ts";
import { gateProof } from "./gate-proof.ts";
import { onOneLine } from "./one-line.ts";
import { OutputFile } from "./output-file.ts";
import { ProgressDisplay } from "./progress-display.ts";
import { provenanceOf } from "./provenance.ts";
import { addLimitOptions, addReportOptions, budgetOf, type SearchOptionValues, workerCount } from "./search-options.ts";
import { openOutputs, runUntilInterrupted, writeReport } from "./session.ts";

interface GateOptions extends Omit<SearchOptionValues, "checkpoint"> {
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
  readonly clang: string;
  readonly workers: number;
}

/** Everything that a gate finds out about a tree. */
interface Explored extends GateRunResult {
  readonly image: GateImageResult & Omit<GateImages, "images">;
  readonly layout: MeasuredLayouts | undefined;
  readonly proof: GateProofResult;
  readonly inputs: InputHashes;
}

/** Adds the command. @param exit gets the exit code */
export function addGateCommand(program: Command, exit: (code: number) => void): void {
  const command = program
    .command("gate")
    .summary("check the C code of a kernel tree, or of a patch")
    .description(
      "Takes the functions out of a kernel source tree, compiles them to WebAssembly, and checks on every reachable step " +
        "that they do what the model does, and that every claim holds with the C code in the place of the model's kernel.",
    )
    .requiredOption("--tree <folder>", "kernel source tree, or a folder with the files that are needed")
    .option("--patch <file>", "a patch, applied in memory first; - for standard input")
    .option("--base <folder>", "tree to compare with; with a patch, the tree without it unless given")
    .option("--require-coverage", "end as incomplete (exit code 3) unless every changed function and line was checked")
    .option("--config <words...>", "configurations, each as comma-separated words (default: all six)")
    .option("--profile <name>", "quick, ci or deep", DEFAULT_GATE_PROFILE)
    .option("--only <machine>", `explore one machine: ${oneOf(gateMachineNames())}`)
    .addOption(
      new Option(
        "--judge <question>",
        "conformance: C code and model do the same; claims: for a patch that changes internals",
      )
        .choices(["both", "conformance", "claims"])
        .default("both"),
    )
    .option("--no-image", "leave out whole files of mm/ (mm images): only the functions at the core are checked")
    .option("--no-proof", "leave out the proof of owner tracking for any number of MMs (foliocheck prove)")
    .option("--clang <choice>", "auto, npm, or a program: clang 16 or later with wasm-ld", "auto")
    .option("--workers <n>", "runs to explore at one time", workerCount, availableParallelism())
    .option("--cache <folder>", "where compiled modules are kept", userCacheFolder())
    .option("--no-cache", "compile everything again")
    .optionsGroup("Known findings:")
    .option("--baseline <file>", `findings that are accepted (default: ${BASELINE_FILE}, if it is there)`)
    .option("--update-baseline", "accept what is found now: write the baseline")
    .option("--reason <text>", "with --update-baseline: why new findings are accepted", reason);
  addLimitOptions(command);
  addReportOptions(command)
    .addHelpText(
      "after",
      `
Examples:
  foliocheck gate --tree linux
  foliocheck gate --tree linux --patch my.patch --require-coverage
  foliocheck gate --tree . --base ../base --reporter github
  foliocheck gate --tree linux --config no-page-mapcount --profile ci
  foliocheck gate --tree linux --update-baseline --reason "latent: no caller"`,
    )
    .action(async (options: GateOptions, self: Command) => {
      exit(await gate(options, self));
    });
}

/** @throws InvalidArgumentError for a reason that says nothing */
function reason(text: string): string {
  if (text.trim() === "") {
    throw new InvalidArgumentError("Want a text that says why.");
  }
  return text;
}

async function gate(options: GateOptions, command: Command): Promise<number> {
  const { tree, patch, base, profile, only, judge } = options;
  if (options.reason !== undefined && options.updateBaseline !== true) {
    throw new UsageError("--reason goes with --update-baseline");
  }
  if (options.requireCoverage === true && patch === undefined && base === undefined) {
    throw new UsageError("--require-coverage goes with --patch or --base: without one nothing is changed");
  }
  const request = {
    profile,
    budget: budgetOf(options),
    ...(only === undefined ? {} : { only }),
    ...(judge === "both" ? {} : { judge }),
    ...(options.image ? {} : { image: false as const }),
  };
  // Before anything is compiled.
  const configurations = configurationsIn(options);
  checkSomethingIsAsked(configurations.map(gateConfig), request);
  const baselineFile = options.baseline ?? BASELINE_FILE;
  const baseline = await readBaseline(baselineFile, options.baseline !== undefined && options.updateBaseline !== true);
  const baselineOutput = options.updateBaseline === true ? new OutputFile(baselineFile) : undefined;
  if (options.cache !== false && options.cache !== userCacheFolder()) {
    prepareCache(options.cache);
  }
  const outputs = openOutputs(options);
  const started = performance.now();
  const isWhole = only === undefined && judge === "both" && options.image;
  // An update accepts what is found, and so wants to see all of it.
  const isAccepted = (finding: Finding): boolean =>
    baselineOutput !== undefined || acceptedBy(finding, baseline) !== undefined;
  const { layout, inputs, ...result } = await explored(
    options,
    configurations,
    request,
    only === undefined,
    isAccepted,
  );
  const name = [
    tree,
    ...(patch === undefined ? [] : [`with ${patch}`]),
    ...(base === undefined ? [] : [`against ${base}`]),
  ];
  const findings = [
    ...result.findings,
    ...result.image.findings,
    ...result.proof.findings,
    ...(layout === undefined ? [] : layoutFindings(layout)),
  ];
  const configs = result.units.map(({ fast: { unit } }) => formatConfig(gateConfig(unit.configuration)));
  const isExhausted = isWhole && [...result.outcomes, ...result.image.outcomes].every(isComplete);
  const accepted =
    baselineOutput === undefined
      ? { baseline, unwritten: [] }
      : await updateBaseline(baselineOutput, baseline, () =>
          updatedBaseline(
            findings,
            baseline,
            options.reason,
            isExhausted ? wasChecked(configs, result.proof.subjects) : () => false,
          ),
        );
  const reported = reportedOptions(options);
  const summary = gateReport({
    tree: onOneLine(name.join(" ")),
    again: gateCommand(reported),
    options: reported,
    ...result,
    findings,
    ...(layout === undefined ? {} : { layout }),
    baseline: accepted.baseline,
    seconds: (performance.now() - started) / 1000,
  });
  const provenance = provenanceOf(command, { ...inputs });
  return writeReport({ ...summary, provenance }, options, outputs, accepted.unwritten);
}

/** Writes the new baseline. Where it cannot be written, the old one counts: what it does not have is not accepted. */
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

/** @throws UsageError for words that make no sense */
function configurationsIn({ config }: GateOptions): GateConfiguration[] {
  try {
    return configurationsOf(config ?? GATE_CONFIGURATIONS);
  } catch (error) {
    throw error instanceof ConfigError ? new UsageError(onOneLine(error.message)) : error;
  }
}

/** A cache that was asked for must be one; where the usual one cannot be, everything is compiled. */
function prepareCache(folder: string): void {
  try {
    makeFolder(folder);
    accessSync(folder, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw new UsageError(`cannot store compiled modules in ${folder}: ${reasonOf(error)}`);
  }
}

/** The options that decide what is found. */
function reportedOptions(options: GateOptions): GateOptionsReport {
  const { tree, patch, base, config, profile, only, judge, baseline, requireCoverage, image, proof } = options;
  return {
    tree,
    ...(patch === undefined ? {} : { patch }),
    ...(base === undefined ? {} : { base }),
    ...(config === undefined ? {} : { config }),
    profile,
    ...(only === undefined ? {} : { only }),
    ...(judge === "both" ? {} : { judge }),
    ...(baseline === undefined ? {} : { baseline }),
    ...(requireCoverage === true ? { requireCoverage } : {}),
    ...(image ? {} : { image }),
    ...(proof ? {} : { proof }),
    ...budgetOf(options),
  };
}

/**
 * Explores what is compiled while the rest is compiled.
 *
 * @param measures whether the layouts are checked as well
 * @param isAccepted whether a finding is known and accepted
 * @throws UsageError for a tree or a patch that makes no sense
 */
async function explored(
  { tree, patch, base, cache, clang, workers, progress, proof: asked }: GateOptions,
  configurations: readonly GateConfiguration[],
  request: GateRequest,
  measures: boolean,
  isAccepted: (finding: Finding) => boolean,
): Promise<Explored> {
  const display = new ProgressDisplay(progress);
  const choice = clangChoice(clang);
  const native = nativeClangGiven(choice);
  const builder = new ImageBuilder({
    clang: choice,
    onProgress: (built) => display.showBeside(buildLine(built)),
    ...(cache === false ? {} : { cacheFolder: cache }),
  });
  try {
    const input = {
      tree,
      ...(patch === undefined ? {} : { patch: await readPatch(patch) }),
      ...(base === undefined ? {} : { base }),
    };
    // What is read now: the tree may change while the rest goes on.
    const inputs = inputHashes(input);
    const preparation = prepare({
      ...input,
      configurations,
      ...(cache === false ? {} : { cacheFolder: cache }),
      layout: measures,
      races: raceOptimisations(request),
      ...(native === undefined ? {} : { native }),
    });
    // Until all of it is compiled there is nothing to report.
    const interrupts = { reportableFrom: Promise.all(preparation.units) };
    const present = presentConfigurations({ ...input, configurations });
    const { images, ...others } = gateImages(input, present, request, builder);
    void preparation.change?.then(
      (change) => announce(change, images.length > 0, display),
      () => {},
    );
    const exploring = runUntilInterrupted({ workers, display, ...interrupts }, async (run) => {
      const core = runGate(preparation.units, request, run, isAccepted, preparation.bases);
      const [result, image] = await Promise.all([
        core,
        runGateImages(images, request, run, isAccepted, interruptOf(core)),
      ]);
      return { ...result, image: { ...image, ...others } };
    });
    // An interrupt ends the measuring as well.
    const [result, layout] = await Promise.all([
      exploring,
      Promise.race([preparation.layout, interruptOf(exploring)]),
    ]).finally(preparation.stop);
    const proof = await gateProof(result, isAccepted, {
      asked,
      request,
      native,
      cacheFolder: cache === false ? undefined : cache,
      workers,
      display,
    });
    return { ...result, layout, proof, inputs };
  } catch (error) {
    if (error instanceof TreeError) {
      throw new UsageError(onOneLine(error.message));
    }
    if (error instanceof CompileError) {
      throw new UsageError(`${onOneLine(error.message)}; --no-image checks the functions at the core alone`);
    }
    if (error instanceof JobFailure && error.code === "not-deterministic") {
      // The machines are deterministic: what is left is state that no look at the text of the code has found. The advice to the
      // authors of machines is none to those of C code.
      throw new UsageError(
        `"${tree}" has C code that keeps state of its own, outside of the struct pages, which is not supported: ${error.place?.finding ?? error.message}`,
      );
    }
    throw error;
  } finally {
    await builder.close();
    display.clear();
  }
}

/** @throws UsageError for a program that cannot be used */
function nativeClangGiven(choice: ClangChoice): ReturnType<typeof nativeClangOf> {
  try {
    return nativeClangOf(choice);
  } catch (error) {
    throw error instanceof CompileError ? new UsageError(onOneLine(error.message)) : error;
  }
}

/** Settled when a run was interrupted; where none was, never. */
function interruptOf(result: Promise<Pick<GateRunResult, "outcomes">>): Promise<undefined> {
  return new Promise((resolve) => {
    void result.then(
      ({ outcomes }) => {
        if (outcomes.some(({ report }) => report.stopped === "interrupted")) {
          resolve(undefined);
        }
      },
      () => {},
    );
  });
}

/** Says before anything is explored which changed functions and lines no run will check. */
function announce(change: ChangedCode, hasImages: boolean, display: ProgressDisplay): void {
  for (const line of coverageNotice(hasImages ? outsideOfImage(change) : change)) {
    display.note(line);
  }
}

/** The change without what files of an image have: runs tell whether they reach that. */
function outsideOfImage({ functions, ...change }: ChangedCode): ChangedCode {
  return {
    ...change,
    functions: functions.map(({ why, ...each }) =>
      why === undefined || isOfImage(each.file) ? each : { ...each, why },
    ),
  };
}
