/** What the gate explores: which machines at which bounds, by profile, in every configuration of a tree. */
import type { Budget } from "../../explore/search/budget.ts";
import type { Bounds } from "../../machines/machine.ts";
import { RACE_MACHINE } from "../../machines/race.ts";
import { formatConfig, type KernelConfig } from "../../model/kernel/config.ts";
import { TREE } from "../../verify/job/compiled-job.ts";
import type { CompiledSubject } from "../../verify/job/job.ts";
import { boundsWithin, type Job, machineNamed } from "../../verify/job/job.ts";
import { boundedCalls, type CallTexts } from "../../verify/job/race-request.ts";
import { oneOf, UsageError } from "../../verify/request/usage-error.ts";
import { baseKernel } from "../adapter/base-kernel.ts";
import type { Mode } from "../adapter/compiled-functions.ts";
import { GATE_MACHINES, UNCALLED } from "../adapter/machines.ts";
import type { Optimisation } from "../compile/clang.ts";
import { IMAGE_MACHINE } from "../image/world/image-bounds.ts";
import type { CompiledUnit } from "../preparation/compile-unit.ts";
import { gateConfig } from "../unit/configurations.ts";
import { asksForImage } from "./image-plan.ts";
import type { GateRequest } from "./request.ts";

/** One machine of a profile. */
interface GateRun {
  readonly machine: string;
  readonly bounds: Bounds;
  /** The questions; only whether C code and model do the same, when absent. */
  readonly asks?: readonly Mode[];
  readonly where?: (config: KernelConfig) => boolean;
  /**
   * Whether states that differ by the order of MMs only are one; true when absent. C code that tells ids apart shows
   * without.
   */
  readonly symmetry?: boolean;
  /** Of machine race: how the C code is compiled, `-O0` when absent. */
  readonly optimisation?: Optimisation;
  /** Of machine race: what its CPUs execute; any operations when absent. */
  readonly calls?: CallTexts;
}

const BOTH: readonly Mode[] = ["conformance", "claims"];
const CLAIMS: readonly Mode[] = ["claims"];
/** Said of what is never asked of the C code alone. */
const CONFORMANCE: readonly Mode[] = ["conformance"];

const hasMmId = ({ mmId }: KernelConfig): boolean => mmId;

/** On 32-bit a PMD maps a thousand pages: a folio of order 1 that a PMD maps has no place for its count. */
const hasSmallPmds = ({ mmId, is64Bit }: KernelConfig): boolean => mmId && is64Bit;

/** Machine race without those who only look. */
const ALONE: Bounds = { references: 0, readers: 0 };

/** Two MMs that map the folio. */
const FORKED = "anonFault(0); fork(0, 1)";

/**
 * Calls under views, with every overwritten value remembered: slots, reader, and GUP-fast against the entries that it
 * reads.
 */
const VIEWS: readonly GateRun[] = [
  { start: FORKED, cpus: "zap(0, 0, 1) | folio_maybe_mapped_shared()" },
  { start: FORKED, cpus: "zap(0, 0, 1) | zap(1, 0, 1)" },
  { start: "anonFault(0)", cpus: "migrate(0, 1) | gupFast(0, 0, true)" },
].map((calls) => ({ machine: "race", bounds: { views: 1 }, calls, asks: CLAIMS, where: hasMmId }));

/** What clang makes of the C code of these runs at -O2, besides that of -O0. */
const optimised = (runs: readonly GateRun[]): readonly GateRun[] =>
  runs.map((run) => ({ ...run, optimisation: "-O2" as const }));

/** Without page mapcounts there are fewer accesses, and fewer states; widths differ in the places of fields only. */
const isSmallest = (config: KernelConfig): boolean => hasSmallPmds(config) && !config.pageMapcount;
const isLarger = (config: KernelConfig): boolean => hasMmId(config) && !isSmallest(config);
const hasPageMapcountsAndPmds = (config: KernelConfig): boolean => isLarger(config) && hasSmallPmds(config);

/** Two CPUs: every interleaving of what is small enough. */
const QUICK_RACES: readonly GateRun[] = [
  { machine: "race", bounds: {}, asks: CLAIMS, where: hasMmId },
  { machine: "race", bounds: { writes: 1, readers: 0 }, asks: CLAIMS, where: isSmallest },
  { machine: "race", bounds: { pmd: 1, ...ALONE }, asks: CLAIMS, where: isSmallest },
];

/**
 * Larger runs that are also of interest with what an optimising compiler leaves: bug B2 takes PMDs and write faults.
 */
const BOTH_WAYS: readonly GateRun[] = [
  { machine: "race", bounds: { pmd: 1, writes: 1, ...ALONE }, asks: CLAIMS, where: hasSmallPmds },
  { machine: "race", bounds: { views: 1, references: 0, stats: 0 }, asks: CLAIMS, where: isSmallest },
];

/** More CPUs or MMs, other memory models, and what smaller profiles ask of one configuration. */
const CI_RACES: readonly GateRun[] = [
  { machine: "race", bounds: { tso: 1 }, asks: CLAIMS, where: hasMmId },
  { machine: "race", bounds: { cpus: 3 }, asks: CLAIMS, where: hasSmallPmds },
  { machine: "race", bounds: { mms: 3 }, asks: CLAIMS, where: hasSmallPmds },
  { machine: "race", bounds: { writes: 1, readers: 0 }, asks: CLAIMS, where: isLarger },
  { machine: "race", bounds: { writes: 1, tso: 1, ...ALONE }, asks: CLAIMS, where: isSmallest },
  { machine: "race", bounds: { pmd: 1, ...ALONE }, asks: CLAIMS, where: hasPageMapcountsAndPmds },
  { machine: "race", bounds: { pages: 4, pmd: 1, ...ALONE }, asks: CLAIMS, where: isSmallest },
  { machine: "race", bounds: { pages: 4, mms: 1, shrinker: 1, ...ALONE }, asks: CLAIMS, where: hasMmId },
  { machine: "race", bounds: { migration: 1, ...ALONE }, asks: CLAIMS, where: hasSmallPmds },
  { machine: "race", bounds: { proc: 1, references: 0 }, asks: CLAIMS, where: hasSmallPmds },
];

const DEEP_RACES: readonly GateRun[] = [
  { machine: "race", bounds: { cpus: 4 }, asks: CLAIMS, where: hasSmallPmds },
  { machine: "race", bounds: { gup: 1, stats: 0, ...ALONE }, asks: CLAIMS, where: hasSmallPmds },
  { machine: "race", bounds: { views: 1, references: 0, stats: 0 }, asks: CLAIMS, where: hasPageMapcountsAndPmds },
];

const QUICK: readonly GateRun[] = [
  { machine: "owner-tracking", bounds: { pages: 4, mms: 3 }, asks: BOTH, where: hasMmId, symmetry: false },
  { machine: "slot-overflow", bounds: { mms: 3 }, asks: BOTH, where: hasMmId, symmetry: false },
  { machine: "bad-page", bounds: { pages: 8 }, asks: CONFORMANCE },
  { machine: "struct-pages", bounds: { pages: 2 }, asks: CLAIMS },
  { machine: "rmap", bounds: { pages: 2, mms: 3, file: 1 }, asks: BOTH, symmetry: false },
  { machine: "rmap", bounds: { pages: 4, mms: 3 }, asks: BOTH },
  { machine: "rmap", bounds: { pages: 4, mms: 3, anon: 0, file: 1 }, asks: BOTH },
  { machine: "rmap", bounds: { pages: 2, mms: 2, folios: 2, file: 1 } },
  { machine: "pmd", bounds: { pages: 4, mms: 2 }, where: hasMmId },
  { machine: "pmd", bounds: { pages: 4, mms: 2, smallFolios: 0, anon: 0, file: 1 }, asks: BOTH, where: hasMmId },
  { machine: "cow", bounds: { pages: 4, minPages: 4, mms: 2, smallFolios: 1, holders: 0 }, asks: BOTH },
  { machine: "pins", bounds: { pages: 2, mms: 2, smallFolios: 1 } },
  { machine: "pins", bounds: { pages: 2, minPages: 2, mms: 2, smallFolios: 1, pmd: 1 }, where: hasSmallPmds },
  { machine: "swap", bounds: { pages: 2, mms: 2, smallFolios: 1, swapSlots: 2 } },
  { machine: "swap", bounds: { pages: 4, minPages: 4, mms: 1, smallFolios: 0, pmd: 1 }, where: hasMmId },
  // The only folios that are in the swap cache and not anon.
  { machine: "shmem", bounds: { pages: 2, mms: 2, smallFolios: 1, swapSlots: 2 }, asks: BOTH },
  { machine: "migration", bounds: { pages: 4, minPages: 4, mms: 1, smallFolios: 0 }, where: hasMmId },
  { machine: "split", bounds: { pages: 4, minPages: 4, mms: 1, holders: 1 }, where: hasMmId },
  ...QUICK_RACES,
];

const CI: readonly GateRun[] = [
  ...QUICK,
  // What `quick` asks of C code and model together, asked of the C code alone.
  ...QUICK.filter(({ asks }) => asks === undefined).map((run) => ({ ...run, asks: CLAIMS })),
  { machine: "owner-tracking", bounds: { pages: 8, mms: 3 }, asks: BOTH, where: hasMmId, symmetry: false },
  { machine: "owner-tracking", bounds: { pages: 8, mms: 4 }, asks: BOTH, where: hasMmId },
  { machine: "rmap", bounds: { pages: 4, mms: 4 }, asks: BOTH },
  { machine: "rmap", bounds: { pages: 2, mms: 3, anon: 0, file: 2 }, asks: BOTH },
  { machine: "pmd", bounds: { pages: 4, minPages: 4, mms: 3, smallFolios: 1 }, asks: BOTH, where: hasMmId },
  {
    machine: "cow",
    bounds: { pages: 2, minPages: 2, mms: 3, smallFolios: 1, holders: 0 },
    asks: BOTH,
    symmetry: false,
  },
  { machine: "cow", bounds: { pages: 4, minPages: 4, mms: 2, smallFolios: 1 }, asks: BOTH },
  { machine: "mremap", bounds: { pages: 2, mms: 2 }, asks: CLAIMS },
  { machine: "mremap", bounds: { pages: 4, minPages: 4, mms: 2, smallFolios: 1 } },
  { machine: "swap", bounds: { pages: 4, minPages: 4, mms: 2, smallFolios: 0 }, asks: BOTH },
  { machine: "split", bounds: { pages: 4, minPages: 4, mms: 2, holders: 1 }, asks: BOTH, where: hasMmId },
  ...CI_RACES,
  ...BOTH_WAYS,
  ...VIEWS,
  ...optimised([...QUICK_RACES, ...BOTH_WAYS, ...VIEWS]),
];

/**
 * Bounds at which the model is known to be exhausted, with no more than 8 million states and 100 million transitions
 * each.
 */
const DEEP: readonly GateRun[] = [
  ...CI,
  { machine: "owner-tracking", bounds: { pages: 8, mms: 5 }, asks: BOTH, where: hasMmId },
  { machine: "rmap", bounds: { pages: 8, mms: 2 }, asks: BOTH },
  { machine: "rmap", bounds: { pages: 4, minPages: 2, mms: 3, folios: 2 }, asks: BOTH },
  { machine: "cow", bounds: { pages: 4, minPages: 4, mms: 3, smallFolios: 1, holders: 0 }, asks: BOTH },
  { machine: "pins", bounds: { pages: 4, minPages: 4, mms: 2, smallFolios: 1 }, asks: BOTH },
  { machine: "swap", bounds: { pages: 2, mms: 2, smallFolios: 1, swapSlots: 2, holders: 1 }, asks: BOTH },
  { machine: "migration", bounds: { pages: 2, mms: 2 }, asks: BOTH, where: hasSmallPmds },
  { machine: "migration", bounds: { pages: 4, minPages: 4, mms: 2, smallFolios: 0 }, asks: BOTH, where: hasMmId },
  ...DEEP_RACES,
  ...optimised([...CI_RACES, ...DEEP_RACES]),
];

/** The profile that a gate has unless another is asked for. */
export const DEFAULT_GATE_PROFILE = "quick";

const PROFILES: Readonly<Record<string, readonly GateRun[]>> = { quick: QUICK, ci: CI, deep: DEEP };

/** Names of the machines that some profile has, in the order in which they are explored: that of mm images last. */
export function gateMachineNames(): readonly string[] {
  return [...new Set(DEEP.map(({ machine }) => machine)), IMAGE_MACHINE];
}

/**
 * What a profile leaves to larger ones, whatever the configuration: machines, and questions about those that it has.
 *
 * @throws UsageError for an unknown profile
 */
export function leftToLarger(profile: string): {
  readonly machines: readonly string[];
  readonly alone: readonly string[];
} {
  const asked = gateRuns({ profile });
  const machinesOf = (runs: readonly GateRun[]): readonly string[] => [...new Set(runs.map(({ machine }) => machine))];
  const asksClaims = (run: GateRun): boolean => asksOf(run).includes("claims");
  const has = machinesOf(asked);
  const judges = machinesOf(asked.filter(asksClaims));
  return {
    machines: machinesOf(DEEP).filter((machine) => !has.includes(machine)),
    alone: machinesOf(DEEP.filter(asksClaims)).filter((machine) => has.includes(machine) && !judges.includes(machine)),
  };
}

/**
 * The runs that are asked for.
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
  const chosen = runs.filter(({ machine }) => only === undefined || machine === only);
  if (chosen.length === 0) {
    throw new UsageError(`profile ${profile} has no run of machine ${only}`);
  }
  return chosen;
}

/**
 * How C code is compiled for the races that are asked for; empty without any. @throws UsageError for an unknown profile
 * or machine
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

/** A run of a profile that asks one question. */
interface Question {
  readonly run: GateRun;
  readonly mode: Mode;
}

function questions(config: KernelConfig, request: GateRequest): readonly Question[] {
  return gateRuns(request)
    .filter(({ where }) => where?.(config) ?? true)
    .flatMap((run) => asksOf(run).map((mode) => ({ run, mode })))
    .filter(({ mode }) => request.judge === undefined || mode === request.judge);
}

function asksOf({ asks = ["conformance"] }: GateRun): readonly Mode[] {
  return asks;
}

/**
 * Makes sure that there is something to explore: what nobody looked at does not hold.
 *
 * @throws UsageError for an unknown profile or machine, and when no run of any of the configurations asks what is asked
 */
export function checkSomethingIsAsked(configs: readonly KernelConfig[], request: GateRequest): void {
  const { profile, only, judge } = request;
  const hasImage = asksForImage(request) && configs.some(({ mmId }) => mmId);
  if (!hasImage && configs.every((config) => questions(config, request).length === 0)) {
    const runs = only === undefined ? "no run" : `no run of machine ${only}`;
    const asks = judge === undefined ? "" : ` that asks about ${judge}`;
    const [config, ...others] = configs.map(formatConfig);
    const where = others.length === 0 ? config : "any of these configurations";
    throw new UsageError(`nothing would be explored: profile ${profile} has ${runs}${asks} in ${where}`);
  }
}

/** The jobs for one configuration. @throws UsageError for an unknown profile or machine */
export function gateJobs(unit: CompiledUnit, request: GateRequest): Job[] {
  const config = gateConfig(unit.fast.unit.configuration);
  return questions(config, request).map(({ run, mode }) => {
    // Where it is compared with the model anyway, the function that nobody calls would only say so again.
    const leftOut = mode === "claims" && request.judge === undefined ? [UNCALLED] : [];
    return jobOf(run, unit, config, { mode, leftOut }, request.budget);
  });
}

/** Whether a job is also one of the smallest profile. */
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
      asksOf(run).includes(mode) &&
      (run.symmetry ?? true) === symmetry &&
      isSame(run),
  );
}

function jobOf(
  run: GateRun,
  unit: CompiledUnit,
  config: KernelConfig,
  how: Omit<CompiledSubject, "unit">,
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
    // Calls name MMs.
    symmetry: run.calls === undefined && (run.symmetry ?? true),
    budget,
    compiled: { unit, ...how },
  };
}
