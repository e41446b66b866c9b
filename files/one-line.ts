/** Messages of one line. */

/** Replaces line breaks by spaces: names of folders may contain them. */
export function onOneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ");
}
