/**
 * Data races that the kernel has and that its authors know of, or may: each with the reason why the value that is read is
 * harmless.
 */
import type { DataRace, RacingAccess } from "../../races/data-races.ts";

/** A data race that is expected. */
export interface ExpectedDataRace {
  /** The C object. */
  readonly object: string;
  /** Names of the functions that make the plain access. */
  readonly plain: readonly string[];
  /** Names of the functions that make the marked one. */
  readonly marked: readonly string[];
  readonly why: string;
}

/** All of them. */
export const EXPECTED_DATA_RACES: readonly ExpectedDataRace[] = [
  {
    object: "folio->_mm_ids",
    plain: [
      "folioAddReturnLargeMapcount",
      "folioSubReturnLargeMapcount",
      "folioSetLargeMapcount",
      "setMmIdSlot",
      "takeMmIdSlot",
      "addToMmIdSlot",
      "subFromMmIdSlot",
      "freeMmIdSlot",
    ],
    marked: ["folioMaybeMappedShared", "wpCanReuseLargeAnonFolio"],
    why:
      "The ids and the shared bit lie in one word, which is written plainly under the large-mapcount lock and tested with " +
      "test_bit() without it. The reader wants one bit: a store that the compiler splits shows the bit before or after. " +
      "Copy-on-write tests the bit again under the lock.",
  },
  {
    object: "folio->_deferred_list",
    plain: ["takeQueued", "splitQueued", "deferredSplitFolio"],
    marked: ["folioUnqueueDeferredSplit"],
    why:
      "The last reference is gone, and whether the folio is queued is tested without the queue lock: data_race(list_empty()). " +
      "Only the shrinker can still change the answer, from queued to not queued, and the list is tested again under the lock.",
  },
];

/** Why a data race is expected; undefined for one that is not. */
export function expectedDataRace({ one, other }: DataRace): ExpectedDataRace | undefined {
  return EXPECTED_DATA_RACES.find(
    (expected) => isExpected(expected, one, other) || isExpected(expected, other, one),
  );
}

function isExpected({ object, plain, marked }: ExpectedDataRace, one: RacingAccess, other: RacingAccess): boolean {
  const functionOf = ({ functions }: RacingAccess): string => functions.at(-1) ?? "";
  return (
    one.object === object &&
    other.object === object &&
    !one.marked &&
    other.marked &&
    plain.includes(functionOf(one)) &&
    marked.includes(functionOf(other))
  );
}
