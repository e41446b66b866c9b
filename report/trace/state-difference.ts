/** Comparison of states of any shape, by paths and values. */
import { type Field, field, show } from "./field.ts";

/** Lists the scalars of a value by path, as in `folio.slots[1].mapcount`. Empty lists and records count as scalars. */
export function pathsOf(value: unknown): Map<string, unknown> {
  const paths = new Map<string, unknown>();
  collect(value, "", paths);
  return paths;
}

function collect(value: unknown, path: string, paths: Map<string, unknown>): void {
  if (Array.isArray(value) && value.length > 0) {
    value.forEach((each, i) => {
      collect(each, `${path}[${i}]`, paths);
    });
  } else if (typeof value === "object" && value !== null && Object.keys(value).length > 0) {
    for (const [name, each] of Object.entries(value)) {
      collect(each, path === "" ? name : `${path}.${name}`, paths);
    }
  } else {
    paths.set(path === "" ? "state" : path, value);
  }
}

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
