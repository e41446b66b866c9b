/** Patches to the reverse mapping. The overridden functions are in model/kernel/rmap.ts. */
import { at } from "../../../explore/model/schema.ts";
import * as base from "../../kernel/rmap.ts";
import { faulty, type Variant } from "../variant.ts";
import { neverShows, violates } from "./catch.ts";

const ANON = { pages: 4, mms: 2 };
const FILE = { pages: 2, mms: 2, anon: 0, file: 1 };
const PMD = { pages: 2, mms: 2 };

/** Faulty versions of the reverse mapping. */
export const rmapVariants: readonly Variant[] = [
  faulty("dup-charged-to-parent", {
    summary: "fork() adds the child's mappings to the parent's slot",
    caught: violates("C1", 2, "rmap", ANON),
    overrides: {
      dupMappings(folio, page, nrPages, _dstMm, srcMm, level, share) {
        base.dupMappings.call(this, folio, page, nrPages, srcMm, srcMm, level, share);
      },
    },
  }),
  faulty("dup-pmd-as-ptes", {
    summary:
      "fork() duplicates a PMD mapping as if it were PTEs, as folio_dup_file_rmap_pmd() does in the series: that one " +
      "has no caller",
    caught: violates("C6.large-mapcount", 2, "pmd", PMD),
    overrides: {
      folioTryDupAnonRmapPmd(folio, dstMm, srcMm) {
        return this.folioTryDupAnonRmap(folio, 0, folio.nrPages, dstMm, srcMm, "pte");
      },
    },
  }),
  faulty("dup-without-page-mapcounts", {
    summary: "fork() does not raise the mapcounts of a large folio's pages",
    caught: violates("C6.page-mapcount", 2, "rmap", ANON),
    overrides: {
      dupPageMapping(folio, page, share) {
        if (!this.folioTestLarge(folio)) {
          base.dupPageMapping.call(this, folio, page, share);
        } else if (share) {
          page.anonExclusive = false;
        }
      },
    },
  }),
  faulty("dup-accounts", {
    summary: "Duplicating a file mapping counts the pages as newly mapped in _nr_pages_mapped",
    caught: violates("C6.nr-pages-mapped", 3, "rmap", FILE),
    overrides: {
      dupMappings(folio, page, nrPages, dstMm, srcMm, level, share) {
        base.dupMappings.call(this, folio, page, nrPages, dstMm, srcMm, level, share);
        if (this.folioTestLarge(folio) && this.config.pageMapcount && !folio.anon) {
          this.nrPagesMappedAddReturn(folio, nrPages);
        }
      },
    },
  }),
  faulty("dup-clears-first-page-only", {
    summary: "fork() clears PageAnonExclusive of the first page of a batch only, which is right for a PMD",
    caught: violates("C11", 2, "rmap", ANON),
    overrides: {
      dupMappings(folio, page, nrPages, dstMm, srcMm, level, share) {
        base.dupMappings.call(this, folio, page, nrPages, dstMm, srcMm, level);
        if (share) {
          at(folio.pages, page).anonExclusive = false;
        }
      },
    },
  }),
  faulty("dup-asks-the-child-for-pins", {
    summary: "fork() checks whether the child ever pinned a page, instead of the parent",
    caught: violates("C11.pinned", 3, "pins", { pages: 2, mms: 2, smallFolios: 1 }),
    overrides: {
      folioTryDupAnonRmap(folio, page, nrPages, dstMm, _srcMm, level) {
        return base.folioTryDupAnonRmap.call(this, folio, page, nrPages, dstMm, dstMm, level);
      },
    },
  }),
  faulty("new-pmd-without-entire-mapcount", {
    summary: "A new PMD-mapped anon folio has its large mapcount set, and its entire mapcount not",
    caught: violates("C6.entire-mapcount", 1, "pmd", PMD),
    overrides: {
      folioAddNewAnonRmap(stats, folio, mm, exclusive) {
        base.folioAddNewAnonRmap.call(this, stats, folio, mm, exclusive);
        folio.entireMapcount = -1;
      },
    },
  }),
  faulty("new-pmd-exclusive-on-every-page", {
    summary: "A new PMD-mapped anon folio has PageAnonExclusive set on every page, where only the head page's counts",
    caught: violates("C11", 2, "pmd", PMD),
    overrides: {
      folioAddNewAnonRmap(stats, folio, mm, exclusive) {
        base.folioAddNewAnonRmap.call(this, stats, folio, mm, exclusive);
        for (let i = 0; i < folio.nrPages; i++) {
          at(folio.pages, i).anonExclusive = exclusive;
        }
      },
    },
  }),
  faulty("add-accounts-every-batch", {
    summary: "With CONFIG_NO_PAGE_MAPCOUNT, every batch that is added accounts the whole folio",
    caught: violates("C12", 3, "rmap", FILE, "no-page-mapcount"),
    overrides: {
      folioAddRmap(stats, folio, page, nrPages, mm, level) {
        if (this.folioTestLarge(folio) && !this.config.pageMapcount) {
          this.folioAddReturnLargeMapcount(folio, nrPages, mm);
          this.folioModStat(stats, folio, folio.nrPages, 0);
        } else {
          base.folioAddRmap.call(this, stats, folio, page, nrPages, mm, level);
        }
      },
    },
  }),
  faulty("add-pmd-accounts-every-time", {
    summary: "Every PMD that is added accounts the folio as PMD-mapped, not the first one only",
    caught: violates("C13.pmd", 4, "pmd", FILE),
    overrides: {
      folioAddRmap(stats, folio, page, nrPages, mm, level) {
        const isMapped = this.folioEntireMapcount(folio) > 0;
        base.folioAddRmap.call(this, stats, folio, page, nrPages, mm, level);
        if (level === "pmd" && isMapped) {
          this.folioModStat(stats, folio, 0, folio.nrPages);
        }
      },
    },
  }),
  faulty("remove-accounts-batch", {
    summary: "With CONFIG_PAGE_MAPCOUNT, removing a batch accounts all its pages as unmapped, mapped elsewhere or not",
    caught: violates("C13", 3, "rmap", ANON),
    overrides: {
      folioRemoveRmapPtes(stats, folio, page, nrPages, mm) {
        const stillMapped = folio.nrPagesMapped;
        base.folioRemoveRmapPtes.call(this, stats, folio, page, nrPages, mm);
        if (this.folioTestLarge(folio) && this.config.pageMapcount) {
          this.folioModStat(stats, folio, stillMapped - folio.nrPagesMapped - nrPages, 0);
        }
      },
    },
  }),
  faulty("remove-pmd-accounts-when-unmapped", {
    summary:
      "With CONFIG_NO_PAGE_MAPCOUNT, a folio stops being accounted as PMD-mapped when it is unmapped, not when its " +
      "last PMD mapping is removed",
    caught: violates("C12.pmd", 2, "pmd", PMD, "no-page-mapcount"),
    overrides: {
      folioRemoveRmapPmd(stats, folio, mm) {
        base.folioRemoveRmapPmd.call(this, stats, folio, mm);
        if (!this.config.pageMapcount && this.folioEntireMapcount(folio) === 0 && this.folioMapcount(folio) > 0) {
          this.folioModStat(stats, folio, 0, folio.nrPages);
        }
      },
    },
  }),
  faulty("remove-queues-fully-mapped", {
    summary:
      "With CONFIG_NO_PAGE_MAPCOUNT, a folio with as many mappings as pages is queued as partially mapped: <= instead of <",
    caught: neverShows("W3", "rmap", { pages: 4, minPages: 4, mms: 2 }, "no-page-mapcount"),
    overrides: {
      folioRemoveRmapPtes(stats, folio, page, nrPages, mm) {
        base.folioRemoveRmapPtes.call(this, stats, folio, page, nrPages, mm);
        const isLast = this.folioMapcount(folio) === folio.nrPages && this.folioEntireMapcount(folio) === 0;
        if (folio.anon && !this.config.pageMapcount && this.folioTestLarge(folio) && isLast) {
          this.deferredSplitFolio(folio, true);
        }
      },
    },
  }),
  faulty("remove-makes-exclusive", {
    summary:
      "The pages of a folio that only one MM still maps are marked PageAnonExclusive immediately, even if there are " +
      "other references",
    caught: violates("C9.held", 6, "pins", { pages: 2, minPages: 2, mms: 2, smallFolios: 0 }),
    alsoCaught: [neverShows("W7", "cow", { pages: 2, mms: 2, smallFolios: 0 })],
    overrides: {
      folioRemoveRmap(stats, folio, page, nrPages, mm, level) {
        base.folioRemoveRmap.call(this, stats, folio, page, nrPages, mm, level);
        if (folio.anon && this.folioMapcount(folio) > 0 && !this.folioMaybeMappedShared(folio)) {
          for (let i = 0; i < folio.nrPages; i++) {
            at(folio.pages, i).anonExclusive = true;
          }
        }
      },
    },
  }),
  faulty("share-ignores-pins", {
    summary: "A page is shared, to be unmapped into a swap or migration entry, although it is pinned",
    caught: violates("C9.pinned", 4, "swap", { pages: 1, mms: 1, smallFolios: 0, swapSlots: 1, holders: 1 }),
    overrides: {
      folioTryShareAnonRmap(folio, page) {
        at(folio.pages, page).anonExclusive = false;
        return true;
      },
    },
  }),
  faulty("share-keeps-exclusive", {
    summary: "A page that is shared, to be unmapped into a swap or migration entry, stays PageAnonExclusive",
    caught: violates("C11.warnings", 4, "swap", { pages: 1, mms: 1, smallFolios: 0, swapSlots: 1 }),
    overrides: {
      folioTryShareAnonRmap(folio, _page) {
        return !this.folioMaybeDmaPinned(folio);
      },
    },
  }),
];
