/**
 * Expected data races of the kernel, documented by its authors or harmless: each with the reason why every loaded value
 * is harmless.
 */
import type { DataRace, RacingAccess } from "../../races/data-races.ts";
import { kernelFunctions } from "./step-access.ts";

/** Expected data race. */
export interface ExpectedDataRace {
  /** The C object. */
  readonly object: string;
  /** Second name of the object, used by functions of the model. */
  readonly alias?: string;
  /** Kernel functions that perform the plain access, or call a function that does. */
  readonly plain: readonly string[];
  /** Kernel functions that perform the marked access. */
  readonly marked: readonly string[];
  readonly why: string;
}

/** All expected data races. */
export const EXPECTED_DATA_RACES: readonly ExpectedDataRace[] = [
  {
    object: "folio->_mm_ids",
    plain: ["folio_add_return_large_mapcount", "folio_sub_return_large_mapcount", "folio_set_large_mapcount"],
    marked: ["folio_maybe_mapped_shared", "__wp_can_reuse_large_anon_folio"],
    why:
      "The ids and the shared bit share one word, which is stored by plain C under the large-mapcount lock and tested with " +
      "test_bit() without it. The reader needs one bit: even if the compiler splits the store, it loads the old or the new bit. " +
      "Copy-on-write tests the bit again under the lock.",
  },
  {
    object: "folio->_deferred_list",
    plain: ["take_queued", "split_queued", "deferred_split_folio"],
    marked: ["__folio_unqueue_deferred_split"],
    why:
      "The last reference is gone, and whether the folio is queued is tested without the queue lock: data_race(list_empty()). " +
      "Only the shrinker can still change the result, from queued to not queued, and the list is tested again under the lock.",
  },
  {
    object: "page[1].flags",
    alias: "folio->_flags_1",
    plain: ["folio_large_order", "folio_order", "folio_large_nr_pages"],
    marked: [
      "folio_set_partially_mapped",
      "folio_clear_partially_mapped",
      "folio_test_clear_partially_mapped",
      "SetPageAnonExclusive",
      "ClearPageAnonExclusive",
      "deferred_split_folio",
      "__folio_unqueue_deferred_split",
      "split_queued",
      "free_pages_prepare",
    ],
    why:
      "The order of a folio is in the flags of its second page, whose other bits are changed by atomic bit operations. They " +
      "do not change the order. /proc/kpagecount has no reference: it may read a folio that is being freed. The model's size of " +
      "a folio is a constant: only C code has this race.",
  },
];

/** Returns the entry of an expected data race; undefined for an unexpected one. */
export function expectedDataRace({ one, other }: DataRace): ExpectedDataRace | undefined {
  return EXPECTED_DATA_RACES.find((expected) => isExpected(expected, one, other) || isExpected(expected, other, one));
}

function isExpected(
  { object, alias, plain, marked }: ExpectedDataRace,
  one: RacingAccess,
  other: RacingAccess,
): boolean {
  const isIn = ({ functions }: RacingAccess, names: readonly string[]): boolean =>
    kernelFunctions(functions).some((name) => names.includes(name));
  return (
    one.object === object &&
    (other.object === object || other.object === alias) &&
    !one.marked &&
    other.marked &&
    isIn(one, plain) &&
    isIn(other, marked)
  );
}
