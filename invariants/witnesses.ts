/** Witnesses of documented imprecision: if one is unreachable, the model lacks behaviour of the kernel. */
import type { Property } from "../explore/model/model.ts";
import { at } from "../explore/model/schema.ts";
import type { FolioTruth } from "../model/environment/view.ts";
import { MM_ID_DUMMY, type TrackedFolio } from "../model/state/structs.ts";
import { type FoliosView, someFolio, someFolioStep } from "./every-folio.ts";

const PATCH = "series v3 12/20";

/** W1. */
export const untrackedMmLooksShared: Property<FoliosView<FolioTruth>> = someFolio({
  id: "W1",
  claim:
    "A folio is reported as maybe mapped shared although a single MM maps it: the MMs that were tracked left, the one " +
    "that stays was never tracked",
  source: `${PATCH}, second example of the patch description`,
  reached: ({ folio, mappings, mappingMms }, kernel) =>
    folio.nrPages > 1 &&
    mappingMms === 1 &&
    mappings >= 2 &&
    at(folio.slots, 0).mmId === MM_ID_DUMMY &&
    at(folio.slots, 1).mmId === MM_ID_DUMMY &&
    kernel.folioMaybeMappedShared(folio),
});

/** W2. Exact on machines whose steps remove mappings in one operation. */
export const slotUnderflows: Property<FoliosView<FolioTruth>> = someFolioStep({
  id: "W2",
  claim: "A slot mapcount underflows: more mappings go at once than were tracked, and the slot is freed",
  source: `${PATCH}, folio_sub_return_large_mapcount()`,
  reached: (before, after) => {
    for (let s = 0; s < 2; s++) {
      const { mmId, mapcount } = at(before.folio.slots, s);
      if (mmId !== MM_ID_DUMMY) {
        const removed = (before.mappingsOf[mmId - 1] as number) - (after.mappingsOf[mmId - 1] as number);
        if (removed > mapcount + 1 && !isTracked(after.folio, mmId)) {
          return true;
        }
      }
    }
    return false;
  },
});

/** W5. */
export const overflowFreesSlot: Property<FoliosView<FolioTruth>> = someFolioStep({
  id: "W5",
  claim: "On 32-bit, a slot mapcount overflows: an MM adds mappings and loses its slot",
  source: `${PATCH}, folio_add_return_large_mapcount()`,
  reached: (before, after) => {
    for (let s = 0; s < 2; s++) {
      const { mmId } = at(before.folio.slots, s);
      if (mmId !== MM_ID_DUMMY) {
        const added = (after.mappingsOf[mmId - 1] as number) - (before.mappingsOf[mmId - 1] as number);
        if (added > 0 && !isTracked(after.folio, mmId)) {
          return true;
        }
      }
    }
    return false;
  },
});

function isTracked(folio: TrackedFolio, mmId: number): boolean {
  return at(folio.slots, 0).mmId === mmId || at(folio.slots, 1).mmId === mmId;
}
