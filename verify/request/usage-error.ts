/** Invalid request: its message is one line with the error and the valid alternatives. */
export class UsageError extends Error {}

/** Formats alternatives for a message: `a, b or c`. */
export function oneOf(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}
