/**
 * The gate as a function: a kernel tree, or a patch to one, is compiled while what is compiled already is explored; the
 * functions at the core, the mm images, the layouts of struct page and struct folio, and the proof of owner tracking
 * come to one report.
 */
import { availableParallelism } from "node:os";
import type { Budget } from "../explore/search/budget.ts";
import type { Progress } from "../explore/search/search-result.ts";
import { onOneLine } from "../files/one-line.ts";
import { ConfigError, formatConfig } from "../model/kernel/config.ts";
import { JobFailure, Pool } from "../verify/pool.ts";
import type { BaselineEntry, GateOptionsReport, GateReport } from "../verify/report/report.ts";
import { UsageError } from "../verify/request/usage-error.ts";
import type { Mode } from "./adapter/compiled-functions.ts";
import { inputHashes } from "./change/input-hashes.ts";
import { readPatch } from "./change/patch.ts";
import { CompileError } from "./compile/clang.ts";
import { type ClangChoice, clangChoice, nativeClangOf } from "./image/build/clang-choice.ts";
import { type BuildProgress, ImageBuilder } from "./image/image-builder.ts";
import { presentConfigurations } from "./preparation/extract-units.ts";
import { type MeasuredLayouts, prepare } from "./preparation/preparation.ts";
import type { RunJobs } from "./run/base.ts";
import { acceptedBy, updatedBaseline } from "./run/baseline.ts";
import { gateCommand } from "./run/command.ts";
import { type GateImageResult, runGateImages } from "./run/explore-images.ts";
import { type GateRunResult, runGate } from "./run/explore-units.ts";
import type { Finding } from "./run/findings.ts";
import { type GateImages, gateImages } from "./run/images.ts";
import { layoutFindings } from "./run/layout-findings.ts";
import { isComplete } from "./run/outcome.ts";
import { checkSomethingIsAsked, DEFAULT_GATE_PROFILE, raceOptimisations } from "./run/plan.ts";
import type { GateProofResult } from "./run/proof.ts";
import { gateReport, wasChecked } from "./run/report.ts";
import type { GateRequest } from "./run/request.ts";
import { gateProof } from "./run/tree-proof.ts";
import type { ChangedCode } from "./tree/changed-code.ts";
import type { GateConfiguration } from "./tree/configuration.ts";
import { TreeError } from "./tree/tree-error.ts";
import { configurationsOf, GATE_CONFIGURATIONS, gateConfig } from "./unit/configurations.ts";

/** What a gate is asked to check. */
export interface GateSettings {
  /** Folder of a kernel source tree. */
  readonly tree: string;
  /** A patch file, which is applied in memory; `-` is standard input. */
  readonly patch?: string;
  /** Folder of the tree to compare with; with a patch, the tree without it unless given. */
  readonly base?: string;
  /** Configurations, in the words of `--config`; every one when absent. */
  readonly config?: readonly string[];
  /** `quick` when absent. */
  readonly profile?: string;
  /** A machine: nothing else is explored. */
  readonly only?: string;
  /** One question only; both when absent. */
  readonly judge?: Mode;
  /** False: no mm images. */
  readonly image?: false;
  /** False: no proof of owner tracking. */
  readonly proof?: false;
  /** Whether a change that no run checks makes the verdict incomplete. */
  readonly requireCoverage?: true;
  /** Limits of each run. */
  readonly budget?: Budget;
  /** `auto`, `npm`, or a program: `auto` when absent. */
  readonly clang?: string;
  /** Folder in which compiled code is cached; everything is compiled when absent. */
  readonly cacheFolder?: string;
  /** Runs that are explored at one time; as many as there are processors when absent. */
  readonly workers?: number;
  /** Name of the file that the baseline came from: for the report. */
  readonly baselineFile?: string;
}

/** A run that is under way. */
export interface GateRunProgress {
  /** Index of the run among `jobs`, of which `done` have ended. */
  readonly index: number;
  readonly done: number;
  readonly jobs: number;
  readonly search: Progress;
}

/** Called while a gate works. */
export interface GateHooks {
  /** Ends the gate when it is aborted: what was done so far is in the report, as incomplete. */
  readonly signal?: AbortSignal;
  readonly onRun?: (progress: GateRunProgress) => void;
  /** An mm image is built; undefined when all are. */
  readonly onBuild?: (progress: BuildProgress | undefined) => void;
  /**
   * How the tree differs from its base: before anything is explored. @param hasImages whether mm images are explored
   */
  readonly onChange?: (change: ChangedCode, hasImages: boolean) => void;
  /** Everything is compiled: from here on there is something to report. */
  readonly onCompiled?: () => void;
  /** Every run has ended, and the proof begins. */
  readonly onProof?: () => void;
}

/** Everything that a gate found, to be held against a baseline. */
export interface GateResult {
  readonly findings: readonly Finding[];
  /** SHA-256 of what was read, by option. */
  readonly inputs: { readonly [option: string]: string };
  /** @param baseline findings that are accepted */
  readonly report: (baseline: readonly BaselineEntry[]) => GateReport;
  /**
   * The baseline that accepts what was found. Entries about what was not checked stay.
   *
   * @param reason why new findings are accepted
   * @throws UsageError when there are new findings and no reason
   */
  readonly updatedBaseline: (
    baseline: readonly BaselineEntry[],
    reason: string | undefined,
  ) => ReturnType<typeof updatedBaseline>;
}

/**
 * Checks a tree, and reports.
 *
 * @param baseline findings that are accepted
 * @throws UsageError for a tree, a patch or settings that it cannot work with
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
 * @param isAccepted whether a finding is accepted: runs continue past it
 * @throws UsageError for a tree, a patch or settings that it cannot work with
 */
export async function checkTree(
  settings: GateSettings,
  hooks: GateHooks,
  isAccepted: (finding: Finding) => boolean,
): Promise<GateResult> {
  const request = requestOf(settings);
  const configurations = configurationsIn(settings);
  checkSomethingIsAsked(configurations.map(gateConfig), request);
  const started = performance.now();
  const explored = await explore(settings, configurations, request, hooks, isAccepted);
  const { layout, inputs, ...result } = explored;
  const findings = [
    ...result.findings,
    ...result.image.findings,
    ...result.proof.findings,
    ...(layout === undefined ? [] : layoutFindings(layout)),
  ];
  const seconds = (performance.now() - started) / 1000;
  const options = reportedOptions(settings);
  return {
    findings,
    inputs: { ...inputs },
    report: (baseline) =>
      gateReport({
        tree: nameOf(settings),
        again: gateCommand(options),
        options,
        ...result,
        findings,
        ...(layout === undefined ? {} : { layout }),
        baseline,
        seconds,
      }),
    updatedBaseline: (baseline, reason) => {
      const configs = result.units.map(({ fast: { unit } }) => formatConfig(gateConfig(unit.configuration)));
      const { only, judge, image } = settings;
      const isWhole = only === undefined && judge === undefined && image !== false;
      const isExhausted = isWhole && [...result.outcomes, ...result.image.outcomes].every(isComplete);
      return updatedBaseline(
        findings,
        baseline,
        reason,
        isExhausted ? wasChecked(configs, result.proof.subjects) : () => false,
      );
    },
  };
}

/** @throws UsageError where nothing would be explored */
export function requireSomething(settings: GateSettings): void {
  checkSomethingIsAsked(configurationsIn(settings).map(gateConfig), requestOf(settings));
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

/** @throws UsageError for words that name no configuration */
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

/** The settings that decide what is found. */
function reportedOptions(settings: GateSettings): GateOptionsReport {
  const { tree, patch, base, config, profile, only, judge, baselineFile, requireCoverage, image, proof, budget } =
    settings;
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
    ...budget,
  };
}

/** Everything that a gate finds out about a tree. */
interface Explored extends GateRunResult {
  readonly image: GateImageResult & Omit<GateImages, "images">;
  readonly layout: MeasuredLayouts | undefined;
  readonly proof: GateProofResult;
  readonly inputs: ReturnType<typeof inputHashes>;
}

/** Explores what is compiled while the rest is compiled. */
async function explore(
  settings: GateSettings,
  configurations: readonly GateConfiguration[],
  request: GateRequest,
  hooks: GateHooks,
  isAccepted: (finding: Finding) => boolean,
): Promise<Explored> {
  const { tree, patch, base, cacheFolder, workers = availableParallelism() } = settings;
  const cache = cacheFolder === undefined ? {} : { cacheFolder };
  const choice = clangChoice(settings.clang ?? "auto");
  const native = nativeClangGiven(choice);
  const builder = new ImageBuilder({ clang: choice, onProgress: (built) => hooks.onBuild?.(built), ...cache });
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
      ...cache,
      layout: request.only === undefined,
      races: raceOptimisations(request),
      ...(native === undefined ? {} : { native }),
    });
    void Promise.all(preparation.units).then(hooks.onCompiled, hooks.onCompiled);
    const present = presentConfigurations({ ...input, configurations });
    const { images, ...others } = gateImages(input, present, request, builder);
    void preparation.change?.then(
      (change) => hooks.onChange?.(change, images.length > 0),
      () => {},
    );
    const exploring = runJobs(workers, hooks, async (run) => {
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
      asked: settings.proof !== false,
      request,
      native,
      cacheFolder,
      workers,
      ...(hooks.signal === undefined ? {} : { signal: hooks.signal }),
      onBegin: () => hooks.onProof?.(),
    });
    return { ...result, layout, proof, inputs };
  } catch (error) {
    throw inOneLine(error, tree);
  } finally {
    await builder.close();
  }
}

/** Runs jobs in workers until `work` ends. When it fails, so do the jobs that are under way. */
async function runJobs<T>(
  workers: number,
  { signal, onRun }: GateHooks,
  work: (run: RunJobs) => Promise<T>,
): Promise<T> {
  let done = 0;
  const pool = new Pool({
    workers,
    ...(signal === undefined ? {} : { signal }),
    onProgress: (index, search) => onRun?.({ index, done, jobs: pool.jobs, search }),
    onReport: () => {
      done += 1;
    },
  });
  try {
    return await work((jobs) => pool.run(jobs));
  } finally {
    pool.stop();
  }
}

/** What is wrong with a tree, a patch or a compiler, as one line. */
function inOneLine(error: unknown, tree: string): unknown {
  if (error instanceof TreeError) {
    return new UsageError(onOneLine(error.message));
  }
  if (error instanceof CompileError) {
    return new UsageError(`${onOneLine(error.message)}; --no-image checks the functions at the core alone`);
  }
  if (error instanceof JobFailure && error.code === "not-deterministic") {
    // The machines are deterministic: what is left is state that no search of the C text has found. The advice to
    // authors of machines is none to those of C code.
    return new UsageError(
      `"${tree}" has C code that keeps state of its own, outside of the struct pages, which is not supported: ${error.place?.finding ?? error.message}`,
    );
  }
  return error;
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
