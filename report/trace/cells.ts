/** Rows of cells, for page tables and the swap area. */

import { type Role, type Span, span } from "../text/styled-text.ts";
import type { PictureLine } from "./field.ts";

/** Number of cells in one line; longer rows continue on the next. */
const CELLS_PER_LINE = 16;

/** Cell of a row. A changed cell is prefixed by `*`. */
export interface Cell {
  readonly text: string;
  readonly changed: boolean;
  readonly role?: Role;
}

/** Row of cells with a label and a note. */
export interface Row {
  /** Text before the cells, with a trailing space. */
  readonly label: string;
  readonly cells: readonly Cell[];
  /** Present if one entry spans the whole row, which is drawn as a bar. */
  readonly bar?: Bar;
  readonly note?: Note;
}

/** Bar over a row: the text at its end, and whether the whole entry changed. */
export interface Bar {
  readonly end: string;
  readonly changed: boolean;
}

/** Text after a row. */
export interface Note {
  readonly spans: readonly Span[];
  readonly changed: boolean;
}

const NO_NOTE: Note = { spans: [], changed: false };

/**
 * Creates a row of texts, one for each item of a list.
 *
 * @param before the texts before the step; undefined for an initial state
 * @param empty the text of an empty item, which is dimmed
 */
export function textRow(
  label: string,
  texts: readonly string[],
  before: readonly string[] | undefined,
  empty: string,
): Row {
  const cells = texts.map((text, position): Cell => {
    const old = before?.[position];
    const changed = old !== undefined && old !== text;
    return changed ? { text, changed, role: "changed" } : { text, changed, ...(text === empty ? { role: "dim" } : {}) };
  });
  return { label, cells };
}

/** Whether a row of texts has an item that is not empty, or was not before the step. */
export function hasContent({ cells }: Row, empty: string): boolean {
  return cells.some(({ text, changed }) => changed || text !== empty);
}

/** Returns the width of the cells of rows, with room for the mark and a space. */
export function cellWidth(rows: readonly Row[]): number {
  return 2 + Math.max(2, ...rows.flatMap(({ cells }) => cells.map(({ text }) => [...text].length)));
}

/** Draws the numbers of cells. */
export function drawNumbers(label: string, count: number, width: number): PictureLine {
  const numbers = Array.from({ length: Math.min(count, CELLS_PER_LINE) }, (_, i) => ` ${i}`.padEnd(width));
  return { line: [span(label + numbers.join(""), "dim")], changed: false };
}

/** Draws a row. */
export function drawRow(row: Row, width: number): PictureLine[] {
  return row.bar === undefined ? drawCells(row, width) : [drawBar(row, row.bar, width)];
}

function drawCells({ label, cells, note = NO_NOTE }: Row, width: number): PictureLine[] {
  const lines: PictureLine[] = [];
  for (let start = 0; start < cells.length; start += CELLS_PER_LINE) {
    const cellsOfLine = cells.slice(start, start + CELLS_PER_LINE);
    const { spans, changed } = start === 0 ? note : NO_NOTE;
    lines.push({
      line: [
        span(start === 0 ? label : " ".repeat(label.length)),
        ...cellsOfLine.flatMap((cell) => [mark(cell, " "), text(cell), span(gapAfter(cell, width, " "))]),
        ...spans,
      ],
      changed: changed || cellsOfLine.some((cell) => cell.changed),
    });
  }
  return lines;
}

/** Draws the cells joined, from `├` to `┤`. The mark of the bar is before it, the marks of its cells are inside. */
function drawBar({ label, cells, note = NO_NOTE }: Row, bar: Bar, width: number): PictureLine {
  const role = bar.changed ? "changed" : undefined;
  const first: Cell = { text: "", changed: bar.changed || cells[0]?.changed === true };
  return {
    line: [
      span(label.slice(0, -1)),
      mark(first, " "),
      ...cells.flatMap((cell, i) => [
        i === 0 ? span("├", role) : mark(cell, "─", role),
        cell.role === undefined ? span(cell.text, role) : text(cell),
        span(gapAfter(cell, width, "─"), role),
      ]),
      span(`┤${bar.end} `, role),
      ...note.spans,
    ],
    changed: bar.changed || note.changed || cells.some(({ changed }) => changed),
  };
}

function mark({ changed }: Cell, otherwise: string, role?: Role): Span {
  return changed ? span("*", "changed") : span(otherwise, role);
}

function text({ text, role }: Cell): Span {
  return span(text, role);
}

function gapAfter({ text }: Cell, width: number, filler: string): string {
  return filler.repeat(Math.max(width - 1 - [...text].length, 0));
}
