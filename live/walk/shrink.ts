/** Delta debugging with an asynchronous predicate. */
import { shrinking } from "../../explore/simulation/delta-debugging.ts";

/**
 * Returns a shorter list that still fails, in the way of `shrinking`.
 *
 * @param fails whether a list fails; true for `items`
 * @param enough called before each attempt; true ends the search with the best list so far
 */
export async function shrink<T>(
  items: readonly T[],
  fails: (items: readonly T[]) => Promise<boolean>,
  enough?: () => boolean,
): Promise<readonly T[]> {
  const tries = shrinking(items, enough);
  let next = tries.next();
  while (next.done !== true) {
    next = tries.next(await fails(next.value));
  }
  return next.value;
}
