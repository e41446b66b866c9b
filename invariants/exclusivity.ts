/** Claims about "mapped exclusively" and "maybe mapped shared". */
import type { Property } from "../explore/model/model.ts";
import type { FolioTruth, TruthWithHistory } from "../model/environment/view.ts";
import { everyFolio, type FoliosView } from "./every-folio.ts";

/** Query that these claims are about. */
const SHARED = "folio_maybe_mapped_shared()";

/** C1. */
export const exclusiveImpliesSingleMm: Property<FoliosView<FolioTruth>> = everyFolio({
  id: "C1",
  claim: "A folio that is reported as mapped exclusively is mapped by at most one MM",
  source: "cover letter; series v3 12/20, 14/20",
  when: ({ folio }, kernel) => !kernel.folioMaybeMappedShared(folio),
  holds: ({ mappingMms }) => mappingMms <= 1,
  faults: () => [{ field: SHARED, actual: false, expected: true }],
});

/** C2. */
export const exactForTwoMms: Property<FoliosView<TruthWithHistory>> = everyFolio({
  id: "C2",
  claim:
    "While a large folio was mapped by at most two MMs at a time since it was last unmapped, and no slot overflowed, " +
    "it is reported as mapped shared exactly when two MMs map it",
  source: "cover letter, section 2; series v3 12/20",
  when: ({ folio, mappings }) => folio.nrPages > 1 && mappings > 0 && !folio.hadThreeMms && !folio.hadOverflow,
  holds: ({ folio, mappingMms }, kernel) => kernel.folioMaybeMappedShared(folio) === (mappingMms === 2),
  faults: ({ mappingMms }) => [{ field: SHARED, actual: mappingMms !== 2, expected: mappingMms === 2 }],
});

/** C3. With CONFIG_MM_ID off, a large folio is always reported as maybe shared. */
export const singleMappingIsExclusive: Property<FoliosView<FolioTruth>> = everyFolio({
  id: "C3",
  claim: "A folio with a single mapping left is reported as mapped exclusively",
  source: "series v3 14/20",
  when: ({ folio, mappings }, kernel) => mappings === 1 && (kernel.config.mmId || folio.nrPages === 1),
  holds: ({ folio }, kernel) => !kernel.folioMaybeMappedShared(folio),
  faults: () => [{ field: SHARED, actual: true, expected: false }],
});

/** C17. */
export const overflowIsNeverExclusive: Property<FoliosView<TruthWithHistory>> = everyFolio({
  id: "C17",
  claim: "After a 32-bit slot overflow, a folio that two or more MMs map is never reported as mapped exclusively",
  source: "series v3 12/20, folio_add_return_large_mapcount()",
  when: ({ folio, mappingMms }) => folio.hadOverflow && mappingMms > 1,
  holds: ({ folio }, kernel) => kernel.folioMaybeMappedShared(folio),
  faults: () => [{ field: SHARED, actual: false, expected: true }],
});
