/**
 * Patches to MM owner tracking whose errors only a concurrent CPU can reveal: critical sections of the large-mapcount
 * lock, and orders. The overridden functions are in model/kernel/large-mapcount.ts.
 */
import { at } from "../../../../explore/model/schema.ts";
import type { Kernel } from "../../../kernel/kernel.ts";
import * as base from "../../../kernel/large-mapcount.ts";
import { MM_ID_DUMMY, type MmStruct, type TrackedFolio } from "../../../state/structs.ts";
import { faulty, type Variant } from "../../variant.ts";
import { callsViolate, raceViolates } from "./catch.ts";

/** Updates the slots as folioAddReturnLargeMapcount() does, without the shared bit. @returns whether to set it */
function addToSlots(kernel: Kernel, folio: TrackedFolio, diff: number, mm: MmStruct, newMapcountVal: number): boolean {
  const slot0 = at(folio.slots, 0);
  const slot1 = at(folio.slots, 1);
  if (slot0.mmId === mm.idNumber) {
    kernel.addToMmIdSlot(folio, slot0, diff);
  } else if (slot1.mmId === mm.idNumber) {
    kernel.addToMmIdSlot(folio, slot1, diff);
  } else if (slot0.mmId === MM_ID_DUMMY) {
    kernel.takeMmIdSlot(slot0, diff, mm.idNumber);
    return newMapcountVal !== diff - 1;
  } else if (slot1.mmId === MM_ID_DUMMY) {
    kernel.takeMmIdSlot(slot1, diff, mm.idNumber);
    return true;
  }
  return false;
}

/** Updates the slots and the shared bit. */
function addAndMark(kernel: Kernel, folio: TrackedFolio, diff: number, mm: MmStruct, newMapcountVal: number): void {
  if (addToSlots(kernel, folio, diff, mm, newMapcountVal)) {
    folio.mmIdsShared = true;
  }
}

/**
 * Updates the slots as folioSubReturnLargeMapcount() does, without the shared bit.
 *
 * @returns whether to test for exclusive
 */
function subFromSlots(kernel: Kernel, folio: TrackedFolio, diff: number, mm: MmStruct): boolean {
  const slot0 = at(folio.slots, 0);
  const slot1 = at(folio.slots, 1);
  if (slot0.mmId === mm.idNumber) {
    return !kernel.subFromMmIdSlot(slot0, diff);
  }
  return slot1.mmId !== mm.idNumber || !kernel.subFromMmIdSlot(slot1, diff);
}

function clearSharedIfOneOwner(folio: TrackedFolio, mapcount: number): void {
  if (at(folio.slots, 0).mapcount === mapcount || at(folio.slots, 1).mapcount === mapcount) {
    folio.mmIdsShared = false;
  }
}

/** Faulty versions of the owner tracking functions. */
export const ownerSlotRaces: readonly Variant[] = [
  faulty("add-without-lock", {
    summary: "Adding mappings does not take the large-mapcount lock",
    caught: callsViolate("D1", "fork(1, 2) | zap(0, 0, 1)", { start: "anonFault(0); fork(0, 1)", bounds: { mms: 3 } }),
    overrides: {
      folioAddReturnLargeMapcount(folio, diff, mm) {
        const unlocked = { ...this, folioLockLargeMapcount: () => {}, folioUnlockLargeMapcount: () => {} };
        return base.folioAddReturnLargeMapcount.call(unlocked, folio, diff, mm);
      },
    },
  }),
  faulty("sub-without-lock", {
    summary: "Removing mappings does not take the large-mapcount lock",
    caught: raceViolates("D1"),
    overrides: {
      folioSubReturnLargeMapcount(folio, diff, mm) {
        const unlocked = { ...this, folioLockLargeMapcount: () => {}, folioUnlockLargeMapcount: () => {} };
        return base.folioSubReturnLargeMapcount.call(unlocked, folio, diff, mm);
      },
    },
  }),
  faulty("add-unlocks-before-slots", {
    summary: "Adding mappings drops the large-mapcount lock after the mapcount, before the slots are updated",
    caught: callsViolate("D1", "fork(1, 2) | exit(0)", { start: "anonFault(0); fork(0, 1)", bounds: { mms: 3 } }),
    overrides: {
      folioAddReturnLargeMapcount(folio, diff, mm) {
        this.folioLockLargeMapcount(folio);
        this.folioLargeMapcountSanityChecks(folio, diff, mm);
        const newMapcountVal = folio.largeMapcount + diff;
        folio.largeMapcount = newMapcountVal;
        this.folioUnlockLargeMapcount(folio);
        addAndMark(this, folio, diff, mm, newMapcountVal);
        return newMapcountVal + 1;
      },
    },
  }),
  faulty("sub-unlocks-before-slots", {
    summary: "Removing mappings drops the large-mapcount lock after the mapcount, before the slots are updated",
    caught: callsViolate("D1", "zap(0, 0, 1) | zap(1, 0, 1)", { start: "anonFault(0); fork(0, 1)" }),
    overrides: {
      folioSubReturnLargeMapcount(folio, diff, mm) {
        this.folioLockLargeMapcount(folio);
        this.folioLargeMapcountSanityChecks(folio, diff, mm);
        const newMapcountVal = folio.largeMapcount - diff;
        folio.largeMapcount = newMapcountVal;
        this.folioUnlockLargeMapcount(folio);
        if (subFromSlots(this, folio, diff, mm)) {
          clearSharedIfOneOwner(folio, newMapcountVal);
        }
        return newMapcountVal + 1;
      },
    },
  }),
  faulty("shared-set-after-unlock", {
    summary: "The shared bit is set after the large-mapcount lock was dropped, which is the last store of an add",
    caught: callsViolate("D1", "fork(2, 0) | zap(1, 0, 1)", {
      start: "anonFault(0); fork(0, 1); fork(0, 2); exit(0)",
      bounds: { mms: 3 },
    }),
    overrides: {
      folioAddReturnLargeMapcount(folio, diff, mm) {
        this.folioLockLargeMapcount(folio);
        this.folioLargeMapcountSanityChecks(folio, diff, mm);
        const newMapcountVal = folio.largeMapcount + diff;
        folio.largeMapcount = newMapcountVal;
        const setsShared = addToSlots(this, folio, diff, mm, newMapcountVal);
        this.folioUnlockLargeMapcount(folio);
        if (setsShared) {
          folio.mmIdsShared = true;
        }
        return newMapcountVal + 1;
      },
    },
  }),
  faulty("shared-cleared-after-unlock", {
    summary: "Whether one owner is left is decided after the large-mapcount lock was dropped",
    caught: callsViolate("D1", "exit(0) | zap(1, 0, 1)", { start: "anonFault(0); fork(0, 1)" }),
    overrides: {
      folioSubReturnLargeMapcount(folio, diff, mm) {
        this.folioLockLargeMapcount(folio);
        this.folioLargeMapcountSanityChecks(folio, diff, mm);
        const newMapcountVal = folio.largeMapcount - diff;
        folio.largeMapcount = newMapcountVal;
        const untracked = subFromSlots(this, folio, diff, mm);
        this.folioUnlockLargeMapcount(folio);
        if (untracked) {
          clearSharedIfOneOwner(folio, newMapcountVal);
        }
        return newMapcountVal + 1;
      },
    },
  }),
  faulty("add-reads-mapcount-before-lock", {
    summary: "Adding mappings reads the large mapcount before it takes the lock",
    caught: callsViolate("C7.instant", "fork(0, 2) | zap(1, 0, 1)", {
      start: "anonFault(0); fork(0, 1)",
      bounds: { mms: 3 },
    }),
    overrides: {
      folioAddReturnLargeMapcount(folio, diff, mm) {
        const newMapcountVal = folio.largeMapcount + diff;
        this.folioLockLargeMapcount(folio);
        this.folioLargeMapcountSanityChecks(folio, diff, mm);
        folio.largeMapcount = newMapcountVal;
        addAndMark(this, folio, diff, mm, newMapcountVal);
        this.folioUnlockLargeMapcount(folio);
        return newMapcountVal + 1;
      },
    },
  }),
  faulty("sub-reads-mapcount-before-lock", {
    summary: "Removing mappings reads the large mapcount before it takes the lock",
    caught: callsViolate("C7.instant", "exit(0) | zap(1, 0, 1)", { start: "anonFault(0); fork(0, 1)" }),
    overrides: {
      folioSubReturnLargeMapcount(folio, diff, mm) {
        const newMapcountVal = folio.largeMapcount - diff;
        this.folioLockLargeMapcount(folio);
        this.folioLargeMapcountSanityChecks(folio, diff, mm);
        folio.largeMapcount = newMapcountVal;
        if (subFromSlots(this, folio, diff, mm)) {
          clearSharedIfOneOwner(folio, newMapcountVal);
        }
        this.folioUnlockLargeMapcount(folio);
        return newMapcountVal + 1;
      },
    },
  }),
  faulty("slot-chosen-before-lock", {
    summary: "Removing mappings looks up the slot of its MM before it takes the large-mapcount lock",
    caught: callsViolate("D1", "exit(0) | zap(1, 0, 1)", { start: "anonFault(0); fork(0, 1)" }),
    overrides: {
      folioSubReturnLargeMapcount(folio, diff, mm) {
        const slot = [0, 1].find((i) => at(folio.slots, i).mmId === mm.idNumber);
        this.folioLockLargeMapcount(folio);
        this.folioLargeMapcountSanityChecks(folio, diff, mm);
        const newMapcountVal = folio.largeMapcount - diff;
        folio.largeMapcount = newMapcountVal;
        if (slot === undefined || !this.subFromMmIdSlot(at(folio.slots, slot), diff)) {
          clearSharedIfOneOwner(folio, newMapcountVal);
        }
        this.folioUnlockLargeMapcount(folio);
        return newMapcountVal + 1;
      },
    },
  }),
  faulty("sub-keeps-lock-of-tracked", {
    summary: "Removing mappings of an MM that stays tracked returns without dropping the large-mapcount lock",
    caught: raceViolates("L2"),
    overrides: {
      folioSubReturnLargeMapcount(folio, diff, mm) {
        this.folioLockLargeMapcount(folio);
        this.folioLargeMapcountSanityChecks(folio, diff, mm);
        const newMapcountVal = folio.largeMapcount - diff;
        folio.largeMapcount = newMapcountVal;
        if (!subFromSlots(this, folio, diff, mm)) {
          return newMapcountVal + 1;
        }
        clearSharedIfOneOwner(folio, newMapcountVal);
        this.folioUnlockLargeMapcount(folio);
        return newMapcountVal + 1;
      },
    },
  }),
  faulty("sub-drops-lock-between", {
    summary: "Removing mappings drops the large-mapcount lock between the mapcount and the slots, and takes it again",
    caught: callsViolate("C19", "exit(0) | zap(1, 0, 1)", { start: "anonFault(0); fork(0, 1)" }),
    overrides: {
      folioSubReturnLargeMapcount(folio, diff, mm) {
        this.folioLockLargeMapcount(folio);
        this.folioLargeMapcountSanityChecks(folio, diff, mm);
        const newMapcountVal = folio.largeMapcount - diff;
        folio.largeMapcount = newMapcountVal;
        this.folioUnlockLargeMapcount(folio);
        this.folioLockLargeMapcount(folio);
        if (subFromSlots(this, folio, diff, mm)) {
          clearSharedIfOneOwner(folio, newMapcountVal);
        }
        this.folioUnlockLargeMapcount(folio);
        return newMapcountVal + 1;
      },
    },
  }),
  faulty("sub-slots-first", {
    summary: "Removing mappings updates the slots under one hold of the lock and the large mapcount under another",
    caught: callsViolate("C19", "exit(0) | zap(1, 0, 1)", { start: "anonFault(0); fork(0, 1)" }),
    overrides: {
      folioSubReturnLargeMapcount(folio, diff, mm) {
        this.folioLockLargeMapcount(folio);
        this.folioLargeMapcountSanityChecks(folio, diff, mm);
        const untracked = subFromSlots(this, folio, diff, mm);
        this.folioUnlockLargeMapcount(folio);
        this.folioLockLargeMapcount(folio);
        const newMapcountVal = folio.largeMapcount - diff;
        folio.largeMapcount = newMapcountVal;
        if (untracked) {
          clearSharedIfOneOwner(folio, newMapcountVal);
        }
        this.folioUnlockLargeMapcount(folio);
        return newMapcountVal + 1;
      },
    },
  }),
  faulty("shared-cleared-under-second-lock", {
    summary:
      "Whether one owner is left is decided under a second hold of the large-mapcount lock, with the mapcount of the first",
    caught: callsViolate("C19", "exit(0) | zap(1, 0, 1)", { start: "anonFault(0); fork(0, 1)" }),
    overrides: {
      folioSubReturnLargeMapcount(folio, diff, mm) {
        this.folioLockLargeMapcount(folio);
        this.folioLargeMapcountSanityChecks(folio, diff, mm);
        const newMapcountVal = folio.largeMapcount - diff;
        folio.largeMapcount = newMapcountVal;
        const untracked = subFromSlots(this, folio, diff, mm);
        this.folioUnlockLargeMapcount(folio);
        if (untracked) {
          this.folioLockLargeMapcount(folio);
          clearSharedIfOneOwner(folio, newMapcountVal);
          this.folioUnlockLargeMapcount(folio);
        }
        return newMapcountVal + 1;
      },
    },
  }),
];
