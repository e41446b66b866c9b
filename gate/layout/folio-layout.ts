/** C21: whether the fields that a folio needs at one time have each a place of their own. */
import type { Layout, Place } from "./measure.ts";

/** Kinds of folios, by what they need. */
const FOLIO_KINDS = ["small folio", "folio of order 1", "large folio", "hugetlb folio"] as const;
type FolioKind = (typeof FOLIO_KINDS)[number];

/** A field that a folio uses, with its place in the folio's struct pages. */
interface LiveField extends Place {
  readonly name: string;
}

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
export function liveFields(layout: Layout, kind: FolioKind): readonly LiveField[] {
  const { folio, page, pageBytes, pageMapcount, target } = layout;
  const pages = kind === "small folio" ? 1 : kind === "folio of order 1" ? 2 : PAGES;
  const live: LiveField[] = [];
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

/** What is wrong with a layout, in sentences; nothing when C21 holds. */
export function layoutFaults(layout: Layout): readonly string[] {
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
  readonly field: string;
  /** Whether a field of struct folio has the right value for it while nothing maps the folio. */
  readonly fits: (name: string) => boolean;
  readonly text: string;
}

const REST_FIELDS: readonly RestField[] = [
  { field: "private", fits: (name) => !SET_AT_REST.includes(name), text: "is not 0 at rest" },
  {
    field: MAPCOUNT,
    fits: (name) => ALL_SET_AT_REST.includes(name),
    text: "is not -1 at rest: a mapcount, or a page type",
  },
];

/**
 * Fields that lie where a tail page has private or a mapcount, and do not have the value of an unmapped page's when the folio is
 * split or freed: the page would keep them there. In sentences; none when C22 holds.
 */
export function restOverlays(layout: Layout): readonly string[] {
  const fields = liveFields(layout, "large folio").filter(({ name }) => !name.startsWith("page["));
  return REST_FIELDS.flatMap(({ field: inPage, fits, text }) => {
    const place = layout.page.get(inPage);
    return place === undefined
      ? []
      : fields
          .filter(({ name }) => !fits(name))
          .flatMap((field) =>
            [1, 2, 3]
              .map((page) => ({ page, start: page * layout.pageBytes + place.offset }))
              .filter(({ start }) => field.offset < start + place.bytes && start < field.offset + field.bytes)
              .map(({ page }) => `large folio: ${described(field)} lies where page ${page} has ${inPage}, and ${text}`),
          );
  });
}

/** Fields of struct folio of which it is not known which folios use them. */
export function unknownFields({ folio }: Layout): readonly string[] {
  const known = [...EVERY_PAGE, MAPCOUNT, ...FIRST_PAGE, ...LARGE, ...DEFERRED_SPLIT, ...HUGETLB, ...ELSEWHERE];
  return [...folio.keys()].filter((field) => !known.includes(field) && !ALIASES.test(field));
}

function overlaps(layout: Layout, kind: FolioKind): string[] {
  const live = liveFields(layout, kind);
  return live.flatMap((one, i) =>
    live
      .slice(i + 1)
      .filter((other) => one.offset < other.offset + other.bytes && other.offset < one.offset + one.bytes)
      .filter((other) => !sameField(one.name, other.name))
      .map((other) => `${kind}: ${described(one)} overlaps ${described(other)}`),
  );
}

/** `index` is struct folio's name for struct page's `__folio_index`. */
function sameField(one: string, other: string): boolean {
  const plain = (name: string): string => name.replace("__folio_index", "index");
  return plain(one) === plain(other);
}

function described({ name, offset, bytes }: LiveField): string {
  return `${name} (bytes ${offset} to ${offset + bytes - 1})`;
}

function beyondOrder1(layout: Layout): string[] {
  return liveFields(layout, "folio of order 1")
    .filter(({ offset, bytes }) => offset + bytes > 2 * layout.pageBytes)
    .map((field) => `folio of order 1: ${described(field)} lies beyond its two struct pages`);
}

/** Fields that struct folio and struct page both have, and in different places. */
function differentFromPage({ folio, page }: Layout): string[] {
  return [...folio].flatMap(([field, place]) => {
    const inPage = page.get(field);
    return inPage === undefined || inPage.offset === place.offset
      ? []
      : [`${field} is at byte ${place.offset} of struct folio, and at byte ${inPage.offset} of struct page`];
  });
}

/** Whether the lock and the shared bit of `_mm_ids` lie outside of both ids. */
function bitsInIds({ folio, numbers, target }: Layout): string[] {
  const [word, ids] = [folio.get("_mm_ids"), folio.get("_mm_id")];
  const idBits = numbers.get("MM_ID_BITS");
  if (word === undefined || ids === undefined || idBits === undefined) {
    return ["the tree has no _mm_ids, _mm_id or MM_ID_BITS"];
  }
  if (word.offset !== ids.offset || word.bytes !== ids.bytes) {
    return [`_mm_ids has ${word.bytes} bytes at ${word.offset}, and the two ids ${ids.bytes} at ${ids.offset}`];
  }
  const width = (8 * ids.bytes) / 2;
  const names = { lock: "FOLIO_MM_IDS_LOCK_BITNUM", shared: "FOLIO_MM_IDS_SHARED_BITNUM" } as const;
  const bits = Object.entries(names).map(([what, name]) => ({ what, bit: numbers.get(name) ?? -1 }));
  const faults = bits.flatMap(({ what, bit }) => {
    if (bit < 0 || bit >= 2 * width) {
      return [`the ${what} bit is bit ${bit} of a word of ${2 * width} bits`];
    }
    const half = Math.floor(bit / width);
    const slot = target.isBigEndian ? 1 - half : half;
    return bit % width < idBits ? [`the ${what} bit, bit ${bit} of _mm_ids, is part of the id in slot ${slot}`] : [];
  });
  const same = bits[0]?.bit === bits[1]?.bit ? ["the lock and the shared bit are the same bit"] : [];
  return [...faults, ...same];
}
