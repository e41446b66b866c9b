/** Conditions on states: comparisons of fields with values, all of which have to hold. */

/** Comparison operators. */
export const OPERATORS = ["=", "≠", "<", "≤", ">", "≥"] as const;

/** A comparison operator. */
export type Operator = (typeof OPERATORS)[number];

/** Comparison of one field with a value. */
export interface Comparison {
  /** Path as in trace files: `folios[0].refcount`. `[*]` stands for any element: one has to satisfy the comparison. */
  readonly field: string;
  readonly operator: Operator;
  readonly value: number | boolean;
}

/** Comparisons that all have to hold. */
export type Condition = readonly Comparison[];

/** Formats a condition. */
export function formatCondition(condition: Condition): string {
  return condition.map(({ field, operator, value }) => `${field} ${operator} ${valueText(value)}`).join(" and ");
}

function valueText(value: number | boolean): string {
  return typeof value === "number" ? String(value) : value ? "yes" : "no";
}
