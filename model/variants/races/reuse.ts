/** Patches to copy-on-write reuse and to the lockless reader that only another CPU can show. The overridden functions are in model/kernel/memory.ts and mm.ts. */
import { at } from "../../../explore/schema.ts";
import * as memory from "../../kernel/memory.ts";
import { violates } from "../catch.ts";
import { faulty, type Variant } from "../variant.ts";
import { tiny } from "./bounds.ts";

/** Faulty versions of copy-on-write reuse and of the lockless reader. */
export const reuseRaces: readonly Variant[] = [
  faulty("reuse-without-second-look", {
    summary: "__wp_can_reuse_large_anon_folio() does not compare again once it has the large-mapcount lock",
    caught: violates("C9.instant", 1, "race", tiny({ writes: 1 })),
    overrides: {
      wpCanReuseLargeAnonFolio(_machine, folio, _mm) {
        if (this.folioMapcount(folio) <= 1 || folio.mmIdsShared || this.folioMapcount(folio) !== folio.refcount) {
          return false;
        }
        this.folioLockLargeMapcount(folio);
        this.wpReuseChecks(folio);
        this.folioUnlockLargeMapcount(folio);
        return true;
      },
    },
  }),
  faulty("reuse-without-lock", {
    summary: "__wp_can_reuse_large_anon_folio() compares again without the large-mapcount lock",
    caught: violates("C9.instant", 1, "race", tiny({ writes: 1 })),
    overrides: {
      wpCanReuseLargeAnonFolio(machine, folio, mm) {
        const unlocked = { ...this, folioLockLargeMapcount: () => {}, folioUnlockLargeMapcount: () => {} };
        return memory.wpCanReuseLargeAnonFolio.call(unlocked, machine, folio, mm);
      },
    },
  }),
  faulty("reuse-shared-bit-once", {
    summary: "__wp_can_reuse_large_anon_folio() tests the shared bit before it takes the lock, and not again",
    caught: violates("C9.instant", 1, "race", tiny({ writes: 1 })),
    overrides: {
      wpCanReuseLargeAnonFolio(_machine, folio, mm) {
        if (this.folioMapcount(folio) <= 1 || folio.mmIdsShared || this.folioMapcount(folio) !== folio.refcount) {
          return false;
        }
        this.folioLockLargeMapcount(folio);
        const exclusive = this.folioMapcount(folio) === folio.refcount;
        if (exclusive) {
          this.wpReuseChecks(folio);
        }
        void mm;
        this.folioUnlockLargeMapcount(folio);
        return exclusive;
      },
    },
  }),
  faulty("reuse-references-once", {
    summary: "__wp_can_reuse_large_anon_folio() compares the references before it takes the lock, and not again",
    caught: violates("C9.instant", 1, "race", tiny({ writes: 1 })),
    overrides: {
      wpCanReuseLargeAnonFolio(_machine, folio, _mm) {
        if (this.folioMapcount(folio) <= 1 || folio.mmIdsShared || this.folioMapcount(folio) !== folio.refcount) {
          return false;
        }
        this.folioLockLargeMapcount(folio);
        const exclusive = !folio.mmIdsShared;
        if (exclusive) {
          this.wpReuseChecks(folio);
        }
        this.folioUnlockLargeMapcount(folio);
        return exclusive;
      },
    },
  }),
  faulty("reuse-locks-twice", {
    summary: "__wp_can_reuse_large_anon_folio() takes the large-mapcount lock again for its last checks",
    caught: violates("L1", 1, "race", tiny({ writes: 1 })),
    overrides: {
      wpReuseChecks(folio) {
        this.folioLockLargeMapcount(folio);
        memory.wpReuseChecks.call(this, folio);
        this.folioUnlockLargeMapcount(folio);
      },
    },
  }),
  faulty("reuse-returns-with-lock", {
    summary: "__wp_can_reuse_large_anon_folio() that says no under the large-mapcount lock does not drop it",
    caught: violates("L2", 1, "race", tiny({ writes: 1, references: 1 })),
    overrides: {
      wpCanReuseLargeAnonFolio(_machine, folio, _mm) {
        if (this.folioMapcount(folio) <= 1 || folio.mmIdsShared || this.folioMapcount(folio) !== folio.refcount) {
          return false;
        }
        this.folioLockLargeMapcount(folio);
        if (folio.mmIdsShared || this.folioMapcount(folio) !== folio.refcount) {
          return false;
        }
        this.wpReuseChecks(folio);
        this.folioUnlockLargeMapcount(folio);
        return true;
      },
    },
  }),
  faulty("reader-compares-slots", {
    summary:
      "folio_maybe_mapped_shared() compares the mapcount of each slot with the large mapcount, without the lock, instead of " +
      "testing the shared bit",
    caught: violates("C18", 1, "race", tiny({ readers: 1 })),
    overrides: {
      folioMaybeMappedShared(folio) {
        const counts = [at(folio.slots, 0).mapcount, at(folio.slots, 1).mapcount];
        const { largeMapcount } = folio;
        return largeMapcount > 0 && !counts.includes(largeMapcount);
      },
    },
  }),
  faulty("reader-takes-ids", {
    summary: "folio_maybe_mapped_shared() takes a folio with one slot in use for exclusive: an id and its mapcount are two stores",
    caught: violates("C18", 1, "race", tiny({ readers: 1 })),
    overrides: {
      folioMaybeMappedShared(folio) {
        if (this.folioMapcount(folio) <= 1) {
          return false;
        }
        return folio.mmIdsShared && (at(folio.slots, 0).mapcount >= 0) === (at(folio.slots, 1).mapcount >= 0);
      },
    },
  }),
];
