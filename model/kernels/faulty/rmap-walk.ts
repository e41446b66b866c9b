/** Patches to rmap walks. The overridden functions are in model/kernel/rmap-walk.ts. */
import { at } from "../../../explore/model/schema.ts";
import { isPresent, setPte } from "../../kernel/pgtable.ts";
import * as base from "../../kernel/rmap-walk.ts";
import { faulty, type Variant } from "../variant.ts";
import { violates } from "./catch.ts";

const SMALL = { pages: 2, minPages: 1, mms: 2, folios: 1, smallFolios: 1 };

/** Faulty versions of the rmap walks. */
export const rmapWalkVariants: readonly Variant[] = [
  faulty("swap-entry-always-exclusive", {
    summary: "Unmapping marks every swap entry as exclusive, whether the page was or not",
    caught: violates("C11.entries", 4, "swap", { pages: 1, mms: 2, smallFolios: 0, swapSlots: 1 }),
    overrides: {
      tryToUnmapOne(state, folio, mm, vma) {
        const unmapped = base.tryToUnmapOne.call(this, state, folio, mm, vma);
        for (let i = 0; i < vma.ptes.length; i++) {
          const pte = at(vma.ptes, i);
          pte.exclusive ||= pte.swap;
        }
        return unmapped;
      },
    },
  }),
  faulty("migration-entry-always-exclusive", {
    summary: "Unmapping makes every migration entry exclusive, whether the page was or not",
    caught: violates("C11.warnings", 4, "migration", SMALL),
    overrides: {
      tryToMigrateOne(state, folio, mm, vma, splitPmd) {
        const goesOn = base.tryToMigrateOne.call(this, state, folio, mm, vma, splitPmd);
        for (let i = 0; i < vma.ptes.length; i++) {
          const pte = at(vma.ptes, i);
          pte.exclusive ||= pte.migration && !pte.writable;
        }
        return goesOn;
      },
    },
  }),
  faulty("migration-forgets-exclusive", {
    summary: "Replacing a migration entry by a mapping does not make the page exclusive again",
    caught: violates("C11.writable", 3, "migration", SMALL),
    overrides: {
      removeMigrationPte(state, mm, pte, dst, page) {
        this.folioRefAdd(dst, 1);
        this.folioAddAnonRmapPtes(state.stats, dst, page, 1, mm, false);
        setPte(pte, dst, page, pte.writable);
      },
    },
  }),
  faulty("migration-back-without-reference", {
    summary: "Replacing a migration entry by a mapping does not take a reference",
    caught: violates("C4.bad-page", 3, "migration", SMALL),
    overrides: {
      removeMigrationPte(state, mm, pte, dst, page) {
        base.removeMigrationPte.call(this, state, mm, pte, dst, page);
        this.folioRefSub(dst, 1);
      },
    },
  }),
  faulty("split-pmd-ends-walk", {
    summary:
      "try_to_migrate_one() ends the rmap walk after it splits a PMD, so that a folio that several MMs map by PMDs " +
      "is never split (until 939080834fef)",
    base: "v6.18",
    versions: { last: "6.18.2" },
    caught: violates("P1", 3, "split", { pages: 2, mms: 2, smallFolios: 1 }),
    overrides: {
      tryToMigrateOne(state, folio, mm, vma, splitPmd) {
        if (splitPmd && vma.pmd.folio === folio.frameNumber && isPresent(vma.pmd)) {
          this.splitHugePmdLocked(state, mm, vma, true);
          return false;
        }
        return base.tryToMigrateOne.call(this, state, folio, mm, vma, splitPmd);
      },
    },
  }),
  faulty("unmap-pmd-split-ends-walk", {
    summary: "try_to_unmap_one() ends the rmap walk after it split a PMD, so that the folio stays mapped by PTEs",
    caught: violates("P3.unmap", 3, "swap", { pages: 2, mms: 1, smallFolios: 0, pmd: 1, swapSlots: 2 }),
    overrides: {
      tryToUnmapOne(state, folio, mm, vma) {
        if (vma.pmd.folio === folio.frameNumber && isPresent(vma.pmd)) {
          this.splitHugePmdLocked(state, mm, vma, false);
          return false;
        }
        return base.tryToUnmapOne.call(this, state, folio, mm, vma);
      },
    },
  }),
];
