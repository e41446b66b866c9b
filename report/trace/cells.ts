/** Rows of cells: page tables, and the swap area. */

import { type Role, type Span, span } from "../text/styled-text.ts";
import type { PictureLine } from "./field.ts";

/** Cells in one line; longer rows go on in the next. */
const CELLS_PER_LINE = 16;

/** One cell. A changed one has a `*` before it. */
export interface Cell {
  readonly text: string;
  readonly changed: boolean;
  readonly role?: Role;
}

/** A row of cells, with what stands before and after it. */
export interface Row {
  /** Ends with a space. */
  readonly label: string;
  readonly cells: readonly Cell[];
  /** Set when one thing takes the whole row: it is drawn as a bar. */
  readonly bar?: Bar;
  readonly note?: Note;
}

/** A bar: what stands at its end, and whether it changed as a whole. */
export interface Bar {
  readonly end: string;
  readonly changed: boolean;
}

/** What stands behind a row. */
export interface Note {
  readonly spans: readonly Span[];
  readonly changed: boolean;
}

const NO_NOTE: Note = { spans: [], changed: false };

/**
 * A row of facts, one for each item of a list.
 *
 * @param before the facts before the step; undefined for an initial state
 * @param nothing the text of a fact that says nothing: it is dimmed
 */
export function factRow(
  label: string,
  facts: readonly string[],
  before: readonly string[] | undefined,
  nothing: string,
): Row {
  const cells = facts.map((text, position): Cell => {
    const old = before?.[position];
    const changed = old !== undefined && old !== text;
    return changed
      ? { text, changed, role: "changed" }
      : { text, changed, ...(text === nothing ? { role: "dim" } : {}) };
  });
  return { label, cells };
}

/** Whether a row of facts says something, or did before the step. */
export function saysSomething({ cells }: Row, nothing: string): boolean {
  return cells.some(({ text, changed }) => changed || text !== nothing);
}

/** The width of every cell of the rows, with room for the mark and a space. */
export function cellWidth(rows: readonly Row[]): number {
  return 2 + Math.max(2, ...rows.flatMap(({ cells }) => cells.map(({ text }) => [...text].length)));
}

/** The numbers of cells. */
export function drawNumbers(label: string, count: number, width: number): PictureLine {
  const numbers = Array.from({ length: Math.min(count, CELLS_PER_LINE) }, (_, i) => ` ${i}`.padEnd(width));
  return { line: [span(label + numbers.join(""), "dim")], changed: false };
}

/** The row as lines. */
export function drawRow(row: Row, width: number): PictureLine[] {
  return row.bar === undefined ? drawCells(row, width) : [drawBar(row, row.bar, width)];
}

function drawCells({ label, cells, note = NO_NOTE }: Row, width: number): PictureLine[] {
  const lines: PictureLine[] = [];
  for (let start = 0; start < cells.length; start += CELLS_PER_LINE) {
    const shown = cells.slice(start, start + CELLS_PER_LINE);
    const { spans, changed } = start === 0 ? note : NO_NOTE;
    lines.push({
      line: [
        span(start === 0 ? label : " ".repeat(label.length)),
        ...shown.flatMap((cell) => [mark(cell, " "), text(cell), span(gapAfter(cell, width, " "))]),
        ...spans,
      ],
      changed: changed || shown.some((cell) => cell.changed),
    });
  }
  return lines;
}

/** The cells joined, from `├` to `┤`. The mark of the bar stands before it, that of one of its cells in it. */
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
