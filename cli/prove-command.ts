/** `foliocheck prove`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { reasonOf } from "../files/error-reason.ts";
import { onOneLine } from "../files/one-line.ts";
import { makeTemporaryFolder, removeTemporaryFolder } from "../files/temporary-folder.ts";
import { userCacheFolder } from "../files/user-cache.ts";
import { readPatch } from "../gate/change/patch.ts";
import { CompileError } from "../gate/compile/clang.ts";
import { nativeUnits } from "../gate/compile/native-units.ts";
import { NPM_UNITS, type UnitCompiler } from "../gate/compile/unit-compiler.ts";
import { clangChoice, nativeClangOf } from "../gate/image/build/clang-choice.ts";
import { extractUnits, TreeError } from "../gate/preparation/extract-units.ts";
import { configurationsOf } from "../gate/unit/configurations.ts";
import { CONFIG_WORDS, ConfigError, formatConfig, parseConfig } from "../model/kernel/config.ts";
import { DEFAULT_KERNEL } from "../model/kernels/index.ts";
import { ASSUMPTIONS, ASSUMPTIONS_OF_C } from "../proof/assumptions.ts";
import { CallStopped } from "../proof/c/compiled-functions.ts";
import { type ProofModule, proofModule } from "../proof/c/proof-module.ts";
import { type SubjectResult, worstOf } from "../proof/proof-result.ts";
import { MODEL_CONFIGS, proveModelForEverySize, proveTree } from "../proof/prove.ts";
import { ANSWER_SECONDS } from "../proof/solver/panel.ts";
import { installedSolvers, type Solver, type SolverName } from "../proof/solver/solver.ts";
import type { FormulaOptions, QueryText } from "../proof/symbolic/prove-by-formulas.ts";
import { PROOF_REPORTERS, type ProofReporterName } from "../report/proof-reporters.ts";
import type { ProofReport } from "../verify/proof-report.ts";
import { REPORT_VERSION } from "../verify/report/report.ts";
import { configOf as kernelConfig, kernelOf, requireFit } from "../verify/request/kernel-choice.ts";
import { UsageError } from "../verify/request/usage-error.ts";
import { deliver } from "./delivery.ts";
import { ExitCode } from "./exit-code.ts";
import { OutputFile } from "./output-file.ts";
import { ProgressDisplay } from "./progress-display.ts";
import { provenanceOf } from "./provenance.ts";
import { reporterOption, secondCount, workerCount } from "./search-options.ts";
import { wantsColor } from "./session.ts";
import { solverOption, solversNamed } from "./solver-option.ts";

interface ProveOptions {
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
  readonly reporter: ProofReporterName;
  readonly output?: string;
  readonly progress: boolean;
}

/** Configurations of a tree: owner tracking is CONFIG_MM_ID. */
const TREE_CONFIGS: readonly string[] = [
  "page-mapcount,64bit",
  "no-page-mapcount,64bit",
  "page-mapcount,32bit",
  "no-page-mapcount,32bit",
];

/** Adds the command. @param exit gets the exit code */
export function addProveCommand(program: Command, exit: (code: number) => void): void {
  program
    .command("prove")
    .summary("prove owner tracking for any number of MMs")
    .description(
      "Proves the claims about MM owner tracking for any number of MMs, by an inductive invariant: of the model by enumeration, of the C " +
        "functions of a kernel tree also by formulas about the compiled code, for any folio size and all values. For these, a solver " +
        "is needed: z3 or cvc5 on the PATH, or the npm package z3-solver.",
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
      exit(await prove(options, self));
    });
}

async function prove(options: ProveOptions, command: Command): Promise<number> {
  const { tree, patch, variant, output, reporter, progress } = options;
  if (tree === undefined && patch !== undefined) {
    throw new UsageError("--patch goes with --tree");
  }
  if (tree !== undefined && variant !== undefined) {
    throw new UsageError("--variant is a kernel of the model, and --tree C code: give one of them");
  }
  const file = output === undefined ? undefined : new OutputFile(output);
  if (options.smtOut !== undefined) {
    makeQueryFolder(options.smtOut);
  }
  const started = performance.now();
  const display = new ProgressDisplay(progress);
  try {
    const subjects = await (tree === undefined ? provedModels(options, display) : provedTrees(tree, options, display));
    const report: ProofReport = {
      format: "foliocheck-report",
      version: REPORT_VERSION,
      command: "prove",
      verdict: worstOf(subjects.map(({ verdict }) => verdict)),
      ...(tree === undefined ? {} : { tree }),
      ...(patch === undefined ? {} : { patch }),
      subjects,
      assumptions: [...ASSUMPTIONS, ...(tree === undefined ? [] : ASSUMPTIONS_OF_C)],
      seconds: (performance.now() - started) / 1000,
      provenance: provenanceOf(command),
    };
    return await deliver({
      report: () => PROOF_REPORTERS[reporter](report, { color: file === undefined && wantsColor(process.stdout) }),
      output: file,
      code: exitCodeOfProof(report),
    });
  } finally {
    display.clear();
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

/** @throws UsageError for a kernel that there is not, or words that make no configuration with owner tracking */
async function provedModels(options: ProveOptions, display: ProgressDisplay): Promise<SubjectResult[]> {
  const { variant = DEFAULT_KERNEL, config = MODEL_CONFIGS } = options;
  requireFit(variant, "owner-tracking");
  const configs = config.map((words) => kernelConfig(variant, words));
  if (configs.some(({ mmId }) => !mmId)) {
    throw new UsageError("no-mm-id has no owner tracking to prove");
  }
  const solvers = options.solver === undefined ? installedSolvers() : solversNamed(options.solver);
  const results: SubjectResult[] = [];
  for (const each of configs) {
    const kernel = kernelOf(variant, each);
    results.push(await proveModelForEverySize(kernel, formulaOptions(options, solvers, formatConfig(each), display)));
  }
  return results;
}

/** How formulas are proved: queries are counted, and written where that is asked for. */
function formulaOptions(
  { cache, timeout, workers, smtOut }: ProveOptions,
  solvers: readonly Solver[],
  config: string,
  display: ProgressDisplay,
): FormulaOptions {
  let queries = 0;
  const onQuery = ({ name, text }: QueryText): void => {
    queries += 1;
    display.show(`${config}: ${queries} queries`);
    if (smtOut !== undefined) {
      const file = `${config} ${String(queries).padStart(3, "0")} ${name}.smt2`;
      writeFileSync(join(smtOut, file.replace(/[^\w.-]+/g, "_")), text);
    }
  };
  return { solvers, timeout, workers, onQuery, ...(cache === false ? {} : { cacheFolder: cache }) };
}

/** Runs something that may refuse a configuration. */
function asUsage<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof ConfigError ? new UsageError(error.message) : error;
  }
}

/** @throws UsageError for a tree, a patch or a compiler that cannot be used, or where there is no solver */
async function provedTrees(tree: string, options: ProveOptions, display: ProgressDisplay): Promise<SubjectResult[]> {
  const solvers = solversOf(options);
  display.show("compiling");
  const modules = await compiledModules(tree, options);
  const results: SubjectResult[] = [];
  for (const [first, ...same] of grouped(modules)) {
    const config = configOf(first);
    const proof = proveTree(first, {
      ...formulaOptions(options, solvers, config, display),
      also: same.map(configOf),
    });
    results.push(await proof.catch((error: unknown) => refuse(config, error)));
  }
  return results;
}

/** @throws UsageError for code that cannot be executed at all */
function refuse(config: string, error: unknown): never {
  throw error instanceof CallStopped ? new UsageError(`cannot prove ${config}: ${error.message}`) : error;
}

function configOf({ configuration }: ProofModule): string {
  return formatConfig(
    parseConfig(
      [
        configuration.pageMapcount ? "page-mapcount" : "no-page-mapcount",
        configuration.is64Bit ? "64bit" : "32bit",
      ].join(),
    ),
  );
}

/** Modules in groups of the same code. */
function grouped(modules: readonly ProofModule[]): (readonly [ProofModule, ...ProofModule[]])[] {
  const groups = new Map<string, [ProofModule, ...ProofModule[]]>();
  for (const module of modules) {
    const group = groups.get(module.digest);
    if (group === undefined) {
      groups.set(module.digest, [module]);
    } else {
      group.push(module);
    }
  }
  return [...groups.values()];
}

/** @throws UsageError where a solver is asked for that there is not, or there is none */
function solversOf({ solver }: ProveOptions): Solver[] {
  const found = solver === undefined ? installedSolvers() : solversNamed(solver);
  if (found.length === 0) {
    throw new UsageError("there is no solver: install z3 or cvc5, or the npm package z3-solver");
  }
  return found;
}

function makeQueryFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new UsageError(`cannot write ${folder}: ${reasonOf(error)}`);
  }
}

async function compiledModules(tree: string, options: ProveOptions): Promise<ProofModule[]> {
  const { patch, config = TREE_CONFIGS, clang, cache } = options;
  const configurations = asUsage(() => configurationsOf(config));
  if (configurations.some(({ mmId }) => !mmId)) {
    throw new UsageError("no-mm-id has no owner tracking to prove");
  }
  const folder = makeTemporaryFolder();
  try {
    const native = nativeClangOf(clangChoice(clang));
    const compiler: UnitCompiler = native === undefined ? NPM_UNITS : nativeUnits(native, folder);
    const units = await extractUnits({
      tree,
      configurations,
      ...(patch === undefined ? {} : { patch: await readPatch(patch) }),
    });
    const modules: ProofModule[] = [];
    for (const unit of units) {
      modules.push(await proofModule(unit, cache === false ? undefined : cache, compiler));
    }
    return modules;
  } catch (error) {
    throw error instanceof CompileError || error instanceof TreeError
      ? new UsageError(onOneLine(error.message))
      : error;
  } finally {
    removeTemporaryFolder(folder);
  }
}
