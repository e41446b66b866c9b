/** Proves owner tracking and rmap accounting for any number of MMs: of kernels of the model, or of the C of a tree. */
import { availableParallelism } from "node:os";
import { onOneLine } from "../files/one-line.ts";
import { makeTemporaryFolder, removeTemporaryFolder } from "../files/temporary-folder.ts";
import { readPatch } from "../gate/change/patch.ts";
import { CompileError } from "../gate/compile/clang.ts";
import { nativeUnits } from "../gate/compile/native-units.ts";
import { NPM_UNITS, type UnitCompiler } from "../gate/compile/unit-compiler.ts";
import { clangChoice, nativeClangOf } from "../gate/image/build/clang-choice.ts";
import { extractUnits, TreeError } from "../gate/preparation/extract-units.ts";
import { configurationsOf } from "../gate/unit/configurations.ts";
import { ConfigError, formatConfig, parseConfig } from "../model/kernel/config.ts";
import { DEFAULT_KERNEL } from "../model/kernels/index.ts";
import { ASSUMPTIONS, ASSUMPTIONS_OF_ACCOUNTING, ASSUMPTIONS_OF_C } from "../proof/assumptions.ts";
import { CallStopped } from "../proof/c/compiled-functions.ts";
import { canBeAccounted, type ProofModule, proofModule } from "../proof/c/proof-module.ts";
import { type SubjectResult, worstOf } from "../proof/proof-result.ts";
import {
  hasAccounting,
  MODEL_CONFIGS,
  proveModelAccountingForEverySize,
  proveModelForEverySize,
  proveTree,
  proveTreeAccounting,
} from "../proof/prove.ts";
import { ANSWER_SECONDS } from "../proof/solver/panel.ts";
import { installedSolvers, type Solver } from "../proof/solver/solver.ts";
import type { FormulaOptions, QueryText } from "../proof/symbolic/prove-by-formulas.ts";
import type { Topic } from "../proof/theory.ts";
import type { ProofReport } from "./proof-report.ts";
import { REPORT_VERSION } from "./report/report.ts";
import { configOf as kernelConfig, kernelOf, requireFit } from "./request/kernel-choice.ts";
import { UsageError } from "./request/usage-error.ts";

/** Configurations of a tree: owner tracking is CONFIG_MM_ID. */
const TREE_CONFIGS: readonly string[] = [
  "page-mapcount,64bit",
  "no-page-mapcount,64bit",
  "page-mapcount,32bit",
  "no-page-mapcount,32bit",
];

/** Settings of a proof. */
export interface ProveSettings {
  /** Folder of a kernel source tree; a kernel of the model is proved when absent. */
  readonly tree?: string;
  /** A patch file, which is applied to the tree in memory; `-` is standard input. */
  readonly patch?: string;
  /** Name of a kernel of the model; the newest release when absent. */
  readonly variant?: string;
  /** Configurations, in the words of `--config`; every one when absent. */
  readonly config?: readonly string[];
  /** Every installed one when absent. */
  readonly solvers?: readonly Solver[];
  /** Seconds for one answer. */
  readonly timeout?: number;
  /** `auto`, `npm`, or a program: `auto` when absent. */
  readonly clang?: string;
  /** Folder in which compiled modules and answers are cached; nothing is cached when absent. */
  readonly cacheFolder?: string;
  /** Queries that are answered at one time. */
  readonly workers?: number;
}

/** Called while a proof is under way. */
export interface ProveHooks {
  readonly onCompile?: () => void;
  /**
   * @param label configuration and topic
   * @param number from 1, for each of them
   */
  readonly onQuery?: (label: string, number: number, query: QueryText) => void;
}

/**
 * Proves, and reports.
 *
 * @throws UsageError for settings that contradict each other, and a kernel, tree, patch or compiler that cannot be used
 */
export async function prove(
  settings: ProveSettings = {},
  hooks: ProveHooks = {},
): Promise<Omit<ProofReport, "provenance">> {
  const { tree, patch } = settings;
  requireConsistent(settings);
  const started = performance.now();
  const subjects = await (tree === undefined ? provedModels(settings, hooks) : provedTrees(tree, settings, hooks));
  return {
    format: "foliocheck-report",
    version: REPORT_VERSION,
    command: "prove",
    verdict: worstOf(subjects.map(({ verdict }) => verdict)),
    ...(tree === undefined ? {} : { tree }),
    ...(patch === undefined ? {} : { patch }),
    subjects,
    assumptions: [
      ...ASSUMPTIONS,
      ...(tree === undefined ? [] : ASSUMPTIONS_OF_C),
      ...(subjects.some(({ topic }) => topic === "accounting") ? ASSUMPTIONS_OF_ACCOUNTING : []),
    ],
    seconds: (performance.now() - started) / 1000,
  };
}

/** @throws UsageError for settings that contradict each other */
export function requireConsistent({ tree, patch, variant }: ProveSettings): void {
  if (tree === undefined && patch !== undefined) {
    throw new UsageError("--patch goes with --tree");
  }
  if (tree !== undefined && variant !== undefined) {
    throw new UsageError("--variant is a kernel of the model, and --tree C code: give one of them");
  }
}

/** @throws UsageError for a kernel that there is not, or words that make no configuration with owner tracking */
async function provedModels(settings: ProveSettings, hooks: ProveHooks): Promise<SubjectResult[]> {
  const { variant = DEFAULT_KERNEL, config = MODEL_CONFIGS } = settings;
  requireFit(variant, "owner-tracking");
  const configs = config.map((words) => kernelConfig(variant, words));
  if (configs.some(({ mmId }) => !mmId)) {
    throw new UsageError("no-mm-id has no owner tracking to prove");
  }
  const solvers = settings.solvers ?? installedSolvers();
  const results: SubjectResult[] = [];
  for (const each of configs) {
    const kernel = kernelOf(variant, each);
    const config = formatConfig(each);
    const tracking = await proveModelForEverySize(kernel, formulaOptions(settings, solvers, config, hooks));
    results.push(tracking);
    if (hasAccounting(kernel)) {
      const options = formulaOptions(settings, solvers, withAccounting(config), hooks);
      results.push(await proveModelAccountingForEverySize(kernel, tracking, options));
    }
  }
  return results;
}

/** Distinguishes the queries about accounting in a configuration from those about owner tracking. */
function withAccounting(config: string): string {
  return `${config} accounting`;
}

/** Options of a proof by formulas, in which queries are counted. @param label of the queries */
function formulaOptions(
  { cacheFolder, timeout = ANSWER_SECONDS, workers = availableParallelism() }: ProveSettings,
  solvers: readonly Solver[],
  label: string,
  { onQuery }: ProveHooks,
): FormulaOptions {
  let queries = 0;
  return {
    solvers,
    timeout,
    workers,
    onQuery: (query) => {
      queries += 1;
      onQuery?.(label, queries, query);
    },
    ...(cacheFolder === undefined ? {} : { cacheFolder }),
  };
}

/** Runs `run`. @throws UsageError where it refuses a configuration */
function asUsage<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof ConfigError ? new UsageError(error.message) : error;
  }
}

/** @throws UsageError for a tree, a patch or a compiler that cannot be used, or where there is no solver */
async function provedTrees(tree: string, settings: ProveSettings, hooks: ProveHooks): Promise<SubjectResult[]> {
  const solvers = settings.solvers ?? installedSolvers();
  if (solvers.length === 0) {
    throw new UsageError("there is no solver: install z3 or cvc5, or the npm package z3-solver");
  }
  hooks.onCompile?.();
  const { tracking, accounting } = await compiledModules(tree, settings);
  const proved: SubjectResult[] = [];
  for (const [first, ...same] of grouped(tracking)) {
    proved.push(await provedTree(first, same.map(configOf), settings, solvers, hooks));
  }
  const results = [...proved];
  for (const [first, ...same] of grouped(accounting)) {
    const config = configOf(first);
    const also = same.map(configOf);
    const ofConfig = proved.find(({ subject }) => configsOf(subject).includes(config));
    if (ofConfig !== undefined) {
      results.push(await provedTree(first, also, settings, solvers, hooks, ofConfig));
    }
  }
  return results;
}

/** Proves a module. @param tracking the proof of owner tracking, where the module is one of accounting */
async function provedTree(
  module: ProofModule,
  also: readonly string[],
  settings: ProveSettings,
  solvers: readonly Solver[],
  hooks: ProveHooks,
  tracking?: SubjectResult,
): Promise<SubjectResult> {
  const config = configOf(module);
  const label = tracking === undefined ? config : withAccounting(config);
  const options = { ...formulaOptions(settings, solvers, label, hooks), also };
  const proof = tracking === undefined ? proveTree(module, options) : proveTreeAccounting(module, tracking, options);
  return proof.catch((error: unknown) => refuse(config, error));
}

function configsOf(subject: SubjectResult["subject"]): readonly string[] {
  return subject.kind === "tree" ? [subject.config, ...subject.also] : [subject.config];
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

/** Modules by topic. */
type Modules = { readonly [topic in Topic]: readonly ProofModule[] };

async function compiledModules(tree: string, settings: ProveSettings): Promise<Modules> {
  const { patch, config = TREE_CONFIGS, clang = "auto", cacheFolder } = settings;
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
    const modules = { tracking: [] as ProofModule[], accounting: [] as ProofModule[] };
    for (const unit of units) {
      modules.tracking.push(await proofModule(unit, cacheFolder, compiler));
      if (canBeAccounted(unit)) {
        modules.accounting.push(await proofModule(unit, cacheFolder, compiler, "accounting"));
      }
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
