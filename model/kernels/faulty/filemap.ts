/** Patches to the page cache and to faults that it serves. The overridden functions are in model/kernel/filemap.ts. */
import { at } from "../../../explore/model/schema.ts";
import { isNone } from "../../kernel/pgtable.ts";
import { faulty, type Variant } from "../variant.ts";
import { violates } from "./catch.ts";

const FILE = { pages: 2, mms: 1, anon: 0, file: 1 };

/** Faulty versions of the page cache and of fault-around. */
export const filemapVariants: readonly Variant[] = [
  faulty("page-cache-one-reference", {
    summary: "The page cache takes one reference to a large folio, not one for each page",
    caught: violates("C7", 1, "rmap", FILE),
    overrides: {
      filemapAddFolio(folio, index) {
        this.folioRefAdd(folio, 1);
        folio.inPageCache = true;
        folio.index = index;
      },
    },
  }),
  faulty("page-cache-keeps-mapping", {
    summary: "A folio that is removed from the page cache stays marked as cached",
    caught: violates("C4.fresh", 2, "rmap", FILE),
    overrides: {
      filemapRemoveFolio() {},
    },
  }),
  faulty("fault-around-one-reference", {
    summary: "Fault-around takes no references besides that of the caller",
    caught: violates("C7", 2, "rmap", FILE),
    overrides: {
      filemapMapFolioRange(state, mm, vma, folio, start, entry, nrPages) {
        for (let i = 0; i < nrPages; i++) {
          if (isNone(at(vma.ptes, entry + i))) {
            this.setPteRange(state, mm, vma, folio, start + i, 1, entry + i);
          }
        }
      },
    },
  }),
  faulty("fault-around-maps-again", {
    summary: "Fault-around does not skip entries that are set already",
    caught: violates("C6.large-mapcount", 3, "rmap", { ...FILE, pages: 4 }),
    overrides: {
      filemapMapFolioRange(state, mm, vma, folio, start, entry, nrPages) {
        this.setPteRange(state, mm, vma, folio, start, nrPages, entry);
        this.folioRefAdd(folio, nrPages - 1);
      },
    },
  }),
];
