/** Claims about the owner slots: their counts, when they are free, and their MM ids. */

import { always, noWarning, type Property } from "../explore/model/model.ts";
import { at } from "../explore/model/schema.ts";
import type { FolioTruth, PageTableTruth, View, WorldView } from "../model/environment/view.ts";
import { warningsOf } from "../model/kernel/warnings.ts";
import {
  type FieldDescription,
  FOLIO_FIELDS,
  type FolioFields,
  PAGE_FIELDS,
  SLOT_FIELDS,
} from "../model/state/folio-fields.ts";
import { FOLIO_FIELD_NAMES, freshFolio, isFresh } from "../model/state/fresh-folio.ts";
import { type Folio, MM_ID_DUMMY, type MmIdSlot, type TrackedFolio } from "../model/state/structs.ts";
import { everyFolio, type FoliosView } from "./every-folio.ts";
import { type Fault, type FaultPlace, type FaultValue, ofEach, unequal } from "./fault.ts";

const PATCH = "series v3 12/20";

function isUntracked(folio: TrackedFolio): boolean {
  const slot0 = at(folio.slots, 0);
  const slot1 = at(folio.slots, 1);
  return (
    slot0.mmId === MM_ID_DUMMY &&
    slot0.mapcount === -1 &&
    slot1.mmId === MM_ID_DUMMY &&
    slot1.mapcount === -1 &&
    !folio.mmIdsShared
  );
}

/** Returns the fields of a free folio that differ from a fresh one. */
function freshFaults(folio: Folio): readonly Fault[] {
  const fresh = freshFolio(folio.pages.length);
  return [
    ...FOLIO_FIELD_NAMES.flatMap((name) =>
      describedFault(FOLIO_FIELDS[name], folio[name], (fresh as FolioFields)[name]),
    ),
    ...ofEach(folio.slots, (slot, ownerSlot) => recordFaults(SLOT_FIELDS, slot, { ownerSlot })),
    ...ofEach(folio.pages, (page, index) => recordFaults(PAGE_FIELDS, page, { page: index })),
  ];
}

function recordFaults<T extends object>(
  fields: { readonly [K in keyof T]: FieldDescription },
  record: T,
  place: FaultPlace,
): readonly Fault[] {
  return (Object.keys(fields) as (keyof T)[]).flatMap((name) =>
    describedFault(fields[name], record[name] as FaultValue, fields[name].fresh, place),
  );
}

function describedFault(
  { kernel, storedMinusOne }: FieldDescription,
  actual: FaultValue,
  expected: FaultValue,
  place: FaultPlace = {},
): readonly Fault[] {
  const logical = (value: FaultValue): FaultValue =>
    storedMinusOne === true && typeof value === "number" ? value + 1 : value;
  return unequal(kernel, logical(actual), logical(expected), place);
}

/** Returns the slots that are not free, and the shared bit if it is set. */
function trackingFaults(folio: TrackedFolio): readonly Fault[] {
  return [
    ...ofEach(folio.slots, ({ mmId, mapcount }, ownerSlot) => [
      ...unequal("_mm_id", mmId, MM_ID_DUMMY, { ownerSlot }),
      ...unequal("_mm_id_mapcount", mapcount + 1, 0, { ownerSlot }),
    ]),
    ...unequal("the shared bit of _mm_ids", folio.mmIdsShared, false),
  ];
}

/** C4. */
export const unmappedIsUntracked: Property<FoliosView<FolioTruth>> = everyFolio({
  id: "C4",
  claim: "A folio that is not mapped has two free slots and is not marked as shared",
  source: PATCH,
  when: ({ mappings }) => mappings === 0,
  holds: ({ folio }) => isUntracked(folio),
  faults: ({ folio }) => trackingFaults(folio),
});

/**
 * C4, the values of a folio that is not in use. In the kernel `mapping` is NULL then (or the page is bad), and `swap`
 * is 0; `index` is unchanged, but not read before it is stored again: the model resets it when the folio is freed.
 */
export const freeIsFresh: Property<FoliosView<PageTableTruth>> = everyFolio({
  id: "C4.fresh",
  claim: "A folio that was freed has exactly the values of a fresh one",
  source: `${PATCH}; mm/internal.h, prep_compound_head(); mm/page_alloc.c, free_tail_page_prepare(), page_expected_state(); mm/swap_state.c, __swap_cache_del_folio()`,
  when: ({ folio }) => !folio.allocated,
  holds: ({ folio }) => isFresh(folio),
  faults: ({ folio }) => freshFaults(folio),
});

/** C4, the kernel's own checks. */
export const noBadPage: Property<View> = noWarning({
  id: "C4.bad-page",
  claim: "Freeing a folio never finds a bad page",
  source: "mm/page_alloc.c, free_tail_page_prepare(), free_page_is_bad()",
  codes: warningsOf("C4"),
});

/** C5. */
export const noSanityWarning: Property<View> = noWarning({
  id: "C5",
  claim: "No sanity check of the large mapcount functions warns",
  source: `${PATCH}, __folio_large_mapcount_sanity_checks(), folio_set_large_mapcount()`,
  codes: warningsOf("C5"),
});

function isConsistent({ mmId, mapcount }: MmIdSlot): boolean {
  return mmId === MM_ID_DUMMY ? mapcount === -1 : mapcount >= 0;
}

/** C5, in every state; the warnings check the same at the next operation. */
export const slotsAreConsistent: Property<FoliosView<FolioTruth>> = everyFolio({
  id: "C5.slots",
  claim: "A free slot has mapcount -1, a taken one 0 or more, and two taken slots track different MMs",
  source: `${PATCH}, __folio_large_mapcount_sanity_checks()`,
  holds: ({ folio }) => {
    const slot0 = at(folio.slots, 0);
    const slot1 = at(folio.slots, 1);
    return isConsistent(slot0) && isConsistent(slot1) && (slot0.mmId === MM_ID_DUMMY || slot0.mmId !== slot1.mmId);
  },
  faults: ({ folio }) => {
    const [slot0, slot1] = [at(folio.slots, 0), at(folio.slots, 1)];
    return [
      ...ofEach(folio.slots, (slot, ownerSlot): readonly Fault[] =>
        isConsistent(slot)
          ? []
          : [
              {
                ownerSlot,
                field: "_mm_id_mapcount",
                actual: slot.mapcount + 1,
                expected: slot.mmId === MM_ID_DUMMY ? 0 : { least: 1 },
              },
            ],
      ),
      ...(slot1.mmId !== MM_ID_DUMMY && slot0.mmId === slot1.mmId
        ? [{ ownerSlot: 1, field: "_mm_id", actual: slot1.mmId, expected: MM_ID_DUMMY }]
        : []),
    ];
  },
});

/** C8. */
export const slotNeverOvercounts: Property<FoliosView<FolioTruth>> = everyFolio({
  id: "C8",
  claim: "A slot never counts more mappings than its MM really has",
  source: `follows from ${PATCH}`,
  when: ({ folio }) => at(folio.slots, 0).mmId !== MM_ID_DUMMY || at(folio.slots, 1).mmId !== MM_ID_DUMMY,
  holds: ({ folio, mappingsOf }) => {
    for (let s = 0; s < 2; s++) {
      const slot = at(folio.slots, s);
      if (slot.mmId !== MM_ID_DUMMY && slot.mapcount + 1 > (mappingsOf[slot.mmId - 1] as number)) {
        return false;
      }
    }
    return true;
  },
  faults: ({ folio, mappingsOf }) =>
    ofEach(folio.slots, ({ mmId, mapcount }, ownerSlot): readonly Fault[] => {
      const most = mmId === MM_ID_DUMMY ? Infinity : (mappingsOf[mmId - 1] ?? 0);
      return mapcount + 1 <= most
        ? []
        : [{ ownerSlot, mm: mmId - 1, field: "_mm_id_mapcount", actual: mapcount + 1, expected: { most } }];
    }),
});

function isHeldBySomeSlot(view: View, mmId: number): boolean {
  for (let f = 0; f < view.folios.length; f++) {
    const { slots } = at(view.folios, f).folio;
    if (at(slots, 0).mmId === mmId || at(slots, 1).mmId === mmId) {
      return true;
    }
  }
  return false;
}

/** C20. An id is allocated only while it is free, so no slot has the id of a new MM; C8 covers the rest. */
export const freeIdIsHeldByNoSlot: Property<View> = always({
  id: "C20",
  claim: "While an MM id is free, no slot of any folio holds it",
  source: `${PATCH}; kernel/fork.c, mm_free_id()`,
  holds: (view) => {
    let nonVacuous = false;
    for (let m = 0; m < view.mms.length; m++) {
      const mm = at(view.mms, m);
      if (!mm.hasId) {
        nonVacuous = true;
        if (isHeldBySomeSlot(view, mm.idNumber)) {
          return false;
        }
      }
    }
    return nonVacuous ? true : undefined;
  },
  faults: ({ mms, folios }) =>
    ofEach(mms, ({ hasId, idNumber }, mm) =>
      hasId
        ? []
        : ofEach(folios, (truth, folio) =>
            ofEach(truth.folio.slots, ({ mmId }, ownerSlot) =>
              mmId === idNumber ? [{ folio, ownerSlot, mm, field: "_mm_id", actual: mmId, expected: MM_ID_DUMMY }] : [],
            ),
          ),
    ),
});

/** C20, in the other direction. */
export const liveMmHasId: Property<WorldView> = always({
  id: "C20.live",
  claim: "An MM has an id exactly while it lives",
  source: "kernel/fork.c, mm_alloc_id(), mm_free_id()",
  holds: ({ world }) => {
    for (let m = 0; m < world.mms.length; m++) {
      const { live, hasId } = at(world.mms, m);
      if (live !== hasId) {
        return false;
      }
    }
    return true;
  },
  faults: ({ world }) => ofEach(world.mms, ({ live, hasId }, mm) => unequal("mm_id", hasId, live, { mm })),
});
