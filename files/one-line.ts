/** Messages that are one line, whatever the text in them. */

/** Names of folders may have line breaks in them. */
export function onOneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ");
}
