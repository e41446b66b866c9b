/**
 * Shared memory of the race machine: the state of the machines with page tables, with one large anon folio, and with
 * the kernel's locks. Fields that no thread changes observably are constants.
 */
import { array, bool, int, never, type StructField, struct } from "../../explore/model/schema.ts";
import { roleName } from "../../races/role-names.ts";
import type { Describe, FieldAccess } from "../../races/shared-object.ts";
import { FOLIO_FIELDS } from "../state/folio-fields.ts";
import { GUP_PIN_COUNTING_BIAS } from "../state/structs.ts";
import type { World, WorldFolio, WorldMm } from "../state/world.ts";
import { type WorldBounds, worldSchema } from "../state/world-schema.ts";

/** Bounds of the race machine. */
export interface RaceBounds {
  /** Number of CPUs: 1 … 4. */
  readonly cpus: number;
  /** Number of pages of the folio, and of entries of each page table: 1, 2, 4 or 8. */
  readonly pages: number;
  /** Number of MMs. */
  readonly mms: number;
  /** 1 if the folio is of PMD size, otherwise 0. */
  readonly pmd: number;
  /** 1 if node statistics are part of the state, otherwise 0. */
  readonly stats: number;
  /** 1 if there is a swap area, with a slot for each page; 0 or absent otherwise. */
  readonly swap?: number;
}

/**
 * Number of values of a sequence count. The count is reset when no walk uses it; the last two values represent all
 * later ones, and no walk begins with them.
 */
export const SEQUENCES = 8;

/** MM with its locks. */
export interface RaceMm extends WorldMm {
  /** Page table lock of both levels: an MM has one page table. */
  pageTableLock: boolean;
  /** Number of operations that hold `mmap_lock` for reading. */
  mmapReaders: number;
  /** `mm->write_protect_seq`, below SEQUENCES: odd while fork() copies its page tables. */
  writeProtectSeq: number;
  /** Number of active GUP-fast walks of its page tables. */
  gupFasts: number;
  /** Number of those walks that have loaded the sequence count. */
  sequenceReaders: number;
  /** Whether an operation holds `mmap_lock` for writing, or creates or destroys the MM. */
  mmapWriter: boolean;
}

/** Folio with its locks. */
export interface RaceFolio extends WorldFolio {
  /** FOLIO_MM_IDS_LOCK_BIT of `_mm_ids`: folio_lock_large_mapcount(). */
  largeMapcountLock: boolean;
  /** Lock of the deferred split queue of the folio. */
  splitQueueLock: boolean;
}

/** Shared memory of the race machine. */
export interface RaceWorld extends World {
  /** Number of active rmap walks. */
  rmapWalks: number;
  /** Number of active forks. */
  forks: number;
  /** Lock of the cluster of all swap slots: swap_cluster_lock(). */
  swapClusterLock: boolean;
  readonly mms: readonly RaceMm[];
  readonly folios: readonly RaceFolio[];
}

/** Returns the bounds of the state for given bounds of the race machine. */
export function worldBoundsOf({ pages, mms, pmd, swap = 0 }: RaceBounds): WorldBounds {
  const swapSlots = swap * pages;
  return { pages, minPages: pages, mms, folios: 1, smallFolios: 0, pmd, anon: 1, file: 0, swapSlots, holders: 0 };
}

/** Returns the schema of shared memory. */
export function raceWorldSchema(bounds: RaceBounds, totalMappedPages: boolean): StructField<RaceWorld> {
  const { cpus, mms, pages, swap = 0 } = bounds;
  const { fields } = worldSchema(worldBoundsOf(bounds), {
    contents: false,
    shmem: false,
    pins: true,
    migration: "between",
    totalMappedPages,
  }) as StructField & { readonly fields: Record<"mms" | "folios", { readonly elements: readonly StructField[] }> };
  const mm = fields.mms.elements[0] as StructField;
  const folio = fields.folios.elements[0] as StructField;
  const withLocks = struct({
    ...mm.fields,
    pageTableLock: bool(),
    mmapReaders: int(0, cpus),
    mmapWriter: bool(),
    writeProtectSeq: int(0, SEQUENCES - 1),
    gupFasts: int(0, cpus),
    sequenceReaders: int(0, cpus),
  });
  const locked = struct({
    ...folio.fields,
    anon: bool(true),
    nrPages: int(pages, pages),
    index: int(0, 0),
    // There are as many slots as pages.
    swap: int(0, 0),
    // In addition to the references of mappings and the swap cache, every CPU can temporarily hold some.
    refcount: int(-pages, mms * (pages + 1) + swap * pages + cpus * (pages + 2 + GUP_PIN_COUNTING_BIAS), 0),
    pincount: pages === 1 ? int(0, 0) : int(-cpus, cpus, 0),
    largeMapcountLock: bool(),
    splitQueueLock: bool(),
  });
  // A race loses pages permanently and repeatedly: see C13.race. A value below the range saturates.
  const statistic = bounds.stats === 1 ? int(-pages, 2 * pages, 0) : int(0, 0);
  return struct({
    ...fields,
    stats: struct({
      nrAnonMapped: statistic,
      nrFileMapped: int(0, 0),
      nrAnonThps: statistic,
      nrFilePmdmapped: int(0, 0),
    }),
    rmapWalks: int(0, cpus),
    forks: int(0, cpus),
    swapClusterLock: swap === 1 ? bool() : never(),
    mms: array(withLocks, mms, { symmetric: "mm" }),
    folios: array(locked, 1, { symmetric: "folio" }),
  }) as unknown as StructField<RaceWorld>;
}

type Attributes = Omit<FieldAccess, "object" | "name">;

const MARKED = { marked: true, order: "relaxed" } as const;
const PLAIN = { marked: false, order: "relaxed" } as const;
/** READ_ONCE() of a pointer at the head of an address dependency: accesses through the pointer are ordered after it. */
const ADDRESS = { marked: true, order: "acquire" } as const;
/** atomic_t, bit operations, READ_ONCE() and WRITE_ONCE(). */
const ATOMIC: Attributes = { load: MARKED, store: MARKED };
/** A page flag: test_bit(), and set_bit() or clear_bit(). */
const FLAG: Attributes = { load: MARKED, store: { kind: "rmw", ...MARKED } };
/** Plain C access. */
const C: Attributes = { load: PLAIN, store: PLAIN };
/** test_bit() outside of the lock, plain C access under the lock. */
const BIT_UNDER_LOCK: Attributes = { load: MARKED, store: PLAIN };

type FieldInC = readonly [object: string, name: string, how: Attributes];

/** Fields of the folio: C object, C name and kind of access. Every separate number is an atomic. */
const FOLIO: { readonly [field: string]: FieldInC } = {
  ...Object.fromEntries(
    Object.entries(FOLIO_FIELDS)
      .filter(([, { kernel, fresh }]) => typeof fresh === "number" && kernel.startsWith("_"))
      .map(([field, { kernel }]): [string, FieldInC] => [field, [`folio->${kernel}`, kernel, ATOMIC]]),
  ),
  mmIdsShared: ["folio->_mm_ids", "FOLIO_MM_IDS_SHARED_BIT", BIT_UNDER_LOCK],
  partiallyMapped: ["folio->_flags_1", "PG_partially_mapped", FLAG],
  onDeferredList: ["folio->_deferred_list", "_deferred_list", BIT_UNDER_LOCK],
  locked: ["folio->flags", "PG_locked", FLAG],
  swapcache: ["folio->flags", "PG_swapcache", FLAG],
};

/** Kernel names of the statistics. */
const STATISTICS: { readonly [field: string]: string } = {
  nrAnonMapped: "NR_ANON_MAPPED",
  nrAnonThps: "NR_ANON_THPS",
};

/**
 * Describes accesses to shared memory as C; an MM is named by its role (races/role-names.ts).
 *
 * @source include/linux/mm_types.h, include/linux/rmap.h, include/linux/pgtable.h
 */
export const describeRaceField: Describe = (path) => {
  const entry = /^mms\[(\d+)\]\.vmas\[\d+\]\.(pmd|ptes\[(\d+)\])\.(\w+)$/.exec(path);
  if (entry !== null) {
    const [, role, level, index, field] = entry;
    const mm = roleName(role as string);
    const object = level === "pmd" ? `pmd of ${mm}` : `pte ${index} of ${mm}`;
    return { object, name: `${object}: ${field}`, load: ADDRESS, store: MARKED };
  }
  const slot = /\.slots\[(\d)\]\.(\w+)$/.exec(path);
  if (slot !== null) {
    const [, i, field] = slot;
    return field === "mmId"
      ? { object: "folio->_mm_ids", name: `_mm_id[${i}]`, ...C }
      : { object: `folio->_mm_id_mapcount[${i}]`, name: `_mm_id_mapcount[${i}]`, ...C };
  }
  const page = /\.pages\[(\d+)\]\.(\w+)$/.exec(path);
  if (page !== null) {
    const [, i, field] = page;
    return field === "mapcount"
      ? { object: `page[${i}]._mapcount`, name: `page[${i}]._mapcount`, ...ATOMIC }
      : { object: `page[${i}].flags`, name: `PageAnonExclusive(page[${i}])`, ...FLAG };
  }
  const swapSlot = /^swapSlots\[(\d+)\]\.(\w+)$/.exec(path);
  if (swapSlot !== null) {
    const name = `${swapSlot[2] === "count" ? "swap_map" : "swap_table"}[${swapSlot[1]}]`;
    return { object: name, name, ...ATOMIC };
  }
  const field = path.split(".").at(-1) as string;
  const fieldInC = path.startsWith("folios[") ? FOLIO[field] : undefined;
  if (fieldInC !== undefined) {
    const [object, name, how] = fieldInC;
    return { object, name, ...how };
  }
  const [, role, rest] = /^mms\[(\d+)\]\.(.+)$/.exec(path) ?? [];
  return role === undefined
    ? { object: path, name: STATISTICS[field] ?? field, ...ATOMIC }
    : { object: `${rest} of ${roleName(role)}`, name: `${field} of ${roleName(role)}`, ...ATOMIC };
};

/** Whether a C object is written by a single store: page table entries are. */
export function isPageTableEntry(object: string): boolean {
  return /^(?:pte \d+|pmd) of /.test(object);
}

/** Whether the ground truth depends on a cell: an entry's folio and migration flag. */
export function isMapping(path: string): boolean {
  return /\.(?:pmd|ptes\[\d+\])\.(?:folio|migration)$/.test(path);
}

/**
 * Returns the values that threads load from fields that are not shared memory: the folio is freed and reallocated as
 * the same anon folio of the same size.
 */
export function fixedRaceField({ pages }: RaceBounds): (path: string) => number | boolean | undefined {
  return (path) => (path === "folios[0].nrPages" ? pages : path === "folios[0].anon" ? true : undefined);
}
