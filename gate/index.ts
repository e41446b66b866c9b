/**
 * Gate as a function: checks a kernel tree, or a patch to one. It compiles and explores concurrently; its report
 * contains the functions in scope, the mm images, the layouts of struct page and struct folio, and the proof of owner
 * tracking.
 */

import { availableParallelism } from "node:os";
import type { Budget } from "../explore/search/budget.ts";
import { onOneLine } from "../files/one-line.ts";
import type { StopSignal } from "../files/stop-signal.ts";
import { ConfigError, formatConfig } from "../model/kernel/config.ts";
import type { Solver } from "../proof/solver/solver.ts";
import { JobFailure, Pool, type RunProgress } from "../verify/pool.ts";
import type { BaselineEntry, GateOptionsReport, GateReport } from "../verify/report/report.ts";
import { UsageError } from "../verify/request/usage-error.ts";
import type { Shard } from "../verify/shard/shard.ts";
import type { Mode } from "./adapter/compiled-functions.ts";
import { inputHashes } from "./change/input-hashes.ts";
import { readPatch } from "./change/patch.ts";
import { CompileError } from "./compile/clang.ts";
import { type ClangChoice, clangChoice, nativeClangOf } from "./image/build/clang-choice.ts";
import { type BuildProgress, ImageBuilder } from "./image/image-builder.ts";
import { presentConfigurations } from "./preparation/extract-units.ts";
import { prepare } from "./preparation/preparation.ts";
import type { RunJobs } from "./run/base.ts";
import { acceptedBy, updatedBaseline } from "./run/baseline.ts";
import { gateCommand } from "./run/command.ts";
import { runGateImages } from "./run/explore-images.ts";
import { type GateRunResult, runGate } from "./run/explore-units.ts";
import type { Finding } from "./run/findings.ts";
import { findingsOfPart, type GatePart, reportOfPart } from "./run/gate-part.ts";
import { gateShard } from "./run/gate-shard.ts";
import { imageResults } from "./run/image-part.ts";
import { gateImages } from "./run/images.ts";
import { isComplete } from "./run/outcome.ts";
import { DEFAULT_GATE_PROFILE, raceOptimisations, requireJobs } from "./run/plan.ts";
import { wasChecked } from "./run/report.ts";
import type { GateRequest } from "./run/request.ts";
import { sourceShapes } from "./run/source-shape.ts";
import { gateProof } from "./run/tree-proof.ts";
import { unitResults } from "./run/unit-part.ts";
import type { ChangedCode } from "./tree/changed-code.ts";
import type { GateConfiguration } from "./tree/configuration.ts";
import { TreeError } from "./tree/tree-error.ts";
import { configurationsOf, GATE_CONFIGURATIONS, gateConfig } from "./unit/configurations.ts";

/** Settings of a gate. */
export interface GateSettings {
  /** Folder of a kernel source tree. */
  readonly tree: string;
  /** Patch file, which is applied in memory; `-` is standard input. */
  readonly patch?: string;
  /** Folder of the base tree. Default: with a patch, the tree without it; else none. */
  readonly base?: string;
  /** Configurations in the syntax of `--config`; all when absent. */
  readonly config?: readonly string[];
  /** Name of the profile; `quick` when absent. */
  readonly profile?: string;
  /** Name of the only machine to explore; all when absent. */
  readonly only?: string;
  /** The only mode to explore; both when absent. */
  readonly judge?: Mode;
  /** False leaves out mm images. */
  readonly image?: false;
  /** False leaves out the proof of owner tracking. */
  readonly proof?: false;
  /** Solvers of the proof, which must agree; the installed ones of z3 and cvc5 when absent. */
  readonly solvers?: readonly Solver[];
  /** Time limit of one solver query, in seconds; a minute if absent. */
  readonly solverTimeout?: number;
  /** Whether unchecked parts of a change make the verdict incomplete. */
  readonly requireCoverage?: true;
  /** Limits of each run. */
  readonly budget?: Budget;
  /** `auto`, `npm`, or a program; `auto` when absent. */
  readonly clang?: string;
  /** Folder of the cache of compiled code; no cache when absent. */
  readonly cacheFolder?: string;
  /** Number of concurrent runs; the number of processors when absent. */
  readonly workers?: number;
  /** Name of the baseline file, for the report. */
  readonly baselineFile?: string;
  /** The part of a shard; the whole gate when absent. */
  readonly shard?: Shard;
}

/** Callbacks of a gate, and its abort signal. */
export interface GateHooks {
  /** Ends the gate when aborted: the report then contains the results so far, as incomplete. */
  readonly signal?: StopSignal;
  readonly onRun?: (progress: RunProgress) => void;
  /** Called while mm images are built, and with undefined when all are built. */
  readonly onBuild?: (progress: BuildProgress | undefined) => void;
  /**
   * Called before the exploration with the difference between the tree and its base.
   *
   * @param hasImages whether mm images are explored
   */
  readonly onChange?: (change: ChangedCode, hasImages: boolean) => void;
  /** Called when everything is compiled: an interrupt after this still gives a report. */
  readonly onCompiled?: () => void;
  /** Called when every run has ended and the proof begins. */
  readonly onProof?: () => void;
}

/** Results of a gate, before the comparison with a baseline. */
export interface GateResult {
  readonly findings: readonly Finding[];
  /** SHA-256 of the inputs, by option. */
  readonly inputs: { readonly [option: string]: string };
  /** The results as JSON values, which mergedGate() puts together with those of other shards. */
  readonly part: GatePart;
  /** Creates the report. @param baseline accepted findings */
  readonly report: (baseline: readonly BaselineEntry[]) => GateReport;
  /**
   * Creates a baseline that accepts the findings. Entries for unchecked configurations are retained.
   *
   * @param reason reason for accepting new findings
   * @throws UsageError if there are new findings and no reason
   */
  readonly updatedBaseline: (
    baseline: readonly BaselineEntry[],
    reason: string | undefined,
  ) => ReturnType<typeof updatedBaseline>;
}

/**
 * Checks a tree and returns the report.
 *
 * @param baseline accepted findings
 * @throws UsageError for an invalid tree, patch or setting
 */
export async function gate(
  settings: GateSettings,
  hooks: GateHooks = {},
  baseline: readonly BaselineEntry[] = [],
): Promise<GateReport> {
  const result = await checkTree(settings, hooks, (finding) => acceptedBy(finding, baseline) !== undefined);
  return result.report(baseline);
}

/**
 * Checks a tree.
 *
 * @param isAccepted whether a finding is accepted, so that runs continue past it
 * @throws UsageError for an invalid tree, patch or setting
 */
export async function checkTree(
  settings: GateSettings,
  hooks: GateHooks,
  isAccepted: (finding: Finding) => boolean,
): Promise<GateResult> {
  const request = requestOf(settings);
  const configurations = configurationsIn(settings);
  requireJobs(configurations.map(gateConfig), request);
  const started = performance.now();
  const { inputs, ...result } = await explore(settings, configurations, request, hooks, isAccepted);
  const options = reportedOptions(settings);
  const part: GatePart = { tree: nameOf(settings), reproduce: gateCommand(options), options, ...result };
  const findings = findingsOfPart(part);
  const seconds = (performance.now() - started) / 1000;
  return {
    findings,
    inputs: { ...inputs },
    part,
    report: (baseline) => reportOfPart(part, baseline, seconds, settings.shard),
    updatedBaseline: (baseline, reason) => {
      const configs = part.units.map(({ unit }) => formatConfig(gateConfig(unit.configuration)));
      const { only, judge, image } = settings;
      const isWhole = only === undefined && judge === undefined && image !== false;
      const outcomes = [...unitResults(part.units).outcomes, ...imageResults(part.images).outcomes];
      const isExhausted = isWhole && outcomes.every(isComplete);
      return updatedBaseline(
        findings,
        baseline,
        reason,
        isExhausted ? wasChecked(configs, part.proof.subjects) : () => false,
      );
    },
  };
}

/** @throws UsageError if the settings select no run */
export function requireExploration(settings: GateSettings): void {
  requireJobs(configurationsIn(settings).map(gateConfig), requestOf(settings));
}

function requestOf({ profile = DEFAULT_GATE_PROFILE, budget = {}, only, judge, image }: GateSettings): GateRequest {
  return {
    profile,
    budget,
    ...(only === undefined ? {} : { only }),
    ...(judge === undefined ? {} : { judge }),
    ...(image === undefined ? {} : { image }),
  };
}

/** @throws UsageError for an unknown configuration */
function configurationsIn({ config }: GateSettings): GateConfiguration[] {
  try {
    return configurationsOf(config ?? GATE_CONFIGURATIONS);
  } catch (error) {
    throw error instanceof ConfigError ? new UsageError(onOneLine(error.message)) : error;
  }
}

function nameOf({ tree, patch, base }: GateSettings): string {
  const words = [
    tree,
    ...(patch === undefined ? [] : [`with ${patch}`]),
    ...(base === undefined ? [] : [`against ${base}`]),
  ];
  return onOneLine(words.join(" "));
}

/** Returns the settings that affect the findings. */
function reportedOptions(settings: GateSettings): GateOptionsReport {
  const {
    tree,
    patch,
    base,
    config,
    profile,
    only,
    judge,
    baselineFile,
    requireCoverage,
    image,
    proof,
    solvers,
    solverTimeout,
    budget,
  } = settings;
  return {
    tree,
    ...(patch === undefined ? {} : { patch }),
    ...(base === undefined ? {} : { base }),
    ...(config === undefined ? {} : { config }),
    profile: profile ?? DEFAULT_GATE_PROFILE,
    ...(only === undefined ? {} : { only }),
    ...(judge === undefined ? {} : { judge }),
    ...(baselineFile === undefined ? {} : { baseline: baselineFile }),
    ...(requireCoverage === undefined ? {} : { requireCoverage }),
    ...(image === undefined ? {} : { image }),
    ...(proof === undefined ? {} : { proof }),
    ...(solvers === undefined ? {} : { solver: solvers.map(({ name }) => name) }),
    ...(solverTimeout === undefined ? {} : { solverTimeout }),
    ...budget,
  };
}

/** Results of a gate, and the hashes of its inputs. */
interface Exploration extends Omit<GatePart, "tree" | "reproduce" | "options"> {
  readonly inputs: ReturnType<typeof inputHashes>;
}

/** Explores each unit and image as soon as it is compiled. */
async function explore(
  settings: GateSettings,
  configurations: readonly GateConfiguration[],
  request: GateRequest,
  hooks: GateHooks,
  isAccepted: (finding: Finding) => boolean,
): Promise<Exploration> {
  const { tree, patch, base, cacheFolder, workers = availableParallelism() } = settings;
  const cache = cacheFolder === undefined ? {} : { cacheFolder };
  const choice = clangChoice(settings.clang ?? "auto");
  const native = installedClang(choice);
  const builder = new ImageBuilder({ clang: choice, onProgress: (progress) => hooks.onBuild?.(progress), ...cache });
  try {
    const input = {
      tree,
      ...(patch === undefined ? {} : { patch: await readPatch(patch) }),
      ...(base === undefined ? {} : { base }),
    };
    // Hashed now, because the tree may change during the gate.
    const inputs = inputHashes(input);
    const present = presentConfigurations({ ...input, configurations });
    const shard = gateShard(present, request, settings.shard ?? { number: 1, count: 1 });
    const preparation = prepare({
      ...input,
      configurations,
      ...cache,
      layout: request.only === undefined && shard.hasLayout,
      races: raceOptimisations(request),
      ...(native === undefined ? {} : { native }),
    });
    void Promise.all(preparation.units).then(hooks.onCompiled, hooks.onCompiled);
    const { images, without, textOf } = gateImages(input, present, request, builder, shard.hasImageOf);
    void preparation.change?.then(
      (change) => hooks.onChange?.(change, images.length > 0),
      () => {},
    );
    const exploration = runJobs(workers, hooks, async (run) => {
      const core = runGate(preparation.units, request, run, isAccepted, preparation.bases, shard.hasRun);
      const [result, { parts }] = await Promise.all([
        core,
        runGateImages(images, request, run, isAccepted, interruptOf(core)),
      ]);
      return { ...result, images: parts };
    });
    // An interrupt also ends the measurement of layouts.
    const [result, layout] = await Promise.all([
      exploration,
      Promise.race([preparation.layout, interruptOf(exploration)]),
    ]).finally(preparation.stop);
    const proof = await gateProof(result, {
      isRequested: settings.proof !== false,
      isElsewhere: !shard.hasProof,
      ...(settings.solvers === undefined ? {} : { solvers: settings.solvers }),
      ...(settings.solverTimeout === undefined ? {} : { solverTimeout: settings.solverTimeout }),
      request,
      native,
      cacheFolder,
      workers,
      ...(hooks.signal === undefined ? {} : { signal: hooks.signal }),
      onBegin: () => hooks.onProof?.(),
    });
    const changed = result.units[0]?.fast.unit.change?.uncovered ?? [];
    return {
      units: result.parts,
      images: result.images,
      without,
      shapes: sourceShapes(
        changed.map(({ file }) => file),
        textOf,
      ),
      ...(layout === undefined ? {} : { layout }),
      proof,
      proves: shard.hasProof,
      inputs,
    };
  } catch (error) {
    throw inOneLine(error, tree);
  } finally {
    await builder.close();
  }
}

/** Runs the jobs of `work` in a pool that is stopped when `work` ends or fails. */
async function runJobs<T>(
  workers: number,
  { signal, onRun }: GateHooks,
  work: (run: RunJobs) => Promise<T>,
): Promise<T> {
  const pool = new Pool({
    workers,
    ...(signal === undefined ? {} : { signal }),
    onProgress: (index, search) => onRun?.(pool.progressOf(index, search)),
  });
  try {
    return await work((jobs) => pool.run(jobs));
  } finally {
    pool.stop();
  }
}

/** Converts an error about a tree, a patch or a compiler to a UsageError with a message of one line. */
function inOneLine(error: unknown, tree: string): unknown {
  if (error instanceof TreeError) {
    return new UsageError(onOneLine(error.message));
  }
  if (error instanceof CompileError) {
    return new UsageError(`${onOneLine(error.message)}; --no-image checks the functions at the core alone`);
  }
  if (error instanceof JobFailure && error.code === "not-deterministic") {
    // The models are deterministic: the cause is static state that the scan of the C text did not find. The error's
    // advice is for authors of models.
    return new UsageError(
      `"${tree}" has C code with static state, outside of the struct pages, which is not supported: ${error.place?.finding ?? error.message}`,
    );
  }
  return error;
}

/** @throws UsageError for an unusable compiler program */
function installedClang(choice: ClangChoice): ReturnType<typeof nativeClangOf> {
  try {
    return nativeClangOf(choice);
  } catch (error) {
    throw error instanceof CompileError ? new UsageError(onOneLine(error.message)) : error;
  }
}

/** Resolves if a run was interrupted, else never. */
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
