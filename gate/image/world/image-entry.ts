/** Page table entries and processes of an image, in the form that claims use. */
import type { PageTableTruth } from "../../../model/environment/view.ts";

/**
 * An entry of a page table, of either level, for one page of a process. A PMD yields one for each page that it maps.
 */
export interface ImageEntry {
  readonly mm: number;
  /** Page of the address space. */
  readonly page: number;
  readonly present: boolean;
  readonly migration: boolean;
  /** Whether it is a swap entry; `frame` is the slot then. */
  readonly swap: boolean;
  readonly pmd: boolean;
  readonly writable: boolean;
  /** Whether the VMA allows writing. */
  readonly mayWrite: boolean;
  /** Migration and swap entries only: whether the page was exclusive. */
  readonly exclusive: boolean;
  readonly frame: number;
  /** Byte that the process must read; 0 where it wrote nothing. */
  readonly expected: number;
  /** Byte that the process reads, from the swap device or the swap cache if need be. */
  readonly actual: number;
  /** PageAnonExclusive of the mapped page; for a PMD, of the folio's first page. */
  readonly frameExclusive: boolean;
  /** Whether the page may have been discarded: MADV_FREE. */
  readonly mayBeZero: boolean;
  /**
   * Whether the page was written since soft-dirty bits were last cleared, by the process or before a fork that it
   * inherited it from.
   */
  readonly softDirty: boolean;
  /** Whether the entry is dirty. */
  readonly dirty: boolean;
  readonly anon: boolean;
  /** Whether rmap_walk() of the folio visits this entry. */
  readonly foundByRmap: boolean;
  /** Folio of the page; undefined for the zero page and for an entry without a page. */
  readonly truth: PageTableTruth | undefined;
  /** Index of the page in the folio. */
  readonly index: number;
}

/** A process. */
export interface ImageMm {
  readonly live: boolean;
  readonly id: number;
  /** MM_ANONPAGES. */
  readonly anonPages: number;
  /** MM_FILEPAGES and MM_SHMEMPAGES. */
  readonly filePages: number;
  readonly shmemPages: number;
  /** Pages of the file that its page tables map, migration entries included. */
  readonly mappedFile: number;
  /** MM_SWAPENTS. */
  readonly swapEntries: number;
  /** Swap entries in its page tables. */
  readonly swapped: number;
  /** Anonymous pages that its page tables map, migration entries included. */
  readonly mappedAnon: number;
  /** Deposited page tables: reserved for the split of a huge PMD. */
  readonly depositedTables: number;
  /** Anonymous huge pages that its PMDs map or have a migration entry for. */
  readonly hugePages: number;
  /**
   * Bytes of its page tables: `tableBytesCounted` as mm_pgtables_bytes() returns them, `tableBytes` counted from the
   * tables.
   */
  readonly tableBytesCounted: number;
  readonly tableBytes: number;
}
