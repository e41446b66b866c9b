/**
 * Patches to copy-on-write reuse and to the lockless reader whose errors only a concurrent CPU can reveal. The
 * overridden functions are in model/kernel/memory.ts and mm.ts.
 */
import { at } from "../../../../explore/model/schema.ts";
import * as memory from "../../../kernel/memory.ts";
import { faulty, type Variant } from "../../variant.ts";
import { callsViolate, raceViolates } from "./catch.ts";

/** Faulty versions of copy-on-write reuse and of the lockless reader. */
export const reuseRaces: readonly Variant[] = [
  faulty("reuse-locks-twice", {
    summary: "__wp_can_reuse_large_anon_folio() takes the large-mapcount lock again for its last checks",
    caught: callsViolate("L1", "writeFault(1, 0) | speculativeReference()", {
      start: "anonFault(0); fork(0, 1); exit(0)",
    }),
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
    caught: callsViolate("L1", "writeFault(1, 0) | speculativeReference()", {
      start: "anonFault(0); fork(0, 1); exit(0)",
    }),
    overrides: {
      wpCanReuseLargeAnonFolio(_state, folio, _mm) {
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
  faulty("reuse-without-second-look", {
    summary:
      "__wp_can_reuse_large_anon_folio() does not test the shared bit again under the large-mapcount lock: another MM has " +
      "swapped the folio in before the swap cache was freed",
    caught: callsViolate("C9.instant", "writeFault(0, 0) | swapIn(1, 0, false)", {
      start: "anonFault(0); swapOut(0, 1); fork(0, 1); swapIn(0, 0, false)",
    }),
    overrides: {
      wpCanReuseLargeAnonFolio(state, folio, _mm) {
        if (this.folioMapcount(folio) <= 1 || folio.mmIdsShared) {
          return false;
        }
        if (folio.swapcache) {
          if (!this.folioTrylock(folio)) {
            return false;
          }
          this.folioFreeSwap(state, folio);
          this.folioUnlock(folio);
        }
        this.folioLockLargeMapcount(folio);
        const exclusive = this.folioMapcount(folio) === folio.refcount;
        this.folioUnlockLargeMapcount(folio);
        return exclusive;
      },
    },
  }),
  faulty("reuse-small-without-second-look", {
    summary:
      "wp_can_reuse_anon_folio() does not compare the references again under the folio lock, after the swap cache was freed: " +
      "another MM has swapped the page in",
    caught: callsViolate("C9.instant", "writeFault(0, 0) | swapIn(1, 0, false)", {
      start: "anonFault(0); swapOut(0, 1); fork(0, 1); swapIn(0, 0, false)",
      bounds: { pages: 1 },
    }),
    overrides: {
      wpCanReuseAnonFolio(state, folio, mm) {
        if (this.folioTestLarge(folio)) {
          return memory.wpCanReuseAnonFolio.call(this, state, folio, mm);
        }
        if (folio.refcount > 1 + (folio.swapcache ? 1 : 0) || !this.folioTrylock(folio)) {
          return false;
        }
        const alone = !folio.swapcache || this.folioFreeSwap(state, folio);
        this.folioUnlock(folio);
        return alone;
      },
    },
  }),
  faulty("reader-compares-slots", {
    summary:
      "folio_maybe_mapped_shared() compares the mapcount of each slot with the large mapcount, without the lock, instead of " +
      "testing the shared bit",
    caught: raceViolates("D1", { readers: 1 }),
    overrides: {
      folioMaybeMappedShared(folio) {
        const counts = [at(folio.slots, 0).mapcount, at(folio.slots, 1).mapcount];
        const { largeMapcount } = folio;
        return largeMapcount > 0 && !counts.includes(largeMapcount);
      },
    },
  }),
  faulty("reader-takes-ids", {
    summary:
      "folio_maybe_mapped_shared() takes a folio with one slot in use for exclusive: an id and its mapcount are two stores",
    caught: raceViolates("D1", { readers: 1 }),
    overrides: {
      folioMaybeMappedShared(folio) {
        if (this.folioMapcount(folio) <= 1) {
          return false;
        }
        return folio.mmIdsShared && at(folio.slots, 0).mapcount >= 0 === at(folio.slots, 1).mapcount >= 0;
      },
    },
  }),
];
