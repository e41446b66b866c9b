/** The machines with the claims that are checked on them. */
import type { Model, Property } from "../explore/model.ts";
import type { KernelConfig } from "../model/config.ts";
import type { RmapBounds } from "../model/environment/rmap-schema.ts";
import type { Kernel } from "../model/kernel/kernel.ts";
import { warningText } from "../model/kernel/warnings.ts";
import { type OwnerTrackingBounds, ownerTracking } from "../model/owner-tracking.ts";
import { rmap } from "../model/rmap.ts";
import type { RmapView, View } from "../model/view.ts";
import * as counters from "./counters.ts";
import * as exclusivity from "./exclusivity.ts";
import * as slots from "./slots.ts";
import * as stats from "./stats.ts";
import * as witnesses from "./witnesses.ts";

/** The bounds of a run, by name. */
export type Bounds = { readonly [name: string]: number };

/** One bound of a machine. */
export interface BoundDefinition {
  readonly name: string;
  readonly description: string;
  readonly values: readonly number[];
  readonly default: number;
}

/** A model whose state type does not matter. */
export type AnyModel = Model<unknown, Kernel, unknown>;

/** A machine that can be asked for by name. */
export interface MachineDefinition {
  readonly name: string;
  readonly summary: string;
  readonly bounds: readonly BoundDefinition[];
  /** What is wrong with bounds that are each within their range; undefined when nothing is. */
  readonly conflict: (bounds: Bounds, config: KernelConfig) => string | undefined;
  /** The model at given bounds under a kernel, with every property that applies. */
  readonly build: (bounds: Bounds, kernel: Kernel) => AnyModel;
  /** What a run at these bounds says nothing about, in sentences. */
  readonly notChecked: (bounds: Bounds, config: KernelConfig) => string[];
}

/** A property, and why it says nothing in some configurations or bounds. */
interface Applicability<V> {
  readonly property: Property<V>;
  /** Why not, or undefined where it applies. */
  readonly unless?: (bounds: Bounds, config: KernelConfig) => string | undefined;
}

const needsMmId = (_: Bounds, config: KernelConfig): string | undefined =>
  config.mmId ? undefined : "CONFIG_MM_ID is off";

const needsThreeMms = (bounds: Bounds, config: KernelConfig): string | undefined =>
  needsMmId(bounds, config) ??
  ((bounds["mms"] ?? 0) < 3 ? "it takes three MMs" : (bounds["pages"] ?? 0) < 2 ? "it takes a large folio" : undefined);

const needsOverflow = (bounds: Bounds, config: KernelConfig): string | undefined => {
  if (config.is64Bit || !config.mmId) {
    return needsMmId(bounds, config) ?? "a slot cannot overflow on 64-bit";
  }
  const most = (bounds["pages"] ?? 0) * Math.max(bounds["anon"] ?? 0, bounds["file"] ?? 0);
  return most - 1 > config.mmIdMapcountMax ? undefined : "no MM can map the folio often enough for a slot to overflow";
};

const needsNoOverflow = (bounds: Bounds, config: KernelConfig): string | undefined =>
  needsOverflow(bounds, config) === undefined ? "an MM that lost its slot to an overflow looks the same" : undefined;

const needsVerdicts = (bounds: Bounds, config: KernelConfig): string | undefined =>
  config.mmId || (bounds["minPages"] ?? 2) === 1
    ? undefined
    : "CONFIG_MM_ID is off: every large folio is reported as maybe shared";

const needsLargeFolios = (bounds: Bounds): string | undefined =>
  (bounds["pages"] ?? 0) > 1 ? undefined : "it is about large folios";

const bothNeeded =
  (...conditions: NonNullable<Applicability<never>["unless"]>[]) =>
  (bounds: Bounds, config: KernelConfig): string | undefined => {
    for (const condition of conditions) {
      const reason = condition(bounds, config);
      if (reason !== undefined) {
        return reason;
      }
    }
    return undefined;
  };

const TRACKING: readonly Applicability<View>[] = [
  { property: exclusivity.exclusiveImpliesSingleMm, unless: needsVerdicts },
  { property: exclusivity.singleMappingIsExclusive, unless: needsVerdicts },
  { property: slots.unmappedIsUntracked, unless: needsMmId },
  { property: slots.noSanityWarning, unless: needsMmId },
  { property: slots.slotsAreConsistent, unless: needsMmId },
  { property: counters.largeMapcountIsExact, unless: needsLargeFolios },
  { property: slots.slotNeverOvercounts, unless: bothNeeded(needsMmId, needsLargeFolios) },
  { property: witnesses.untrackedMmLooksShared, unless: bothNeeded(needsThreeMms, needsNoOverflow) },
];

const COUNTS: readonly Applicability<View>[] = [
  ...TRACKING,
  { property: witnesses.slotUnderflows, unless: needsThreeMms },
];

const PAGE_TABLES: readonly Applicability<RmapView>[] = [
  ...TRACKING,
  { property: exclusivity.exactForTwoMms, unless: bothNeeded(needsMmId, needsLargeFolios) },
  { property: slots.freeIsFresh },
  { property: slots.noBadPage },
  { property: counters.entireMapcountIsExact, unless: needsLargeFolios },
  { property: counters.pageMapcountsAreExact },
  {
    property: counters.nrPagesMappedIsExact,
    unless: (bounds, config) =>
      needsLargeFolios(bounds) ??
      (config.pageMapcount ? undefined : "CONFIG_NO_PAGE_MAPCOUNT does not maintain _nr_pages_mapped"),
  },
  { property: counters.noBadPte },
  { property: counters.refcountCoversMappings },
  { property: counters.refcountIsExact },
  { property: counters.unreferencedIsFree },
  {
    property: stats.wholeFoliosAreAccounted,
    unless: (_, config) => (config.pageMapcount ? "it is about CONFIG_NO_PAGE_MAPCOUNT" : undefined),
  },
  {
    property: stats.mappedPagesAreAccounted,
    unless: (_, config) => (config.pageMapcount ? undefined : "it is about CONFIG_PAGE_MAPCOUNT"),
  },
  { property: exclusivity.overflowIsNeverExclusive, unless: needsOverflow },
  { property: slots.freeIdIsHeldByNoSlot, unless: needsMmId },
  { property: witnesses.overflowFreesSlot, unless: needsOverflow },
];

function applicable<V>(all: readonly Applicability<V>[], bounds: Bounds, config: KernelConfig): Property<V>[] {
  return all.filter(({ unless }) => unless?.(bounds, config) === undefined).map(({ property }) => property);
}

function skipped<V>(all: readonly Applicability<V>[], bounds: Bounds, config: KernelConfig): string[] {
  return all.flatMap(({ property, unless }) => {
    const reason = unless?.(bounds, config);
    return reason === undefined ? [] : [`${property.id}: ${reason}`];
  });
}

const range = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i);

const MAINTAINED =
  "PageAnonExclusive and the deferred split queue: no claim is about them, except that a freed folio has neither";
const ABSENT = "PMD mappings, pins and other references, writes and copy-on-write, swap, migration, folio split";
const ATOMIC = "Concurrency: every operation is atomic; lockless readers and races are not modelled";

const ownerTrackingMachine: MachineDefinition = {
  name: "owner-tracking",
  summary: "one large folio as counts: MMs map and unmap any number of its pages",
  bounds: [
    { name: "pages", description: "pages of the folio", values: range(2, 64), default: 4 },
    { name: "mms", description: "MMs that can map it", values: range(1, 8), default: 3 },
  ],
  conflict: (bounds, config) => {
    if (!config.mmId) {
      return "machine owner-tracking needs mm-id: without it there is nothing to track";
    }
    const { pages = 0 } = bounds;
    return pages - 1 > config.mmIdMapcountMax
      ? `a folio of ${pages} pages needs mm-id-mapcount-max=${pages - 1} or more`
      : undefined;
  },
  build: (bounds, kernel) =>
    ownerTracking(
      bounds as Bounds & OwnerTrackingBounds,
      kernel,
      applicable(COUNTS, bounds, kernel.config),
      warningText,
    ) as AnyModel,
  notChecked: (bounds, config) => [
    ...skipped(COUNTS, bounds, config),
    "Page tables: this machine counts mappings and does not say which pages they map",
    MAINTAINED,
    ABSENT,
    ATOMIC,
  ],
};

const rmapMachine: MachineDefinition = {
  name: "rmap",
  summary: "anon and file folios with page tables: fault, fault-around, fork, unmap, exit, reclaim, reuse",
  bounds: [
    {
      name: "pages",
      description: "pages of the largest folio and entries of each VMA (order 0 to 3)",
      values: [1, 2, 4, 8],
      default: 4,
    },
    { name: "minPages", description: "pages of the smallest folio", values: [1, 2, 4, 8], default: 1 },
    { name: "mms", description: "MMs that can live at one time", values: range(1, 5), default: 2 },
    { name: "folios", description: "folios that can be in use at one time", values: range(1, 4), default: 1 },
    { name: "anon", description: "anon VMAs of each MM", values: [0, 1], default: 1 },
    { name: "file", description: "VMAs of each MM that map the file", values: [0, 1, 2], default: 0 },
  ],
  conflict: ({ pages = 0, minPages = 0, anon = 0, file = 0 }, config) => {
    if (minPages > pages) {
      return `minPages ${minPages} is more than pages ${pages}`;
    }
    if (anon + file === 0) {
      return "an MM without any VMA maps nothing: want anon 1, or file 1 or 2";
    }
    return config.mmId && pages - 1 > config.mmIdMapcountMax
      ? `a folio of ${pages} pages needs mm-id-mapcount-max=${pages - 1} or more`
      : undefined;
  },
  build: (bounds, kernel) =>
    rmap(
      bounds as Bounds & RmapBounds,
      kernel,
      applicable(PAGE_TABLES, bounds, kernel.config),
      warningText,
    ) as AnyModel,
  notChecked: (bounds, config) => [
    ...skipped(PAGE_TABLES, bounds, config),
    "W2: machine owner-tracking shows it; here one step removes several batches",
    ...((bounds["anon"] ?? 0) === 0 ? ["Anon folios"] : []),
    ...((bounds["file"] ?? 0) === 0 ? ["File folios"] : []),
    MAINTAINED,
    ABSENT,
    ATOMIC,
  ],
};

/** Every machine. */
export const MACHINES: readonly MachineDefinition[] = [ownerTrackingMachine, rmapMachine];
