/** Patches to MM owner tracking. The overridden functions are in model/kernel/large-mapcount.ts. */
import { at } from "../../../explore/model/schema.ts";
import * as base from "../../kernel/large-mapcount.ts";
import { MM_ID_DUMMY } from "../../state/structs.ts";
import { type Exploration, faultFree, faulty, type Variant } from "../variant.ts";
import { neverShows, violates } from "./catch.ts";

const COUNTS = { pages: 4, mms: 3 };
/** A slot overflows when a second page is mapped. */
const OVERFLOW = "32bit,mm-id-mapcount-max=1";
const FILE_TWICE = { pages: 2, minPages: 2, mms: 3, anon: 0, file: 2 };

const TRACKING: readonly Exploration[] = [
  { machine: "owner-tracking", bounds: COUNTS, config: "" },
  { machine: "rmap", bounds: { pages: 2, mms: 3 }, config: "" },
];

/** Faulty and fault-free versions of the owner tracking functions. */
export const largeMapcountVariants: readonly Variant[] = [
  faulty("slot-1-without-shared", {
    summary: "Taking slot 1 does not mark the folio as shared",
    caught: violates("C1", 2, "owner-tracking", COUNTS),
    overrides: {
      folioAddReturnLargeMapcount(folio, diff, mm) {
        const shared = folio.mmIdsShared;
        const takesSlot1 =
          at(folio.slots, 0).mmId !== MM_ID_DUMMY &&
          at(folio.slots, 0).mmId !== mm.idNumber &&
          at(folio.slots, 1).mmId === MM_ID_DUMMY;
        const mapcount = base.folioAddReturnLargeMapcount.call(this, folio, diff, mm);
        if (takesSlot1) {
          folio.mmIdsShared = shared;
        }
        return mapcount;
      },
    },
  }),
  faulty("slot-0-without-shared", {
    summary: "Taking slot 0 does not check whether another MM maps the folio already",
    caught: violates("C1", 4, "owner-tracking", COUNTS),
    overrides: {
      folioAddReturnLargeMapcount(folio, diff, mm) {
        const shared = folio.mmIdsShared;
        const takesSlot0 = at(folio.slots, 0).mmId === MM_ID_DUMMY && at(folio.slots, 1).mmId !== mm.idNumber;
        const mapcount = base.folioAddReturnLargeMapcount.call(this, folio, diff, mm);
        if (takesSlot0) {
          folio.mmIdsShared = shared;
        }
        return mapcount;
      },
    },
  }),
  faulty("free-slot-before-own", {
    summary: "Adding takes a free slot before it checks whether the MM has one",
    caught: violates("C5.slots", 2, "owner-tracking", COUNTS),
    overrides: {
      folioAddReturnLargeMapcount(folio, diff, mm) {
        const slot0 = at(folio.slots, 0);
        const slot1 = at(folio.slots, 1);
        this.folioLockLargeMapcount(folio);
        this.folioLargeMapcountSanityChecks(folio, diff, mm);
        const newMapcountVal = folio.largeMapcount + diff;
        folio.largeMapcount = newMapcountVal;
        if (slot0.mmId === MM_ID_DUMMY) {
          this.takeMmIdSlot(slot0, diff, mm.idNumber);
          folio.mmIdsShared ||= newMapcountVal !== diff - 1;
        } else if (slot1.mmId === MM_ID_DUMMY) {
          this.takeMmIdSlot(slot1, diff, mm.idNumber);
          folio.mmIdsShared = true;
        } else if (slot0.mmId === mm.idNumber) {
          this.addToMmIdSlot(folio, slot0, diff);
        } else if (slot1.mmId === mm.idNumber) {
          this.addToMmIdSlot(folio, slot1, diff);
        }
        this.folioUnlockLargeMapcount(folio);
        return newMapcountVal + 1;
      },
    },
  }),
  faulty("no-slot-while-shared", {
    summary:
      "A free slot is not taken while the folio is marked as shared: no MM is tracked in part then, and the verdict " +
      "is less exact than required",
    caught: neverShows("W2", "owner-tracking", COUNTS),
    overrides: {
      folioAddReturnLargeMapcount(folio, diff, mm) {
        const mmId = mm.idNumber;
        if (folio.mmIdsShared && at(folio.slots, 0).mmId !== mmId && at(folio.slots, 1).mmId !== mmId) {
          this.folioLockLargeMapcount(folio);
          this.folioLargeMapcountSanityChecks(folio, diff, mm);
          const newMapcountVal = folio.largeMapcount + diff;
          folio.largeMapcount = newMapcountVal;
          this.folioUnlockLargeMapcount(folio);
          return newMapcountVal + 1;
        }
        return base.folioAddReturnLargeMapcount.call(this, folio, diff, mm);
      },
    },
  }),
  faulty("shared-cleared-with-slot", {
    summary: "Freeing a slot marks the folio as exclusive, even if other MMs map it",
    caught: violates("C1", 4, "owner-tracking", COUNTS),
    overrides: {
      folioSubReturnLargeMapcount(folio, diff, mm) {
        const mmId = mm.idNumber;
        const tracked = at(folio.slots, 0).mmId === mmId || at(folio.slots, 1).mmId === mmId;
        const mapcount = base.folioSubReturnLargeMapcount.call(this, folio, diff, mm);
        if (tracked && at(folio.slots, 0).mmId !== mmId && at(folio.slots, 1).mmId !== mmId) {
          folio.mmIdsShared = false;
        }
        return mapcount;
      },
    },
  }),
  faulty("shared-cleared-without-slots", {
    summary: "A folio without a taken slot is marked as exclusive: two untracked MMs may map it",
    caught: violates("C1", 6, "owner-tracking", { pages: 2, mms: 4 }),
    overrides: {
      folioSubReturnLargeMapcount(folio, diff, mm) {
        const mapcount = base.folioSubReturnLargeMapcount.call(this, folio, diff, mm);
        if (at(folio.slots, 0).mmId === MM_ID_DUMMY && at(folio.slots, 1).mmId === MM_ID_DUMMY) {
          folio.mmIdsShared = false;
        }
        return mapcount;
      },
    },
  }),
  faulty("shared-never-cleared", {
    summary: "Removing mappings never marks the folio as exclusive again",
    caught: violates("C4", 4, "owner-tracking", COUNTS),
    overrides: {
      folioSubReturnLargeMapcount(folio, diff, mm) {
        const shared = folio.mmIdsShared;
        const mapcount = base.folioSubReturnLargeMapcount.call(this, folio, diff, mm);
        folio.mmIdsShared = shared;
        return mapcount;
      },
    },
  }),
  faulty("shared-cleared-for-slot-0-only", {
    summary: "Only slot 0 is checked for having all mappings",
    caught: violates("C2", 3, "rmap", { pages: 2, mms: 2 }),
    overrides: {
      folioSubReturnLargeMapcount(folio, diff, mm) {
        const shared = folio.mmIdsShared;
        const mapcount = base.folioSubReturnLargeMapcount.call(this, folio, diff, mm);
        if (at(folio.slots, 0).mapcount !== folio.largeMapcount) {
          folio.mmIdsShared = shared;
        }
        return mapcount;
      },
    },
  }),
  faulty("slot-kept-while-shared", {
    summary:
      "While the folio stays shared, removing mappings decrements the large mapcount and does not update the slots",
    caught: violates("C20", 3, "rmap", { pages: 2, mms: 2 }),
    overrides: {
      folioSubReturnLargeMapcount(folio, diff, mm) {
        if (folio.mmIdsShared && folio.largeMapcount >= diff) {
          this.folioLockLargeMapcount(folio);
          const newMapcountVal = folio.largeMapcount - diff;
          folio.largeMapcount = newMapcountVal;
          this.folioUnlockLargeMapcount(folio);
          return newMapcountVal + 1;
        }
        return base.folioSubReturnLargeMapcount.call(this, folio, diff, mm);
      },
    },
  }),
  faulty("no-underflow-clamp", {
    summary: "A freed slot has a negative mapcount other than -1",
    caught: violates("C5.slots", 6, "owner-tracking", COUNTS),
    overrides: {
      subFromMmIdSlot(slot, diff) {
        slot.mapcount -= diff;
        if (slot.mapcount >= 0) {
          return true;
        }
        slot.mmId = MM_ID_DUMMY;
        return false;
      },
    },
  }),
  faulty("slot-freed-with-id", {
    summary: "A slot is freed without clearing its id",
    caught: violates("C4", 2, "owner-tracking", COUNTS),
    overrides: {
      freeMmIdSlot(slot) {
        slot.mapcount = -1;
      },
    },
  }),
  faulty("sub-looks-at-slot-0-only", {
    summary: "Removing mappings does not check slot 1",
    caught: violates("C8", 3, "owner-tracking", COUNTS),
    overrides: {
      folioSubReturnLargeMapcount(folio, diff, mm) {
        const slot1 = at(folio.slots, 1);
        const { mmId, mapcount } = slot1;
        const isInSlot1 = mmId === mm.idNumber;
        if (isInSlot1) {
          slot1.mmId = MM_ID_DUMMY;
          slot1.mapcount = -1;
        }
        const newMapcount = base.folioSubReturnLargeMapcount.call(this, folio, diff, mm);
        if (isInSlot1) {
          slot1.mmId = mmId;
          slot1.mapcount = mapcount;
        }
        return newMapcount;
      },
    },
  }),
  faulty("add-by-one", {
    summary: "Adding a batch raises the large mapcount by one instead of by the batch",
    caught: violates("C6.large-mapcount", 1, "owner-tracking", COUNTS),
    overrides: {
      folioAddReturnLargeMapcount(folio, diff, mm) {
        const mapcount = base.folioAddReturnLargeMapcount.call(this, folio, diff, mm);
        folio.largeMapcount -= diff - 1;
        return mapcount - (diff - 1);
      },
    },
  }),
  faulty("add-without-minus-one", {
    summary: "A slot that is taken stores the logical mapcount instead of one less",
    caught: violates("C8", 1, "owner-tracking", COUNTS),
    overrides: {
      takeMmIdSlot(slot, diff, mmId) {
        slot.mmId = mmId;
        slot.mapcount = diff;
      },
    },
  }),
  faulty("set-without-id", {
    summary: "The MM of a new folio is counted in slot 0, but its id is not stored",
    caught: violates("C5.slots", 1, "rmap", { pages: 4, mms: 2 }),
    overrides: {
      folioSetLargeMapcount(folio, mapcount, _mm) {
        folio.largeMapcount = mapcount - 1;
        at(folio.slots, 0).mapcount = mapcount - 1;
      },
    },
  }),
  faulty("overflow-ignored", {
    summary: "On 32-bit, a slot mapcount that overflows stays negative",
    caught: violates("C5.slots", 3, "rmap", FILE_TWICE, OVERFLOW),
    overrides: {
      addToMmIdSlot(_folio, slot, diff) {
        const mapcount = slot.mapcount + diff;
        const max = this.config.mmIdMapcountMax;
        // Two's complement.
        slot.mapcount = mapcount > max ? mapcount - 2 * (max + 1) : mapcount;
      },
    },
  }),
  faulty("overflow-clears-shared", {
    summary: "On 32-bit, a slot that overflows is freed and the folio marked as exclusive instead of shared",
    caught: violates("C17", 4, "rmap", FILE_TWICE, OVERFLOW),
    overrides: {
      addToMmIdSlot(folio, slot, diff) {
        base.addToMmIdSlot.call(this, folio, slot, diff);
        if (slot.mmId === MM_ID_DUMMY) {
          folio.mmIdsShared = false;
        }
      },
    },
  }),
  faulty("overflow-saturates", {
    summary: "On 32-bit, a slot mapcount stays at its largest value instead of overflowing: the slot counts too little",
    caught: neverShows("W5", "rmap", { ...FILE_TWICE, mms: 2 }, OVERFLOW),
    overrides: {
      addToMmIdSlot(_folio, slot, diff) {
        slot.mapcount = Math.min(slot.mapcount + diff, this.config.mmIdMapcountMax);
      },
    },
  }),
  faultFree("overflow-without-shared", {
    summary:
      "On 32-bit, a slot that overflows is freed without marking the folio as shared: the next mapping by another MM " +
      "marks it, so no claim fails, and a single MM stays exclusive",
    explored: [
      { machine: "rmap", bounds: { ...FILE_TWICE, mms: 2 }, config: OVERFLOW },
      { machine: "rmap", bounds: { ...FILE_TWICE, mms: 2 }, config: `no-page-mapcount,${OVERFLOW}` },
    ],
    overrides: {
      addToMmIdSlot(_folio, slot, diff) {
        const mapcount = slot.mapcount + diff;
        if (!this.config.is64Bit && mapcount > this.config.mmIdMapcountMax) {
          this.freeMmIdSlot(slot);
        } else {
          slot.mapcount = mapcount;
        }
      },
    },
  }),
  faultFree("slot-1-first", {
    summary: "Looks for the MM in slot 1 before slot 0; no MM is in both, so the order does not matter",
    explored: TRACKING,
    overrides: {
      folioSubReturnLargeMapcount(folio, diff, mm) {
        const mmId = mm.idNumber;
        const slot0 = at(folio.slots, 0);
        const slot1 = at(folio.slots, 1);
        this.folioLockLargeMapcount(folio);
        this.folioLargeMapcountSanityChecks(folio, diff, mm);
        const newMapcountVal = folio.largeMapcount - diff;
        folio.largeMapcount = newMapcountVal;
        const slot = slot1.mmId === mmId ? slot1 : slot0.mmId === mmId ? slot0 : undefined;
        const tracked = slot !== undefined && this.subFromMmIdSlot(slot, diff);
        if (!tracked && (slot0.mapcount === newMapcountVal || slot1.mapcount === newMapcountVal)) {
          folio.mmIdsShared = false;
        }
        this.folioUnlockLargeMapcount(folio);
        return newMapcountVal + 1;
      },
    },
  }),
];
