/** Comparison of the states in a trace file with those of an execution. */

/** Field whose values differ. A value is undefined on the side that lacks the field. */
export interface StateDifference {
  /** Path of the field, as in `folios[0].slots[1].mapcount`; empty for the state itself. */
  readonly field: string;
  readonly executed: unknown;
  readonly recorded: unknown;
}

/**
 * Returns the first recorded field that differs, in the order of the file. Fields that the file lacks are not compared,
 * because the file may be of an older model without them.
 */
export function firstDifference(recorded: unknown, executed: unknown, path = ""): StateDifference | undefined {
  if (Array.isArray(recorded) && Array.isArray(executed)) {
    const length = Math.max(recorded.length, executed.length);
    return first(length, (i) => firstDifference(recorded[i], executed[i], `${path}[${i}]`));
  }
  if (isRecord(recorded) && isRecord(executed)) {
    const names = Object.keys(recorded);
    return first(names.length, (i) => {
      const name = names[i] as string;
      return firstDifference(recorded[name], ownField(executed, name), path === "" ? name : `${path}.${name}`);
    });
  }
  return executed === recorded ? undefined : { field: path, executed, recorded };
}

/** Returns the first defined difference. */
function first(count: number, difference: (index: number) => StateDifference | undefined): StateDifference | undefined {
  for (let i = 0; i < count; i++) {
    const current = difference(i);
    if (current !== undefined) {
      return current;
    }
  }
  return undefined;
}

/** Formats a difference: `field a.b is 2, and 3 in the file`. */
export function describeDifference({ field, executed, recorded }: StateDifference): string {
  const name = field === "" ? "the state" : `field ${field}`;
  if (recorded === undefined) {
    return `${name} is not in the file`;
  }
  return executed === undefined
    ? `${name} is in the file only`
    : `${name} is ${valueText(executed)}, and ${valueText(recorded)} in the file`;
}

function valueText(value: unknown): string {
  return typeof value === "object" && value !== null
    ? Array.isArray(value)
      ? "a list"
      : "an object"
    : JSON.stringify(value);
}

type Fields = { readonly [name: string]: unknown };

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Returns a field, ignoring the prototype's: a file may name a field like one of Object. */
function ownField(record: Fields, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
