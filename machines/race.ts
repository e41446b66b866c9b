/** The `race` machine, with its claims. */

import {
  type Applicability,
  allOf,
  applicable,
  bound,
  needsEntireMapcount,
  needsLargeFolios,
  needsMmId,
  needsNoPageMapcount,
  needsNoSwap,
  needsNrPagesMapped,
  needsPageMapcount,
  needsPages,
  needsPmd,
  needsSwap,
  needsTotalMappedPages,
  type PageTableFeatures,
  type Situation,
  situationOf,
  skipped,
  type Unless,
} from "../invariants/applicability.ts";
import * as copyOnWrite from "../invariants/copy-on-write.ts";
import * as counters from "../invariants/counters.ts";
import { type NotChecked, notChecked } from "../invariants/not-checked.ts";
import * as partiallyMapped from "../invariants/partially-mapped.ts";
import * as races from "../invariants/races.ts";
import * as slots from "../invariants/slots.ts";
import * as stats from "../invariants/stats.ts";
import { TRACKING } from "../invariants/tracking.ts";
import type { WorldView } from "../model/environment/view.ts";
import type { Kernel } from "../model/kernel/kernel.ts";
import { WALKED_MMS } from "../model/race/operations.ts";
import { type RaceChoices, type RaceView, raceMachine } from "../model/race/race.ts";
import { type RaceCalls, WholeCalls } from "../model/race/race-calls.ts";
import type { RaceBounds } from "../model/race/race-world.ts";
import { ownershipsOfCalls, sequentialOwnerships } from "../model/race/sequential.ts";
import { BUFFER_LENGTH, type MemoryModel } from "../races/race-model.ts";
import {
  type AnyModel,
  type BoundDefinition,
  type Bounds,
  type MachineDefinition,
  pmdConflict,
  range,
} from "./machine.ts";

const needsStats: Unless = (situation) => (bound(situation, "stats") === 1 ? undefined : "statistics are left out");

/** Applies without fixed calls, which need not reach every reachable state. */
const needsAnyCalls: Unless = (situation) =>
  bound(situation, "closed") > 0 ? undefined : "the calls need not lead there";

const needsReaders: Unless = (situation) =>
  bound(situation, "readers") === 1 ? undefined : "there are no lockless readers";

const needsNoPmdSplit: Unless = (situation) =>
  bound(situation, "pmd") === 0
    ? undefined
    : "while a PMD is split there is for a moment one mapping more than references";

/** Whether two CPUs can concurrently remove mappings of a folio, at least one of them PMD mappings. */
const removesPmdsConcurrently = (situation: Situation): boolean =>
  bound(situation, "closed") > 0 &&
  bound(situation, "pmd") > 0 &&
  bound(situation, "cpus") > 1 &&
  bound(situation, "mms") > 1;

/** Requires two counters, entire and large mapcount, which are not updated atomically together. */
const needsPmdRace: Unless = (situation) =>
  removesPmdsConcurrently(situation)
    ? (needsNoPageMapcount(situation) ?? needsEntireMapcount(situation))
    : "no two CPUs remove PMD mappings at the same time";

const needsNoPmdRace: Unless = (situation) =>
  needsPmdRace(situation) === undefined ? "this kernel is known to miss some (C14.race)" : undefined;

const needsStatsRace: Unless = (situation) =>
  removesPmdsConcurrently(situation)
    ? needsPageMapcount(situation)
    : "no two CPUs remove PMD mappings at the same time";

const needsNoStatsRace: Unless = (situation) =>
  needsStatsRace(situation) === undefined ? "this kernel is known to lose pages (C13.race)" : undefined;

/** Claims of the machines with page tables, checked in every state at rest of the race machine. */
const AT_REST: readonly Applicability<WorldView>[] = [
  ...TRACKING.filter(({ property }) => property.kind === "always"),
  { property: slots.noBadPage },
  { property: counters.entireMapcountIsExact, unless: allOf(needsLargeFolios, needsEntireMapcount) },
  { property: counters.totalMappedPagesIsExact, unless: allOf(needsLargeFolios, needsTotalMappedPages) },
  { property: counters.pageMapcountsAreExact },
  { property: counters.nrPagesMappedIsExact, unless: allOf(needsLargeFolios, needsPageMapcount, needsNrPagesMapped) },
  { property: counters.noBadPte },
  { property: counters.refcountIsExact },
  { property: counters.swapCountIsExact, unless: needsSwap },
  { property: counters.unreferencedIsFree },
  { property: copyOnWrite.noReuseWarning, unless: needsMmId },
  { property: copyOnWrite.exclusiveIsMappedOnce },
  { property: copyOnWrite.writableIsExclusive },
  { property: copyOnWrite.noExclusiveWarning },
  { property: copyOnWrite.exclusiveEntryIsTheOnlyOne, unless: needsSwap },
  { property: stats.wholeFoliosAreAccounted, unless: allOf(needsStats, needsNoPageMapcount) },
  { property: stats.pmdMappedIsAccounted, unless: allOf(needsStats, needsNoPageMapcount, needsPmd) },
  { property: stats.mappedPagesAreAccounted, unless: allOf(needsStats, needsPageMapcount, needsNoStatsRace) },
  { property: stats.pmdMappedPagesAreAccounted, unless: allOf(needsStats, needsPageMapcount, needsPmd) },
  {
    property: partiallyMapped.partialMappingIsDetected,
    unless: allOf(needsMmId, needsPages(4), needsNoSwap, needsNoPmdRace),
  },
  { property: partiallyMapped.undetectedAfterSwap, unless: allOf(needsMmId, needsPages(4), needsSwap, needsAnyCalls) },
  { property: slots.freeIdIsHeldByNoSlot, unless: needsMmId },
  { property: slots.liveMmHasId, unless: needsMmId },
];

/** Claims of the race machine only. */
const RACES: readonly Applicability<RaceView>[] = [
  { property: races.refcountAlwaysCovers, unless: needsNoPmdSplit },
  { property: races.writableIsMappedOnce },
  { property: races.exclusiveWasTrue, unless: needsReaders },
  { property: races.noDeadlock },
  { property: races.noLockLeft },
  { property: races.noUseAfterFree },
  { property: races.onlyExpectedDataRaces },
  { property: races.undetectedByRace, unless: allOf(needsPages(4), needsPmdRace) },
  { property: races.miscountedByRace, unless: allOf(needsStats, needsStatsRace) },
];
/** Operation that claim C18 is about. */
const READER = "maybeMappedShared";

const RACE_OPERATIONS: { readonly [group: string]: readonly string[] } = {
  writes: ["writeFault", "unshare"],
  gup: ["gupFast", "gupSlow"],
  references: ["speculativeReference"],
  readers: [READER],
  shrinker: ["shrinkDeferred"],
  migration: ["migrate"],
  swap: ["swapOut", "swapIn", "freeSwap"],
  proc: ["kpagecount", "pagemap"],
};

/** Returns the bounds that enable groups of operations: 1 for the groups of the calls, otherwise 0. */
export function groupsOf({ start, cpus }: RaceCalls): Bounds {
  const called = operationsOf({ cpus: [start, ...cpus] });
  return Object.fromEntries(
    Object.entries(RACE_OPERATIONS).map(([group, names]) => [
      group,
      names.some((each) => called.includes(each)) ? 1 : 0,
    ]),
  );
}

const TWO_VALUES = [0, 1];

const RACE_BOUNDS: readonly BoundDefinition[] = [
  { name: "cpus", description: "CPUs", values: range(1, 4), default: 2 },
  { name: "pages", description: "pages of the folio", values: [1, 2, 4, 8], default: 2 },
  { name: "mms", description: "MMs", values: range(1, 4), default: 2 },
  { name: "pmd", description: "1: the folio is of PMD size", values: TWO_VALUES, default: 0 },
  { name: "writes", description: "1: write faults and unsharing", values: TWO_VALUES, default: 0 },
  { name: "gup", description: "1: GUP-fast and GUP", values: TWO_VALUES, default: 0 },
  { name: "references", description: "1: speculative references", values: TWO_VALUES, default: 1 },
  { name: "readers", description: "1: lockless folio_maybe_mapped_shared()", values: TWO_VALUES, default: 1 },
  {
    name: "shrinker",
    description: "1: the shrinker takes folios off the deferred split queue",
    values: TWO_VALUES,
    default: 0,
  },
  {
    name: "migration",
    description: "1: migration up to the migration entries and back",
    values: TWO_VALUES,
    default: 0,
  },
  {
    name: "swap",
    description: "1: reclaim up to swap entries, swap-in from the swap cache, and freeing of that",
    values: TWO_VALUES,
    default: 0,
  },
  { name: "proc", description: "1: kpagecount, pagemap and smaps", values: TWO_VALUES, default: 0 },
  { name: "stats", description: "1: node statistics", values: TWO_VALUES, default: 1 },
  { name: "tso", description: "1: the memory model is x86-TSO", values: TWO_VALUES, default: 0 },
  {
    name: "views",
    description: "1: the memory model is views: loads may read values that were overwritten",
    values: TWO_VALUES,
    default: 0,
  },
  {
    name: "merge",
    description: "1: accesses that no other CPU can interfere with are not interleaved",
    values: TWO_VALUES,
    default: 1,
  },
  {
    name: "frames",
    description: "1: values that a thread can no longer know are forgotten",
    values: TWO_VALUES,
    default: 1,
  },
  {
    name: "classes",
    description: "1: positions in threads from which everything that follows is the same are one",
    values: TWO_VALUES,
    default: 0,
  },
];

/** Returns the bounds that select a memory model. */
export function memoryBounds(model: MemoryModel): { readonly tso: number; readonly views: number } {
  return { tso: model === "tso" ? 1 : 0, views: model === "views" ? 1 : 0 };
}

function memoryModelOf({ tso, views }: Bounds): MemoryModel {
  return views === 1 ? "views" : tso === 1 ? "tso" : "sc";
}

const MEMORY_MODELS: { readonly [model in MemoryModel]: string } = {
  sc: "sequential consistency",
  tso: "x86-TSO",
  views: "views, with acquire, release and smp_mb() (promise-free)",
};

/** Executions that a memory model does not cover. */
const WEAKER: { readonly [model in MemoryModel]: NotChecked } = {
  sc: notChecked("Memory models weaker than sequential consistency", "--memory tso and --memory views check such"),
  tso: notChecked(
    `Memory models weaker than x86-TSO (see --memory views); stores that are still buffered when an operation ends; more than ${BUFFER_LENGTH} of them at a time`,
  ),
  views: notChecked(
    "Stores that are executed before a load that precedes them (load buffering); stores to one word that become visible in " +
      "another order; operations that begin without having seen what was written before",
  ),
};

function raceChoices(bounds: Bounds): RaceChoices & { readonly operations: readonly string[] } {
  const off = Object.entries(RACE_OPERATIONS).flatMap(([group, names]) => (bounds[group] === 0 ? names : []));
  const all = ["newMm", "fork", "exit", "anonFault", "zap", "splitPmd", ...Object.values(RACE_OPERATIONS).flat()];
  return {
    memoryModel: memoryModelOf(bounds),
    reductions: {
      protectedAccesses: bounds["merge"] === 1,
      callFrames: bounds["frames"] === 1,
      nodeClasses: bounds["classes"] === 1,
    },
    operations: all.filter((name) => !off.includes(name)),
  };
}

function operationsOf({ cpus }: Pick<RaceCalls, "cpus">): string[] {
  return [...new Set(cpus.flat().map(({ operation }) => operation))];
}

function raceBounds(bounds: Bounds): RaceBounds {
  const { cpus = 1, pages = 2, mms = 1, pmd = 0 } = bounds;
  return { cpus, pages, mms, pmd, stats: bounds["stats"] ?? 0, swap: bounds["swap"] ?? 0 };
}

const RACE: PageTableFeatures = {
  name: "race",
  features: { contents: false, shmem: false, pins: true, migration: "none" },
};

/** @param calls fixed calls; known reachable states need not be reachable by them */
function raceSituation(bounds: Bounds, kernel: Kernel, calls?: RaceCalls): Situation {
  const { pages = 0, swap = 0 } = bounds;
  const swapSlots = swap * pages;
  const all = { ...bounds, anon: 1, file: 0, minPages: pages, swapSlots, closed: calls === undefined ? 1 : 0 };
  return situationOf(all, kernel, RACE);
}

/** Operations that temporarily hold a reference to the folio, or its lock. */
const HOLDERS = [
  "gupFast",
  "gupSlow",
  "speculativeReference",
  "shrinkDeferred",
  "migrate",
  "swapOut",
  "swapIn",
  "freeSwap",
];

/**
 * Returns the reasons why concurrent fixed calls can reach outcomes that no sequential order reaches; empty if they
 * cannot.
 */
function outcomesOfNoOrder(calls: RaceCalls | undefined): string[] {
  const all = calls === undefined || calls.cpus.length === 1 ? [] : calls.cpus.flat();
  const calledAny = (names: readonly string[]): boolean => all.some(({ operation }) => names.includes(operation));
  const writes =
    calledAny(["writeFault", "unshare"]) ||
    all.some(({ operation, parameters }) => operation === "swapIn" && parameters["write"] === true);
  return [
    ...(calledAny(["fork"]) && all.some(({ parameters }) => parameters["pin"] === true)
      ? ["a pin that begins or ends during fork() makes a child share some pages and copy others"]
      : []),
    ...(calledAny(["swapOut"]) ? ["a reference or a pin during reclaim leaves pages mapped"] : []),
    ...(writes && calledAny(HOLDERS)
      ? ["a reference or the folio lock during a write fault makes it copy a page"]
      : []),
  ];
}

/** Describes the interleaving of CPUs: memory model, CPUs, reductions. */
function interleavingAt(bounds: Bounds, calls?: RaceCalls): string[] {
  const { cpus, merge, frames, classes, swap } = bounds;
  const reductions = [
    ...(merge === 1 ? ["accesses that no other CPU can interfere with are not interleaved"] : []),
    ...(frames === 1 ? ["values that a thread can no longer know are forgotten"] : []),
    ...(classes === 1 ? ["positions in threads from which everything that follows is the same are one"] : []),
  ];
  const isForgetful = bounds["views"] === 1 && calls === undefined;
  const executed = calls === undefined ? "any operation, again and again" : "their calls";
  return [
    `memory model: ${MEMORY_MODELS[memoryModelOf(bounds)]}${isForgetful ? "; of each word one overwritten value is remembered" : ""}`,
    `${cpus === 1 ? "1 CPU executes" : `${cpus} CPUs execute`} ${executed}; every access to shared memory is a step`,
    `reductions: ${reductions.length === 0 ? "none" : reductions.join("; ")}`,
    ...(swap === 1
      ? [
          "swap: a folio that has swap entries stays in the swap cache; reclaim comes to the MMs in any order, and not while " +
            "one forks; all slots have one lock",
        ]
      : []),
    ...outcomesOfNoOrder(calls).map((outcome) => `C19 is not claimed: ${outcome}`),
  ];
}

/** Returns the steps that a run does not interleave. */
export function notInterleaved({ swap }: Bounds): readonly NotChecked[] {
  return [
    notChecked("Interleavings inside the allocator and of mmap_lock, which an operation has from its start to its end"),
    notChecked("More than one folio and page table for each MM; IRQs, RCU and TLB flushes"),
    ...(swap === 1
      ? [
          notChecked(
            "Swap devices",
            "what is written to them and read from them, swap-in around the swap cache, slots of other folios",
          ),
        ]
      : []),
    notChecked(
      `Files, contents of pages, ${swap === 1 ? "" : "swap, "}folio split, collapse`,
      "see the other machines, whose operations are atomic",
    ),
  ];
}

/** Machine `race`. */
export const RACE_MACHINE: MachineDefinition = {
  name: "race",
  summary: "CPUs that execute MM operations at the same time, interleaved at every access to shared memory",
  bounds: RACE_BOUNDS,
  conflict: (bounds, config) => {
    const { mms = 0, pages = 0, pmd = 0 } = bounds;
    const walk = ["migration", "swap"].find((name) => bounds[name] === 1);
    if (!config.mmId) {
      return "machine race needs mm-id: without it there is nothing to track";
    }
    if (bounds["tso"] === 1 && bounds["views"] === 1) {
      return "tso 1 and views 1 are two memory models: want one";
    }
    if (pages === 1 && pmd > 0) {
      return "no PMD maps a folio of 1 page: want pages 2 or more, or pmd 0";
    }
    return walk !== undefined && mms > WALKED_MMS
      ? `${walk} 1 needs at most ${WALKED_MMS} MMs`
      : pmdConflict(bounds, config);
  },
  build: (bounds, kernel, calls, log) => {
    const choices = raceChoices(bounds);
    let isSequential: ((ownership: string) => boolean) | undefined;
    const isOutcome = (ownership: string): boolean => {
      isSequential ??=
        calls === undefined
          ? sequentialOwnerships(raceBounds(bounds), kernel, choices.operations)
          : ownershipsOfCalls(raceBounds(bounds), kernel, calls);
      return isSequential(ownership);
    };
    const operations = calls === undefined ? choices.operations : operationsOf(calls);
    const situation = raceSituation({ ...bounds, readers: operations.includes(READER) ? 1 : 0 }, kernel, calls);
    const properties = [
      ...applicable(AT_REST, situation).map(races.atRest),
      ...applicable(RACES, situation),
      ...(outcomesOfNoOrder(calls).length > 0 ? [] : [races.slotsAreSequential(isOutcome)]),
      ...(calls === undefined ? [] : [races.allCallsEnd]),
    ];
    const fixed =
      calls === undefined
        ? {}
        : {
            calls: calls.cpus,
            start: new WholeCalls(raceBounds(bounds), kernel).afterAll(calls.start),
          };
    const all = { ...choices, ...fixed, operations };
    return raceMachine("race", raceBounds(bounds), kernel, all, properties, log) as unknown as AnyModel;
  },
  calls: {
    // The bounds include a swap area, so that signatures of swap operations exist.
    signatures: (bounds, kernel) => {
      const { mms = 0 } = bounds;
      return new WholeCalls({ ...raceBounds(bounds), swap: mms <= WALKED_MMS ? 1 : 0 }, kernel).signatures;
    },
    conflict: (bounds, kernel, calls) => {
      if (calls.cpus.length !== bounds["cpus"]) {
        return `there are calls for ${calls.cpus.length} CPUs, and ${bounds["cpus"]} CPUs`;
      }
      return new WholeCalls(raceBounds(bounds), kernel).conflict(calls);
    },
  },
  interleaving: interleavingAt,
  equivalence: () => [],
  notChecked: (bounds, kernel) => [
    ...skipped(AT_REST, raceSituation(bounds, kernel)),
    ...skipped(RACES, raceSituation(bounds, kernel)),
    WEAKER[memoryModelOf(bounds)],
    ...notInterleaved(bounds),
  ],
};
