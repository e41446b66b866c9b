/** Comparison of states of any shape, by paths and values. */
import { type Field, field, show } from "./field.ts";
import { pathsOf } from "./paths.ts";

/**
 * Returns the fields that differ from the previous state; all fields if there is none.
 *
 * @param excluded paths that are shown elsewhere
 */
export function differences(now: unknown, before: unknown, excluded: ReadonlySet<string> = new Set()): Field[] {
  const after = pathsOf(now);
  const earlier = before === undefined ? new Map<string, unknown>() : pathsOf(before);
  const text = (paths: ReadonlyMap<string, unknown>, path: string): string =>
    paths.has(path) ? show(paths.get(path)) : "absent";
  return [...new Set([...earlier.keys(), ...after.keys()])]
    .filter((path) => !excluded.has(path))
    .map((path) => field(path, text(after, path), before === undefined ? undefined : text(earlier, path)))
    .filter(({ changed }) => changed || before === undefined);
}
