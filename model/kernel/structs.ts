/**
 * What the modelled kernel functions read and write, with the kernel's names. A mapcount is *stored* as one less than
 * its logical value, as in the kernel: −1 is unmapped. Field comments say "stored" where that holds.
 *
 * @source include/linux/mm_types.h, struct page, struct folio, struct mm_struct; include/linux/mmzone.h
 */

/** MM_ID_DUMMY: the id that no MM has; in a slot it means that the slot is free. */
export const MM_ID_DUMMY = 0;

/** One of the two owner slots of a large folio: `_mm_id[i]` without its flag bit, and `_mm_id_mapcount[i]`. */
export interface MmIdSlot {
  /** The tracked MM's id, or MM_ID_DUMMY. */
  mmId: number;
  /** Tracked mappings of that MM, stored. */
  mapcount: number;
}

/** One page of a folio. */
export interface Page {
  /** `page->_mapcount`, stored: page table entries that map this page. Large folios: CONFIG_PAGE_MAPCOUNT only. */
  mapcount: number;
  /** PageAnonExclusive: this anon page belongs to exactly one MM. */
  anonExclusive: boolean;
}

/** The part of a folio that MM owner tracking is about. */
export interface TrackedFolio {
  /** `_nr_pages`: 1 for a small folio, else a power of two (the owner-tracking machine takes any number). */
  readonly nrPages: number;
  /** `_large_mapcount`, stored: page table mappings of any part of a large folio. */
  largeMapcount: number;
  /** FOLIO_MM_IDS_SHARED_BIT of `_mm_ids`. */
  mmIdsShared: boolean;
  readonly slots: readonly MmIdSlot[];
  /** The folio's pages. A small folio keeps its mapcount in the first. */
  readonly pages: readonly Page[];
}

/** A folio. */
export interface Folio extends TrackedFolio {
  nrPages: number;
  /** `_refcount`. */
  refcount: number;
  /** `_entire_mapcount`, stored: PMD mappings. */
  entireMapcount: number;
  /** `_nr_pages_mapped` (CONFIG_PAGE_MAPCOUNT): pages with a page mapcount above zero; no PMD mappings here yet. */
  nrPagesMapped: number;
  /** folio_test_anon(). */
  anon: boolean;
  /** folio_test_partially_mapped(). */
  partiallyMapped: boolean;
  /** Whether the folio is on a deferred split queue (`_deferred_list`). */
  onDeferredList: boolean;
}

/** An MM, as far as the reverse mapping cares. */
export interface MmStruct {
  /** The id that the MM has while it has one. An MM created later in the same place gets the same id again. */
  readonly idNumber: number;
  /** False before mm_alloc_id() and after mm_free_id(): `mm->mm_id` is MM_ID_DUMMY then. */
  hasId: boolean;
}

/** Node statistics that the reverse mapping maintains, in pages. */
export interface NodeStats {
  /** NR_ANON_MAPPED. */
  nrAnonMapped: number;
  /** NR_FILE_MAPPED. */
  nrFileMapped: number;
}

/** A present page table entry, or none. */
export interface Pte {
  /** The mapped folio's position plus one; 0: none. */
  folio: number;
  /** The mapped page of that folio; 0 when there is none. */
  page: number;
}
