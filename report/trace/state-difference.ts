/** States of any shape, as paths and values. */
import { type Field, field, show } from "./field.ts";

/** Every scalar of a value by its path, as in `folio.slots[1].mapcount`. Empty lists and records count as scalars. */
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
 * The fields that differ from the state before; all of them when there is none.
 *
 * @param known paths that are shown in another way
 */
export function differences(now: unknown, before: unknown, known: ReadonlySet<string> = new Set()): Field[] {
  const after = pathsOf(now);
  const earlier = before === undefined ? new Map<string, unknown>() : pathsOf(before);
  const text = (paths: ReadonlyMap<string, unknown>, path: string): string =>
    paths.has(path) ? show(paths.get(path)) : "absent";
  return [...new Set([...earlier.keys(), ...after.keys()])]
    .filter((path) => !known.has(path))
    .map((path) => field(path, text(after, path), before === undefined ? undefined : text(earlier, path)))
    .filter(({ changed }) => changed || before === undefined);
}
