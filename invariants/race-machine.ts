/** The race machine with the claims that are checked on it. */

import type { Kernel } from "../model/kernel/kernel.ts";
import { warningText } from "../model/kernel/warnings.ts";
import { WALKED_MMS } from "../model/race/operations.ts";
import { type RaceChoices, raceMachine, type RaceView } from "../model/race/race.ts";
import type { RaceBounds } from "../model/race/race-world.ts";
import { sequentialOwnerships } from "../model/race/sequential.ts";
import type { Scope } from "../model/scopes.ts";
import type { WorldView } from "../model/view.ts";
import {
  type Applicability,
  allOf,
  applicable,
  bound,
  needsEntireMapcount,
  needsMmId,
  needsNoPageMapcount,
  needsNrPagesMapped,
  needsPageMapcount,
  needsPages,
  needsPmd,
  needsTotalMappedPages,
  type Situation,
  type Unless,
  situationOf,
  skipped,
} from "./applicability.ts";
import * as copyOnWrite from "./copy-on-write.ts";
import * as counters from "./counters.ts";
import {
  type AnyModel,
  type BoundDefinition,
  type Bounds,
  type MachineDefinition,
  range,
} from "./machine-definition.ts";
import * as partiallyMapped from "./partially-mapped.ts";
import * as races from "./races.ts";
import * as slots from "./slots.ts";
import * as stats from "./stats.ts";
import { TRACKING } from "./tracking.ts";

const needsStats: Unless = (situation) => (bound(situation, "stats") === 1 ? undefined : "statistics are left out");

const needsReaders: Unless = (situation) =>
  bound(situation, "readers") === 1 ? undefined : "there are no lockless readers";

const needsNoPmdSplit: Unless = (situation) =>
  bound(situation, "pmd") === 0
    ? undefined
    : "while a PMD is split there is for a moment one mapping more than references";

/** Two CPUs remove PMD mappings of a folio, or one does and another one PTE mappings, at the same time. */
const removesPmdsConcurrently = (situation: Situation): boolean =>
  bound(situation, "pmd") > 0 && bound(situation, "cpus") > 1 && bound(situation, "mms") > 1;

const needsPmdRace: Unless = (situation) =>
  removesPmdsConcurrently(situation)
    ? needsNoPageMapcount(situation)
    : "no two CPUs remove PMD mappings at the same time";

const needsNoPmdRace: Unless = (situation) =>
  needsPmdRace(situation) === undefined ? "this kernel is known to miss some (C14.race)" : undefined;

const needsStatsRace: Unless = (situation) =>
  removesPmdsConcurrently(situation)
    ? needsPageMapcount(situation)
    : "no two CPUs remove PMD mappings at the same time";

const needsNoStatsRace: Unless = (situation) =>
  needsStatsRace(situation) === undefined ? "this kernel is known to lose pages (C13.race)" : undefined;

/** Claims of the machines with page tables that are made of every state at rest of the race machine. */
const AT_REST: readonly Applicability<WorldView>[] = [
  ...TRACKING.filter(({ property }) => property.kind === "always"),
  { property: slots.noBadPage },
  { property: counters.entireMapcountIsExact, unless: needsEntireMapcount },
  { property: counters.totalMappedPagesIsExact, unless: needsTotalMappedPages },
  { property: counters.pageMapcountsAreExact },
  { property: counters.nrPagesMappedIsExact, unless: allOf(needsPageMapcount, needsNrPagesMapped) },
  { property: counters.noBadPte },
  { property: counters.refcountIsExact },
  { property: counters.unreferencedIsFree },
  { property: copyOnWrite.noReuseWarning, unless: needsMmId },
  { property: copyOnWrite.exclusiveIsMappedOnce },
  { property: copyOnWrite.writableIsExclusive },
  { property: copyOnWrite.noExclusiveWarning },
  { property: stats.wholeFoliosAreAccounted, unless: allOf(needsStats, needsNoPageMapcount) },
  { property: stats.pmdMappedIsAccounted, unless: allOf(needsStats, needsNoPageMapcount, needsPmd) },
  { property: stats.mappedPagesAreAccounted, unless: allOf(needsStats, needsPageMapcount, needsNoStatsRace) },
  { property: stats.pmdMappedPagesAreAccounted, unless: allOf(needsStats, needsPageMapcount, needsPmd) },
  { property: partiallyMapped.partialMappingIsDetected, unless: allOf(needsMmId, needsPages(4), needsNoPmdRace) },
  { property: slots.freeIdIsHeldByNoSlot, unless: needsMmId },
  { property: slots.liveMmHasId, unless: needsMmId },
];

/** Claims that only this machine is about. */
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

const RACE_OPERATIONS: { readonly [group: string]: readonly string[] } = {
  writes: ["writeFault", "unshare"],
  gup: ["gupFast", "gupSlow"],
  references: ["speculativeReference"],
  readers: ["maybeMappedShared"],
  shrinker: ["shrinkDeferred"],
  migration: ["migrate"],
  proc: ["kpagecount", "pagemap"],
};

const TWO_VALUES = [0, 1];

const RACE_BOUNDS: readonly BoundDefinition[] = [
  { name: "cpus", description: "CPUs", values: range(1, 4), default: 2 },
  { name: "pages", description: "pages of the folio", values: [2, 4, 8], default: 2 },
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
  { name: "proc", description: "1: kpagecount, pagemap and smaps", values: TWO_VALUES, default: 0 },
  { name: "stats", description: "1: node statistics", values: TWO_VALUES, default: 1 },
  { name: "tso", description: "memory model: 0 sequential consistency, 1 x86-TSO", values: TWO_VALUES, default: 0 },
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
];

function raceChoices(bounds: Bounds): RaceChoices {
  const off = Object.entries(RACE_OPERATIONS).flatMap(([group, names]) => (bounds[group] === 0 ? names : []));
  const all = ["newMm", "fork", "exit", "anonFault", "zap", "splitPmd", ...Object.values(RACE_OPERATIONS).flat()];
  return {
    memoryModel: bounds["tso"] === 1 ? "tso" : "sc",
    reductions: { protectedAccesses: bounds["merge"] === 1, callFrames: bounds["frames"] === 1 },
    operations: all.filter((name) => !off.includes(name)),
  };
}

function raceBounds(bounds: Bounds): RaceBounds {
  const { cpus = 1, pages = 2, mms = 1, pmd = 0 } = bounds;
  return { cpus, pages, mms, pmd, stats: bounds["stats"] ?? 0 };
}

const RACE_SCOPE: Scope = {
  name: "race",
  features: { contents: false, shmem: false, pins: true, migration: "none" },
  actions: () => [],
};

const raceSituation = (bounds: Bounds, kernel: Kernel): Situation =>
  situationOf({ ...bounds, anon: 1, file: 0, minPages: bounds["pages"] ?? 0 }, kernel, RACE_SCOPE);

/** The machine. */
export const RACE_MACHINE: MachineDefinition = {
  name: "race",
  summary: "CPUs that execute MM operations at the same time, interleaved at every access to shared memory",
  bounds: RACE_BOUNDS,
  conflict: ({ migration, mms = 0 }, config) => {
    if (!config.mmId) {
      return "machine race needs mm-id: without it there is nothing to track";
    }
    return migration === 1 && mms > WALKED_MMS ? `migration 1 needs at most ${WALKED_MMS} MMs` : undefined;
  },
  build: (bounds, kernel) => {
    const choices = raceChoices(bounds);
    let ownerships: ReadonlySet<string> | undefined;
    const sequential = (): ReadonlySet<string> => {
      ownerships ??= sequentialOwnerships(raceBounds(bounds), kernel, choices.operations);
      return ownerships;
    };
    const properties = [
      ...applicable(AT_REST, raceSituation(bounds, kernel)).map(races.atRest),
      ...applicable(RACES, raceSituation(bounds, kernel)),
      races.slotsAreSequential(sequential),
    ];
    return raceMachine("race", raceBounds(bounds), kernel, choices, properties, warningText) as unknown as AnyModel;
  },
  equivalence: () => [],
  notChecked: (bounds, kernel) => [
    ...skipped(AT_REST, raceSituation(bounds, kernel)),
    ...skipped(RACES, raceSituation(bounds, kernel)),
    bounds["tso"] === 1
      ? "Memory models weaker than x86-TSO; stores that are still buffered when an operation ends"
      : "Memory models weaker than sequential consistency: --tso 1 checks x86-TSO",
    "Interleavings inside the allocator and of mmap_lock, which an operation has from its start to its end",
    "More than one folio and page table for each MM; IRQs, RCU and TLB flushes",
  ],
};
