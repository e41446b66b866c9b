/** C21: whether the fields that a folio needs at one time have each a place of their own. */
import type { FolioKind, LayoutFault, MmIdsBit, PlacedField } from "./layout-fault.ts";
import type { Layout } from "./measure.ts";

const FOLIO_KINDS: readonly FolioKind[] = ["small folio", "folio of order 1", "large folio", "hugetlb folio"];

/** Fields that every struct page uses, whichever folio it belongs to. */
const EVERY_PAGE = ["flags", "_refcount", "virtual", "kmsan_shadow", "kmsan_origin"];

/** A field of the first struct page, and of every one where mapcounts of pages are kept. */
const MAPCOUNT = "_mapcount";

/** Fields of the first struct page, and of it alone. */
const FIRST_PAGE = ["lru", "mapping", "__folio_index", "index", "private", "memcg_data", "_last_cpupid"];

/** Fields of large folios of every kind. The count of mapped pages is only kept with CONFIG_PAGE_MAPCOUNT. */
const LARGE = [
  ..."_large_mapcount _nr_pages_mapped _total_mapped_pages _entire_mapcount _pincount".split(" "),
  ..."_mm_id_mapcount _mm_ids _nr_pages".split(" "),
];

const DEFERRED_SPLIT = ["_deferred_list"];

const HUGETLB = ["_hugetlb_subpool", "_hugetlb_cgroup", "_hugetlb_cgroup_rsvd", "_hugetlb_hwpoison"];

/** Other names for what struct page has as well, and fillers. */
const ALIASES =
  /^(?:_flags_\d|_head_\d\w*|_mapcount_\d|_refcount_\d|_unused_\d|_usable_\d|_{0,2}page_\d|_mm_id|__filler|page)$/;

/** Fields of a first struct page that other kinds of pages use, or that are other names. */
const ELSEWHERE = ["mlock_count", "pgmap", "share", "swap", "_unused_slab_obj_exts"];

/** Most struct pages of a folio that the checks look at: those that have fields of their own, and one more. */
const PAGES = 5;

/** The fields that a folio of a kind uses, in a layout. */
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
    // The allocator marks the mapping of tail pages, and looks for the mark when they are freed.
    if (index > 3 || (index === 3 && kind !== "hugetlb folio")) {
      ofPage(index, "mapping");
    }
  }
  for (const field of FIRST_PAGE) {
    ofPage(0, field);
  }
  if (kind !== "small folio") {
    // Where 32-bit has no place for these two in a folio of order 1, it does without.
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

/** The faults of a layout; none when C21 holds. */
export function layoutFaults(layout: Layout): readonly LayoutFault[] {
  return [
    ...FOLIO_KINDS.flatMap((kind) => overlaps(layout, kind)),
    ...beyondOrder1(layout),
    ...differentFromPage(layout),
    ...bitsInIds(layout),
  ];
}

/** Fields of a large folio that nothing maps which have all bits set then: stored counts of 0. */
const ALL_SET_AT_REST = ["_large_mapcount", "_entire_mapcount", "_mm_id_mapcount"];

/** Those which are not 0 then. */
const SET_AT_REST = [...ALL_SET_AT_REST, "_nr_pages", ...DEFERRED_SPLIT];

/** A field of struct page, and what must not lie there in a tail page when its folio is split or freed. */
interface RestField {
  readonly field: "private" | "_mapcount";
  /** Whether a field of struct folio has the right value for it while nothing maps the folio. */
  readonly fits: (name: string) => boolean;
}

const REST_FIELDS: readonly RestField[] = [
  { field: "private", fits: (name) => !SET_AT_REST.includes(name) },
  { field: MAPCOUNT, fits: (name) => ALL_SET_AT_REST.includes(name) },
];

/**
 * Fields that lie where a tail page has private or a mapcount, and do not have the value of an unmapped page's when the folio is
 * split or freed: the page would keep them there. None when C22 holds.
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

/** Fields of struct folio of which it is not known which folios use them. */
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

/** Fields that struct folio and struct page both have, and in different places. */
function differentFromPage({ folio, page }: Layout): LayoutFault[] {
  return [...folio].flatMap(([field, place]) => {
    const inPage = page.get(field);
    return inPage === undefined || inPage.offset === place.offset
      ? []
      : [{ kind: "different-offsets", field, inFolio: place.offset, inPage: inPage.offset }];
  });
}

/** Whether the lock and the shared bit of `_mm_ids` lie outside of both ids. */
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
