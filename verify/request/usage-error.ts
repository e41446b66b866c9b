/** Something that was asked for and cannot be done: one line that says what is wrong and what would be right. */
export class UsageError extends Error {}

/** `a, b or c`, for messages that list what would be right. */
export function oneOf(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}
