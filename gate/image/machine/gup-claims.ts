/** Claims about pages that get_user_pages() and pin_user_pages() took. */
import { always, type Property } from "../../../explore/model/model.ts";
import { pincountIsExact } from "../../../invariants/counters.ts";
import type { ImageView } from "../world/image-view.ts";

const pinnedPageStaysMapped: Property<ImageView> = always({
  id: "C9.pinned",
  claim: "A pinned page stays the page that its process finds at its address, until the process gives up the address",
  source: "Documentation/core-api/pin_user_pages.rst; PageAnonExclusive in include/linux/page-flags.h",
  holds: ({ held, entries }) =>
    held.every(
      ({ at, mm, frame }) =>
        at === undefined ||
        entries.some((entry) => entry.mm === mm && entry.page === at && entry.present && entry.frame === frame),
    ),
});

const heldPagesArePrivate: Property<ImageView> = always({
  id: "C9.held",
  claim:
    "A holder reads from its pages what the process that they were taken from had there, or wrote there since, and nothing " +
    "that another process wrote",
  source: "private memory: mmap(2), MAP_PRIVATE; tools/testing/selftests/mm/cow.c, vmsplice()",
  holds: ({ held }) => held.every(({ expected, actual }) => actual === expected),
});

const pinnedPageIsExclusive: Property<ImageView> = always({
  id: "C11.pinned",
  claim: "A pinned anonymous page is mapped at most once, and marked as exclusive where it is mapped",
  source: "mm/internal.h, gup_must_unshare(); include/linux/rmap.h, folio_try_dup_anon_rmap_ptes()",
  holds: ({ held, entries }) =>
    held.every(({ pin, frame, truth }) => {
      if (!pin || truth === undefined) {
        return true;
      }
      const mapping = entries.filter((entry) => entry.present && entry.frame === frame);
      return mapping.length <= 1 && mapping.every(({ frameExclusive }) => frameExclusive);
    }),
});

const pinsAreCounted: Property<ImageView> = always({
  id: "STATS.pinned",
  claim: "NR_FOLL_PIN_ACQUIRED minus NR_FOLL_PIN_RELEASED is the number of pins",
  source: "include/linux/mmzone.h; mm/gup.c",
  holds: ({ pins: { counted, pages } }) => counted === pages,
});

/** The claims. */
export const GUP_CLAIMS: readonly Property<ImageView>[] = [
  pinnedPageStaysMapped,
  heldPagesArePrivate,
  pinnedPageIsExclusive,
  pincountIsExact as unknown as Property<ImageView>,
  pinsAreCounted,
];
