/** Pages of the file whose entry in the page cache is a swap entry. */
import { cellWidth, drawNumbers, drawRow, hasContent, textRow } from "./cells.ts";
import { NOTHING } from "./entry.ts";
import type { PictureLine } from "./field.ts";
import type { DrawnState } from "./state.ts";

/** Indentation of the cells, in columns. */
const INDENT = 19;

/** Draws the swap slots of the pages of the file; empty if no page has one, now or before the step. */
export function drawFilePages(state: DrawnState, before: DrawnState | undefined): PictureLine[] {
  const slotsIn = ({ filePages = [] }: DrawnState): string[] =>
    filePages.map(({ swap }) => (swap === 0 ? NOTHING : `s${swap - 1}`));
  const row = textRow("  swap entry".padEnd(INDENT), slotsIn(state), before && slotsIn(before), NOTHING);
  if (!hasContent(row, NOTHING)) {
    return [];
  }
  const width = cellWidth([row]);
  return [drawNumbers("page of the file".padEnd(INDENT), row.cells.length, width), ...drawRow(row, width)];
}
