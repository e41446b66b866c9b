/**
 * The one description of a folio. From it come the types, the schemas and the pictures of folios, the claim that a folio that
 * was freed is as a fresh one (C4.fresh), and folios in tests.
 *
 * A mapcount is *stored* as one less than its logical value, as in the kernel: −1 is unmapped.
 *
 * @source include/linux/mm_types.h, struct page, struct folio
 */

/** A field. */
export interface FieldDescription {
  /** The kernel's name: a field or a bit of struct folio or struct page; of a flag, what tests it. */
  readonly kernel: string;
  /** Its value in a folio that is free, or that was just allocated, but for `allocated`, `nrPages` and `refcount`. */
  readonly fresh: number | boolean;
  /** Whether the kernel stores one less than the logical value. */
  readonly storedMinusOne?: true;
  /** Whether there is no such thing in a struct page: nothing that the kernel does depends on it. */
  readonly ghost?: true;
  /** Whether it is about the past: a folio of the environment has it, one of the kernel has not. */
  readonly history?: true;
}

/** One of the two owner slots of a large folio. */
export const SLOT_FIELDS = {
  /** The tracked MM's id, or MM_ID_DUMMY; without the flag bit of `_mm_id[0]`. */
  mmId: { kernel: "_mm_id", fresh: 0 },
  /** Tracked mappings of that MM. */
  mapcount: { kernel: "_mm_id_mapcount", fresh: -1, storedMinusOne: true },
} as const;

/** One page of a folio. */
export const PAGE_FIELDS = {
  /**
   * Page table entries that map this page. Large folios: CONFIG_PAGE_MAPCOUNT only. A page that nothing may map can have a
   * page type here.
   */
  mapcount: { kernel: "_mapcount", fresh: -1, storedMinusOne: true },
  /** This anon page belongs to exactly one MM. While PMD-mapped, only the head page's counts. */
  anonExclusive: { kernel: "PageAnonExclusive", fresh: false },
  /** What the page holds: 1 for the value of the write that is followed, 0 for any other. See environment/contents.ts. */
  content: { kernel: "its content", fresh: 0, ghost: true },
} as const;

/** A folio, but for its slots and pages. Schemas have the fields in this order. */
export const FOLIO_FIELDS = {
  /** Whether the folio is in use; else its memory is free. */
  allocated: { kernel: "being in use", fresh: false },
  anon: { kernel: "folio_test_anon()", fresh: false },
  /** Held from one action to the next only while the folio is being migrated. */
  locked: { kernel: "folio_test_locked()", fresh: false },
  /** Whether the page cache holds it, with one reference for each page. */
  inPageCache: { kernel: "mapping", fresh: false },
  swapcache: { kernel: "folio_test_swapcache()", fresh: false },
  partiallyMapped: { kernel: "folio_test_partially_mapped()", fresh: false },
  /** Whether the folio is on a deferred split queue. */
  onDeferredList: { kernel: "_deferred_list", fresh: false },
  /** FOLIO_MM_IDS_SHARED_BIT. */
  mmIdsShared: { kernel: "the shared bit of _mm_ids", fresh: false },
  /** Since it was last unmapped, three MMs mapped it at one time. */
  hadThreeMms: { kernel: "history: three MMs mapped it at one time", fresh: false, ghost: true, history: true },
  /** Since it was last unmapped, one MM had more mappings than a slot mapcount holds (32-bit). */
  hadOverflow: { kernel: "history: a slot mapcount overflowed", fresh: false, ghost: true, history: true },
  /** 1 for a small folio, else a power of two (the owner-tracking machine takes any number). */
  nrPages: { kernel: "_nr_pages", fresh: 1 },
  /** Offset of its first page in the file, in pages; 0 for an anon folio. Swap-out does not change it. */
  index: { kernel: "index", fresh: 0 },
  /** The first of its swap slots, while it is in the swap cache; else 0. */
  swap: { kernel: "swap", fresh: 0 },
  refcount: { kernel: "_refcount", fresh: 0 },
  /** FOLL_PIN pins, for folios that have the field: see folioHasPincount(). */
  pincount: { kernel: "_pincount", fresh: 0 },
  /** Page table mappings of any part of a large folio. */
  largeMapcount: { kernel: "_large_mapcount", fresh: -1, storedMinusOne: true },
  /** PMD mappings. */
  entireMapcount: { kernel: "_entire_mapcount", fresh: -1, storedMinusOne: true },
  /** CONFIG_PAGE_MAPCOUNT: pages with a page mapcount above zero, plus ENTIRELY_MAPPED while a PMD maps the folio. */
  nrPagesMapped: { kernel: "_nr_pages_mapped", fresh: 0 },
  /** RFC of 2026-04-12: the pages that each mapping maps, summed over all mappings. */
  totalMappedPages: { kernel: "_total_mapped_pages", fresh: 0 },
} as const;

/** A record with the described fields. */
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

/** The fields of a folio that the kernel has. */
export interface FolioFields extends Omit<AllFields, HistoryName> {}

/** The history of a folio, for claims: no kernel function looks at it. */
export interface FolioHistory extends Pick<AllFields, HistoryName> {}

/** A field's name in C, for reports of its stored value. @param of which of several fields it is */
export function storedName({ kernel, storedMinusOne }: FieldDescription, of: string = ""): string {
  return `${kernel}${of}${storedMinusOne === true ? " (stored)" : ""}`;
}
