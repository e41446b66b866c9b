/**
 * Stale values after a reset, in a field that shares its place with another: two small models of the struct pages of a
 * folio, with the layout measured by a compiler. They check for two bugs that the series had (B3 and B4 of the list of
 * real bugs).
 */
import { action, always, type Model } from "../../explore/model/model.ts";
import { array, at, bool, type StructField, struct } from "../../explore/model/schema.ts";
import { liveFields } from "./folio-layout.ts";
import type { Layout } from "./measure.ts";

/** The struct pages of one folio, each with the state of one field. */
export interface StructPages {
  /** Whether the pages are one large folio. */
  large: boolean;
  /** hugetlb: whether the second page of struct pages is mapped to the first (vmemmap optimisation). */
  optimised: boolean;
  /** Whether the field has a value that is wrong for the next user of the struct page. */
  readonly stale: readonly { value: boolean }[];
}

/** Minimum number of struct pages per page of the vmemmap, in the model; at least twice as many as are reset. */
const LEAST_PER_PAGE = 8;

function structPages(pages: number): StructField<StructPages> {
  return struct({ large: bool(), optimised: bool(), stale: array(struct({ value: bool() }), pages) });
}

/** The part of a layout that these models use. */
interface Overlay {
  /** Tail pages in which a field of large folios overlaps the checked field of struct page. */
  readonly pages: readonly number[];
}

/** Returns the tail pages whose `field` of struct page overlaps a field of a large folio or of a hugetlb folio. */
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
 * B3. The vmemmap of a hugetlb folio can be freed except its first page: all its pages are then mapped to that one.
 * When it is restored, each page of struct pages begins as a copy of the first one, and its first `resets` struct pages
 * are overwritten with those that follow. A tail page is stale if its `mapping` is not TAIL_MAPPING.
 *
 * @param overlay tail pages in which a field of the folio overlaps `mapping`
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
        // The first struct page is the head: its mapping is not TAIL_MAPPING.
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
        claim: "When a tail page without fields of the folio is freed, its mapping is TAIL_MAPPING",
        source: "mm/page_alloc.c, free_tail_page_prepare(); Fixes: 4eeec8c89a0c",
        when: ({ large, optimised }) => !large && !optimised,
        holds: ({ stale }) => stale.every(({ value }, page) => !value || page === 0 || overlay.pages.includes(page)),
      }),
    ],
  };
}

/**
 * B4. A large fsdax folio is reset page by page: each page becomes a folio, and its `memcg_data` is then in use.
 *
 * @param overlay tail pages in which a field of the large folio overlaps `memcg_data`
 * @param clears whether these fields are cleared first
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
        claim: "After a large folio is reset to single pages, no page has a value of the large folio in memcg_data",
        source: "fs/dax.c, dax_folio_put(); Fixes: 4996fc547f5b",
        when: ({ large }) => !large,
        holds: ({ stale }) => stale.every(({ value }) => !value),
      }),
    ],
  };
}
