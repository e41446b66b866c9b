/**
 * Claims about interleavings: those that hold at every instant, and those that hold at rest, when no CPU executes an
 * operation.
 */
import {
  always,
  alwaysReading,
  type DeepReadonly,
  noWarning,
  type Property,
  sometimes,
} from "../explore/model/model.ts";
import { at } from "../explore/model/schema.ts";
import type { WorldView } from "../model/environment/view.ts";
import { isPresent } from "../model/kernel/pgtable.ts";
import { Warning } from "../model/kernel/warnings.ts";
import { DATA_RACES, type RaceView } from "../model/race/race.ts";
import type { RaceWorld } from "../model/race/race-world.ts";
import { ownershipOf } from "../model/race/sequential.ts";
import { partialMappingIsDetected } from "./partially-mapped.ts";
import { mappedPagesAreAccounted } from "./stats.ts";

/** Restricts a claim to states at rest. Not defined for claims about steps. */
export function atRest(property: Property<WorldView>): Property<RaceView> {
  if (property.kind === "sometimes") {
    const { reached } = property;
    return { ...property, reached: (view: RaceView) => view.isAtRest && reached(view) };
  }
  if (property.kind !== "always") {
    return property as Property<RaceView>;
  }
  const { id, claim, source, holds, faults } = property;
  return always<RaceView>({ id, claim, source, when: isAtRest, holds, ...(faults === undefined ? {} : { faults }) });
}

/** Shared function object, so that it is evaluated once for all claims about states at rest. */
const isAtRest = (view: DeepReadonly<RaceView>): boolean => view.isAtRest;

/** C18. */
export const exclusiveWasTrue: Property<RaceView> = noWarning({
  id: "C18",
  claim: "A lockless folio_maybe_mapped_shared() that answers no was right at some instant of the call",
  source: "series v3 12/20, 14/20; include/linux/mm.h",
  codes: [Warning.neverExclusive],
});

const isCounter = (path: string): boolean => /^folios\[0\]\..*(?:refcount|mapcount|nrPagesMapped)$/i.test(path);

/** C7, at every instant. */
export const refcountAlwaysCovers: Property<RaceView> = alwaysReading(isCounter, {
  id: "C7.instant",
  claim: "At every instant there are at least as many references as mappings",
  source: "series v3 13/20: references are taken before mappings are added and dropped after they are removed",
  holds: ({ world, kernel }) => {
    const folio = at(world.folios, 0);
    return folio.refcount >= kernel.folioMapcount(folio);
  },
});

const isEntry = (path: string): boolean => /\.(?:pmd|ptes\[\d+\])\.\w+$/.test(path);

/** C9, at every instant. */
export const writableIsMappedOnce: Property<RaceView> = alwaysReading(isEntry, {
  id: "C9.instant",
  claim: "At no instant can one MM write to a page that another one maps",
  source: "series v3 13/20; mm/memory.c, __copy_present_ptes()",
  holds: ({ world }) => {
    const { mms } = world;
    for (let m = 0; m < mms.length; m++) {
      const { pmd, ptes } = at(at(mms, m).vmas, 0);
      for (let i = 0; i < ptes.length; i++) {
        const entry = pmd.folio === 0 ? at(ptes, i) : pmd;
        const page = pmd.folio === 0 ? at(ptes, i).page : i;
        if (isPresent(entry) && entry.writable && isMappedElsewhere(world, m, page)) {
          return false;
        }
      }
    }
    return true;
  },
});

function isMappedElsewhere({ mms }: RaceView["world"], own: number, page: number): boolean {
  for (let m = 0; m < mms.length; m++) {
    if (m === own) {
      continue;
    }
    const { pmd, ptes } = at(at(mms, m).vmas, 0);
    if (isPresent(pmd)) {
      return true;
    }
    for (let i = 0; i < ptes.length; i++) {
      const pte = at(ptes, i);
      if (pte.page === page && isPresent(pte)) {
        return true;
      }
    }
  }
  return false;
}

/** L1. */
export const noDeadlock: Property<RaceView> = always({
  id: "L1",
  claim:
    "CPUs that execute operations never all wait: for locks, or for anything else while no other CPU can begin a call",
  source: "Documentation/locking/lockdep-design.rst",
  holds: (view) => !view.isDeadlocked,
});

/** L2. */
export const noLockLeft: Property<RaceView> = always({
  id: "L2",
  claim: "No lock is left taken when no CPU executes anything",
  source: "include/linux/rmap.h; mm/memory.c; mm/huge_memory.c",
  when: isAtRest,
  holds: ({ world }) => {
    const { largeMapcountLock, splitQueueLock, locked } = at(world.folios, 0);
    if (largeMapcountLock || splitQueueLock || locked || world.swapClusterLock) {
      return false;
    }
    for (let m = 0; m < world.mms.length; m++) {
      const { pageTableLock, mmapWriter, mmapReaders } = at(world.mms, m);
      if (pageTableLock || mmapWriter || mmapReaders !== 0) {
        return false;
      }
    }
    return true;
  },
});

/** L3. */
export const noUseAfterFree: Property<RaceView> = noWarning({
  id: "L3",
  claim: "No folio is freed while another CPU holds its lock",
  source: "mm/swap.c, __folio_put(); include/linux/rmap.h",
  codes: [Warning.usedAfterFree],
});

/** D1. */
export const onlyExpectedDataRaces: Property<RaceView> = noWarning({
  id: "D1",
  claim: "Plain accesses race only where it is known to be harmless",
  source: "tools/memory-model/Documentation/explanation.txt; docs/races.md",
  codes: Array.from({ length: DATA_RACES.count }, (_, i) => DATA_RACES.first + i),
});

/** C19. @param isSequential whether sequential execution of whole operations reaches an ownership */
export function slotsAreSequential(isSequential: (ownership: string) => boolean): Property<RaceView> {
  return always({
    id: "C19",
    claim: "The owner slots and the large mapcount are as after some sequential order of the operations",
    source: "series v3 12/20",
    when: isAtRest,
    holds: ({ world }) => isSequential(ownershipOf(world as RaceWorld)),
  });
}

/** C14, an exception. */
export const undetectedByRace: Property<RaceView> = sometimes({
  id: "C14.race",
  claim:
    "Exception: a folio that one MM maps partially is not detected when another MM's PMD goes at the same time as a PMD is " +
    "split: the one lowered the entire mapcount and was not the last, the other was the last and still saw all pages mapped",
  source: "mm/rmap.c, __folio_remove_rmap(), PGTABLE_LEVEL_PMD with CONFIG_NO_PAGE_MAPCOUNT",
  reached: (view) =>
    view.isAtRest && partialMappingIsDetected.kind === "always" && partialMappingIsDetected.holds(view) === false,
});

/** C13, an exception. */
export const miscountedByRace: Property<RaceView> = sometimes({
  id: "C13.race",
  claim:
    "Exception: the mapped statistics lose a page for good when a PTE is zapped while another MM's PMD of the folio is split: " +
    "_nr_pages_mapped counts the page twice for a moment, and a result below zero is taken for zero",
  source: "mm/rmap.c, __folio_remove_rmap(), PGTABLE_LEVEL_PMD with CONFIG_PAGE_MAPCOUNT",
  reached: (view) =>
    view.isAtRest && mappedPagesAreAccounted.kind === "always" && mappedPagesAreAccounted.holds(view) === false,
});

/** L4, for fixed calls: if it is not reached, claims about their ends are vacuous. */
export const allCallsEnd: Property<RaceView> = sometimes({
  id: "L4",
  claim: "Some interleaving executes all calls to completion",
  source: "the calls that were given",
  reached: (view) => view.haveAllEnded,
});
