/** Patches to migration. The overridden functions are in model/kernel/migrate.ts and rmap-walk.ts. */
import { at } from "../../../explore/model/schema.ts";
import * as base from "../../kernel/migrate.ts";
import * as baseWalk from "../../kernel/rmap-walk.ts";
import { faulty, type Variant } from "../variant.ts";
import { neverShows, violates } from "./catch.ts";

const MIGRATION = { pages: 2, mms: 1, folios: 2, smallFolios: 0 };

/** Faulty versions of migration. */
export const migrateVariants: readonly Variant[] = [
  faulty("migrate-without-reference", {
    summary: "Migration unmaps a folio without taking a reference: the folio is freed with the last mapping",
    caught: violates("C4.bad-page", 2, "migration", MIGRATION),
    overrides: {
      migrateFolioUnmap(state, folio, walk) {
        this.folioRefSub(folio, 1);
        return base.migrateFolioUnmap.call(this, state, folio, walk);
      },
    },
  }),
  faulty("migrate-copies-head-page", {
    summary: "Migration copies what the first page holds, and not what the others do",
    caught: violates("C9.contents", 4, "migration", MIGRATION),
    overrides: {
      migrateFolioMove(state, src, dst, walk) {
        const moved = base.migrateFolioMove.call(this, state, src, dst, walk);
        for (let i = 1; moved && i < dst.nrPages; i++) {
          at(dst.pages, i).content = 0;
        }
        return moved;
      },
    },
  }),
  faulty("migrate-keeps-target-reference", {
    summary: "Migration does not drop the reference with which the new folio was allocated",
    caught: violates("C7", 3, "migration", MIGRATION),
    overrides: {
      migrateFolioMove(state, src, dst, walk) {
        const moved = base.migrateFolioMove.call(this, state, src, dst, walk);
        this.folioRefAdd(dst, moved ? 1 : 0);
        return moved;
      },
    },
  }),
  faulty("migrate-queues-partially-mapped", {
    summary: "Migration queues a folio for splitting of which fewer pages were mapped again than it has",
    caught: neverShows("C14.migration", "migration", { pages: 4, minPages: 4, mms: 1, folios: 1, smallFolios: 0 }),
    overrides: {
      removeMigrationPtes(state, src, dst, walk) {
        baseWalk.removeMigrationPtes.call(this, state, src, dst, walk);
        const mapcount = this.folioMapcount(dst);
        if (mapcount > 0 && mapcount < dst.nrPages && this.folioEntireMapcount(dst) === 0) {
          this.deferredSplitFolio(dst, true);
        }
      },
    },
  }),
  faulty("migrate-undo-unqueues", {
    summary: "A migration that fails takes the folio off the queue of partially mapped ones",
    caught: violates("C14", 4, "migration", { pages: 4, minPages: 4, mms: 1, smallFolios: 0, pmd: 0 }),
    overrides: {
      migrateFolioUndo(state, folio, walk) {
        base.migrateFolioUndo.call(this, state, folio, walk);
        this.folioUnqueueDeferredSplit(folio);
      },
    },
  }),
  faulty("migrate-unqueues-whole", {
    summary: "A folio that is mapped completely again is taken off the queue of partially mapped ones",
    caught: neverShows("C14.whole", "migration", { pages: 4, minPages: 4, mms: 1, smallFolios: 0, pmd: 0 }),
    overrides: {
      removeMigrationPtes(state, src, dst, walk) {
        baseWalk.removeMigrationPtes.call(this, state, src, dst, walk);
        if (this.folioMapcount(dst) === dst.nrPages) {
          this.folioUnqueueDeferredSplit(dst);
        }
      },
    },
  }),
  faulty("migrate-forgets-queue", {
    summary:
      "A folio that is queued for deferred split leaves the queue when it migrates, and the new one is not queued",
    base: "v6.18",
    versions: { last: "6.18.2" },
    caught: violates("C14", 4, "migration", { pages: 4, minPages: 4, mms: 1, smallFolios: 0, pmd: 0 }),
    overrides: {
      moveToNewFolio(state, dst, src) {
        return base.moveToNewFolio.call(this, state, dst, src);
      },
    },
  }),
  faulty("migration-never-moves", {
    summary: "Migration always finds another reference to the folio",
    caught: violates("P2", 3, "migration", MIGRATION),
    overrides: {
      migrateFolioMove() {
        return false;
      },
    },
  }),
];
