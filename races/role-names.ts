/**
 * Texts that name elements of the scalarset by role: `pte 1 of {0}` is of the element with role 0 in the operation. One
 * access of an access tree serves every choice of elements, so its text has a placeholder for each.
 */

/** Returns the placeholder of the element with a role. */
export function roleName(role: number | string): string {
  return `{${role}}`;
}

/** Replaces the placeholders of a text. @param nameOf name of the element with a role */
export function withElementNames(text: string, nameOf: (role: number) => string): string {
  return text.replace(/\{(\d+)\}/g, (_, role: string) => nameOf(Number(role)));
}
