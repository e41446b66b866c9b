/** Styled text with the colours of a terminal. */
import { styleText } from "node:util";
import { type Line, plainText, type Role, withoutTrailingSpaces } from "./styled-text.ts";

const FORMATS: { readonly [R in Role]: Parameters<typeof styleText>[0] } = {
  strong: "bold",
  dim: "dim",
  good: "green",
  bad: ["bold", "red"],
  warn: "yellow",
  changed: ["bold", "yellow"],
};

/** Formats lines as text, without trailing spaces. @param color whether to add colour codes */
export function printLines(lines: readonly Line[], color: boolean): string {
  return color ? lines.map((line) => `${coloredLine(line)}\n`).join("") : plainText(lines);
}

function coloredLine(line: Line): string {
  return withoutTrailingSpaces(line)
    .map(({ text, role }) =>
      // The caller decides about colours: styleText() must not check the stream.
      role !== undefined && text.trim() !== "" ? styleText(FORMATS[role], text, { validateStream: false }) : text,
    )
    .join("");
}
