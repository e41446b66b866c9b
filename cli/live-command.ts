/** Command `foliocheck live`. */

import { type Command, InvalidArgumentError } from "commander";
import { STANDARD_INPUT } from "../files/read-input.ts";
import { type LiveWalk, liveTrace, liveWalk } from "../live/index.ts";
import type { LiveReport } from "../live/run/report.ts";
import { LIVE_SCOPES } from "../live/walk/scopes.ts";
import { json } from "../report/json/json.ts";
import { LIVE_REPORTERS } from "../report/live-reporters.ts";
import { REPORTERS, type ReporterName } from "../report/reporters.ts";
import { diagnosticText } from "../report/text/diagnostic.ts";
import { liveProgressLine } from "../report/text/progress.ts";
import { machineNamed } from "../verify/job/job.ts";
import type { Provenance } from "../verify/report/report.ts";
import { UsageError } from "../verify/request/usage-error.ts";
import { isImageTrace } from "../verify/trace/image-trace.ts";
import { deliver } from "./delivery.ts";
import { exitCodeOf } from "./exit-code.ts";
import { untilInterrupted } from "./interrupts.ts";
import { OutputFile } from "./output-file.ts";
import { ProgressDisplay } from "./progress-display.ts";
import { provenanceOf } from "./provenance.ts";
import { colorOption, openReports, type ReporterOptionValues, reporterOption } from "./reporter-option.ts";
import { addBoundOptions, atLeastOne, type Bounded, boundsGiven, secondCount, wholeNumber } from "./search-options.ts";
import { readTraceFile } from "./trace-input.ts";

interface LiveOptions extends ReporterOptionValues<ReporterName> {
  readonly variant?: string;
  readonly steps?: number;
  readonly seed?: number;
  readonly timeout?: number;
  readonly traceOut?: string;
  readonly reproOut?: string;
  readonly progress: boolean;
  readonly [bound: string]: unknown;
}

/** Number of seeds: fast-check's are 32-bit integers. */
const SEEDS = 2 ** 31;

/** The scopes with the bounds of their machines; the defaults are those of tours. */
const SUBJECTS: readonly Bounded[] = LIVE_SCOPES.map(({ name, machine, tour }) => ({
  name,
  bounds: machineNamed(machine)
    .bounds.filter((bound) => bound.name !== "pmd")
    .map((bound) => ({ ...bound, default: tour[bound.name] ?? bound.default })),
}));

/** Adds the command. @param exit called with the exit code */
export function addLiveCommand(program: Command, exit: (code: number) => void): void {
  const command = program
    .command("live")
    .summary("compare the model with the running kernel")
    .description(
      "Walks the model's states on real processes and real folios, and compares the observable state after each step. " +
        "Requires root, Linux 6.15 or later with transparent huge pages, and a C compiler.",
    )
    .argument(
      "[scope]",
      `${LIVE_SCOPES.map(({ name, summary }) => `${name} (${summary})`).join("; ")}; or a trace file of an mm image, ` +
        "whose steps are taken instead",
      LIVE_SCOPES[0]?.name,
    )
    .optionsGroup("Walk:")
    .option(
      "--steps <n>",
      "take random walks of n steps in total, instead of a tour of every state and call",
      atLeastOne,
    )
    .option("--seed <n>", "seed of the random walks (default: a random one, which the report contains)", seed)
    .option("--timeout <time>", "stop after this time, such as 90, 10m or 8h (incomplete, exit code 3)", secondCount)
    .optionsGroup("Model:")
    .option("--variant <name>", "compare with a faulty or changed kernel instead of v7.1");
  addBoundOptions(command.optionsGroup("Bounds (the defaults are those of tours):"), SUBJECTS);
  command
    .optionsGroup("Output:")
    .addOption(reporterOption(Object.keys(REPORTERS)))
    .option("--output <file>", "write the report to a file instead of standard output")
    .addOption(colorOption())
    .option("--trace-out <file>", "write the trace of the difference to a file, as JSON")
    .option("--repro-out <file>", "write a C program that shows the difference to a file")
    .option("--no-progress", "do not show progress on standard error")
    .addHelpText(
      "after",
      `
Examples:
  foliocheck live                                   a tour of the states of three processes
  foliocheck live cow --reporter json
  foliocheck live anon --steps 100000 --seed 1      random walks at larger bounds
  foliocheck live cow --variant reuse-last-page --repro-out repro.c
  foliocheck live trace.json                        the steps of a trace of foliocheck image`,
    )
    .action(async (scope: string, options: LiveOptions, self: Command) => {
      exit(await live(scope, options, provenanceOf(self)));
    });
}

function seed(text: string): number {
  const value = wholeNumber(text);
  if (value >= SEEDS) {
    throw new InvalidArgumentError(`Want 0 … ${SEEDS - 1}.`);
  }
  return value;
}

async function live(scope: string, options: LiveOptions, provenance: Provenance): Promise<number> {
  if (options.seed !== undefined && options.steps === undefined) {
    throw new UsageError("--seed is for random walks: give their length with --steps");
  }
  const walk = isScope(scope) ? walkOf(scope, options) : await traceOf(scope, options);
  const { traceOut, reproOut } = options;
  const reports = openReports(options, [
    ["--trace-out", traceOut],
    ["--repro-out", reproOut],
  ]);
  const [traceOutput, reproOutput] = [traceOut, reproOut].map((name) =>
    name === undefined ? undefined : new OutputFile(name),
  );
  const report = { ...(await walkWithProgress(walk, options)), provenance };
  return deliver({
    reports,
    text: (format, { written, ...print }) =>
      LIVE_REPORTERS[format](report, {
        ...print,
        ...(traceOutput !== undefined && written.has(traceOutput) && { traceFile: traceOutput.name }),
      }),
    files: report.differences
      .slice(0, 1)
      .flatMap(({ trace, reproducer }) => [
        ...(traceOutput === undefined ? [] : [{ file: traceOutput, content: json(trace) }]),
        ...(reproOutput === undefined ? [] : [{ file: reproOutput, content: reproducer }]),
      ]),
    code: exitCodeOf(report.verdict),
  });
}

/** Whether the argument is a scope, correct or misspelt, and not a file name. */
function isScope(argument: string): boolean {
  return LIVE_SCOPES.some(({ name }) => name === argument) || !(argument === STANDARD_INPUT || /[./]/.test(argument));
}

function walkOf(scope: string, options: LiveOptions): LiveWalk {
  return liveWalk({
    scope,
    bounds: boundsGiven(options, SUBJECTS),
    ...(options.variant !== undefined && { kernel: options.variant }),
    ...(options.steps !== undefined && {
      random: { steps: options.steps, seed: options.seed ?? Math.floor(Math.random() * SEEDS) },
    }),
  });
}

async function traceOf(file: string, options: LiveOptions): Promise<LiveWalk> {
  const extraOptions = [
    ...Object.keys(boundsGiven(options, SUBJECTS)),
    ...(["variant", "steps"] as const).filter((name) => options[name] !== undefined),
  ];
  if (extraOptions.length > 0) {
    throw new UsageError(`a trace determines the steps and the bounds: omit --${extraOptions[0]}`);
  }
  const trace = await readTraceFile(file);
  if (!isImageTrace(trace)) {
    throw new UsageError(
      `live takes the steps of a trace of machine image, and ${file} is one of ${trace.machine}: foliocheck repro makes a program of it`,
    );
  }
  return liveTrace(trace, diagnosticText);
}

/** Takes the walk with a progress display, and ends it at an interrupt. */
async function walkWithProgress(walk: LiveWalk, { timeout, progress }: LiveOptions): Promise<LiveReport> {
  const display = new ProgressDisplay(progress);
  try {
    return await untilInterrupted({ onInterrupt: () => display.showInterrupted() }, (signal) =>
      walk.take({
        signal,
        ...(timeout === undefined ? {} : { timeout }),
        onProgress: (walkProgress) => display.show(liveProgressLine(walkProgress)),
        onWait: () => display.show("waiting for another foliocheck live to end"),
      }),
    );
  } finally {
    display.clear();
  }
}
