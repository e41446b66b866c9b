/** The state of the machines with page tables: what the kernel has, and what only the environment knows about it. */

import type { FolioHistory } from "./folio-fields.ts";
import type { FilePage, Folio, Machine, Mm, Pte, Vma } from "./structs.ts";

export type { FolioHistory } from "./folio-fields.ts";

/** A folio with its history. */
export interface WorldFolio extends Folio, FolioHistory {}

/** A page table entry with the content that its process must see there. */
export interface WorldPte extends Pte {
  /** What the process last wrote there, or inherited: as Page.content. 0 in VMAs of the file, whose contents are shared. */
  expected: number;
}

/** A page of the file with the content that every process must see there. */
export interface WorldFilePage extends FilePage {
  /** Content that was last written there: as Page.content. */
  expected: number;
}

/** One VMA: a PMD entry and the page table below it. */
export interface WorldVma extends Vma {
  readonly ptes: readonly WorldPte[];
}

/** An MM with its VMAs. */
export interface WorldMm extends Mm {
  /** Whether it has users: it can fault, fork and exit. */
  live: boolean;
  readonly vmas: readonly WorldVma[];
}

/** What a reference that is no mapping's and no cache's was taken for. */
export const HolderKind = {
  /** Nobody holds it. */
  none: 0,
  /** A lockless walker's folio_try_get(): it looks at the folio and lets go. */
  speculative: 1,
  /** GUP with FOLL_GET, as vmsplice() takes it: its holder may read the page. */
  get: 2,
  /** GUP with FOLL_PIN, read-only: its holder reads the page, and must see what the process sees. */
  pin: 3,
  /** GUP with FOLL_PIN | FOLL_WRITE: its holder also writes to the page. */
  pinWrite: 4,
} as const;

/** A reference that is no mapping's and no cache's, with its holder. */
export interface Holder {
  /** One of HolderKind. */
  kind: number;
  /** The folio's position plus one; 0: none. */
  folio: number;
  /** The page of the folio. */
  page: number;
  /** Through which MM it was taken (its position plus one), while that MM still has the page in its place; else 0. */
  mm: number;
  /** Entry of the MM's anon VMA through which it was taken; 0 when `mm` is 0. */
  entry: number;
  /** What the holder must see in the page: as Page.content. */
  expected: number;
}

/** A state. */
export interface World extends Machine {
  readonly mms: readonly WorldMm[];
  readonly folios: readonly WorldFolio[];
  readonly filePages: readonly WorldFilePage[];
  readonly holders: readonly Holder[];
}
