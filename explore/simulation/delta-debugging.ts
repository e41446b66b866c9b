/** Delta debugging: a shorter list that still fails. @source Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, 2002 */

/**
 * Removes items from a list as long as the rest still fails. Yields the lists to be tried, is resumed with whether the list
 * failed, and returns a list that is minimal in this sense: without any one of its items it does not fail.
 *
 * @param items a list that fails
 * @param enough called before each list; the best list so far is returned when it is true
 */
export function* shrinking<T>(
  items: readonly T[],
  enough: () => boolean = () => false,
): Generator<readonly T[], readonly T[], boolean> {
  let best = yield* shortestFailingEnd(items, enough);
  let chunk = Math.ceil(best.length / 2);
  while (chunk >= 1) {
    let removed = false;
    // From the end: what failed last is needed, and what led to it is there.
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

/** The last items alone often fail: half as many lists are tried as there are items. */
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
