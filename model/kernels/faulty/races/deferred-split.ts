/**
 * Patches to the deferred split queue whose errors only a concurrent CPU can reveal. The overridden functions are in
 * model/kernel/huge-memory.ts and rmap.ts.
 */
import * as hugeMemory from "../../../kernel/huge-memory.ts";
import type { Kernel } from "../../../kernel/kernel.ts";
import * as largeMapcount from "../../../kernel/large-mapcount.ts";
import type { Folio } from "../../../state/structs.ts";
import { faulty, type Variant } from "../../variant.ts";
import { callsViolate, raceViolates } from "./catch.ts";

const QUEUE = { pages: 4, mms: 1, shrinker: 1 };
const NO_PAGE_MAPCOUNT = "no-page-mapcount";

const unlocked = (kernel: Kernel): Kernel => ({ ...kernel, splitQueueLock: () => {}, splitQueueUnlock: () => {} });

/** Faulty versions of the deferred split queue. */
export const deferredSplitRaces: readonly Variant[] = [
  faulty("queue-without-lock", {
    summary: "A folio is queued for deferred split without the queue lock",
    caught: callsViolate("D1", "exit(0) | zap(1, 0, 1); zap(1, 1, 1)", {
      start: "anonFault(0); fork(0, 1)",
      bounds: { pages: 4 },
      config: NO_PAGE_MAPCOUNT,
    }),
    overrides: {
      deferredSplitFolio(folio, partiallyMapped) {
        hugeMemory.deferredSplitFolio.call(unlocked(this), folio, partiallyMapped);
      },
    },
  }),
  faulty("unqueue-without-lock", {
    summary: "A folio that is freed is taken off the deferred split queue without the queue lock",
    caught: callsViolate("D1", "shrinkDeferred() | exit(0)", {
      start: "anonFault(0); zap(0, 0, 1)",
      bounds: { pages: 4 },
    }),
    overrides: {
      folioUnqueueDeferredSplit(folio) {
        hugeMemory.folioUnqueueDeferredSplit.call(unlocked(this), folio);
      },
    },
  }),
  faulty("shrinker-without-lock", {
    summary: "The shrinker takes folios off the deferred split queue without the queue lock",
    caught: callsViolate("D1", "shrinkDeferred() | exit(0)", {
      start: "anonFault(0); zap(0, 0, 1)",
      bounds: { pages: 4 },
    }),
    overrides: {
      takeQueued(folio) {
        return hugeMemory.takeQueued.call(unlocked(this), folio);
      },
    },
  }),
  faulty("queue-lock-under-mapcount-lock", {
    summary:
      "The large-mapcount lock is held while a folio is queued, and the shrinker takes it under the queue lock: two orders of " +
      "two locks",
    caught: callsViolate("L1", "zap(0, 1, 1) | shrinkDeferred()", {
      start: "anonFault(0); zap(0, 0, 1)",
      bounds: { pages: 4 },
    }),
    notOn: ["owner-tracking", "slot-overflow"],
    overrides: {
      folioSubReturnLargeMapcount(folio, diff, mm) {
        const mapcount = largeMapcount.folioSubReturnLargeMapcount.call(this, folio, diff, mm);
        if (mapcount > 0 && mapcount < folio.nrPages && folio.nrPages > 2) {
          this.folioLockLargeMapcount(folio);
          this.deferredSplitFolio(folio as Folio, true);
          this.folioUnlockLargeMapcount(folio);
        }
        return mapcount;
      },
      takeQueued(folio) {
        return hugeMemory.takeQueued.call(
          {
            ...this,
            folioTryGet: (got) => {
              this.folioLockLargeMapcount(got);
              const taken = got.largeMapcount >= 0 && this.folioTryGet(got);
              this.folioUnlockLargeMapcount(got);
              return taken;
            },
          },
          folio,
        );
      },
    },
  }),
  faulty("shrinker-forgets-folio", {
    summary: "7.1: the shrinker that fails to split a partially mapped folio does not queue it again",
    caught: raceViolates("C14", QUEUE),
    overrides: {
      splitQueued() {},
    },
  }),
];
