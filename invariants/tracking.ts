/** Properties of owner tracking, for every machine in which MMs map a large folio. */
import type { View } from "../model/environment/view.ts";
import {
  type Applicability,
  allOf,
  needsLargeFolios,
  needsMmId,
  needsMms,
  needsNoOverflow,
  needsPtesOfLarge,
  needsVerdicts,
} from "./applicability.ts";
import * as counters from "./counters.ts";
import * as exclusivity from "./exclusivity.ts";
import * as slots from "./slots.ts";
import * as witnesses from "./witnesses.ts";

/** All properties of owner tracking. */
export const TRACKING: readonly Applicability<View>[] = [
  { property: exclusivity.exclusiveImpliesSingleMm, unless: needsVerdicts },
  { property: exclusivity.singleMappingIsExclusive, unless: needsVerdicts },
  { property: slots.unmappedIsUntracked, unless: needsMmId },
  { property: slots.noSanityWarning, unless: needsMmId },
  { property: slots.slotsAreConsistent, unless: needsMmId },
  { property: counters.largeMapcountIsExact, unless: needsLargeFolios },
  { property: slots.slotNeverOvercounts, unless: allOf(needsMmId, needsLargeFolios) },
  {
    property: witnesses.untrackedMmLooksShared,
    unless: allOf(needsMmId, needsMms(3), needsLargeFolios, needsNoOverflow, needsPtesOfLarge),
  },
];
