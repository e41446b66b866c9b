/**
 * What a reset leaves behind in a field that shares its place with another: two small machines over the struct pages of a
 * folio, as a compiler laid them out. Both ask for bugs that the series had (B3 and B4 of the list of real bugs).
 */
import { action, always, type Model } from "../../explore/model/model.ts";
import { array, at, bool, type StructField, struct } from "../../explore/model/schema.ts";
import { liveFields } from "./folio-layout.ts";
import type { Layout } from "./measure.ts";

/** Struct pages of one folio, and what each has in the field that is looked at. */
export interface StructPages {
  /** Whether the pages are one large folio. */
  large: boolean;
  /** hugetlb: whether the second page of struct pages is only another view of the first. */
  optimised: boolean;
  /** Whether a struct page has what a folio of the other kind must not find in it. */
  readonly stale: readonly { value: boolean }[];
}

/** Struct pages in a page of them, in the machine: at least twice as many as are reset. */
const LEAST_PER_PAGE = 8;

function structPages(pages: number): StructField<StructPages> {
  return struct({ large: bool(), optimised: bool(), stale: array(struct({ value: bool() }), pages) });
}

/** What a machine needs to know of the layout. */
interface Overlay {
  /** Tail pages in which a field of large folios lies where struct page has the field that is looked at. */
  readonly pages: readonly number[];
}

/** Tail pages whose `field` of struct page shares its place with a field that every large folio has, or a hugetlb folio. */
export function overlaidBy(layout: Layout, field: string): Overlay {
  const place = layout.page.get(field);
  if (place === undefined) {
    return { pages: [] };
  }
  const used = (["large folio", "hugetlb folio"] as const)
    .flatMap((kind) => liveFields(layout, kind))
    .filter(({ name }) => !name.startsWith("page["));
  const isOverlaid = (page: number): boolean => {
    const start = page * layout.pageBytes + place.offset;
    return used.some(({ offset, bytes }) => offset < start + place.bytes && start < offset + bytes);
  };
  return { pages: [1, 2, 3].filter(isOverlaid) };
}

/**
 * B3. The memory of most of a hugetlb folio's struct pages can be given back: they then show the first page of struct pages
 * instead. When they are wanted again, they begin as a copy of that, and the first `resets` of each page of them are
 * overwritten with the ones that follow. What is stale here is a tail page whose `mapping` is not the mark for tail pages.
 *
 * @param overlay tail pages in which a field of the folio lies where `mapping` is
 * @param resets NR_RESET_STRUCT_PAGE of mm/hugetlb_vmemmap.c
 */
export function vmemmapRestore(overlay: Overlay, resets: number): Model<StructPages, null> {
  const perPage = Math.max(LEAST_PER_PAGE, 2 * resets);
  const write = (state: StructPages, page: number, value: boolean): void => {
    at(state.stale, page).value = value;
  };
  return {
    name: "vmemmap of a hugetlb folio",
    schema: structPages(2 * perPage),
    context: null,
    view: (state) => state,
    actions: [
      action("allocate", {}, (state: StructPages) => {
        if (state.large) {
          return false;
        }
        state.large = true;
        // The first struct page is the head: its mapping is no mark.
        state.stale.forEach((_, page) => {
          write(state, page, page === 0 || overlay.pages.includes(page));
        });
        return true;
      }),
      action("optimiseVmemmap", {}, (state: StructPages) => {
        const enabled = state.large && !state.optimised;
        if (enabled) {
          state.optimised = true;
        }
        return enabled;
      }),
      action("restoreVmemmap", {}, (state: StructPages) => {
        if (!state.optimised) {
          return false;
        }
        state.optimised = false;
        for (let i = 0; i < perPage; i++) {
          write(state, perPage + i, at(state.stale, i).value);
        }
        for (let i = 0; i < resets; i++) {
          write(state, perPage + i, at(state.stale, perPage + resets + i).value);
        }
        return true;
      }),
      action("free", {}, (state: StructPages) => {
        const enabled = state.large && !state.optimised;
        if (enabled) {
          state.large = false;
        }
        return enabled;
      }),
    ],
    properties: [
      always({
        id: "B3",
        claim: "No tail page but those with fields of the folio has another mapping than the mark when it is freed",
        source: "mm/page_alloc.c, free_tail_page_prepare(); Fixes: 4eeec8c89a0c",
        when: ({ large, optimised }) => !large && !optimised,
        holds: ({ stale }) => stale.every(({ value }, page) => !value || page === 0 || overlay.pages.includes(page)),
      }),
    ],
  };
}

/**
 * B4. A large fsdax folio falls back into its pages, and those are made ready one by one: each is a folio then, and what
 * lies in its `memcg_data` counts.
 *
 * @param overlay tail pages in which a field of the large folio lies where `memcg_data` is
 * @param clears whether those fields are cleared first
 */
export function fsdaxReset(overlay: Overlay, clears: boolean): Model<StructPages, null> {
  const pages = 4;
  const write = (state: StructPages, value: boolean): void => {
    for (const page of overlay.pages) {
      at(state.stale, page).value = value;
    }
  };
  return {
    name: "pages of an fsdax folio",
    schema: structPages(pages),
    context: null,
    view: (state) => state,
    actions: [
      action("makeLarge", {}, (state: StructPages) => {
        if (state.large) {
          return false;
        }
        state.large = true;
        write(state, true);
        return true;
      }),
      action("resetPageByPage", {}, (state: StructPages) => {
        if (!state.large) {
          return false;
        }
        state.large = false;
        if (clears) {
          write(state, false);
        }
        return true;
      }),
    ],
    properties: [
      always({
        id: "B4",
        claim: "A page that is a folio of its own has nothing in memcg_data from when it was part of a large folio",
        source: "fs/dax.c, dax_folio_put(); Fixes: 4996fc547f5b",
        when: ({ large }) => !large,
        holds: ({ stale }) => stale.every(({ value }) => !value),
      }),
    ],
  };
}
