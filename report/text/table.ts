/** Tables with aligned columns. */
import { LINE_WIDTH, type Line, type Role, type Span, span, wrap } from "./styled-text.ts";

/** Column of a table. */
export interface Column {
  /** Heading; if all headings are empty, the table has no heading row. */
  readonly title: string;
  readonly align?: "left" | "right";
  /** Whether the column has the remaining width and wraps its text. At most one column. */
  readonly wraps?: boolean;
}

const GAP = 2;

/**
 * Lays rows out in columns.
 *
 * @param indent spaces before the first column
 */
export function table(columns: readonly Column[], rows: readonly (readonly Span[])[], indent: number): Line[] {
  return tableRows(columns, rows, indent).flat();
}

/** Lays rows out in columns, and returns the lines of each row; the first row has the headings, if any. */
export function tableRows(columns: readonly Column[], rows: readonly (readonly Span[])[], indent: number): Line[][] {
  const heading = columns.map(({ title }) => span(title, "dim"));
  const all = columns.some(({ title }) => title !== "") ? [heading, ...rows] : rows;
  const natural = columns.map((_, c) => Math.max(0, ...all.map((row) => lengthOf(row[c]))));
  const others = natural.reduce((sum, width, c) => sum + (columns[c]?.wraps ? 0 : width), 0);
  const remaining = LINE_WIDTH - indent - others - GAP * (columns.length - 1);
  const widths = natural.map((width, c) => (columns[c]?.wraps ? Math.min(width, Math.max(remaining, 16)) : width));
  return all.map((row) => layOut(columns, widths, row, indent));
}

function lengthOf(cell: Span | undefined): number {
  return cell === undefined ? 0 : [...cell.text].length;
}

function layOut(columns: readonly Column[], widths: readonly number[], row: readonly Span[], indent: number): Line[] {
  const cells = columns.map((column, c) => {
    const { text, role } = row[c] ?? span("");
    return { role, lines: column.wraps ? wrap(text, widths[c] as number) : [text] };
  });
  const height = Math.max(...cells.map(({ lines }) => lines.length));
  return Array.from({ length: height }, (_, i) => [
    span(" ".repeat(indent)),
    ...cells.flatMap(({ role, lines }, c) => cellSpans(lines[i] ?? "", widths[c] as number, columns[c], role, c)),
  ]);
}

function cellSpans(
  text: string,
  width: number,
  column: Column | undefined,
  role: Role | undefined,
  index: number,
): Span[] {
  const padding = span(" ".repeat(Math.max(width - [...text].length, 0)));
  const gap = span(index === 0 ? "" : " ".repeat(GAP));
  return column?.align === "right" ? [gap, padding, span(text, role)] : [gap, span(text, role), padding];
}
