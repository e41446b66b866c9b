/**
 * Data structures that the modelled kernel functions read and write, with the kernel's names. The fields of a folio are
 * described in state/folio-fields.ts.
 *
 * @source include/linux/mm_types.h, struct page, struct folio, struct mm_struct; include/linux/mmzone.h;
 *   include/linux/swap.h
 */
import { at } from "../../explore/model/schema.ts";
import type { FolioFields, MmIdSlot, Page } from "./folio-fields.ts";

export type { MmIdSlot, Page } from "./folio-fields.ts";

/** MM_ID_DUMMY: an id that no MM has; it marks a free slot. */
export const MM_ID_DUMMY = 0;

/**
 * ENTIRELY_MAPPED: increment of `_nr_pages_mapped` by a PMD mapping. 0x800000 in the kernel; any number above the
 * number of pages of every folio within bounds is equivalent.
 */
export const ENTIRELY_MAPPED = 16;

/** FOLIO_PAGES_MAPPED: the bits of `_nr_pages_mapped` that count pages. @source mm/internal.h */
export const FOLIO_PAGES_MAPPED: number = ENTIRELY_MAPPED - 1;

/**
 * GUP_PIN_COUNTING_BIAS: references that a pin takes on a folio without a pincount. 1024 in the kernel; any number
 * above the other references within bounds is equivalent, with one exception: the kernel takes a folio with that many
 * ordinary references for pinned, the model never does.
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

/** Fields of a folio that MM owner tracking uses. */
export interface TrackedFolio extends Pick<FolioFields, "largeMapcount" | "mmIdsShared"> {
  readonly nrPages: number;
  readonly slots: readonly MmIdSlot[];
  /** Pages of the folio. A small folio has its mapcount in the first. */
  readonly pages: readonly Page[];
}

/** Folio as kernel functions access it. */
export interface Folio extends FolioFields {
  /** HPAGE_PMD_NR: number of pages that a PMD maps; a bound of the model. 0 if there are no PMD mappings. */
  readonly hpagePmdNr: number;
  /** Position of the folio plus one: the value that a page table entry stores to map it. */
  readonly frameNumber: number;
  readonly slots: readonly MmIdSlot[];
  /** Pages of the folio. A small folio has its mapcount in the first. */
  readonly pages: readonly Page[];
}

/** Whether `_mm_ids` is 0. */
export function hasNoOwner({ slots, mmIdsShared }: TrackedFolio): boolean {
  return !mmIdsShared && at(slots, 0).mmId === MM_ID_DUMMY && at(slots, 1).mmId === MM_ID_DUMMY;
}

/** Values of `page->private` of a struct page, by the code that stored them. */
export const PagePrivate = {
  /** The field is 0. */
  none: 0,
  /** The current owner of the page stored it. */
  inUse: 1,
  /** A previous owner stored it, in a single page or in the first page of a block. */
  left: 2,
  /** A previous owner stored it while the page was a tail page. */
  leftInTail: 3,
} as const;

/**
 * Struct page as the allocator handles it: a folio of one page while it is a single page or the first page of a block.
 */
export interface StructPage extends Folio {
  /** `page->private`: one of PagePrivate. */
  private: number;
}

/** MM with the fields that the reverse mapping uses. */
export interface MmStruct {
  /** Id of the MM while `hasId` is true. An MM created later in the same place gets the same id. */
  readonly idNumber: number;
  /** False before mm_alloc_id() and after mm_free_id(): `mm->mm_id` is MM_ID_DUMMY then. */
  hasId: boolean;
  /** MMF_HAS_PINNED: whether the MM ever pinned a page. */
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

/**
 * Fields that page table entries of both levels have. An entry is present if `folio` is set and it is no migration
 * entry.
 */
export interface Entry {
  /**
   * Position of the mapped folio plus one; in a migration entry that of the folio that it refers to. 0: none, or swap.
   */
  folio: number;
  /** pte_write(); in a migration entry: writable, and so exclusive. */
  writable: boolean;
  /** Whether it is a migration entry. */
  migration: boolean;
  /**
   * In a read-only migration entry or a swap entry: whether the page was exclusive (pte_swp_exclusive() for the
   * latter).
   */
  exclusive: boolean;
}

/** Page table entry: none, present, a migration entry, or a swap entry. */
export interface Pte extends Entry {
  /** The mapped page of the folio; in a swap entry the swap slot (swp_offset()); 0 when there is none. */
  page: number;
  /** Whether it is a swap entry. */
  swap: boolean;
}

/** PMD entry that maps a whole folio; if it is none, the page table below it is used. */
export interface Pmd extends Entry {}

/** Slot of the swap area. */
export interface SwapSlot {
  /** swap_map: number of swap entries in page tables and in the page cache. */
  count: number;
  /** The folio in the swap cache, as its position plus one; 0: none. */
  folio: number;
  /** Content written to the swap device, encoded as Page.content. */
  content: number;
}

/**
 * Returns the slot after those of a folio, whose slots are naturally aligned, or after this slot.
 *
 * @param nr pages of the folio, or 0
 */
export function nextSlot(slot: number, nr: number): number {
  return nr === 0 ? slot + 1 : slot - (slot % nr) + nr;
}

/** Page of a file backed by shmem: its entry in the page cache (`mapping->i_pages`) if that is a swap entry. */
export interface FilePage {
  /** The swap slot plus one; 0 while there is a folio or nothing. */
  swap: number;
}

/** Range of an address space: a PMD entry and the page table below it. Subset of struct vm_area_struct. */
export interface Vma {
  /** vma_is_anonymous(). */
  readonly anonymous: boolean;
  readonly pmd: Pmd;
  readonly ptes: readonly Pte[];
}

/** MM with its page tables. */
export interface Mm extends MmStruct {
  readonly vmas: readonly Vma[];
}

/**
 * Kernel state that functions reach through global variables: memory, swap, statistics, and every MM (for rmap walks).
 */
export interface KernelState {
  readonly mms: readonly Mm[];
  readonly folios: readonly Folio[];
  readonly stats: NodeStats;
  readonly swapSlots: readonly SwapSlot[];
  /** Pages of the file if shmem backs it, otherwise empty. */
  readonly filePages: readonly FilePage[];
}

/** PGTABLE_LEVEL_PTE or PGTABLE_LEVEL_PMD. @source include/linux/pgtable.h, enum pgtable_level */
export type PgtableLevel = "pte" | "pmd";

/**
 * Output parameter: the total of mapped pages after an update, consistent with the returned mapcount.
 *
 * @source RFC 2026-04-12 13/13
 */
export class MappedPages {
  nr = 0;
}

/** Input and output parameter: a preallocated folio, or none. @source mm/memory.c, `struct folio **prealloc` */
export interface Prealloc {
  folio: Folio | undefined;
}

/** EAGAIN: the caller must provide a resource and call again. @source include/uapi/asm-generic/errno-base.h */
export const EAGAIN = 11;

/** Results of following a page table entry. @source mm/gup.c, follow_page_mask() */
export const Followed = {
  /** A page, with the caller's reference or pin. */
  page: "page",
  /** NULL: the entry cannot be used as it is. A fault is needed first, for FOLL_WRITE a write fault. */
  noPage: "NULL",
  /** -EMLINK: the page must be made exclusive first (FAULT_FLAG_UNSHARE). */
  mustUnshare: "-EMLINK",
} as const;
export type Followed = (typeof Followed)[keyof typeof Followed];
