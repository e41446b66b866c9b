/** Patches to collapse. The overridden functions are in model/kernel/khugepaged.ts. */
import { at } from "../../../explore/model/schema.ts";
import * as base from "../../kernel/khugepaged.ts";
import { clearPtes, isNone, isPresent } from "../../kernel/pgtable.ts";
import { faulty, type Variant } from "../variant.ts";
import { violates } from "./catch.ts";

/** Faulty versions of collapse. */
export const khugepagedVariants: readonly Variant[] = [
  faulty("collapse-puts-one", {
    summary: "Collapsing drops one reference for each batch of entries",
    caught: violates("C7", 2, "pmd", { pages: 4, mms: 1, folios: 2, smallFolios: 0 }),
    overrides: {
      collapseHugePage(state, mm, vma, folio) {
        let i = 0;
        while (i < vma.ptes.length) {
          const pte = at(vma.ptes, i);
          if (isNone(pte)) {
            i += 1;
            continue;
          }
          const src = at(state.folios, pte.folio - 1);
          const { page } = pte;
          const nr = this.folioTestLarge(src) ? this.folioPteBatch(vma.ptes, i, vma.ptes.length, src.nrPages) : 1;
          clearPtes(vma.ptes, i, nr);
          this.folioRemoveRmapPtes(state.stats, src, page, nr, mm);
          this.folioPutRefs(src, 1);
          i += nr;
        }
        this.folioAddNewAnonRmap(state.stats, folio, mm, true);
        vma.pmd.folio = folio.frameNumber;
        vma.pmd.writable = true;
      },
    },
  }),
  faulty("collapse-never", {
    summary: "Collapse finds every page in use",
    caught: violates("P4", 2, "pmd", { pages: 2, mms: 2, folios: 2, smallFolios: 1 }),
    overrides: {
      collapseHugePageIsolate() {
        return false;
      },
    },
  }),
  faulty("collapse-shared-by-mapcount", {
    summary:
      "Collapse counts a page as shared when its folio has more than one mapping, also if they are all of the same MM",
    caught: violates("P4", 2, "pmd", { pages: 4, minPages: 2, mms: 1, folios: 2, smallFolios: 0 }),
    overrides: {
      collapseHugePageIsolate(state, vma, maxPtesShared) {
        let shared = 0;
        for (let i = 0; i < vma.ptes.length; i++) {
          const pte = at(vma.ptes, i);
          if (isPresent(pte) && this.folioMapcount(at(state.folios, pte.folio - 1)) > 1) {
            shared += 1;
          }
        }
        return shared <= maxPtesShared && base.collapseHugePageIsolate.call(this, state, vma, maxPtesShared);
      },
    },
  }),
];
