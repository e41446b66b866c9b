/**
 * A state of rmap accounting with CONFIG_NO_PAGE_MAPCOUNT, for any number of MMs and mappings: that of owner tracking, and
 * besides what the statistics of mapped pages depend on. Mappings of pages are indistinguishable: this configuration counts
 * none of a single page.
 */
import type { Logic } from "../logic.ts";
import { isTruth, type Limits, type StoredFolio, type TrackedState, type Truth } from "../tracked-state.ts";

/** Pages with which the folio counts in each statistic, by the names of the model. */
export interface Contribution<N> {
  readonly nrAnonMapped: N;
  readonly nrFileMapped: N;
  readonly nrAnonThps: N;
  /** NR_SHMEM_PMDMAPPED or NR_FILE_PMDMAPPED. */
  readonly nrFilePmdmapped: N;
}

/** The names of the statistics. */
export const STATISTICS: readonly (keyof Contribution<never>)[] = [
  "nrAnonMapped",
  "nrFileMapped",
  "nrAnonThps",
  "nrFilePmdmapped",
];

/** The fields of a folio that the rmap functions read and do not change. */
export interface FolioKind<B, N> {
  readonly nrPages: N;
  /** Whether it is as large as a PMD maps: only then a PMD maps it. */
  readonly pmdSized: B;
  readonly anon: B;
  readonly swapcache: B;
  /** Whether a file folio is one of shmem, whose PMD mappings count in another statistic. */
  readonly shmem: B;
}

/** The values that the kernel stores, besides those of owner tracking. */
export interface StoredAccounting<B, N> {
  /** `_entire_mapcount`, stored. */
  readonly entireMapcount: N;
  /** folio_test_partially_mapped(). */
  readonly partiallyMapped: B;
  /** Whether the folio is on the deferred split queue. */
  readonly queued: B;
  readonly statistics: Contribution<N>;
}

/** Everything that the kernel stores. */
export interface AccountedFolio<B, N> extends StoredFolio<B, N>, StoredAccounting<B, N> {}

/** Who maps the folio, and how. */
export interface AccountedTruth<B, N> extends Truth<B, N> {
  /** PMDs among the mappings; the others are PTEs. */
  readonly pmdMappings: N;
}

/** Stored values, kind and truth. */
export interface AccountedState<B, N>
  extends TrackedState<B, N>,
    StoredAccounting<B, N>,
    AccountedTruth<B, N>,
    FolioKind<B, N> {}

/**
 * Conditions of every truth, whatever the kernel does: those of owner tracking; a PMD maps folios of one size only, of more than two
 * pages; and of file folios, those of shmem may be in the swap cache.
 */
export function isAccountedTruth<B, N>(logic: Logic<B, N>, state: AccountedState<B, N>, limits: Limits): B {
  const { and, or, not, equal, atMost, constant } = logic;
  const { mappings, pmdMappings, pmdSized, nrPages, anon, swapcache, shmem } = state;
  return and(
    isTruth(logic, state, limits),
    atMost(constant(0), pmdMappings),
    atMost(pmdMappings, mappings),
    or(pmdSized, equal(pmdMappings, constant(0))),
    or(not(pmdSized), hasQueue(logic, nrPages)),
    or(anon, shmem, not(swapcache)),
  );
}

/** Whether a folio has room for the deferred split list, and on 32-bit for an entire mapcount: more than two pages. */
export function hasQueue<B, N>({ atMost, constant }: Logic<B, N>, nrPages: N): B {
  return atMost(constant(3), nrPages);
}
