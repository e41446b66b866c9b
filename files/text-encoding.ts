/** Encodings of text files: removes a byte order mark of UTF-8, and detects UTF-16. */

/** A text decoded as UTF-8, without its byte order mark. */
export function withoutByteOrderMark(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

/** Whether a text decoded as UTF-8 is UTF-16 with a byte order mark, as written by `>` of PowerShell. */
export function isUtf16(text: string): boolean {
  return /^\uFFFD\uFFFD/.test(text) && text.includes("\0");
}
