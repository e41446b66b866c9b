/** Styled text with the colours of a terminal. */
import { styleText } from "node:util";
import { type Block, layOut } from "./block.ts";
import { LINE_WIDTH, type Line, linesText, type Role, withoutTrailingSpaces } from "./styled-text.ts";

const FORMATS: { readonly [R in Role]: Parameters<typeof styleText>[0] } = {
  strong: "bold",
  dim: "dim",
  good: "green",
  bad: ["bold", "red"],
  warn: "yellow",
  changed: ["bold", "yellow"],
};

/** Options of a printed report. */
export interface PrintOptions {
  /** Whether to add colour codes. */
  readonly color: boolean;
  /** Largest number of characters in a line: the columns of the terminal. */
  readonly width?: number | undefined;
}

/** Options of a report that has a short form. */
export interface VerbosePrintOptions extends PrintOptions {
  /** Whether to print every table; else the report is short. */
  readonly verbose?: boolean;
}

/** Formats sections as text, with an empty line between two of them. Empty sections are left out. */
export function printSections(sections: readonly (readonly Block[])[], options: PrintOptions): string {
  const blocks = sections.filter((each) => each.length > 0).flatMap((each, i) => (i === 0 ? each : [[], ...each]));
  return printBlocks(blocks, options);
}

/** Formats blocks as text, without trailing spaces. */
export function printBlocks(blocks: readonly Block[], { color, width = LINE_WIDTH }: PrintOptions): string {
  const lines = layOut(blocks, width);
  return color ? lines.map((line) => `${coloredLine(line)}\n`).join("") : linesText(lines);
}

function coloredLine(line: Line): string {
  return withoutTrailingSpaces(line)
    .map(({ text, role }) =>
      // The caller decides about colours: styleText() must not check the stream.
      role !== undefined && text.trim() !== "" ? styleText(FORMATS[role], text, { validateStream: false }) : text,
    )
    .join("");
}
