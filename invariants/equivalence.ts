/** Equivalence: two kernels in lockstep behave the same in everything observable. */
import { always, noWarning, type Property, sometimes } from "../explore/model/model.ts";
import { OneSided, type Pair } from "../explore/model/product.ts";
import { at } from "../explore/model/schema.ts";
import {
  sameDeferredSplits,
  sameMemory,
  sameProc,
  sameReferences,
  sameSharing,
  sameStatistics,
} from "../model/environment/observation.ts";
import type { View, WorldView } from "../model/environment/view.ts";

const RFC = 'RFC 2026-04-12, 13/13: "No functional change intended"';

/** EQ, enabled actions. */
export const sameActions: Property<unknown> = noWarning({
  id: "EQ.enabled",
  claim: "What can be done under one kernel can be done under the other",
  source: RFC,
  codes: [OneSided.enabledInOne, OneSided.enabledInOther],
});

/** EQ, warnings. */
export const sameWarnings: Property<unknown> = noWarning({
  id: "EQ.warnings",
  claim: "What raises a warning under one kernel raises one under the other",
  source: RFC,
  codes: [OneSided.warnedInOne, OneSided.warnedInOther],
});

/** EQ, mapcounts and shared verdicts, which kernel policies use. */
export const sharingIsSame: Property<Pair<View>> = always({
  id: "EQ.sharing",
  claim: "folio_mapcount() and folio_maybe_mapped_shared() of every folio are the same under both kernels",
  source: RFC,
  holds: ({ one, other }) => sameSharing(one, other),
});

/** EQ, memory of processes. */
export const memoryIsSame: Property<Pair<WorldView>> = always({
  id: "EQ.memory",
  claim:
    "Every entry of every process maps the same page with the same rights under both kernels, pages are exclusive and " +
    "hold what they hold in both, and so does swap",
  source: RFC,
  holds: ({ one, other }) => sameMemory(one.world, other.world),
});

/** EQ, /proc. */
export const procIsSame: Property<Pair<WorldView>> = always({
  id: "EQ.proc",
  claim: "kpagecount, mapmax, PM_MMAP_EXCLUSIVE, USS and PSS of every mapped page are the same under both kernels",
  source: RFC,
  holds: ({ one, other }) => sameProc(one, other),
});

/** EQ, statistics. */
export const statisticsAreSame: Property<Pair<WorldView>> = always({
  id: "EQ.statistics",
  claim: "The statistics of mapped and of PMD-mapped pages are the same under both kernels",
  source: RFC,
  holds: ({ one, other }) => sameStatistics(one.world.stats, other.world.stats),
});

/** EQ, partial mappings. */
export const deferredSplitsAreSame: Property<Pair<WorldView>> = always({
  id: "EQ.deferred-split",
  claim: "The same folios are marked as partially mapped, and queued to be split, under both kernels",
  source: RFC,
  holds: ({ one, other }) => sameDeferredSplits(one.world, other.world),
});

/** EQ, references. */
export const referencesAreSame: Property<Pair<WorldView>> = always({
  id: "EQ.references",
  claim:
    "Every folio has the same number of references, a pin being one, and the same expected ones, and is taken for " +
    "pinned or not, under both kernels",
  source: RFC,
  holds: ({ one, other }) => sameReferences(one, other),
});

/** Properties of lockstep runs of machines without page tables. */
export const TRACKING: readonly Property<Pair<View>>[] = [sameActions, sameWarnings, sharingIsSame];

/** Further properties of lockstep runs of machines with page tables. */
export const PAGE_TABLES: readonly Property<Pair<WorldView>>[] = [
  memoryIsSame,
  procIsSame,
  statisticsAreSame,
  deferredSplitsAreSame,
  referencesAreSame,
];

/** EQ, a difference. */
export const pinsAreCountedElsewhere: Property<Pair<WorldView>> = sometimes({
  id: "EQ.pincount",
  claim:
    "Difference: on 32-bit, a pin of a folio of order 1 is counted in _pincount by the RFC, and as " +
    "GUP_PIN_COUNTING_BIAS references by v7.1, which has no room for _pincount there",
  source: "RFC 2026-04-12, 10/13; include/linux/mm.h, folio_has_pincount()",
  reached: ({ one, other }) => {
    for (let f = 0; f < one.folios.length; f++) {
      if (at(one.folios, f).folio.refcount !== at(other.folios, f).folio.refcount) {
        return true;
      }
    }
    return false;
  },
});
