/** `foliocheck prove`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { reasonOf } from "../files/error-reason.ts";
import { userCacheFolder } from "../files/user-cache.ts";
import { CONFIG_WORDS } from "../model/kernel/config.ts";
import { ANSWER_SECONDS } from "../proof/solver/panel.ts";
import type { SolverName } from "../proof/solver/solver.ts";
import type { QueryText } from "../proof/symbolic/prove-by-formulas.ts";
import { PROOF_REPORTERS, type ProofReporterName } from "../report/proof-reporters.ts";
import type { ProofReport } from "../verify/proof-report.ts";
import { type ProveSettings, prove, requireConsistent } from "../verify/prove.ts";
import { UsageError } from "../verify/request/usage-error.ts";
import { deliver } from "./delivery.ts";
import { ExitCode } from "./exit-code.ts";
import { ProgressDisplay } from "./progress-display.ts";
import { provenanceOf } from "./provenance.ts";
import {
  colorOption,
  openReports,
  type ReporterOptionValues,
  reporterOption,
  verboseOption,
} from "./reporter-option.ts";
import { secondCount, workerCount } from "./search-options.ts";
import { solverOption, solversNamed } from "./solver-option.ts";

interface ProveOptions extends ReporterOptionValues<ProofReporterName> {
  readonly tree?: string;
  readonly patch?: string;
  readonly variant?: string;
  readonly config?: readonly string[];
  readonly solver?: readonly SolverName[];
  readonly timeout: number;
  readonly smtOut?: string;
  readonly clang: string;
  readonly cache: string | false;
  readonly workers: number;
  readonly progress: boolean;
}

/** Adds the command. @param exit gets the exit code */
export function addProveCommand(program: Command, exit: (code: number) => void): void {
  program
    .command("prove")
    .summary("prove owner tracking for any number of MMs")
    .description(
      "Proves the claims about MM owner tracking for any number of MMs, by an inductive invariant: of the model's functions " +
        "or of the C of a kernel tree; without page mapcounts also those about the statistics of mapped pages. By " +
        "enumeration for small folios, and by formulas for any folio size and all values. " +
        "Formulas need a solver: z3 or cvc5 on the PATH, or the npm package z3-solver.",
    )
    .optionsGroup("Kernel:")
    .option("--tree <folder>", "kernel source tree, or a folder with the files that are needed; the model without it")
    .option("--patch <file>", "a patch, applied in memory first; - for standard input")
    .option("--variant <name>", "a faulty or changed kernel of the model")
    .option("--config <words...>", `configurations, each as comma-separated words: ${CONFIG_WORDS.join(", ")}`)
    .option("--clang <choice>", "auto, npm, or a program: clang 16 or later with wasm-ld", "auto")
    .optionsGroup("Solvers:")
    .addOption(solverOption())
    .option("--timeout <time>", "for one answer, in seconds, or 10m; then it is unknown", secondCount, ANSWER_SECONDS)
    .option("--smt-out <folder>", "write every query as SMT-LIB 2")
    .option("--workers <n>", "queries to answer at one time", workerCount, availableParallelism())
    .option("--cache <folder>", "where compiled modules and answers are kept", userCacheFolder())
    .option("--no-cache", "compile everything, and ask everything again")
    .optionsGroup("Output:")
    .addOption(reporterOption(Object.keys(PROOF_REPORTERS)))
    .option("--output <file>", "write the report to a file instead of standard output")
    .addOption(colorOption())
    .addOption(verboseOption())
    .option("--no-progress", "do not show progress on standard error")
    .addHelpText(
      "after",
      `
Examples:
  foliocheck prove
  foliocheck prove --variant shared-cleared-with-slot
  foliocheck prove --tree linux
  foliocheck prove --tree linux --patch my.patch --config 32bit --solver z3 --smt-out queries`,
    )
    .action(async (options: ProveOptions, self: Command) => {
      exit(await runProve(options, self));
    });
}

async function runProve(options: ProveOptions, command: Command): Promise<number> {
  const { progress, smtOut } = options;
  const settings = settingsOf(options);
  // Checked before a file or a folder is created.
  requireConsistent(settings);
  const reports = openReports(options);
  if (smtOut !== undefined) {
    makeQueryFolder(smtOut);
  }
  const display = new ProgressDisplay(progress);
  try {
    const proved = await prove(settings, {
      onCompile: () => display.show("compiling"),
      onQuery: (label, number, query) => {
        display.show(`${label}: query ${number}`);
        if (smtOut !== undefined) {
          writeQuery(smtOut, label, number, query);
        }
      },
    });
    const report = { ...proved, provenance: provenanceOf(command) };
    return await deliver({
      reports,
      text: (format, medium) => PROOF_REPORTERS[format](report, medium),
      code: exitCodeOfProof(report),
    });
  } finally {
    display.clear();
  }
}

function settingsOf(options: ProveOptions): ProveSettings {
  const { tree, patch, variant, config, solver, timeout, clang, cache, workers } = options;
  return {
    ...(tree === undefined ? {} : { tree }),
    ...(patch === undefined ? {} : { patch }),
    ...(variant === undefined ? {} : { variant }),
    ...(config === undefined ? {} : { config }),
    ...(solver === undefined ? {} : { solvers: solversNamed(solver) }),
    timeout,
    clang,
    ...(cache === false ? {} : { cacheFolder: cache }),
    workers,
  };
}

function writeQuery(folder: string, label: string, number: number, { name, text }: QueryText): void {
  const file = `${label} ${String(number).padStart(3, "0")} ${name}.smt2`;
  writeFileSync(join(folder, file.replace(/[^\w.-]+/g, "_")), text);
}

function makeQueryFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new UsageError(`cannot write ${folder}: ${reasonOf(error)}`);
  }
}

function exitCodeOfProof({ verdict }: ProofReport): number {
  switch (verdict) {
    case "proved":
      return ExitCode.expected;
    case "refuted":
      return ExitCode.failed;
    case "not inductive":
    case "unknown":
      return ExitCode.incomplete;
  }
}
