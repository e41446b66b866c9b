/** Mistakes in MM owner tracking. The overridden functions are in model/kernel/large-mapcount.ts and mm.ts. */
import { at } from "../../explore/schema.ts";
import * as base from "../kernel/large-mapcount.ts";
import { MM_ID_DUMMY } from "../kernel/structs.ts";
import { type Catch, faultFree, faulty, type Variant } from "./variant.ts";

/** The counts machine at small bounds, where most of these show. */
function counts(property: string, steps: number): Catch {
  return { property, steps, machine: "owner-tracking", bounds: { pages: 4, mms: 3 }, config: "" };
}

/** Faulty and fault-free versions of the owner tracking functions. */
export const largeMapcountVariants: readonly Variant[] = [
  faulty("slot-1-without-shared", {
    summary: "Taking slot 1 does not mark the folio as shared",
    caught: counts("C1", 2),
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
    summary: "Taking slot 0 does not look whether others map the folio already",
    caught: counts("C1", 4),
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
  faulty("shared-cleared-with-slot", {
    summary: "Freeing a slot marks the folio as exclusive, whoever else maps it",
    caught: counts("C1", 4),
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
  faulty("shared-never-cleared", {
    summary: "Removing mappings never marks the folio as exclusive again",
    caught: counts("C4", 4),
    overrides: {
      folioSubReturnLargeMapcount(folio, diff, mm) {
        const shared = folio.mmIdsShared;
        const mapcount = base.folioSubReturnLargeMapcount.call(this, folio, diff, mm);
        folio.mmIdsShared = shared;
        return mapcount;
      },
    },
  }),
  faulty("no-underflow-clamp", {
    summary: "A slot that is freed keeps its negative mapcount instead of -1",
    caught: counts("C5.slots", 6),
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
    caught: counts("C4", 2),
    overrides: {
      freeMmIdSlot(slot) {
        slot.mapcount = -1;
      },
    },
  }),
  faulty("sub-looks-at-slot-0-only", {
    summary: "Removing mappings does not look at slot 1",
    caught: counts("C8", 3),
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
    caught: counts("C6.large-mapcount", 1),
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
    caught: counts("C8", 1),
    overrides: {
      takeMmIdSlot(slot, diff, mmId) {
        slot.mmId = mmId;
        slot.mapcount = diff;
      },
    },
  }),
  faulty("single-mapping-rule-dropped", {
    summary: "folio_maybe_mapped_shared() trusts the shared bit even when one mapping is left",
    caught: counts("C3", 5),
    overrides: {
      folioMaybeMappedShared(folio) {
        return this.folioTestLarge(folio) ? folio.mmIdsShared : this.folioMapcount(folio) > 1;
      },
    },
  }),
  faulty("set-without-id", {
    summary: "The MM of a new folio is counted in slot 0, but its id is not stored",
    caught: {
      property: "C5.slots",
      steps: 1,
      machine: "rmap",
      bounds: { pages: 4, mms: 2 },
      config: "",
    },
    overrides: {
      folioSetLargeMapcount(folio, mapcount, _mm) {
        folio.largeMapcount = mapcount - 1;
        at(folio.slots, 0).mapcount = mapcount - 1;
      },
    },
  }),
  faulty("overflow-ignored", {
    summary: "On 32-bit, a slot mapcount that overflows stays negative",
    caught: {
      property: "C5.slots",
      steps: 3,
      machine: "rmap",
      bounds: { pages: 2, minPages: 2, mms: 3, anon: 0, file: 2 },
      config: "32bit,mm-id-mapcount-max=1",
    },
    overrides: {
      addToMmIdSlot(_folio, slot, diff) {
        const mapcount = slot.mapcount + diff;
        const max = this.config.mmIdMapcountMax;
        // Two's complement.
        slot.mapcount = mapcount > max ? mapcount - 2 * (max + 1) : mapcount;
      },
    },
  }),
  faultFree("overflow-without-shared", {
    summary:
      "On 32-bit, a slot that overflows is freed without marking the folio as shared: whoever maps it next does that, " +
      "so no claim fails, and a lone MM stays exclusive",
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
    overrides: {
      folioSubReturnLargeMapcount(folio, diff, mm) {
        const mmId = mm.idNumber;
        const slot0 = at(folio.slots, 0);
        const slot1 = at(folio.slots, 1);
        this.folioLargeMapcountSanityChecks(folio, diff, mm);
        folio.largeMapcount -= diff;
        const slot = slot1.mmId === mmId ? slot1 : slot0.mmId === mmId ? slot0 : undefined;
        if (slot !== undefined && this.subFromMmIdSlot(slot, diff)) {
          return folio.largeMapcount + 1;
        }
        if (slot0.mapcount === folio.largeMapcount || slot1.mapcount === folio.largeMapcount) {
          folio.mmIdsShared = false;
        }
        return folio.largeMapcount + 1;
      },
    },
  }),
];
