/**
 * Description of a folio's fields. Derived from it: the types, the schemas and the pictures of folios, the claim that a
 * freed folio equals a fresh one (C4.fresh), and the folios of tests.
 *
 * A mapcount is *stored* as one less than its logical value, as in the kernel: −1 is unmapped.
 *
 * @source include/linux/mm_types.h, struct page, struct folio
 */

/** Description of one field. */
export interface FieldDescription {
  /** Name in the kernel: a field or a bit of struct folio or struct page; for a flag, the function that tests it. */
  readonly kernel: string;
  /** Value in a free or newly allocated folio, except for `allocated`, `nrPages` and `refcount`. */
  readonly fresh: number | boolean;
  /** Whether the kernel stores one less than the logical value. */
  readonly storedMinusOne?: true;
  /** Whether the field exists in the model only (auxiliary variable): no kernel code depends on it. */
  readonly ghost?: true;
  /** Whether the field records history: folios of the environment have it, folios of the kernel do not. */
  readonly history?: true;
}

/** One of the two owner slots of a large folio. */
export const SLOT_FIELDS = {
  /** Id of the tracked MM, or MM_ID_DUMMY; without the flag bit of `_mm_id[0]`. */
  mmId: { kernel: "_mm_id", fresh: 0 },
  /** Number of tracked mappings of that MM. */
  mapcount: { kernel: "_mm_id_mapcount", fresh: -1, storedMinusOne: true },
} as const;

/** One page of a folio. */
export const PAGE_FIELDS = {
  /**
   * Number of page table entries that map this page. In large folios with CONFIG_PAGE_MAPCOUNT only. For a page that
   * cannot be mapped, the field may hold a page type.
   */
  mapcount: { kernel: "_mapcount", fresh: -1, storedMinusOne: true },
  /** Whether this anon page belongs to exactly one MM. While PMD-mapped, only the flag of the head page counts. */
  anonExclusive: { kernel: "PageAnonExclusive", fresh: false },
  /** Content of the page: 1 for the value of the tracked write, 0 for any other. See environment/contents.ts. */
  content: { kernel: "its content", fresh: 0, ghost: true },
} as const;

/** Fields of a folio, without its slots and pages. Schemas have the fields in this order. */
export const FOLIO_FIELDS = {
  /** Whether the folio is in use; otherwise its memory is free. */
  allocated: { kernel: "being in use", fresh: false },
  anon: { kernel: "folio_test_anon()", fresh: false },
  /** Held from one action to the next only while the folio is being migrated. */
  locked: { kernel: "folio_test_locked()", fresh: false },
  /** Whether the folio is in the page cache, which has one reference for each page. */
  inPageCache: { kernel: "mapping", fresh: false },
  swapcache: { kernel: "folio_test_swapcache()", fresh: false },
  partiallyMapped: { kernel: "folio_test_partially_mapped()", fresh: false },
  /** Whether the folio is on a deferred split queue. */
  onDeferredList: { kernel: "_deferred_list", fresh: false },
  /** FOLIO_MM_IDS_SHARED_BIT. */
  mmIdsShared: { kernel: "the shared bit of _mm_ids", fresh: false },
  /** Whether three MMs mapped the folio at the same time since it was last unmapped. */
  hadThreeMms: { kernel: "history: three MMs mapped it at one time", fresh: false, ghost: true, history: true },
  /** Whether one MM had more mappings than a slot mapcount can store (32-bit) since the folio was last unmapped. */
  hadOverflow: { kernel: "history: a slot mapcount overflowed", fresh: false, ghost: true, history: true },
  /** 1 for a small folio, otherwise a power of two (the owner-tracking machine allows any number). */
  nrPages: { kernel: "_nr_pages", fresh: 1 },
  /** Offset of the first page in the file, in pages; 0 for an anon folio. Swap-out does not change it. */
  index: { kernel: "index", fresh: 0 },
  /** First swap slot of the folio while it is in the swap cache, otherwise 0. */
  swap: { kernel: "swap", fresh: 0 },
  refcount: { kernel: "_refcount", fresh: 0 },
  /** Number of FOLL_PIN pins, for folios that have the field: see folioHasPincount(). */
  pincount: { kernel: "_pincount", fresh: 0 },
  /** Number of page table mappings of any part of a large folio. */
  largeMapcount: { kernel: "_large_mapcount", fresh: -1, storedMinusOne: true },
  /** Number of PMD mappings. */
  entireMapcount: { kernel: "_entire_mapcount", fresh: -1, storedMinusOne: true },
  /**
   * CONFIG_PAGE_MAPCOUNT: number of pages with a page mapcount above zero, plus ENTIRELY_MAPPED while a PMD maps the
   * folio.
   */
  nrPagesMapped: { kernel: "_nr_pages_mapped", fresh: 0 },
  /** RFC of 2026-04-12: number of mapped pages, summed over all mappings. */
  totalMappedPages: { kernel: "_total_mapped_pages", fresh: 0 },
} as const;

/** Record type with the described fields. */
type Described<F> = {
  -readonly [K in keyof F]: F[K] extends { readonly fresh: boolean } ? boolean : number;
};

/** One of the two owner slots of a large folio: `_mm_id[i]` and `_mm_id_mapcount[i]`. */
export interface MmIdSlot extends Described<typeof SLOT_FIELDS> {}

/** One page of a folio. */
export interface Page extends Described<typeof PAGE_FIELDS> {}

type AllFields = Described<typeof FOLIO_FIELDS>;
type HistoryName = {
  [K in keyof AllFields]: (typeof FOLIO_FIELDS)[K] extends { readonly history: true } ? K : never;
}[keyof AllFields];

/** Fields of a folio that exist in the kernel. */
export interface FolioFields extends Omit<AllFields, HistoryName> {}

/** History of a folio, for claims. No kernel function reads it. */
export interface FolioHistory extends Pick<AllFields, HistoryName> {}

/**
 * Returns the C name of a field, for reports of its stored value.
 *
 * @param of suffix that selects one of several such fields
 */
export function storedName({ kernel, storedMinusOne }: FieldDescription, of: string = ""): string {
  return `${kernel}${of}${storedMinusOne === true ? " (stored)" : ""}`;
}
