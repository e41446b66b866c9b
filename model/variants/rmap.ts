/** Mistakes in the reverse mapping and around it. The overridden functions are in model/kernel/rmap.ts and its neighbours. */
import { at } from "../../explore/schema.ts";
import * as baseRmap from "../kernel/rmap.ts";
import { type Catch, faulty, type Variant } from "./variant.ts";

/** Anon folios of up to four pages and two MMs. */
function anon(property: string, steps: number, config: string = ""): Catch {
  return { property, steps, machine: "rmap", bounds: { pages: 4, mms: 2 }, config };
}

/** A file of two pages and two MMs. */
function file(property: string, steps: number, config: string = ""): Catch {
  return { property, steps, machine: "rmap", bounds: { pages: 2, mms: 2, anon: 0, file: 1 }, config };
}

/** Faulty versions of the reverse mapping. */
export const rmapVariants: readonly Variant[] = [
  faulty("dup-charged-to-parent", {
    summary: "fork() adds the child's mappings to the parent's slot",
    caught: anon("C1", 2),
    overrides: {
      dupMappings(folio, page, nrPages, _dstMm, srcMm, level) {
        baseRmap.dupMappings.call(this, folio, page, nrPages, srcMm, srcMm, level);
      },
    },
  }),
  faulty("dup-without-page-mapcounts", {
    summary: "fork() does not raise the mapcounts of a large folio's pages",
    caught: anon("C6.page-mapcount", 2),
    overrides: {
      dupMappings(folio, page, nrPages, dstMm, srcMm, level) {
        if (this.folioTestLarge(folio)) {
          this.folioAddReturnLargeMapcount(folio, nrPages, dstMm);
        } else {
          baseRmap.dupMappings.call(this, folio, page, nrPages, dstMm, srcMm, level);
        }
      },
    },
  }),
  faulty("dup-accounts", {
    summary: "Duplicating a file mapping counts the pages as newly mapped in _nr_pages_mapped",
    caught: file("C6.nr-pages-mapped", 3),
    overrides: {
      dupMappings(folio, page, nrPages, dstMm, srcMm, level) {
        baseRmap.dupMappings.call(this, folio, page, nrPages, dstMm, srcMm, level);
        if (this.folioTestLarge(folio) && this.config.pageMapcount && !folio.anon) {
          folio.nrPagesMapped += nrPages;
        }
      },
    },
  }),
  faulty("add-accounts-every-batch", {
    summary: "With CONFIG_NO_PAGE_MAPCOUNT, every batch that is added accounts the whole folio",
    caught: file("C12", 3, "no-page-mapcount"),
    overrides: {
      folioAddRmap(stats, folio, page, nrPages, mm, level) {
        if (this.folioTestLarge(folio) && !this.config.pageMapcount) {
          this.folioAddReturnLargeMapcount(folio, nrPages, mm);
          this.folioModStat(stats, folio, folio.nrPages, 0);
        } else {
          baseRmap.folioAddRmap.call(this, stats, folio, page, nrPages, mm, level);
        }
      },
    },
  }),
  faulty("remove-accounts-batch", {
    summary: "With CONFIG_PAGE_MAPCOUNT, removing a batch accounts all its pages as unmapped, mapped elsewhere or not",
    caught: anon("C13", 3),
    overrides: {
      folioRemoveRmapPtes(stats, folio, page, nrPages, mm) {
        const stillMapped = folio.nrPagesMapped;
        baseRmap.folioRemoveRmapPtes.call(this, stats, folio, page, nrPages, mm);
        if (this.folioTestLarge(folio) && this.config.pageMapcount) {
          this.folioModStat(stats, folio, stillMapped - folio.nrPagesMapped - nrPages, 0);
        }
      },
    },
  }),
  faulty("batch-over-holes", {
    summary: "A batch of entries does not stop at an entry that is none",
    caught: anon("C6.bad-pte", 3),
    overrides: {
      folioPteBatch(ptes, first, end, nrPages) {
        const { folio, page } = at(ptes, first);
        const most = Math.min(end - first, nrPages - page);
        let nr = 1;
        while (nr < most && (at(ptes, first + nr).folio === folio || at(ptes, first + nr).folio === 0)) {
          nr++;
        }
        return nr;
      },
    },
  }),
  faulty("free-keeps-exclusive", {
    summary: "Freeing a folio does not clear PageAnonExclusive",
    caught: anon("C4.fresh", 2),
    overrides: {
      freePagesPrepare(folio) {
        if (this.folioTestLarge(folio)) {
          this.freeTailPagePrepare(folio);
        }
        folio.anon = false;
        folio.partiallyMapped = false;
        folio.nrPages = 1;
      },
    },
  }),
  faulty("free-while-queued", {
    summary: "A partially mapped folio is freed without being taken off the deferred split queue",
    caught: anon("C4.bad-page", 3),
    overrides: {
      folioUnqueueDeferredSplit() {},
    },
  }),
  faulty("id-freed-before-unmap", {
    summary: "An exiting MM gives its id back before its page tables are gone",
    caught: anon("C5", 2),
    overrides: {
      mmput(mm) {
        mm.hasId = false;
      },
    },
  }),
  faulty("put-one-too-many", {
    summary: "Dropping a batch of references drops one too many when the folio stays mapped",
    caught: anon("C4.bad-page", 2),
    overrides: {
      folioPutRefs(folio, refs) {
        folio.refcount -= folio.refcount > refs ? refs + 1 : refs;
        if (folio.refcount > 0) {
          return false;
        }
        this.folioUnqueueDeferredSplit(folio);
        this.freePagesPrepare(folio);
        return true;
      },
    },
  }),
];
