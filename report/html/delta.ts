/** Differences of JSON values, so that a trace contains each state as what a step changed. */

/** A new value at a path; without one, the path is removed. */
export type Change = readonly [path: readonly (string | number)[], value?: unknown];

/** Changes that lead from one value to the next. */
export type Delta = readonly Change[];

/** Returns the changes from one value to another. Arrays of different lengths are replaced as a whole. */
export function deltaOf(before: unknown, after: unknown): Delta {
  const changes: Change[] = [];
  collect(before, after, [], changes);
  return changes;
}

function collect(before: unknown, after: unknown, path: readonly (string | number)[], changes: Change[]): void {
  if (before === after) {
    return;
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    after.forEach((each, i) => {
      collect(before[i], each, [...path, i], changes);
    });
  } else if (isRecord(before) && isRecord(after)) {
    for (const [name, each] of Object.entries(after)) {
      if (Object.hasOwn(before, name)) {
        collect(before[name], each, [...path, name], changes);
      } else {
        changes.push([[...path, name], each]);
      }
    }
    changes.push(
      ...Object.keys(before)
        .filter((name) => !Object.hasOwn(after, name))
        .map((name): Change => [[...path, name]]),
    );
  } else {
    changes.push([path, after]);
  }
}

function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Applies changes. The value before is not modified. */
export function applyDelta(before: unknown, delta: Delta): unknown {
  return delta.reduce<unknown>((value, change) => changed(value, change, 0), before);
}

function changed(value: unknown, change: Change, depth: number): unknown {
  const [path] = change;
  const key = path[depth];
  if (key === undefined) {
    return change[1];
  }
  const isRemoval = change.length === 1 && depth === path.length - 1;
  if (Array.isArray(value)) {
    return value.with(Number(key), changed(value[Number(key)], change, depth + 1));
  }
  const record = value as { readonly [name: string]: unknown };
  if (isRemoval) {
    return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
  }
  return { ...record, [key]: changed(record[key], change, depth + 1) };
}
