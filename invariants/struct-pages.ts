/**
 * Claims about stale fields of struct pages that reach the next owner, and about what /proc reports of unmapped pages.
 */
import { always, noWarning, type Property, sometimes } from "../explore/model/model.ts";
import { at } from "../explore/model/schema.ts";
import type { StructPagesView } from "../model/environment/struct-pages.ts";
import type { View } from "../model/environment/view.ts";
import type { Kernel } from "../model/kernel/kernel.ts";
import { Warning } from "../model/kernel/warnings.ts";
import { PagePrivate, type StructPage } from "../model/state/structs.ts";

type OfPage = (page: StructPage, kernel: Kernel) => boolean;

/**
 * Whether `holds` is true of every single page and first page of a block for which `when` is; undefined if there is
 * none.
 */
function everyPage({ world, kernel }: StructPagesView, when: OfPage, holds: OfPage): boolean | undefined {
  let checked: true | undefined;
  for (let i = 0; i < world.pages.length; i++) {
    const page = at(world.pages, i);
    if (page.allocated && when(page, kernel)) {
      if (!holds(page, kernel)) {
        return false;
      }
      checked = true;
    }
  }
  return checked;
}

const anyPage = (): boolean => true;

/** Whether a page has a page type instead of a mapcount. */
const hasType: OfPage = ({ pages }, kernel) => kernel.pageMapcountIsType(at(pages, 0).mapcount + 1);

/** C22. */
export const privateIsCleared: Property<StructPagesView> = always({
  id: "C22",
  claim: "A page that is allocated, or split off a block, does not have the private that it was freed with",
  source: "mm/page_alloc.c, __free_pages_prepare(), post_alloc_hook(), split_page(); ac1ea219590c",
  holds: (view) => everyPage(view, anyPage, ({ private: value }) => value !== PagePrivate.left),
});

/** C22, an exception. */
export const tailPrivateIsLeft: Property<StructPagesView> = sometimes({
  id: "C22.tail",
  claim:
    "Exception: what an owner stored in private of a tail page and did not clear is still there when the page becomes one " +
    "of its own: neither free nor split checks it",
  source: "mm/page_alloc.c, __free_pages_prepare(); mm/huge_memory.c, __split_folio_to_order(); 7.1",
  reached: ({ world }) => world.pages.some((page) => page.allocated && page.private === PagePrivate.leftInTail),
});

/** C22, the owner slots. */
export const splitLeavesNoOwner: Property<View> = noWarning({
  id: "C22.mm-ids",
  claim: "A folio is split only while _mm_ids is 0, which becomes private of its second page",
  source: "include/linux/mm_types.h, struct folio; mm/huge_memory.c, __split_folio_to_order()",
  codes: [Warning.ownerLeftInPrivate],
  counted: true,
});

/** C22, page types. */
export const typeIsReset: Property<StructPagesView> = always({
  id: "C22.type",
  claim: "A free page has no page type",
  source: "mm/page_alloc.c, __free_pages_prepare()",
  holds: ({ world, kernel }) =>
    world.pages.every((page) => page.allocated || !kernel.pageMapcountIsType(at(page.pages, 0).mapcount + 1)),
});

/** C6, page types. */
export const typeIsNoMapcount: Property<StructPagesView> = always({
  id: "C6.page-type",
  claim: "folio_mapcount() of a page that has a page type is 0, and the page is not reported as maybe mapped shared",
  source: "include/linux/mm.h, folio_mapcount(), folio_maybe_mapped_shared()",
  holds: (view) =>
    everyPage(
      view,
      hasType,
      (page, kernel) => kernel.folioMapcount(page) === 0 && !kernel.folioMaybeMappedShared(page),
    ),
});

/** C16, page types. */
export const typeIsNotReported: Property<StructPagesView> = always({
  id: "C16.page-type",
  claim: "kpagecount of a page that has a page type is 0",
  source: "fs/proc/internal.h, folio_precise_page_mapcount(), folio_average_page_mapcount(); RFC 2026-04-12 13/13",
  holds: (view) => everyPage(view, hasType, (page, kernel) => kernel.kpagecount(page, 0) === 0),
});

/** C16, an exception. */
export const typeIsReported: Property<StructPagesView> = sometimes({
  id: "C16.page-type-average",
  claim:
    "Exception: with CONFIG_NO_PAGE_MAPCOUNT, kpagecount of a small page that has a page type is that type taken for a " +
    "mapcount, a huge number",
  source: "fs/proc/internal.h, folio_average_page_mapcount(), up to 7.1; RFC 2026-04-12 13/13 makes it 0",
  reached: ({ world, kernel }) =>
    world.pages.some((page) => page.allocated && hasType(page, kernel) && kernel.kpagecount(page, 0) !== 0),
});
