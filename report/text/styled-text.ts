/**
 * Text that is laid out first and coloured last: lines are made of spans, so widths are counted without colour codes.
 */
import { styleText } from "node:util";

/** What a piece of text means; colours follow from it. */
export type Role = "strong" | "dim" | "good" | "bad" | "warn" | "changed";

/** A piece of text in one style. */
export interface Span {
  readonly text: string;
  readonly role?: Role;
}

/** A line of text. */
export type Line = readonly Span[];

/** No line is longer, in characters. */
export const LINE_WIDTH = 100;

const FORMATS: { readonly [R in Role]: Parameters<typeof styleText>[0] } = {
  strong: "bold",
  dim: "dim",
  good: "green",
  bad: ["bold", "red"],
  warn: "yellow",
  changed: ["bold", "yellow"],
};

/** Text in a role, or plain. */
export function span(text: string, role?: Role): Span {
  return role === undefined ? { text } : { text, role };
}

/** Number of characters that the line takes on a terminal. */
export function widthOf(line: Line): number {
  return line.reduce((sum, { text }) => sum + [...text].length, 0);
}

/** The lines as text, coloured when asked, without spaces at the ends of lines. */
export function printLines(lines: readonly Line[], color: boolean): string {
  return lines.map((line) => `${printLine(line, color)}\n`).join("");
}

function printLine(line: Line, color: boolean): string {
  return withoutTrailingSpaces(line)
    .map(({ text, role }) =>
      // Whether colours are wanted was decided by the caller: the stream is not asked again.
      color && role !== undefined && text.trim() !== ""
        ? styleText(FORMATS[role], text, { validateStream: false })
        : text,
    )
    .join("");
}

function withoutTrailingSpaces(line: Line): Line {
  const last = line.at(-1);
  if (last === undefined) {
    return line;
  }
  const text = last.text.trimEnd();
  return text === "" ? withoutTrailingSpaces(line.slice(0, -1)) : [...line.slice(0, -1), { ...last, text }];
}

/** A space at which text is not broken. */
export const FIXED_SPACE = "\u00a0";

/**
 * Breaks text at spaces, and at line breaks that it has. A word that is longer than a line is cut.
 *
 * @param width most characters in a line
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

/** Text after a label, wrapped under its own beginning. */
export function labelled(label: Span, text: string, indent: number, role?: Role): Line[] {
  const width = Math.max(LINE_WIDTH - indent, 20);
  return wrap(text, width).map((each, i) => [
    i === 0 ? { ...label, text: label.text.padEnd(indent) } : span(" ".repeat(indent)),
    span(each, role),
  ]);
}
