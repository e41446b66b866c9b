/** Encodings of text files that people write: UTF-8 with a byte order mark is read, UTF-16 is named. */

/** A text that was read as UTF-8, without the byte order mark that it may begin with. */
export function withoutByteOrderMark(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

/** Whether a text that was read as UTF-8 is UTF-16 with its byte order mark, as `>` of PowerShell writes it. */
export function isUtf16(text: string): boolean {
  return /^\uFFFD\uFFFD/.test(text) && text.includes("\0");
}
