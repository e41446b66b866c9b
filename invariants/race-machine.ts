/** The race machine with the claims that are checked on it. */

import type { Kernel } from "../model/kernel/kernel.ts";
import { warningText } from "../model/kernel/warnings.ts";
import { type RaceChoices, raceMachine } from "../model/race/race.ts";
import { type RaceCalls, WholeCalls } from "../model/race/race-calls.ts";
import type { RaceBounds } from "../model/race/race-world.ts";
import { ownershipsOfCalls, sequentialOwnerships } from "../model/race/sequential.ts";
import type { Scope } from "../model/scopes.ts";
import type { WorldView } from "../model/view.ts";
import {
  type Applicability,
  allOf,
  applicable,
  needsEntireMapcount,
  needsMmId,
  needsNoPageMapcount,
  needsNrPagesMapped,
  needsPageMapcount,
  needsPages,
  needsPmd,
  needsTotalMappedPages,
  type Situation,
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
  { property: stats.wholeFoliosAreAccounted, unless: needsNoPageMapcount },
  { property: stats.pmdMappedIsAccounted, unless: allOf(needsNoPageMapcount, needsPmd) },
  { property: stats.mappedPagesAreAccounted, unless: needsPageMapcount },
  { property: stats.pmdMappedPagesAreAccounted, unless: allOf(needsPageMapcount, needsPmd) },
  { property: partiallyMapped.partialMappingIsDetected, unless: allOf(needsMmId, needsPages(4)) },
  { property: slots.freeIdIsHeldByNoSlot, unless: needsMmId },
  { property: slots.liveMmHasId, unless: needsMmId },
];

/** The operation that claim C18 is about. */
const READER = "maybeMappedShared";

const RACE_OPERATIONS: { readonly [group: string]: readonly string[] } = {
  writes: ["writeFault", "unshare"],
  gup: ["gupFast", "gupSlow"],
  references: ["speculativeReference"],
  readers: [READER],
  shrinker: ["shrinkDeferred"],
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

function raceChoices(bounds: Bounds): RaceChoices & { readonly operations: readonly string[] } {
  const off = Object.entries(RACE_OPERATIONS).flatMap(([group, names]) => (bounds[group] === 0 ? names : []));
  const all = ["newMm", "fork", "exit", "anonFault", "zap", "splitPmd", ...Object.values(RACE_OPERATIONS).flat()];
  return {
    memoryModel: bounds["tso"] === 1 ? "tso" : "sc",
    reductions: { protectedAccesses: bounds["merge"] === 1, callFrames: bounds["frames"] === 1 },
    operations: all.filter((name) => !off.includes(name)),
  };
}

function operationsOf({ cpus }: RaceCalls): string[] {
  return [...new Set(cpus.flat().map(({ operation }) => operation))];
}

function raceBounds(bounds: Bounds): RaceBounds {
  const { cpus = 1, pages = 2, mms = 1, pmd = 0 } = bounds;
  return { cpus, pages, mms, pmd, holders: 0 };
}

const RACE_SCOPE: Scope = {
  name: "race",
  features: { contents: false, shmem: false, pins: true, migration: "none" },
  actions: () => [],
};

const raceSituation = (bounds: Bounds, kernel: Kernel): Situation =>
  situationOf({ ...bounds, anon: 1, file: 0, minPages: bounds["pages"] ?? 0 }, kernel, RACE_SCOPE);

/** How CPUs are interleaved: memory model, CPUs, reductions. */
function interleavingAt({ cpus, tso, merge, frames }: Bounds, calls?: RaceCalls): string[] {
  const reductions = [
    ...(merge === 1 ? ["accesses that no other CPU can interfere with are not interleaved"] : []),
    ...(frames === 1 ? ["values that a thread can no longer know are forgotten"] : []),
  ];
  const executed = calls === undefined ? "any operation, again and again" : "their calls";
  return [
    `memory model: ${tso === 1 ? "x86-TSO" : "sequential consistency"}`,
    `${cpus === 1 ? "1 CPU executes" : `${cpus} CPUs execute`} ${executed}; every access to shared memory is a step`,
    `reductions: ${reductions.length === 0 ? "none" : reductions.join("; ")}`,
  ];
}

/** The machine. */
export const RACE_MACHINE: MachineDefinition = {
  name: "race",
  summary: "CPUs that execute MM operations at the same time, interleaved at every access to shared memory",
  bounds: RACE_BOUNDS,
  conflict: (_bounds, config) =>
    config.mmId ? undefined : "machine race needs mm-id: without it there is nothing to track",
  build: (bounds, kernel, calls) => {
    const choices = raceChoices(bounds);
    let ownerships: ReadonlySet<string> | undefined;
    const sequential = (): ReadonlySet<string> => {
      ownerships ??=
        calls === undefined
          ? sequentialOwnerships(raceBounds(bounds), kernel, choices.operations)
          : ownershipsOfCalls(raceBounds(bounds), kernel, calls);
      return ownerships;
    };
    const operations = calls === undefined ? choices.operations : operationsOf(calls);
    const properties = [
      ...applicable(AT_REST, raceSituation(bounds, kernel)).map(races.atRest),
      ...(bounds["pmd"] === 1 ? [] : [races.refcountAlwaysCovers]),
      races.writableIsMappedOnce,
      ...(operations.includes(READER) ? [races.exclusiveWasTrue] : []),
      races.slotsAreSequential(sequential),
      races.noDeadlock,
      races.noLockLeft,
      races.noUseAfterFree,
      races.onlyExpectedDataRaces,
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
    return raceMachine("race", raceBounds(bounds), kernel, all, properties, warningText) as unknown as AnyModel;
  },
  calls: {
    signatures: (bounds, kernel) => new WholeCalls(raceBounds(bounds), kernel).signatures,
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
    ...(bounds["pmd"] === 1
      ? ["C7.instant: while a PMD is split there is one mapping more than references, before the PMD mapping goes"]
      : []),
    bounds["tso"] === 1
      ? "Memory models weaker than x86-TSO; stores that are still buffered when an operation ends"
      : "Memory models weaker than sequential consistency: --memory tso checks x86-TSO",
    "Interleavings inside the allocator and of mmap_lock, which an operation has from its start to its end",
    "More than one folio and page table for each MM; IRQs, RCU and TLB flushes",
  ],
};
