/**
 * State schema of the machines with page tables. A part that a machine does not use takes no space: its fields are
 * constant, its arrays empty. Ranges include the wrong counts of faulty kernels, so that a claim reports them and not
 * the range check.
 */
import {
  array,
  type BoolField,
  bool,
  constant,
  int,
  list,
  never,
  ref,
  type StructField,
  self,
  struct,
} from "../../explore/model/schema.ts";
import { pageSchema, slotSchema, worldFolioSchema } from "./folio-schema.ts";
import { ENTIRELY_MAPPED, GUP_PIN_COUNTING_BIAS, type Pmd, type SwapSlot } from "./structs.ts";
import {
  type Holder,
  HolderKind,
  type World,
  type WorldFilePage,
  type WorldFolio,
  type WorldMm,
  type WorldPte,
  type WorldVma,
} from "./world.ts";

/** Bounds of the machines with page tables. */
export interface WorldBounds {
  /**
   * Number of pages of the largest folio, of entries of each VMA and of pages of the file: 1, 2, 4 or 8 (order 0 … 3).
   */
  readonly pages: number;
  /** Number of pages of the smallest folio that a fault may choose: 1 … `pages`. */
  readonly minPages: number;
  /** Number of MMs that can exist at the same time. */
  readonly mms: number;
  /** Number of folios of up to `pages` pages that can be in use at the same time. */
  readonly folios: number;
  /** Number of additional folios of one page that can be in use at the same time. */
  readonly smallFolios: number;
  /** 1 if a PMD maps `pages` pages; 0 if there are no PMD mappings. */
  readonly pmd: number;
  /** Number of anon VMAs of each MM: 0 or 1. */
  readonly anon: number;
  /** Number of VMAs of each MM that map the file: 0, 1 or 2. */
  readonly file: number;
  /** Number of slots of the swap area. */
  readonly swapSlots: number;
  /** Number of references that can exist at the same time besides those of mappings and caches. */
  readonly holders: number;
}

/** Optional features of a machine. */
export interface Features {
  /** Writes, and contents of pages. */
  readonly contents: boolean;
  /** File backed by shmem: its folios can be swapped out. */
  readonly shmem: boolean;
  /** FOLL_PIN. */
  readonly pins: boolean;
  /**
   * Migration entries: none, `within` an operation only (a split makes and removes them), or also `between` actions.
   */
  readonly migration: "none" | "within" | "between";
  /** Whether the kernel maintains `_total_mapped_pages` instead of `_entire_mapcount` and `_nr_pages_mapped`. */
  readonly totalMappedPages: boolean;
}

const flagIf = (used: boolean): BoolField => (used ? bool() : never());
const intIf = (used: boolean, min: number, max: number, initial: number = 0): ReturnType<typeof int> =>
  used ? int(min, max, initial) : int(initial, initial);

/** Returns the schema of the state for given bounds. */
export function worldSchema(bounds: WorldBounds, features: Features): StructField<World> {
  const { mms, folios, smallFolios, swapSlots, holders } = bounds;
  const mm = mmSchema(bounds, features);
  const large = folioSchema(bounds, features, bounds.pages);
  const small = folioSchema(bounds, features, 1);
  const mapped = folios * bounds.pages + smallFolios;
  const statistic = (used: boolean): ReturnType<typeof int> => intIf(used, -2 * mapped, 3 * mapped);
  return struct({
    stats: struct({
      nrAnonMapped: statistic(bounds.anon > 0),
      nrFileMapped: statistic(true),
      nrAnonThps: statistic(bounds.pmd > 0 && bounds.anon > 0),
      nrFilePmdmapped: statistic(bounds.pmd > 0),
    }),
    mms: array(mm, mms, { symmetric: "mm" }),
    folios: list([...Array<typeof large>(folios).fill(large), ...Array<typeof small>(smallFolios).fill(small)], {
      symmetric: "folio",
    }),
    swapSlots: array(swapSlotSchema(bounds, features), swapSlots),
    filePages: array(filePageSchema(bounds, features), features.shmem ? bounds.pages : 0),
    holders: array(holderSchema(bounds, features), holders),
  });
}

function mmSchema(bounds: WorldBounds, features: Features): StructField<WorldMm> {
  const { anon, file } = bounds;
  const vmas = [
    ...Array.from({ length: anon }, () => vmaSchema(bounds, features, true)),
    ...Array.from({ length: file }, () => vmaSchema(bounds, features, false)),
  ];
  return struct({
    idNumber: self(),
    hasId: bool(),
    hasPinned: flagIf(features.pins),
    live: bool(),
    vmas: list(vmas),
  });
}

function vmaSchema(bounds: WorldBounds, features: Features, anonymous: boolean): StructField<WorldVma> {
  const { pages, swapSlots } = bounds;
  const pmd = bounds.pmd > 0;
  const folio = ref("folio", bounds.folios + bounds.smallFolios);
  const migrates = features.migration !== "none" && anonymous;
  const exclusive = flagIf(migrates || (swapSlots > 0 && anonymous));
  const writable = flagIf(anonymous);
  const pmdSchema: StructField<Pmd> = struct({
    folio: pmd ? folio : int(0, 0),
    writable: flagIf(pmd && anonymous),
    migration: flagIf(migrates && pmd),
    exclusive: flagIf(migrates && pmd),
  });
  const pte: StructField<WorldPte> = struct({
    folio,
    page: int(0, Math.max(pages, swapSlots) - 1),
    writable,
    migration: flagIf(migrates),
    exclusive,
    swap: flagIf(swapSlots > 0 && anonymous),
    expected: intIf(features.contents && anonymous, 0, 1),
  });
  return struct({ anonymous: constant(anonymous), pmd: pmdSchema, ptes: array(pte, pages) });
}

/** @param capacity largest number of pages of this folio */
function folioSchema(bounds: WorldBounds, features: Features, capacity: number): StructField<WorldFolio> {
  const { mms, pages, swapSlots, holders } = bounds;
  const isLarge = capacity > 1;
  const perPage = mms * Math.max(bounds.anon, bounds.file);
  // Every VMA of every MM maps all pages, and in addition by a PMD while the PMD is being split.
  const most = capacity * perPage + (bounds.pmd > 0 ? perPage : 0);
  const heldOnFolio = holders * (features.pins ? GUP_PIN_COUNTING_BIAS : 1);
  const totalMappedPages = isLarge && features.totalMappedPages;
  const tracksEntire = bounds.pmd > 0 && isLarge && !totalMappedPages;
  const slot = isLarge ? slotSchema([-1 - most, most], ref("mm", mms)) : slotSchema(false);
  const page = pageSchema({
    mapcount: [-2, perPage + 1],
    anonExclusive: bounds.anon > 0,
    content: features.contents && [0, 1],
  });
  return worldFolioSchema(
    { hpagePmdNr: bounds.pmd > 0 ? pages : 0, frameNumber: self(), slot, page, capacity },
    {
      allocated: true,
      anon: bounds.anon > 0,
      locked: features.migration === "between",
      inPageCache: bounds.file > 0,
      swapcache: swapSlots > 0,
      partiallyMapped: isLarge,
      onDeferredList: isLarge,
      mmIdsShared: isLarge,
      hadThreeMms: isLarge,
      hadOverflow: isLarge,
      nrPages: [1, capacity],
      index: bounds.file > 0 && [0, pages - 1],
      swap: swapSlots > 0 && [0, swapSlots - 1],
      refcount: [-pages, most + 3 * capacity + heldOnFolio],
      pincount: features.pins && isLarge && [-1, holders],
      largeMapcount: isLarge && [-1 - capacity, most + capacity],
      entireMapcount: tracksEntire ? [-2, perPage + 1] : isLarge && [-2, 0],
      nrPagesMapped: tracksEntire
        ? [-capacity - ENTIRELY_MAPPED, 2 * (capacity + ENTIRELY_MAPPED)]
        : isLarge && !totalMappedPages && [-capacity, 2 * capacity],
      totalMappedPages: totalMappedPages && [-capacity, capacity * (perPage + 2)],
    },
  );
}

function swapSlotSchema(bounds: WorldBounds, features: Features): StructField<SwapSlot> {
  return struct({
    count: int(-1, bounds.mms + 1, 0),
    folio: ref("folio", bounds.folios + bounds.smallFolios),
    content: intIf(features.contents, 0, 1),
  });
}

function filePageSchema({ swapSlots }: WorldBounds, { contents }: Features): StructField<WorldFilePage> {
  return struct({ swap: int(0, swapSlots), expected: intIf(contents, 0, 1) });
}

function holderSchema(bounds: WorldBounds, features: Features): StructField<Holder> {
  return struct({
    kind: int(0, features.pins ? HolderKind.pinWrite : features.contents ? HolderKind.get : HolderKind.speculative),
    folio: ref("folio", bounds.folios + bounds.smallFolios),
    page: int(0, bounds.pages - 1),
    mm: features.contents ? ref("mm", bounds.mms) : int(0, 0),
    entry: intIf(features.contents, 0, bounds.pages - 1),
    expected: intIf(features.contents, 0, 1),
  });
}
