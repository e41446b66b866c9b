/**
 * What the modelled kernel functions read and write, with the kernel's names. The fields of a folio are described in
 * state/folio-fields.ts.
 *
 * @source include/linux/mm_types.h, struct page, struct folio, struct mm_struct; include/linux/mmzone.h;
 *   include/linux/swap.h
 */
import { at } from "../../explore/model/schema.ts";
import type { FolioFields, MmIdSlot, Page } from "./folio-fields.ts";

export type { MmIdSlot, Page } from "./folio-fields.ts";

/** MM_ID_DUMMY: the id that no MM has; in a slot it means that the slot is free. */
export const MM_ID_DUMMY = 0;

/**
 * ENTIRELY_MAPPED: what a PMD mapping adds to `_nr_pages_mapped`. 0x800000 in the kernel; any number above the pages of
 * every folio within bounds does the same.
 */
export const ENTIRELY_MAPPED = 16;

/** FOLIO_PAGES_MAPPED: the bits of `_nr_pages_mapped` that count pages. @source mm/internal.h */
export const FOLIO_PAGES_MAPPED: number = ENTIRELY_MAPPED - 1;

/**
 * GUP_PIN_COUNTING_BIAS: references that a pin takes on a folio without a pincount. 1024 in the kernel; any number above
 * the other references within bounds does the same, but for folios that a thousand processes share: such a folio is
 * taken for pinned by the kernel, and never here.
 */
export const GUP_PIN_COUNTING_BIAS = 16;

/**
 * PGTY_mapcount_underflow << 24, stored: a `_mapcount` below it is a page type, which overlays it.
 *
 * @source include/linux/page-flags.h, page_type_has_type()
 */
export const PGTY_MAPCOUNT_UNDERFLOW = -0x0100_0000;

/** PGTY_table << 24: the type of a page of page tables, as the number that `_mapcount` shows. */
export const PGTY_TABLE = -0x0e00_0000;

/** The part of a folio that MM owner tracking is about. */
export interface TrackedFolio extends Pick<FolioFields, "largeMapcount" | "mmIdsShared"> {
  readonly nrPages: number;
  readonly slots: readonly MmIdSlot[];
  /** The folio's pages. A small folio keeps its mapcount in the first. */
  readonly pages: readonly Page[];
}

/** A folio. */
export interface Folio extends FolioFields {
  /** HPAGE_PMD_NR: pages that a PMD maps; a bound here. 0 where there are no PMD mappings. */
  readonly hpagePmdNr: number;
  /** The folio's position plus one: what a page table entry that maps it holds. */
  readonly frameNumber: number;
  readonly slots: readonly MmIdSlot[];
  /** The folio's pages. A small folio keeps its mapcount in the first. */
  readonly pages: readonly Page[];
}

/** Whether `_mm_ids` is 0. */
export function hasNoOwner({ slots, mmIdsShared }: TrackedFolio): boolean {
  return !mmIdsShared && at(slots, 0).mmId === MM_ID_DUMMY && at(slots, 1).mmId === MM_ID_DUMMY;
}

/** Contents of `page->private` of a struct page, by who stored them. */
export const PagePrivate = {
  /** It is 0. */
  none: 0,
  /** The current owner of the page stored it. */
  inUse: 1,
  /** An earlier owner stored it, of a page of its own or of the first page of a block. */
  left: 2,
  /** An earlier owner stored it, of a page that was a tail page then. */
  leftInTail: 3,
} as const;

/** A struct page as the allocator handles it: a folio of one page while it is a page of its own or the first of a block. */
export interface StructPage extends Folio {
  /** `page->private`: one of PagePrivate. */
  private: number;
}

/** An MM, as far as the reverse mapping cares. */
export interface MmStruct {
  /** The id that the MM has while it has one. An MM created later in the same place gets the same id again. */
  readonly idNumber: number;
  /** False before mm_alloc_id() and after mm_free_id(): `mm->mm_id` is MM_ID_DUMMY then. */
  hasId: boolean;
  /** MMF_HAS_PINNED: the MM ever pinned a page. */
  hasPinned: boolean;
}

/** Node statistics that the reverse mapping maintains, in pages. */
export interface NodeStats {
  /** NR_ANON_MAPPED. */
  nrAnonMapped: number;
  /** NR_FILE_MAPPED. */
  nrFileMapped: number;
  /** NR_ANON_THPS: pages of PMD-mapped anon folios. */
  nrAnonThps: number;
  /** NR_SHMEM_PMDMAPPED, or NR_FILE_PMDMAPPED: pages of PMD-mapped folios of the file. */
  nrFilePmdmapped: number;
}

/** What page table entries of both levels have. Present: `folio` is set and it is no migration entry. */
export interface Entry {
  /** The mapped folio's position plus one; in a migration entry the folio that it stands for. 0: none, or swap. */
  folio: number;
  /** pte_write(); in a migration entry: writable, and so exclusive. */
  writable: boolean;
  /** Whether it is a migration entry. */
  migration: boolean;
  /** In a read-only migration entry or a swap entry: the page was exclusive (pte_swp_exclusive() for the latter). */
  exclusive: boolean;
}

/** A page table entry: none, present, a migration entry, or a swap entry. */
export interface Pte extends Entry {
  /** The mapped page of the folio; in a swap entry the swap slot (swp_offset()); 0 when there is none. */
  page: number;
  /** Whether it is a swap entry. */
  swap: boolean;
}

/** A PMD entry that maps a whole folio, or none: then the page table below it counts. */
export interface Pmd extends Entry {}

/** One slot of the swap area. */
export interface SwapSlot {
  /** swap_map: swap entries in page tables and in the page cache. */
  count: number;
  /** The folio in the swap cache, as its position plus one; 0: none. */
  folio: number;
  /** What was written to the swap device: as Page.content. */
  content: number;
}

/** The slot after that of a folio, whose slots are naturally aligned, or after this one. @param nr pages of the folio, or 0 */
export function nextSlot(slot: number, nr: number): number {
  return nr === 0 ? slot + 1 : slot - (slot % nr) + nr;
}

/** A page of the file, where shmem backs it: the entry of its page cache (`mapping->i_pages`), if that is a swap entry. */
export interface FilePage {
  /** The swap slot plus one; 0 while there is a folio or nothing. */
  swap: number;
}

/** A range of an address space: a PMD entry and the page table below it. Enough of a struct vm_area_struct. */
export interface Vma {
  /** vma_is_anonymous(). */
  readonly anonymous: boolean;
  readonly pmd: Pmd;
  readonly ptes: readonly Pte[];
}

/** An MM with its page tables. */
export interface Mm extends MmStruct {
  readonly vmas: readonly Vma[];
}

/** What kernel functions find without being given it: memory, swap, statistics, and every MM (for rmap walks). */
export interface Machine {
  readonly mms: readonly Mm[];
  readonly folios: readonly Folio[];
  readonly stats: NodeStats;
  readonly swapSlots: readonly SwapSlot[];
  /** The pages of the file, where shmem backs it; else none. */
  readonly filePages: readonly FilePage[];
}

/** PGTABLE_LEVEL_PTE or PGTABLE_LEVEL_PMD. @source include/linux/pgtable.h, enum pgtable_level */
export type PgtableLevel = "pte" | "pmd";

/** Where a caller gets the total of mapped pages that it left, as the mapcount that goes with it. @source RFC 2026-04-12 13/13 */
export class MappedPages {
  nr = 0;
}

/** A folio that was allocated before it is known whether it is needed, or none. @source mm/memory.c, `struct folio **prealloc` */
export interface Prealloc {
  folio: Folio | undefined;
}

/** EAGAIN: what a function lacks has to be made first, then it is called again. @source include/uapi/asm-generic/errno-base.h */
export const EAGAIN = 11;

/** What following a page table entry found. @source mm/gup.c, follow_page_mask() */
export const Followed = {
  /** A page, with the caller's reference or pin. */
  page: "page",
  /** NULL: none that can be used as it is. A fault comes first, for FOLL_WRITE a write fault. */
  noPage: "NULL",
  /** -EMLINK: the page must be made exclusive first (FAULT_FLAG_UNSHARE). */
  mustUnshare: "-EMLINK",
} as const;
export type Followed = (typeof Followed)[keyof typeof Followed];
