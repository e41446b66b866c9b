/** Delta debugging of what takes time to try. */
import { shrinking } from "../../explore/simulation/delta-debugging.ts";

/**
 * A shorter list that still fails, as `shrinking` finds it.
 *
 * @param fails whether a list fails; it is true of the first one
 * @param enough called before each list; the best list so far is the result when it is true
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
