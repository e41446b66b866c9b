/** C21: fields that a folio uses at the same time do not overlap. */
import type { FolioKind, LayoutFault, MmIdsBit, PlacedField } from "./layout-fault.ts";
import type { Layout } from "./measure.ts";

const FOLIO_KINDS: readonly FolioKind[] = ["small folio", "folio of order 1", "large folio", "hugetlb folio"];

/** Fields of struct page that every page uses. */
const EVERY_PAGE = ["flags", "_refcount", "virtual", "kmsan_shadow", "kmsan_origin"];

/** A field of the first struct page; with page mapcounts, of every struct page. */
const MAPCOUNT = "_mapcount";

/** Fields of the first struct page only. */
const FIRST_PAGE = ["lru", "mapping", "__folio_index", "index", "private", "memcg_data", "_last_cpupid"];

/** Fields of large folios of every kind. `_nr_pages_mapped` is used only with CONFIG_PAGE_MAPCOUNT. */
const LARGE = [
  ..."_large_mapcount _nr_pages_mapped _total_mapped_pages _entire_mapcount _pincount".split(" "),
  ..."_mm_id_mapcount _mm_ids _nr_pages".split(" "),
];

const DEFERRED_SPLIT = ["_deferred_list"];

const HUGETLB = ["_hugetlb_subpool", "_hugetlb_cgroup", "_hugetlb_cgroup_rsvd", "_hugetlb_hwpoison"];

/** Fillers, and other names of fields that struct page has as well. */
const ALIASES =
  /^(?:_flags_\d|_head_\d\w*|_mapcount_\d|_refcount_\d|_unused_\d|_usable_\d|_{0,2}page_\d|_mm_id|__filler|page)$/;

/** Fields of a first struct page that pages of other kinds use, or that are other names. */
const ELSEWHERE = ["mlock_count", "pgmap", "share", "swap", "_unused_slab_obj_exts"];

/** Number of struct pages of a folio that are checked: those with fields of struct folio, and one more. */
const PAGES = 5;

/** Returns the fields that a folio of a kind uses, with their places in a layout. */
export function liveFields(layout: Layout, kind: FolioKind): readonly PlacedField[] {
  const { folio, page, pageBytes, pageMapcount, target } = layout;
  const pages = kind === "small folio" ? 1 : kind === "folio of order 1" ? 2 : PAGES;
  const live: PlacedField[] = [];
  const ofPage = (index: number, field: string): void => {
    const place = page.get(field);
    if (place !== undefined) {
      live.push({ name: `page[${index}].${field}`, offset: index * pageBytes + place.offset, bytes: place.bytes });
    }
  };
  const ofFolio = (field: string): void => {
    const place = folio.get(field);
    if (place !== undefined) {
      live.push({ name: field, ...place });
    }
  };
  for (let index = 0; index < pages; index++) {
    for (const field of EVERY_PAGE) {
      ofPage(index, field);
    }
    if (index === 0 || pageMapcount) {
      ofPage(index, MAPCOUNT);
    }
    if (index > 0) {
      ofPage(index, "compound_head");
    }
    // The allocator sets the mapping of tail pages to TAIL_MAPPING, and checks it when they are freed.
    if (index > 3 || (index === 3 && kind !== "hugetlb folio")) {
      ofPage(index, "mapping");
    }
  }
  for (const field of FIRST_PAGE) {
    ofPage(0, field);
  }
  if (kind !== "small folio") {
    // On 32-bit, a folio of order 1 may have no room for these two fields; the kernel then does not use them.
    const isBeyond = (field: string): boolean => (folio.get(field)?.offset ?? 0) >= pages * pageBytes;
    const absent =
      kind === "folio of order 1" && !target.is64Bit ? ["_entire_mapcount", "_pincount"].filter(isBeyond) : [];
    const uncounted = pageMapcount ? [] : ["_nr_pages_mapped"];
    for (const field of LARGE.filter((each) => !absent.includes(each) && !uncounted.includes(each))) {
      ofFolio(field);
    }
  }
  const further = kind === "large folio" ? DEFERRED_SPLIT : kind === "hugetlb folio" ? HUGETLB : [];
  for (const field of further) {
    ofFolio(field);
  }
  return live;
}

/** Returns the faults of a layout; none if C21 holds. */
export function layoutFaults(layout: Layout): readonly LayoutFault[] {
  return [
    ...FOLIO_KINDS.flatMap((kind) => overlaps(layout, kind)),
    ...beyondOrder1(layout),
    ...differentFromPage(layout),
    ...bitsInIds(layout),
  ];
}

/** Fields of a large folio with all bits set while nothing maps it: counts of 0, stored as -1. */
const ALL_SET_AT_REST = ["_large_mapcount", "_entire_mapcount", "_mm_id_mapcount"];

/** Fields of a large folio that are not 0 while nothing maps it. */
const SET_AT_REST = [...ALL_SET_AT_REST, "_nr_pages", ...DEFERRED_SPLIT];

/** A field of struct page that must have its value of an unmapped page in tail pages when a folio is split or freed. */
interface RestField {
  readonly field: "private" | "_mapcount";
  /** Whether an overlapping field of struct folio has that value while nothing maps the folio. */
  readonly fits: (name: string) => boolean;
}

const REST_FIELDS: readonly RestField[] = [
  { field: "private", fits: (name) => !SET_AT_REST.includes(name) },
  { field: MAPCOUNT, fits: (name) => ALL_SET_AT_REST.includes(name) },
];

/**
 * Returns the fields that overlap `private` or `_mapcount` of a tail page, and do not have that field's value of an
 * unmapped page when the folio is split or freed: the value would stay in the page. None if C22 holds.
 */
export function restOverlays(layout: Layout): readonly LayoutFault[] {
  const fields = liveFields(layout, "large folio").filter(({ name }) => !name.startsWith("page["));
  return REST_FIELDS.flatMap(({ field: inPage, fits }): LayoutFault[] => {
    const place = layout.page.get(inPage);
    return place === undefined
      ? []
      : fields
          .filter(({ name }) => !fits(name))
          .flatMap((field) =>
            [1, 2, 3]
              .map((page) => ({ page, start: page * layout.pageBytes + place.offset }))
              .filter(({ start }) => field.offset < start + place.bytes && start < field.offset + field.bytes)
              .map(({ page }): LayoutFault => ({ kind: "overlay-at-rest", field, page, inPage })),
          );
  });
}

/** Returns the fields of struct folio that are in none of the lists above: their use is unknown. */
export function unknownFields({ folio }: Layout): readonly string[] {
  const known = [...EVERY_PAGE, MAPCOUNT, ...FIRST_PAGE, ...LARGE, ...DEFERRED_SPLIT, ...HUGETLB, ...ELSEWHERE];
  return [...folio.keys()].filter((field) => !known.includes(field) && !ALIASES.test(field));
}

function overlaps(layout: Layout, folio: FolioKind): LayoutFault[] {
  const live = liveFields(layout, folio);
  return live.flatMap((one, i) =>
    live
      .slice(i + 1)
      .filter((other) => one.offset < other.offset + other.bytes && other.offset < one.offset + one.bytes)
      .filter((other) => !sameField(one.name, other.name))
      .map((other): LayoutFault => ({ kind: "overlap", folio, one, other })),
  );
}

/** `index` is struct folio's name for struct page's `__folio_index`. */
function sameField(one: string, other: string): boolean {
  const plain = (name: string): string => name.replace("__folio_index", "index");
  return plain(one) === plain(other);
}

function beyondOrder1(layout: Layout): LayoutFault[] {
  return liveFields(layout, "folio of order 1")
    .filter(({ offset, bytes }) => offset + bytes > 2 * layout.pageBytes)
    .map((field) => ({ kind: "beyond-order-1", field }));
}

/** Returns the fields that struct folio and struct page have in different places. */
function differentFromPage({ folio, page }: Layout): LayoutFault[] {
  return [...folio].flatMap(([field, place]) => {
    const inPage = page.get(field);
    return inPage === undefined || inPage.offset === place.offset
      ? []
      : [{ kind: "different-offsets", field, inFolio: place.offset, inPage: inPage.offset }];
  });
}

/** Checks that the lock bit and the shared bit of `_mm_ids` are outside of both ids. */
function bitsInIds({ folio, numbers, target }: Layout): LayoutFault[] {
  const [word, ids] = [folio.get("_mm_ids"), folio.get("_mm_id")];
  const idBits = numbers.get("MM_ID_BITS");
  if (word === undefined || ids === undefined || idBits === undefined) {
    return [{ kind: "no-mm-ids" }];
  }
  if (word.offset !== ids.offset || word.bytes !== ids.bytes) {
    return [{ kind: "mm-ids-size", word, ids }];
  }
  const width = (8 * ids.bytes) / 2;
  const names: readonly (readonly [MmIdsBit, string])[] = [
    ["lock", "FOLIO_MM_IDS_LOCK_BITNUM"],
    ["shared", "FOLIO_MM_IDS_SHARED_BITNUM"],
  ];
  const bits = names.map(([name, constant]) => ({ name, bit: numbers.get(constant) ?? -1 }));
  const faults = bits.flatMap(({ name, bit }): LayoutFault[] => {
    if (bit < 0 || bit >= 2 * width) {
      return [{ kind: "bit-outside", name, bit, width: 2 * width }];
    }
    const half = Math.floor(bit / width);
    const slot = target.isBigEndian ? 1 - half : half;
    return bit % width < idBits ? [{ kind: "bit-in-id", name, bit, slot }] : [];
  });
  const same: LayoutFault[] = bits[0]?.bit === bits[1]?.bit ? [{ kind: "same-bit" }] : [];
  return [...faults, ...same];
}
