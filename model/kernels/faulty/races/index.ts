/** Kernels whose mistakes only a concurrent CPU can reveal. */

import { reuseRaceVariants } from "../../series-as-posted.ts";
import type { Variant } from "../../variant.ts";
import { barrierRaces } from "./barriers.ts";
import { deferredSplitRaces } from "./deferred-split.ts";
import { ownerSlotRaces } from "./owner-slots.ts";
import { referenceRaces } from "./references.ts";
import { reuseRaces } from "./reuse.ts";
import { rmapRaces } from "./rmap.ts";
import { swapRaces } from "./swap.ts";

/** All race variants. */
export const RACES: readonly Variant[] = [
  ...reuseRaceVariants,
  ...ownerSlotRaces,
  ...rmapRaces,
  ...referenceRaces,
  ...reuseRaces,
  ...deferredSplitRaces,
  ...swapRaces,
  ...barrierRaces,
];
