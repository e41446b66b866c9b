/** Runs of the gate on units: machines and bounds by profile, in every configuration of a tree. */
import type { Budget } from "../../explore/search/budget.ts";
import type { Bounds } from "../../machines/machine.ts";
import { RACE_MACHINE } from "../../machines/race.ts";
import { formatConfig, type KernelConfig } from "../../model/kernel/config.ts";
import type { CompiledSubject } from "../../verify/job/job.ts";
import { boundsWithin, type Job, machineNamed } from "../../verify/job/job.ts";
import { boundedCalls, type CallTexts } from "../../verify/job/race-request.ts";
import { TREE } from "../../verify/job/tree-kernel.ts";
import { oneOf, UsageError } from "../../verify/request/usage-error.ts";
import { baseKernel } from "../adapter/base-kernel.ts";
import type { Mode } from "../adapter/compiled-functions.ts";
import { GATE_MACHINES, UNCALLED } from "../adapter/machines.ts";
import type { Optimisation } from "../compile/clang.ts";
import { IMAGE_MACHINE } from "../image/world/image-bounds.ts";
import type { CompiledUnit } from "../preparation/compile-unit.ts";
import { gateConfig } from "../unit/configurations.ts";
import { includesImages } from "./image-plan.ts";
import type { GateRequest } from "./request.ts";

/** One run of a profile. */
interface GateRun {
  readonly machine: string;
  readonly bounds: Bounds;
  /** The modes of the run; `conformance` alone when absent. */
  readonly modes?: readonly Mode[];
  /** Whether a configuration has the run; all when absent. */
  readonly where?: (config: KernelConfig) => boolean;
  /**
   * Whether the search is up to the order of MMs; true when absent. Without symmetry, it detects C code that treats MMs
   * differently by their ids.
   */
  readonly symmetry?: boolean;
  /** Machine race only: optimisation level of the C code; `-O0` when absent. */
  readonly optimisation?: Optimisation;
  /** Machine race only: the calls that its CPUs execute; any operations when absent. */
  readonly calls?: CallTexts;
}

const BOTH: readonly Mode[] = ["conformance", "claims"];
const CLAIMS: readonly Mode[] = ["claims"];
/** Modes of a run that never has the mode `claims`, not even in larger profiles. */
const CONFORMANCE: readonly Mode[] = ["conformance"];

const hasMmId = ({ mmId }: KernelConfig): boolean => mmId;

/** On 32-bit a PMD maps 1024 pages, and a folio of order 1 has no field for the count of its PMD mappings. */
const hasSmallPmds = ({ mmId, is64Bit }: KernelConfig): boolean => mmId && is64Bit;

/** Bounds of machine race without speculative references and read-only functions. */
const ALONE: Bounds = { references: 0, readers: 0 };

/** Calls after which two MMs map the folio. */
const FORKED = "anonFault(0); fork(0, 1)";

/**
 * Calls under views, with all overwritten values: owner slots, a read-only function, and GUP-fast against page table
 * entries.
 */
const VIEWS: readonly GateRun[] = [
  { start: FORKED, cpus: "zap(0, 0, 1) | folio_maybe_mapped_shared()" },
  { start: FORKED, cpus: "zap(0, 0, 1) | zap(1, 0, 1)" },
  { start: "anonFault(0)", cpus: "migrate(0, 1) | gupFast(0, 0, true)" },
].map((calls) => ({ machine: "race", bounds: { views: 1 }, calls, modes: CLAIMS, where: hasMmId }));

/** Returns the same runs of the C code at -O2. */
const optimised = (runs: readonly GateRun[]): readonly GateRun[] =>
  runs.map((run) => ({ ...run, optimisation: "-O2" as const }));

/**
 * The configurations with the fewest states: without page mapcounts there are fewer accesses. Word size affects only
 * offsets.
 */
const isSmallest = (config: KernelConfig): boolean => hasSmallPmds(config) && !config.pageMapcount;
const isLarger = (config: KernelConfig): boolean => hasMmId(config) && !isSmallest(config);
const hasPageMapcountsAndPmds = (config: KernelConfig): boolean => isLarger(config) && hasSmallPmds(config);

/** Two CPUs: every interleaving, at bounds that are small enough. */
const QUICK_RACES: readonly GateRun[] = [
  { machine: "race", bounds: {}, modes: CLAIMS, where: hasMmId },
  { machine: "race", bounds: { writes: 1, readers: 0 }, modes: CLAIMS, where: isSmallest },
  { machine: "race", bounds: { pmd: 1, ...ALONE }, modes: CLAIMS, where: isSmallest },
];

/** Larger runs for both optimisation levels: bug B2 requires PMDs and write faults. */
const BOTH_WAYS: readonly GateRun[] = [
  { machine: "race", bounds: { pmd: 1, writes: 1, ...ALONE }, modes: CLAIMS, where: hasSmallPmds },
  { machine: "race", bounds: { views: 1, references: 0, stats: 0 }, modes: CLAIMS, where: isSmallest },
];

/** More CPUs or MMs, other memory models, and the runs that smaller profiles have in one configuration only. */
const CI_RACES: readonly GateRun[] = [
  { machine: "race", bounds: { tso: 1 }, modes: CLAIMS, where: hasMmId },
  { machine: "race", bounds: { cpus: 3 }, modes: CLAIMS, where: hasSmallPmds },
  { machine: "race", bounds: { mms: 3 }, modes: CLAIMS, where: hasSmallPmds },
  { machine: "race", bounds: { writes: 1, readers: 0 }, modes: CLAIMS, where: isLarger },
  { machine: "race", bounds: { writes: 1, tso: 1, ...ALONE }, modes: CLAIMS, where: isSmallest },
  { machine: "race", bounds: { pmd: 1, ...ALONE }, modes: CLAIMS, where: hasPageMapcountsAndPmds },
  { machine: "race", bounds: { pages: 4, pmd: 1, ...ALONE }, modes: CLAIMS, where: isSmallest },
  { machine: "race", bounds: { pages: 4, mms: 1, shrinker: 1, ...ALONE }, modes: CLAIMS, where: hasMmId },
  { machine: "race", bounds: { migration: 1, ...ALONE }, modes: CLAIMS, where: hasSmallPmds },
  { machine: "race", bounds: { proc: 1, references: 0 }, modes: CLAIMS, where: hasSmallPmds },
];

const DEEP_RACES: readonly GateRun[] = [
  { machine: "race", bounds: { cpus: 4 }, modes: CLAIMS, where: hasSmallPmds },
  { machine: "race", bounds: { gup: 1, stats: 0, ...ALONE }, modes: CLAIMS, where: hasSmallPmds },
  { machine: "race", bounds: { views: 1, references: 0, stats: 0 }, modes: CLAIMS, where: hasPageMapcountsAndPmds },
];

const QUICK: readonly GateRun[] = [
  { machine: "owner-tracking", bounds: { pages: 4, mms: 3 }, modes: BOTH, where: hasMmId, symmetry: false },
  { machine: "slot-overflow", bounds: { mms: 3 }, modes: BOTH, where: hasMmId, symmetry: false },
  { machine: "bad-page", bounds: { pages: 8 }, modes: CONFORMANCE },
  { machine: "struct-pages", bounds: { pages: 2 }, modes: CLAIMS },
  { machine: "rmap", bounds: { pages: 2, mms: 3, file: 1 }, modes: BOTH, symmetry: false },
  { machine: "rmap", bounds: { pages: 4, mms: 3 }, modes: BOTH },
  { machine: "rmap", bounds: { pages: 4, mms: 3, anon: 0, file: 1 }, modes: BOTH },
  { machine: "rmap", bounds: { pages: 2, mms: 2, folios: 2, file: 1 } },
  { machine: "pmd", bounds: { pages: 4, mms: 2 }, where: hasMmId },
  { machine: "pmd", bounds: { pages: 4, mms: 2, smallFolios: 0, anon: 0, file: 1 }, modes: BOTH, where: hasMmId },
  { machine: "cow", bounds: { pages: 4, minPages: 4, mms: 2, smallFolios: 1, holders: 0 }, modes: BOTH },
  { machine: "pins", bounds: { pages: 2, mms: 2, smallFolios: 1 } },
  { machine: "pins", bounds: { pages: 2, minPages: 2, mms: 2, smallFolios: 1, pmd: 1 }, where: hasSmallPmds },
  { machine: "swap", bounds: { pages: 2, mms: 2, smallFolios: 1, swapSlots: 2 } },
  { machine: "swap", bounds: { pages: 4, minPages: 4, mms: 1, smallFolios: 0, pmd: 1 }, where: hasMmId },
  // Only shmem folios are in the swap cache without being anon.
  { machine: "shmem", bounds: { pages: 2, mms: 2, smallFolios: 1, swapSlots: 2 }, modes: BOTH },
  { machine: "migration", bounds: { pages: 4, minPages: 4, mms: 1, smallFolios: 0 }, where: hasMmId },
  { machine: "split", bounds: { pages: 4, minPages: 4, mms: 1, holders: 1 }, where: hasMmId },
  ...QUICK_RACES,
];

const CI: readonly GateRun[] = [
  ...QUICK,
  // The runs that `quick` has in mode `conformance` only, in mode `claims`.
  ...QUICK.filter(({ modes }) => modes === undefined).map((run) => ({ ...run, modes: CLAIMS })),
  { machine: "owner-tracking", bounds: { pages: 8, mms: 3 }, modes: BOTH, where: hasMmId, symmetry: false },
  { machine: "owner-tracking", bounds: { pages: 8, mms: 4 }, modes: BOTH, where: hasMmId },
  { machine: "rmap", bounds: { pages: 4, mms: 4 }, modes: BOTH },
  { machine: "rmap", bounds: { pages: 2, mms: 3, anon: 0, file: 2 }, modes: BOTH },
  { machine: "pmd", bounds: { pages: 4, minPages: 4, mms: 3, smallFolios: 1 }, modes: BOTH, where: hasMmId },
  {
    machine: "cow",
    bounds: { pages: 2, minPages: 2, mms: 3, smallFolios: 1, holders: 0 },
    modes: BOTH,
    symmetry: false,
  },
  { machine: "cow", bounds: { pages: 4, minPages: 4, mms: 2, smallFolios: 1 }, modes: BOTH },
  { machine: "mremap", bounds: { pages: 2, mms: 2 }, modes: CLAIMS },
  { machine: "mremap", bounds: { pages: 4, minPages: 4, mms: 2, smallFolios: 1 } },
  { machine: "swap", bounds: { pages: 4, minPages: 4, mms: 2, smallFolios: 0 }, modes: BOTH },
  { machine: "split", bounds: { pages: 4, minPages: 4, mms: 2, holders: 1 }, modes: BOTH, where: hasMmId },
  ...CI_RACES,
  ...BOTH_WAYS,
  ...VIEWS,
  ...optimised([...QUICK_RACES, ...BOTH_WAYS, ...VIEWS]),
];

/** Bounds at which the model is exhausted within 8 million states and 100 million transitions each. */
const DEEP: readonly GateRun[] = [
  ...CI,
  { machine: "owner-tracking", bounds: { pages: 8, mms: 5 }, modes: BOTH, where: hasMmId },
  { machine: "rmap", bounds: { pages: 8, mms: 2 }, modes: BOTH },
  { machine: "rmap", bounds: { pages: 4, minPages: 2, mms: 3, folios: 2 }, modes: BOTH },
  { machine: "cow", bounds: { pages: 4, minPages: 4, mms: 3, smallFolios: 1, holders: 0 }, modes: BOTH },
  { machine: "pins", bounds: { pages: 4, minPages: 4, mms: 2, smallFolios: 1 }, modes: BOTH },
  { machine: "swap", bounds: { pages: 2, mms: 2, smallFolios: 1, swapSlots: 2, holders: 1 }, modes: BOTH },
  { machine: "migration", bounds: { pages: 2, mms: 2 }, modes: BOTH, where: hasSmallPmds },
  { machine: "migration", bounds: { pages: 4, minPages: 4, mms: 2, smallFolios: 0 }, modes: BOTH, where: hasMmId },
  ...DEEP_RACES,
  ...optimised([...CI_RACES, ...DEEP_RACES]),
];

/** Default profile of a gate. */
export const DEFAULT_GATE_PROFILE = "quick";

const PROFILES: Readonly<Record<string, readonly GateRun[]>> = { quick: QUICK, ci: CI, deep: DEEP };

/** Returns the names of all machines of the profiles, in order of exploration; the machine of mm images is last. */
export function gateMachineNames(): readonly string[] {
  return [...new Set(DEEP.map(({ machine }) => machine)), IMAGE_MACHINE];
}

/**
 * Returns the machines that only larger profiles have, and the machines whose claims only larger profiles check
 * (`alone`), over all configurations.
 *
 * @throws UsageError for an unknown profile
 */
export function leftToLarger(profile: string): {
  readonly machines: readonly string[];
  readonly alone: readonly string[];
} {
  const runsOfProfile = gateRuns({ profile });
  const machinesOf = (runs: readonly GateRun[]): readonly string[] => [...new Set(runs.map(({ machine }) => machine))];
  const checksClaims = (run: GateRun): boolean => modesOf(run).includes("claims");
  const machines = machinesOf(runsOfProfile);
  const machinesWithClaims = machinesOf(runsOfProfile.filter(checksClaims));
  return {
    machines: machinesOf(DEEP).filter((machine) => !machines.includes(machine)),
    alone: machinesOf(DEEP.filter(checksClaims)).filter(
      (machine) => machines.includes(machine) && !machinesWithClaims.includes(machine),
    ),
  };
}

/**
 * Returns the runs of a profile, restricted to one machine if requested.
 *
 * @throws UsageError for an unknown profile or machine
 */
export function gateRuns({ profile, only }: Pick<GateRequest, "profile" | "only">): readonly GateRun[] {
  const runs = PROFILES[profile];
  if (runs === undefined) {
    throw new UsageError(`unknown profile "${profile}"; want ${oneOf(Object.keys(PROFILES))}`);
  }
  if (only === IMAGE_MACHINE) {
    return [];
  }
  if (only !== undefined) {
    machineNamed(only, GATE_MACHINES);
  }
  const selection = runs.filter(({ machine }) => only === undefined || machine === only);
  if (selection.length === 0) {
    throw new UsageError(`profile ${profile} has no run of machine ${only}`);
  }
  return selection;
}

/**
 * Returns the optimisation levels of the requested races; empty if there are none.
 *
 * @throws UsageError for an unknown profile or machine
 */
export function raceOptimisations(request: GateRequest): readonly Optimisation[] {
  const runs = request.judge === "conformance" ? [] : gateRuns(request).filter(isRace);
  return [...new Set(runs.map(optimisationOf))];
}

function isRace({ machine }: Pick<GateRun, "machine">): boolean {
  return machine === RACE_MACHINE.name;
}

function optimisationOf({ optimisation = "-O0" }: GateRun): Optimisation {
  return optimisation;
}

/** A run of a profile in one of its modes. */
interface RunInMode {
  readonly run: GateRun;
  readonly mode: Mode;
}

function runsInModes(config: KernelConfig, request: GateRequest): readonly RunInMode[] {
  return gateRuns(request)
    .filter(({ where }) => where?.(config) ?? true)
    .flatMap((run) => modesOf(run).map((mode) => ({ run, mode })))
    .filter(({ mode }) => request.judge === undefined || mode === request.judge);
}

function modesOf({ modes = ["conformance"] }: GateRun): readonly Mode[] {
  return modes;
}

/**
 * Requires at least one run: without any, claims would hold unchecked.
 *
 * @throws UsageError for an unknown profile or machine, and if no configuration has a requested run
 */
export function requireJobs(configs: readonly KernelConfig[], request: GateRequest): void {
  const { profile, only, judge } = request;
  const hasImage = includesImages(request) && configs.some(({ mmId }) => mmId);
  if (!hasImage && configs.every((config) => runsInModes(config, request).length === 0)) {
    const runs = only === undefined ? "no run" : `no run of machine ${only}`;
    const inMode = judge === undefined ? "" : ` that asks about ${judge}`;
    const [config, ...others] = configs.map(formatConfig);
    const where = others.length === 0 ? config : "any of these configurations";
    throw new UsageError(`nothing would be explored: profile ${profile} has ${runs}${inMode} in ${where}`);
  }
}

/**
 * Returns the jobs for one configuration.
 *
 * @throws UsageError for an unknown profile or machine
 */
export function gateJobs(unit: CompiledUnit, request: GateRequest): Job[] {
  const config = gateConfig(unit.fast.unit.configuration);
  return runsInModes(config, request).map(({ run, mode }) => {
    // The kernel does not call this function: its finding in conformance mode is not repeated in claims mode.
    const leftOut = mode === "claims" && request.judge === undefined ? [UNCALLED] : [];
    return jobOf(run, unit, config, { mode, leftOut }, request.budget);
  });
}

/** A run of a profile, before there is code for it. */
export interface PlannedRun extends Pick<Job, "machine" | "bounds" | "symmetry"> {
  readonly mode: Mode;
  readonly optimisation?: Optimisation;
  readonly calls?: CallTexts;
}

/**
 * Returns the runs of one configuration, in the order of its jobs.
 *
 * @throws UsageError for an unknown profile or machine
 */
export function plannedRuns(config: KernelConfig, request: GateRequest): PlannedRun[] {
  return runsInModes(config, request).map(({ run, mode }) => ({
    machine: run.machine,
    bounds: boundsWithin(machineNamed(run.machine, GATE_MACHINES), run.bounds),
    symmetry: run.symmetry ?? true,
    mode,
    ...(isRace(run) ? { optimisation: optimisationOf(run) } : {}),
    ...(run.calls === undefined ? {} : { calls: run.calls }),
  }));
}

/** Whether the smallest profile also has a job. */
export function isOfSmallestProfile({ machine, bounds, symmetry, optimisation, calls, compiled }: Job): boolean {
  const { mode } = compiled as CompiledSubject;
  const definition = machineNamed(machine, GATE_MACHINES);
  const isSame = (run: GateRun): boolean =>
    JSON.stringify(boundsWithin(definition, run.bounds)) === JSON.stringify(bounds);
  return QUICK.some(
    (run) =>
      run.machine === machine &&
      optimisation !== "-O2" &&
      calls === undefined &&
      modesOf(run).includes(mode) &&
      (run.symmetry ?? true) === symmetry &&
      isSame(run),
  );
}

function jobOf(
  run: GateRun,
  unit: CompiledUnit,
  config: KernelConfig,
  subject: Omit<CompiledSubject, "unit">,
  budget: Budget,
): Job {
  return {
    machine: run.machine,
    kernel: TREE,
    config: formatConfig(config),
    ...(run.calls === undefined
      ? { bounds: boundsWithin(machineNamed(run.machine, GATE_MACHINES), run.bounds) }
      : boundedCalls(run.bounds, baseKernel(unit.fast.unit), run.calls)),
    ...(isRace(run) ? { optimisation: optimisationOf(run) } : {}),
    // No symmetry with calls, because their arguments name MMs.
    symmetry: run.calls === undefined && (run.symmetry ?? true),
    budget,
    compiled: { unit, ...subject },
  };
}
