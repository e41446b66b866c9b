/** Page table entries and processes of an image, as claims see them. */
import type { PageTableTruth } from "../../../model/environment/view.ts";

/** An entry of a page table, of either level, for one page of a process. */
export interface ImageEntry {
  readonly mm: number;
  /** Page of the address space. */
  readonly page: number;
  readonly present: boolean;
  readonly migration: boolean;
  readonly pmd: boolean;
  readonly writable: boolean;
  /** Of a writable entry: whether its VMA lets the process write. */
  readonly mayWrite: boolean;
  /** In a migration entry: the page was exclusive. */
  readonly exclusive: boolean;
  readonly frame: number;
  /** The byte that the process must find; 0 where it wrote nothing. */
  readonly expected: number;
  /** The byte that it finds. */
  readonly found: number;
  /** PageAnonExclusive of the mapped page; with a PMD, of the folio's first. */
  readonly frameExclusive: boolean;
  /** Whether the page may have been discarded: MADV_FREE. */
  readonly mayBeZero: boolean;
  /** Whether the process wrote to the page, or inherited it so, since soft-dirty bits were cleared last. */
  readonly softDirty: boolean;
  readonly anon: boolean;
  /** Whether a walk of the reverse mapping comes from the folio to this entry. */
  readonly foundByRmap: boolean;
  /** The folio of the page; undefined for the zero page, and where there is none. */
  readonly truth: PageTableTruth | undefined;
  /** The page of the folio. */
  readonly index: number;
}

/** A process. */
export interface ImageMm {
  readonly live: boolean;
  readonly id: number;
  /** MM_ANONPAGES. */
  readonly anonPages: number;
  /** Anonymous pages that its page tables map. */
  readonly mappedAnon: number;
  /** Page tables that wait for the PMD of a huge page to be split. */
  readonly depositedTables: number;
  /** Huge pages that its PMDs map, or have a migration entry for. */
  readonly hugePages: number;
  /** Bytes of its page tables: as mm_pgtables_bytes() counts them, and as they are. */
  readonly tableBytesCounted: number;
  readonly tableBytes: number;
}
