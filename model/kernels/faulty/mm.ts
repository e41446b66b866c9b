/** Patches to the queries of a folio. The overridden functions are in model/kernel/mm.ts. */
import { at } from "../../../explore/model/schema.ts";
import * as base from "../../kernel/mm.ts";
import { GUP_PIN_COUNTING_BIAS } from "../../state/structs.ts";
import { faultFree, faulty, type Variant } from "../variant.ts";
import { violates } from "./catch.ts";

/** Faulty versions of queries of a folio. */
export const mmVariants: readonly Variant[] = [
  faulty("mapcount-takes-page-type", {
    summary: "folio_mapcount() of a page that has a page type is that type",
    caught: violates("C6.page-type", 2, "struct-pages", { pages: 2 }),
    overrides: {
      folioMapcount(folio) {
        return this.folioTestLarge(folio) ? folio.largeMapcount + 1 : at(folio.pages, 0).mapcount + 1;
      },
    },
  }),
  faulty("single-mapping-rule-dropped", {
    summary: "folio_maybe_mapped_shared() trusts the shared bit even when one mapping is left",
    caught: violates("C3", 5, "owner-tracking", { pages: 4, mms: 3 }),
    overrides: {
      folioMaybeMappedShared(folio) {
        return this.folioTestLarge(folio) ? folio.mmIdsShared : this.folioMapcount(folio) > 1;
      },
    },
  }),
  faulty("likely-mapped-shared", {
    summary: "folio_maybe_mapped_shared() guesses from the first page's mapcount, as kernels did before the series",
    caught: violates("C1", 3, "rmap", { pages: 4, minPages: 4, mms: 2 }),
    notOn: ["owner-tracking", "slot-overflow"],
    overrides: {
      folioMaybeMappedShared(folio) {
        const mapcount = this.folioMapcount(folio);
        if (mapcount <= 1 || !this.folioTestLarge(folio)) {
          return mapcount > 1;
        }
        return mapcount > folio.nrPages || at(folio.pages, 0).mapcount > 0;
      },
    },
  }),
  faulty("pinned-by-references", {
    summary: "A large folio is taken for pinned by its references, which is how it is known of a small one",
    caught: violates("C7.pincount", 2, "pins", { pages: 2, mms: 1, smallFolios: 0 }),
    overrides: {
      folioMaybeDmaPinned(folio) {
        return folio.refcount >= GUP_PIN_COUNTING_BIAS;
      },
    },
  }),
  faulty("expected-one-for-the-cache", {
    summary: "folio_expected_ref_count() has one reference for the cache instead of one for each page",
    caught: violates("C7.expected", 2, "swap", { pages: 2, mms: 1, smallFolios: 0, swapSlots: 2 }),
    overrides: {
      folioExpectedRefCount(folio) {
        const cached = folio.anon ? folio.swapcache : folio.inPageCache;
        return base.folioExpectedRefCount.call(this, folio) - (cached ? folio.nrPages - 1 : 0);
      },
    },
  }),
  faulty("expected-without-swapped-shmem", {
    summary:
      "folio_expected_ref_count() counts the references of the swap cache for anon folios only: a folio of shmem that is being " +
      "swapped out has more references than expected, and never migrates",
    base: "v6.18",
    versions: { last: "6.18.2" },
    caught: violates("C7.expected", 2, "shmem", { pages: 1, mms: 1, smallFolios: 0, swapSlots: 1 }),
    overrides: {
      folioExpectedRefCount(folio) {
        const cached = folio.anon ? folio.swapcache : folio.inPageCache;
        return (cached ? folio.nrPages : 0) + this.folioMapcount(folio);
      },
    },
  }),
  faultFree("fork-copies-for-any-pin", {
    summary: "fork() copies every exclusive page of an MM that ever pinned one, whether its folio is pinned or not",
    explored: [
      { machine: "pins", bounds: { pages: 1, mms: 2, smallFolios: 1 }, config: "" },
      { machine: "pins", bounds: { pages: 2, minPages: 2, mms: 2, smallFolios: 0 }, config: "" },
    ],
    overrides: {
      folioNeedsCowForDma(mm, _folio) {
        return mm.hasPinned;
      },
    },
  }),
];
