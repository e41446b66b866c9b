/** Scalars of states of any shape, by path. */

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
