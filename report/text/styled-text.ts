/** Styled text. Lines consist of spans and are coloured last, so that widths are counted without colour codes. */

/** Meaning of a span, which determines its colour. */
export type Role = "strong" | "dim" | "good" | "bad" | "warn" | "changed";

/** Piece of text in one style. */
export interface Span {
  readonly text: string;
  readonly role?: Role;
}

/** Line of text. */
export type Line = readonly Span[];

/** Largest width of a line where there is no terminal, in characters. */
export const LINE_WIDTH = 100;

/** Creates a span with a role, or plain. */
export function span(text: string, role?: Role): Span {
  return role === undefined ? { text } : { text, role };
}

/** Counts the characters of a line. */
export function widthOf(line: Line): number {
  return line.reduce((sum, { text }) => sum + [...text].length, 0);
}

/** Formats lines as text without colours, and without trailing spaces. */
export function linesText(lines: readonly Line[]): string {
  return lines.map((line) => `${textOf(withoutTrailingSpaces(line))}\n`).join("");
}

function textOf(line: Line): string {
  return line.map(({ text }) => text).join("");
}

/** Removes the spaces at the end of a line. */
export function withoutTrailingSpaces(line: Line): Line {
  const last = line.at(-1);
  if (last === undefined) {
    return line;
  }
  const text = last.text.trimEnd();
  return text === "" ? withoutTrailingSpaces(line.slice(0, -1)) : [...line.slice(0, -1), { ...last, text }];
}

/** Space at which wrap() does not break a line. */
export const FIXED_SPACE = "\u00a0";

/**
 * Breaks text at spaces and at its line breaks. A word that is longer than a line is split.
 *
 * @param width largest number of characters in a line
 */
export function wrap(text: string, width: number): string[] {
  return text.split(/\r?\n/).flatMap((paragraph) => wrapParagraph(paragraph, width));
}

function wrapParagraph(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ").flatMap((each) => cut(each, width))) {
    if (line !== "" && [...line].length + 1 + [...word].length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((each) => each.replaceAll(FIXED_SPACE, " "));
}

function cut(word: string, width: number): string[] {
  const characters = [...word];
  if (characters.length <= width) {
    return [word];
  }
  const parts: string[] = [];
  for (let i = 0; i < characters.length; i += width) {
    parts.push(characters.slice(i, i + width).join(""));
  }
  return parts;
}
