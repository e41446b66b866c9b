/** State of the machines with page tables: kernel state, and auxiliary variables of the environment. */

import type { FolioHistory } from "./folio-fields.ts";
import type { FilePage, Folio, KernelState, Mm, Pte, Vma } from "./structs.ts";

export type { FolioHistory } from "./folio-fields.ts";

/** Folio with its history. */
export interface WorldFolio extends Folio, FolioHistory {}

/** Page table entry with the content that its process must read there. */
export interface WorldPte extends Pte {
  /**
   * Content that the process last wrote there, or inherited, encoded as Page.content. 0 in VMAs of the file, whose
   * contents are shared.
   */
  expected: number;
}

/** Page of the file with the content that every process must read there. */
export interface WorldFilePage extends FilePage {
  /** Content that was last written there, encoded as Page.content. */
  expected: number;
}

/** VMA: a PMD entry and the page table below it. */
export interface WorldVma extends Vma {
  readonly ptes: readonly WorldPte[];
}

/** MM with its VMAs. */
export interface WorldMm extends Mm {
  /** Whether it has users: it can fault, fork and exit. */
  live: boolean;
  readonly vmas: readonly WorldVma[];
}

/** Purposes of references that belong to no mapping and no cache. */
export const HolderKind = {
  /** Unused: no reference. */
  none: 0,
  /** Speculative folio_try_get() of a lockless walker, which inspects the folio and drops the reference. */
  speculative: 1,
  /** GUP with FOLL_GET, as by vmsplice(): the holder may read the page. */
  get: 2,
  /** GUP with FOLL_PIN, read-only: the holder reads the page, and must read the same content as the process. */
  pin: 3,
  /** GUP with FOLL_PIN | FOLL_WRITE: the holder also writes to the page. */
  pinWrite: 4,
} as const;

/** Reference that belongs to no mapping and no cache. */
export interface Holder {
  /** One of HolderKind. */
  kind: number;
  /** Position of the folio plus one; 0: none. */
  folio: number;
  /** Page of the folio. */
  page: number;
  /**
   * Position plus one of the MM through which it was taken, while that MM still maps the page at that place; otherwise
   * 0.
   */
  mm: number;
  /** Entry of the MM's anon VMA through which it was taken; 0 when `mm` is 0. */
  entry: number;
  /** Content that the holder must read in the page, encoded as Page.content. */
  expected: number;
}

/** State of a machine with page tables. */
export interface World extends KernelState {
  readonly mms: readonly WorldMm[];
  readonly folios: readonly WorldFolio[];
  readonly filePages: readonly WorldFilePage[];
  readonly holders: readonly Holder[];
}
