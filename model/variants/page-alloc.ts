/** Patches to how folios are freed. The overridden functions are in model/kernel/page-alloc.ts. */
import { violates } from "./catch.ts";
import { faulty, type Variant } from "./variant.ts";

const ANON = { pages: 4, mms: 2 };

/** Faulty versions of dropping references and freeing. */
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
  faulty("put-one-too-many", {
    summary: "Dropping a batch of references drops one too many when the folio stays mapped",
    caught: violates("C4.bad-page", 2, "rmap", ANON),
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
  faulty("put-of-batch-never-frees", {
    summary: "Dropping several references at once does not look whether they were the last",
    caught: violates("C7.freed", 2, "rmap", ANON),
    overrides: {
      folioPutRefs(folio, refs) {
        folio.refcount -= refs;
        if (refs > 1 || folio.refcount > 0) {
          return false;
        }
        this.folioUnqueueDeferredSplit(folio);
        this.freePagesPrepare(folio);
        return true;
      },
    },
  }),
];
