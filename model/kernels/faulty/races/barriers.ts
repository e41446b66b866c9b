/**
 * Patches to memory barriers and to the order of locks. The overridden functions are in model/kernel/rmap.ts, gup.ts
 * and locks.ts.
 */
import * as gup from "../../../kernel/gup.ts";
import * as rmap from "../../../kernel/rmap.ts";
import { faulty, type Variant } from "../../variant.ts";
import { callsViolate } from "./catch.ts";

/** Calls: a GUP-fast pin concurrent with the migration that shares the page. */
const PIN = "migrate(0, 1) | gupFast(0, 0, true)";
const FORKED = "anonFault(0); fork(0, 1)";
const ZAPS = "zap(0, 0, 1) | zap(1, 0, 1)";
const VIEWS = { views: 1 };

/** Faulty kernels without a barrier that a memory model requires. */
export const barrierRaces: readonly Variant[] = [
  faulty("try-share-without-first-barrier", {
    summary:
      "An exclusive page is shared without smp_mb() between clearing the entry and loading the pins: GUP-fast pins " +
      "it, and loads the unchanged entry again",
    caught: callsViolate("C11.warnings", PIN, { bounds: { tso: 1 } }),
    overrides: {
      folioTryShareAnonRmap(folio, page) {
        return rmap.folioTryShareAnonRmap.call({ ...this, smpMb: () => {} }, folio, page);
      },
    },
  }),
  faulty("gup-fast-without-barrier", {
    summary: "GUP-fast loads the entry again without smp_mb__after_atomic() after its pin",
    caught: callsViolate("C11.warnings", PIN, { bounds: VIEWS }),
    overrides: {
      tryGrabFolioFast(folio, pin) {
        return gup.tryGrabFolioFast.call({ ...this, smpMbAfterAtomic: () => {} }, folio, pin);
      },
    },
  }),
  faulty("gup-without-read-barrier", {
    summary: "gup_must_unshare() loads PageAnonExclusive without smp_rmb() after the entry was loaded again",
    caught: callsViolate("C11.warnings", PIN, { bounds: VIEWS }),
    overrides: {
      gupMustUnshare(...args) {
        return gup.gupMustUnshare.call({ ...this, smpRmb: () => {} }, ...args);
      },
    },
  }),
  faulty("mapcount-lock-without-acquire", {
    summary: "folio_lock_large_mapcount() sets the bit without an acquire: slots are read from before the lock",
    caught: callsViolate("C6.large-mapcount", ZAPS, { start: FORKED, bounds: VIEWS }),
    overrides: {
      folioLockLargeMapcount(folio) {
        this.bitSpinLock(folio, "relaxed");
      },
    },
  }),
  faulty("mapcount-unlock-without-release", {
    summary: "folio_unlock_large_mapcount() clears the bit with clear_bit(), which releases nothing",
    caught: callsViolate("C6.large-mapcount", ZAPS, { start: FORKED, bounds: VIEWS }),
    overrides: {
      folioUnlockLargeMapcount(folio) {
        this.bitSpinUnlock(folio, "relaxed");
      },
    },
  }),
];
