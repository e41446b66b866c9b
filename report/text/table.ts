/** Tables with aligned columns. */
import { type Line, type Role, type Span, span, wrap } from "./styled-text.ts";

/** Column of a table. */
export interface Column {
  /** Heading; if all headings are empty, the table has no heading row. */
  readonly title: string;
  readonly align?: "left" | "right";
  /** Whether the column has the remaining width and wraps its text. At most one column. */
  readonly wraps?: boolean;
}

const GAP = 2;

/** Rows in columns. */
export interface TableBlock {
  readonly kind: "table";
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Span[])[];
  /** Spaces before the first column. */
  readonly indent: number;
  /** Lines before rows, by the position of the row. */
  readonly headings: ReadonlyMap<number, Line>;
}

/**
 * Arranges rows in columns.
 *
 * @param indent spaces before the first column
 * @param headings lines before rows, by the position of the row
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly Span[])[],
  indent: number,
  headings: ReadonlyMap<number, Line> = new Map(),
): TableBlock[] {
  return [{ kind: "table", columns, rows, indent, headings }];
}

/** Lays a table out. @param width largest number of characters in a line */
export function layOutTable({ columns, rows, indent, headings }: TableBlock, width: number): Line[] {
  const titles = columns.map(({ title }) => span(title, "dim"));
  const hasTitles = columns.some(({ title }) => title !== "");
  const all = hasTitles ? [titles, ...rows] : rows;
  const natural = columns.map((_, c) => Math.max(0, ...all.map((row) => lengthOf(row[c]))));
  const others = natural.reduce((sum, each, c) => sum + (columns[c]?.wraps ? 0 : each), 0);
  const remaining = width - indent - others - GAP * (columns.length - 1);
  const widths = natural.map((each, c) =>
    columns[c]?.wraps ? Math.min(each, Math.max(remaining, LEAST_WIDTH)) : each,
  );
  return all.flatMap((row, r) => {
    const heading = headings.get(hasTitles ? r - 1 : r);
    const lines = layOutRow(columns, widths, row, indent);
    return heading === undefined ? lines : [heading, ...lines];
  });
}

/** Smallest width of the column that wraps, however narrow the terminal is. */
const LEAST_WIDTH = 16;

function lengthOf(cell: Span | undefined): number {
  return cell === undefined ? 0 : [...cell.text].length;
}

function layOutRow(
  columns: readonly Column[],
  widths: readonly number[],
  row: readonly Span[],
  indent: number,
): Line[] {
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
