/** Patches to the freeing of folios. The overridden functions are in model/kernel/page-alloc.ts. */
import { at } from "../../../explore/model/schema.ts";
import * as base from "../../kernel/page-alloc.ts";
import { PagePrivate, type StructPage } from "../../state/structs.ts";
import { faulty, type Variant } from "../variant.ts";
import { neverShows, violates } from "./catch.ts";

const ANON = { pages: 4, mms: 2 };
const BLOCK = { pages: 2 };

function clearTails(pages: readonly StructPage[]): void {
  for (let i = 1; i < pages.length; i++) {
    at(pages, i).private = PagePrivate.none;
  }
}

/** Faulty versions of functions that drop references and free folios. */
export const pageAllocVariants: readonly Variant[] = [
  faulty("free-keeps-exclusive", {
    summary: "Freeing a folio does not clear PageAnonExclusive",
    caught: violates("C4.fresh", 2, "rmap", ANON),
    overrides: {
      freePagesPrepare(folio) {
        if (this.folioTestLarge(folio)) {
          this.freeTailPagePrepare(folio);
        }
        folio.anon = false;
        folio.partiallyMapped = false;
        folio.nrPages = 1;
        folio.allocated = false;
      },
    },
  }),
  faulty("free-keeps-private", {
    summary:
      "Freeing pages does not clear private of the first one: when it is allocated again as a tail page and split " +
      "off, its next owner gets the stale value (until ac1ea219590c)",
    base: "v6.18",
    versions: { last: "6.18.2" },
    caught: violates("C22", 5, "struct-pages", BLOCK),
    overrides: {
      resetFreedPages(pages, compound) {
        const head = at(pages, 0);
        const { private: kept } = head;
        base.resetFreedPages.call(this, pages, compound);
        head.private = kept;
      },
    },
  }),
  faulty("free-keeps-page-type", {
    summary: "Freeing a page does not reset its page type",
    caught: violates("C22.type", 3, "struct-pages", BLOCK),
    overrides: {
      resetFreedPages(pages) {
        at(pages, 0).private = PagePrivate.none;
      },
    },
  }),
  faulty("tails-without-private", {
    summary: "Freeing and splitting clear private of tail pages as well",
    caught: neverShows("C22.tail", "struct-pages", BLOCK),
    overrides: {
      resetFreedPages(pages, compound) {
        base.resetFreedPages.call(this, pages, compound);
        clearTails(pages);
      },
      splitFolioPrivate(pages) {
        clearTails(pages);
      },
    },
  }),
  faulty("put-one-too-many", {
    summary: "Dropping a batch of references drops one too many when the folio stays mapped",
    caught: violates("C4.bad-page", 2, "rmap", ANON),
    overrides: {
      folioPutRefs(folio, refs) {
        if (!this.folioRefSubAndTest(folio, folio.refcount > refs ? refs + 1 : refs)) {
          return false;
        }
        this.folioUnqueueDeferredSplit(folio);
        this.freePagesPrepare(folio);
        return true;
      },
    },
  }),
  faulty("put-of-batch-never-frees", {
    summary: "Dropping several references at once does not check whether they were the last",
    caught: violates("C7.freed", 2, "rmap", ANON),
    overrides: {
      folioPutRefs(folio, refs) {
        if (!this.folioRefSubAndTest(folio, refs) || refs > 1) {
          return false;
        }
        this.folioUnqueueDeferredSplit(folio);
        this.freePagesPrepare(folio);
        return true;
      },
    },
  }),
];
