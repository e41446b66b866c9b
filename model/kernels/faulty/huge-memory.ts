/**
 * Patches to PMD mappings, and to the splitting of PMDs and folios. The overridden functions are in
 * model/kernel/huge-memory.ts.
 */
import { at } from "../../../explore/model/schema.ts";
import * as base from "../../kernel/huge-memory.ts";
import { clearEntry, copyEntry, isReadableMigration, makeMigrationEntry, setPtes } from "../../kernel/pgtable.ts";
import * as rmapWalk from "../../kernel/rmap-walk.ts";
import { faultFree, faulty, type Variant } from "../variant.ts";
import { neverShows, violates } from "./catch.ts";

const PMD = { pages: 2, mms: 2 };
const SPLIT = { pages: 2, mms: 2, smallFolios: 1 };
const MIGRATION = { pages: 2, mms: 2, folios: 1, smallFolios: 1 };

/** Faulty and fault-free versions of PMD mapping, PMD split, folio split and the deferred split queue. */
export const hugeMemoryVariants: readonly Variant[] = [
  faulty("fork-leaves-pmd-writable", {
    summary: "fork() write-protects the child's PMD only",
    caught: violates("C11.writable", 2, "pmd", PMD),
    overrides: {
      copyHugePmd(state, dstMm, srcMm, dstVma, srcVma) {
        const { writable, migration } = srcVma.pmd;
        const copied = base.copyHugePmd.call(this, state, dstMm, srcMm, dstVma, srcVma);
        if (copied && !migration) {
          srcVma.pmd.writable = writable;
        }
        return copied;
      },
    },
  }),
  faulty("fork-pmd-without-reference", {
    summary: "fork() duplicates a PMD mapping without a reference",
    caught: violates("C7.covers", 2, "pmd", PMD),
    overrides: {
      copyHugePmd(state, dstMm, srcMm, dstVma, srcVma) {
        const { folio, migration } = srcVma.pmd;
        const copied = base.copyHugePmd.call(this, state, dstMm, srcMm, dstVma, srcVma);
        if (copied && srcVma.anonymous && !migration) {
          this.folioRefSub(at(state.folios, folio - 1), 1);
        }
        return copied;
      },
    },
  }),
  faulty("fork-keeps-pmd-migration-exclusive", {
    summary: "fork() copies a migration entry at PMD level as it is, writable or exclusive",
    caught: violates("C11.warnings", 4, "migration", MIGRATION),
    overrides: {
      copyHugePmd(state, dstMm, srcMm, dstVma, srcVma) {
        if (srcVma.pmd.migration) {
          copyEntry(dstVma.pmd, srcVma.pmd);
          return true;
        }
        return base.copyHugePmd.call(this, state, dstMm, srcMm, dstVma, srcVma);
      },
    },
  }),
  faulty("fork-loses-pinned-pmd", {
    summary: "fork() takes a PMD that it had to split, because the folio is pinned, for copied",
    caught: violates("C9.contents", 5, "pins", { pages: 2, mms: 2, smallFolios: 2, pmd: 1 }),
    overrides: {
      copyHugePmd(state, dstMm, srcMm, dstVma, srcVma) {
        base.copyHugePmd.call(this, state, dstMm, srcMm, dstVma, srcVma);
        return true;
      },
    },
  }),
  faulty("huge-reuse-by-mapcount", {
    summary: "A PMD-mapped folio is reused when it is mapped once, even if there are other references",
    caught: violates("C9", 5, "cow", { ...PMD, smallFolios: 0, pmd: 1 }),
    overrides: {
      hugePmdCanReuse(_state, folio) {
        return this.folioMapcount(folio) === 1 && this.folioTrylock(folio);
      },
    },
  }),
  faulty("zap-pmd-puts-every-page", {
    summary: "Unmapping a PMD drops a reference for each page of the folio",
    caught: violates("C4.fresh", 2, "pmd", PMD),
    overrides: {
      zapHugePmd(state, mm, vma) {
        const { pmd } = vma;
        const folio = at(state.folios, pmd.folio - 1);
        const present = !pmd.migration;
        clearEntry(pmd);
        if (present) {
          this.folioRemoveRmapPmd(state.stats, folio, mm);
          this.freeSwapCache(state, folio);
          this.folioPutRefs(folio, folio.nrPages);
        }
      },
    },
  }),
  faulty("pmd-split-references-each-page", {
    summary: "Splitting a PMD takes a reference for each page: one too many, since the PMD had one",
    caught: violates("C7", 2, "pmd", PMD),
    overrides: {
      splitHugePmdLocked(state, mm, vma, freeze) {
        const folio = at(state.folios, vma.pmd.folio - 1);
        const isPresent = vma.anonymous && !vma.pmd.migration;
        base.splitHugePmdLocked.call(this, state, mm, vma, freeze);
        this.folioRefAdd(folio, isPresent && !freeze ? 1 : 0);
      },
    },
  }),
  faulty("pmd-split-removes-first", {
    summary:
      "Splitting a PMD removes its mapping before it adds those of the PTEs: in between, the folio can look partially mapped",
    caught: neverShows("W3", "pmd", { pages: 4, minPages: 4, mms: 2, smallFolios: 0 }, "no-page-mapcount"),
    overrides: {
      splitHugePmdLocked(state, mm, vma, freeze) {
        const { pmd, ptes } = vma;
        if (!vma.anonymous || pmd.migration || freeze) {
          base.splitHugePmdLocked.call(this, state, mm, vma, freeze);
          return;
        }
        const folio = at(state.folios, pmd.folio - 1);
        const { writable } = pmd;
        const exclusive = at(folio.pages, 0).anonExclusive;
        this.folioRefAdd(folio, folio.nrPages - 1);
        this.folioRemoveRmapPmd(state.stats, folio, mm);
        this.folioAddAnonRmapPtes(state.stats, folio, 0, folio.nrPages, mm, exclusive);
        clearEntry(pmd);
        setPtes(ptes, 0, folio, 0, folio.nrPages, writable);
      },
    },
  }),
  faulty("pmd-split-loses-exclusive", {
    summary: "Splitting a PMD leaves PageAnonExclusive on the head page only",
    caught: violates("C11.writable", 2, "pmd", { ...PMD, pages: 4, mms: 1 }),
    overrides: {
      splitHugePmdLocked(state, mm, vma, freeze) {
        const { folio } = vma.pmd;
        base.splitHugePmdLocked.call(this, state, mm, vma, freeze);
        const { pages } = at(state.folios, folio - 1);
        for (let i = 1; i < pages.length; i++) {
          at(pages, i).anonExclusive = false;
        }
      },
    },
  }),
  faulty("pmd-migration-ignores-pin", {
    summary: "A PMD is replaced by a migration entry although the folio is pinned",
    caught: violates("C9.pinned", 3, "migration", { ...MIGRATION, smallFolios: 0, mms: 1, holders: 1 }),
    overrides: {
      setPmdMigrationEntry(state, mm, vma) {
        const { pmd } = vma;
        const folio = at(state.folios, pmd.folio - 1);
        const head = at(folio.pages, 0);
        makeMigrationEntry(pmd, folio, pmd.writable, head.anonExclusive);
        head.anonExclusive = false;
        this.folioRemoveRmapPmd(state.stats, folio, mm);
        this.folioPutRefs(folio, 1);
        return true;
      },
    },
  }),
  faulty("pmd-migration-back-as-ptes", {
    summary: "Replacing a migration entry at PMD level adds the reverse mapping of PTEs",
    caught: violates("C6.entire-mapcount", 3, "migration", MIGRATION),
    overrides: {
      removeMigrationPmd(state, mm, vma, folio) {
        const { pmd } = vma;
        this.folioRefAdd(folio, 1);
        this.folioAddAnonRmapPtes(state.stats, folio, 0, folio.nrPages, mm, !isReadableMigration(pmd));
        pmd.folio = folio.frameNumber;
        pmd.migration = false;
        pmd.exclusive = false;
      },
    },
  }),
  faulty("queue-without-flag", {
    summary: "A partially mapped folio is queued for splitting without being marked as partially mapped",
    caught: violates("C14", 2, "rmap", { pages: 4, mms: 1 }),
    overrides: {
      deferredSplitFolio(folio, _partiallyMapped) {
        base.deferredSplitFolio.call(this, folio, false);
      },
    },
  }),
  faulty("queue-in-swap-cache", {
    summary: "A folio is queued for splitting while it is in the swap cache, too",
    caught: neverShows("C14.swap-cache", "swap", { pages: 4, minPages: 4, mms: 1, smallFolios: 0, swapSlots: 4 }),
    overrides: {
      deferredSplitFolio(folio, partiallyMapped) {
        if (folio.nrPages > 2) {
          this.splitQueueLock(folio);
          folio.partiallyMapped ||= partiallyMapped;
          folio.onDeferredList = true;
          this.splitQueueUnlock(folio);
        }
      },
    },
  }),
  faulty("free-while-queued", {
    summary: "A partially mapped folio is freed without being taken off the deferred split queue",
    caught: violates("C4.bad-page", 3, "rmap", { pages: 4, mms: 2 }),
    overrides: {
      folioUnqueueDeferredSplit() {},
    },
  }),
  faulty("split-forgets-references", {
    summary:
      "Splitting does not compare the references when it freezes them: other references are lost when they are " +
      "unfrozen",
    caught: violates("C7", 3, "split", { ...SPLIT, holders: 1 }),
    overrides: {
      canSplitFolio() {
        return true;
      },
      splitFolio(state, folio, walk) {
        this.tryToMigrate(state, folio, true, walk);
        if (this.folioMapcount(folio) !== 0) {
          this.removeMigrationPtes(state, folio, folio, walk);
          return false;
        }
        folio.refcount = 1;
        this.folioUnqueueDeferredSplit(folio);
        this.splitUnmappedFolio(state, folio);
        return true;
      },
    },
  }),
  faulty("split-keeps-tail-references", {
    summary: "Splitting a folio does not drop the caller's reference to the pages after the first",
    caught: violates("C7", 2, "split", SPLIT),
    overrides: {
      splitUnmappedFolio(state, folio) {
        for (let i = folio.nrPages - 1; i >= 0; i--) {
          const newFolio = i === 0 ? folio : this.splitOffPage(state, folio, i);
          this.remapPage(state, folio, i, newFolio);
        }
      },
    },
  }),
  faulty("split-maps-head-page", {
    summary: "After a split, the head page is mapped instead of every page",
    caught: violates("C11.warnings", 2, "split", SPLIT),
    overrides: {
      remapPage(state, folio, page, _newFolio) {
        base.remapPage.call(this, state, folio, page, folio);
      },
    },
  }),
  faulty("scan-keeps-reference", {
    summary: "The shrinker does not drop its reference to a folio that it tried to split",
    caught: violates("C7", 3, "split", { pages: 4, minPages: 4, mms: 1, smallFolios: 3 }),
    overrides: {
      deferredSplitScan(state, walk) {
        for (let f = 0; f < state.folios.length; f++) {
          const folio = at(state.folios, f);
          if (folio.onDeferredList && folio.partiallyMapped) {
            this.folioRefAdd(folio, 1);
            this.splitFolio(state, folio, walk);
          }
        }
      },
    },
  }),
  faultFree("split-without-early-test", {
    summary:
      "Splitting a folio does not check for other references before it unmaps the folio: the check afterwards fails, " +
      "and all mappings are restored",
    explored: [
      { machine: "split", bounds: { ...SPLIT, holders: 1 }, config: "" },
      { machine: "split", bounds: SPLIT, config: "no-page-mapcount" },
    ],
    overrides: {
      canSplitFolio() {
        return true;
      },
    },
  }),
  faulty("split-forgets-its-caller", {
    summary: "can_split_folio() does not count the caller's reference, so that no folio is ever split",
    caught: violates("P1", 2, "split", SPLIT),
    overrides: {
      canSplitFolio(folio, _callerPins) {
        return base.canSplitFolio.call(this, folio, 0);
      },
    },
  }),
  faulty("unmapped-stays-shared-in-split", {
    summary: "Unmapping a folio to split it leaves the shared bit: private of the second page is not 0 then",
    caught: violates("C22.mm-ids", 3, "split", SPLIT),
    overrides: {
      tryToMigrate(state, folio, splitPmd, walk) {
        const { mmIdsShared } = folio;
        rmapWalk.tryToMigrate.call(this, state, folio, splitPmd, walk);
        folio.mmIdsShared ||= mmIdsShared;
      },
    },
  }),
  faulty("scan-takes-two-references", {
    summary: "The shrinker takes a reference for its list and one to split the folio, which then has one too many",
    caught: violates("P1.shrinker", 3, "split", { pages: 4, minPages: 4, mms: 1, smallFolios: 3 }),
    overrides: {
      deferredSplitScan(state, walk) {
        for (let f = 0; f < state.folios.length; f++) {
          const folio = at(state.folios, f);
          if (!folio.onDeferredList) {
            continue;
          }
          this.folioRefAdd(folio, 1);
          base.deferredSplitScan.call(this, state, walk);
          this.folioPutRefs(folio, 1);
        }
      },
    },
  }),
  faulty("pmd-migration-refuses-exclusive", {
    summary: "A PMD of an exclusive folio is not replaced by a migration entry, pinned or not",
    caught: violates("P2.unmap", 2, "migration", { ...MIGRATION, smallFolios: 0, mms: 1 }),
    overrides: {
      setPmdMigrationEntry(state, mm, vma) {
        const { anonExclusive } = at(at(state.folios, vma.pmd.folio - 1).pages, 0);
        return !anonExclusive && base.setPmdMigrationEntry.call(this, state, mm, vma);
      },
    },
  }),
  faulty("queue-takes-order-1", {
    summary: "Folios of order 1 are queued for splitting, too: they have no room for the list",
    caught: violates("C14.queue", 2, "rmap", { pages: 4, minPages: 2, mms: 2 }),
    overrides: {
      deferredSplitFolio(folio, partiallyMapped) {
        if (folio.swapcache) {
          return;
        }
        this.splitQueueLock(folio);
        folio.partiallyMapped ||= partiallyMapped;
        folio.onDeferredList = true;
        this.splitQueueUnlock(folio);
      },
    },
  }),
];
