/** Blocks of text, which are laid out for a width when they are printed. */
import { LINE_WIDTH, type Line, linesText, type Role, type Span, span, widthOf, wrap } from "./styled-text.ts";
import { layOutTable, type TableBlock } from "./table.ts";

/** Text after a label. Wrapped lines are indented to the beginning of the text. */
export interface Paragraph {
  readonly kind: "paragraph";
  readonly label: Line;
  readonly text: string;
  /** Column of the beginning of the text. */
  readonly indent: number;
  /** Columns by which wrapped lines are indented more than the first one. */
  readonly hanging: number;
  readonly role: Role | undefined;
}

/** A line that is printed as it is, or a block that is laid out for a width. */
export type Block = Line | Paragraph | TableBlock;

/** Smallest width of the text of a paragraph, however narrow the terminal is. */
const LEAST_WIDTH = 20;

/** Formats text after a label. @param hanging columns by which wrapped lines are indented more than the first one */
export function labelled(label: Span, text: string, indent: number, role?: Role, hanging = 0): Paragraph[] {
  return [{ kind: "paragraph", label: [label], text, indent, hanging, role }];
}

/** Formats text that follows a label without a gap. */
export function following(label: Line, text: string, role?: Role): Paragraph[] {
  return [{ kind: "paragraph", label, text, indent: widthOf(label), hanging: 0, role }];
}

/** Lays blocks out. @param width largest number of characters in a line */
export function layOut(blocks: readonly Block[], width: number): Line[] {
  return blocks.flatMap((block): readonly Line[] => {
    if (isLine(block)) {
      return [block];
    }
    return block.kind === "table" ? layOutTable(block, width) : layOutParagraph(block, width);
  });
}

function isLine(block: Block): block is Line {
  return Array.isArray(block);
}

function layOutParagraph({ label, text, indent, hanging, role }: Paragraph, width: number): Line[] {
  return wrap(text, Math.max(width - indent - hanging, LEAST_WIDTH)).map((each, i) => [
    ...(i === 0 ? label : []),
    span(" ".repeat(i === 0 ? Math.max(indent - widthOf(label), 0) : indent + hanging)),
    span(each, role),
  ]);
}

/** Formats blocks as text without colours, and without trailing spaces. */
export function plainText(blocks: readonly Block[], width: number = LINE_WIDTH): string {
  return linesText(layOut(blocks, width));
}
