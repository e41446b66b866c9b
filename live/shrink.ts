/** Delta debugging: a shorter list that still fails. @source Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, 2002 */

/**
 * Removes items from a list as long as what is left still fails. The result is minimal in this sense: without any one of
 * its items it does not fail.
 *
 * @param fails whether a list fails; it is true of the first one
 * @param enough asked before each question; the best list so far is the result when it says yes
 */
export async function shrink<T>(
  items: readonly T[],
  fails: (items: readonly T[]) => Promise<boolean>,
  enough: () => boolean = () => false,
): Promise<readonly T[]> {
  let best = await shortestFailingEnd(items, fails, enough);
  let chunk = Math.ceil(best.length / 2);
  while (chunk >= 1) {
    let removed = false;
    // From the end: what failed last is needed, and what led to it is there.
    for (let end = best.length; end > 0; end -= chunk) {
      if (enough()) {
        return best;
      }
      const without = [...best.slice(0, Math.max(0, end - chunk)), ...best.slice(end)];
      if (await fails(without)) {
        best = without;
        removed = true;
      }
    }
    chunk = removed ? Math.min(chunk, best.length) : Math.floor(chunk / 2);
  }
  return best;
}

/** The last items alone often do: half as many questions as items would take. */
async function shortestFailingEnd<T>(
  items: readonly T[],
  fails: (items: readonly T[]) => Promise<boolean>,
  enough: () => boolean,
): Promise<readonly T[]> {
  for (let length = 4; length < items.length && !enough(); length *= 2) {
    const end = items.slice(-length);
    if (await fails(end)) {
      return end;
    }
  }
  return items;
}
