/** Conditions as predicates on states. */
import { UsageError } from "../../verify/request/usage-error.ts";
import type { Comparison, Condition, Operator } from "./condition.ts";
import { choiceNamed, type FieldChoice } from "./field-choices.ts";

/**
 * Compiles a condition.
 *
 * @throws UsageError for a field that states do not have, or a value of the wrong kind
 */
export function predicateOf(condition: Condition, choices: readonly FieldChoice[]): (state: unknown) => boolean {
  if (condition.length === 0) {
    throw new UsageError("the condition is empty; want at least one comparison of a field with a value");
  }
  const comparisons = condition.map((each) => comparisonOf(each, choices));
  return (state) => comparisons.every((holds) => holds(state));
}

function comparisonOf(
  { field, operator, value }: Comparison,
  choices: readonly FieldChoice[],
): (state: unknown) => boolean {
  const choice = choiceNamed(field, choices);
  if (choice === undefined) {
    throw new UsageError(`states have no field "${field}"; want a name from the list, with an index or * in brackets`);
  }
  if (choice.kind === "flag" ? typeof value !== "boolean" : !Number.isInteger(value)) {
    throw new UsageError(
      `${field} is a ${choice.kind}; want ${choice.kind === "flag" ? "yes or no" : "a whole number"}`,
    );
  }
  if (choice.kind === "flag" && operator !== "=" && operator !== "≠") {
    throw new UsageError(`${field} is a flag; want = or ≠`);
  }
  const compare = COMPARE[operator];
  return someValue(field.match(/\w+|\*/g) ?? [], (actual) => compare(Number(actual), Number(value)));
}

const COMPARE: { readonly [O in Operator]: (actual: number, value: number) => boolean } = {
  "=": (actual, value) => actual === value,
  "≠": (actual, value) => actual !== value,
  "<": (actual, value) => actual < value,
  "≤": (actual, value) => actual <= value,
  ">": (actual, value) => actual > value,
  "≥": (actual, value) => actual >= value,
};

/** Returns whether any value that the segments of a path lead to satisfies a comparison. */
function someValue(segments: readonly string[], satisfies: (value: unknown) => boolean): (from: unknown) => boolean {
  const [segment, ...rest] = segments;
  if (segment === undefined) {
    return satisfies;
  }
  const next = someValue(rest, satisfies);
  return segment === "*"
    ? (from) => (from as readonly unknown[]).some(next)
    : (from) => next((from as { readonly [name: string]: unknown })[segment]);
}
