/** `foliocheck gate`. */
import { availableParallelism } from "node:os";
import { type Command, Option } from "commander";
import { CompileError } from "../gate/clang.ts";
import { type CompiledUnit, compileUnit, defaultCacheFolder } from "../gate/compile.ts";
import type { Mode } from "../gate/compiled-functions.ts";
import { configurationOf, GATE_CONFIGURATIONS, gateConfig } from "../gate/configurations.ts";
import { checkLayout, type LayoutReport } from "../gate/layout/check-layout.ts";
import { extractUnits, TreeError } from "../gate/source/extract-units.ts";
import { ConfigError, formatConfig } from "../model/config.ts";
import { runGate } from "../verify/gate.ts";
import { BASELINE_FILE, readBaseline, updatedBaseline } from "../verify/gate-baseline.ts";
import { layoutFindings } from "../verify/gate-findings.ts";
import { gateRuns } from "../verify/gate-plan.ts";
import { gateReport } from "../verify/gate-report.ts";
import { UsageError } from "../verify/usage-error.ts";
import { OutputFile } from "./output-file.ts";
import { addLimitOptions, addReportOptions, budgetOf, type SearchOptionValues, workerCount } from "./search-options.ts";
import { INTERRUPTED, openOutputs, runUntilInterrupted, writeReport } from "./session.ts";

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
  readonly cache: string | false;
  readonly workers: number;
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
    .option("--patch <file>", "apply a patch to a temporary copy first")
    .option("--base <folder>", "tree to compare with: which functions a change touches")
    .option("--config <words...>", "configurations, each as comma-separated words (default: all six)")
    .option("--profile <name>", "quick, ci or deep", "quick")
    .option("--only <machine>", "explore one machine")
    .addOption(
      new Option(
        "--judge <question>",
        "conformance: C code and model do the same; claims: for a patch that changes internals",
      )
        .choices(["both", "conformance", "claims"])
        .default("both"),
    )
    .option("--workers <n>", "runs to explore at one time", workerCount, availableParallelism())
    .option("--cache <folder>", "where compiled modules are kept", defaultCacheFolder())
    .option("--no-cache", "compile everything again")
    .optionsGroup("Known findings:")
    .option("--baseline <file>", `findings that are accepted (default: ${BASELINE_FILE}, if it is there)`)
    .option("--update-baseline", "accept what is found now: write the baseline")
    .option("--reason <text>", "with --update-baseline: why new findings are accepted");
  addLimitOptions(command);
  addReportOptions(command)
    .addHelpText(
      "after",
      `
Examples:
  foliocheck gate --tree linux
  foliocheck gate --tree linux --patch my.patch --base linux --reporter github
  foliocheck gate --tree linux --config no-page-mapcount --profile ci
  foliocheck gate --tree linux --update-baseline --reason "latent: no caller"`,
    )
    .action(async (options: GateOptions) => {
      exit(await gate(options));
    });
}

async function gate(options: GateOptions): Promise<number> {
  const { tree, patch, base, profile, only, judge, workers } = options;
  if (options.reason !== undefined && options.updateBaseline !== true) {
    throw new UsageError("--reason goes with --update-baseline");
  }
  // Before anything is compiled.
  gateRuns({ profile, ...(only === undefined ? {} : { only }) });
  const baselineFile = options.baseline ?? BASELINE_FILE;
  const baseline = readBaseline(baselineFile, options.baseline !== undefined && options.updateBaseline !== true);
  const baselineOutput = options.updateBaseline === true ? new OutputFile(baselineFile) : undefined;
  const outputs = openOutputs(options);
  const started = performance.now();
  const isWhole = only === undefined && judge === "both";
  const units = await quittable(() => compiledUnits(options));
  const request = {
    profile,
    budget: budgetOf(options),
    ...(only === undefined ? {} : { only }),
    ...(judge === "both" ? {} : { judge }),
  };
  // Layouts are measured in this thread while the workers explore.
  const [result, layout] = await Promise.all([
    runGate(units, request, (jobs) => runUntilInterrupted(jobs, { workers, progress: options.progress })),
    isWhole ? layoutOf(options) : undefined,
  ]);
  const name = [
    tree,
    ...(patch === undefined ? [] : [`with ${patch}`]),
    ...(base === undefined ? [] : [`against ${base}`]),
  ];
  const findings = [...result.findings, ...(layout === undefined ? [] : layoutFindings(layout))];
  const explored = units.map(({ fast: { unit } }) => formatConfig(gateConfig(unit.configuration)));
  const isComplete = isWhole && result.outcomes.every(({ report }) => report.stopped === undefined);
  const updated =
    baselineOutput &&
    updatedBaseline(
      findings,
      baseline,
      options.reason,
      (config) => isComplete && (explored.includes(config) || !GATE_CONFIGURATIONS.includes(config)),
    );
  if (baselineOutput !== undefined && updated !== undefined) {
    baselineOutput.write(updated.text);
  }
  const summary = gateReport({
    tree: name.join(" "),
    profile,
    units,
    ...result,
    findings,
    ...(layout === undefined ? {} : { layout }),
    baseline: updated?.entries ?? baseline,
    seconds: (performance.now() - started) / 1000,
  });
  return writeReport(summary, options, outputs);
}

/** Work before the first search: an interrupt ends it at once. */
async function quittable<T>(work: () => Promise<T>): Promise<T> {
  const quit = (): void => process.exit(INTERRUPTED);
  process.on("SIGINT", quit);
  process.on("SIGTERM", quit);
  try {
    return await work();
  } finally {
    process.off("SIGINT", quit);
    process.off("SIGTERM", quit);
  }
}

/** What the layouts of the tree's structs come to. */
async function layoutOf({ tree, patch }: GateOptions): Promise<LayoutReport> {
  return asked(() => checkLayout({ tree, ...(patch === undefined ? {} : { patch }) }));
}

/** Extracts and compiles the tree's functions, configuration by configuration. */
async function compiledUnits({ tree, patch, base, config, cache, progress }: GateOptions): Promise<CompiledUnit[]> {
  return asked(async () => {
    const units = await extractUnits({
      tree,
      configurations: (config ?? GATE_CONFIGURATIONS).map(configurationOf),
      ...(patch === undefined ? {} : { patch }),
      ...(base === undefined ? {} : { base }),
    });
    const compiled: CompiledUnit[] = [];
    for (const unit of units) {
      if (progress && process.stderr.isTTY === true) {
        process.stderr.write(`compiling configuration ${compiled.length + 1} of ${units.length}\n`);
      }
      compiled.push(await compileUnit(unit, cache === false ? undefined : cache));
    }
    return compiled;
  });
}

/** What a tree or a configuration cannot give is said in one line. */
async function asked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ConfigError || error instanceof TreeError || error instanceof CompileError) {
      throw new UsageError(error.message);
    }
    throw error;
  }
}
