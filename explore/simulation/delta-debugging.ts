/**
 * Delta debugging: shortens a failing list.
 *
 * @source Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, 2002
 */

/**
 * Removes items from a list while the rest still fails. Yields the candidate lists, expects `true` for a list that
 * fails, and returns a list that is minimal: it does not fail without any single one of its items.
 *
 * @param items a list that fails
 * @param enough called before each candidate; if true, the best list so far is returned
 */
export function* shrinking<T>(
  items: readonly T[],
  enough: () => boolean = () => false,
): Generator<readonly T[], readonly T[], boolean> {
  let best = yield* shortestFailingEnd(items, enough);
  let chunk = Math.ceil(best.length / 2);
  while (chunk >= 1) {
    let removed = false;
    // From the end: an item is removed before the items that only served to enable it.
    for (let end = best.length; end > 0; end -= chunk) {
      if (enough()) {
        return best;
      }
      const without = [...best.slice(0, Math.max(0, end - chunk)), ...best.slice(end)];
      if (yield without) {
        best = without;
        removed = true;
      }
    }
    chunk = removed ? Math.min(chunk, best.length) : Math.floor(chunk / 2);
  }
  return best;
}

/** Often the last items alone fail: tries only the ends of 4, 8, 16 … items. */
function* shortestFailingEnd<T>(
  items: readonly T[],
  enough: () => boolean,
): Generator<readonly T[], readonly T[], boolean> {
  for (let length = 4; length < items.length && !enough(); length *= 2) {
    const end = items.slice(-length);
    if (yield end) {
      return end;
    }
  }
  return items;
}
