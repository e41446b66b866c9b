/** Pages of the file that are not in the page cache, because a swap entry stands there. */
import { cellWidth, drawNumbers, drawRow, factRow, saysSomething } from "./cells.ts";
import { NOTHING } from "./entry.ts";
import type { PictureLine } from "./field.ts";
import type { DrawnState } from "./state.ts";

/** Columns before the cells. */
const INDENT = 19;

/** The swap slots of the pages of the file; nothing where no page has one, and none had. */
export function drawFilePages(state: DrawnState, before: DrawnState | undefined): PictureLine[] {
  const slotsIn = ({ filePages = [] }: DrawnState): string[] =>
    filePages.map(({ swap }) => (swap === 0 ? NOTHING : `s${swap - 1}`));
  const row = factRow("  swap entry".padEnd(INDENT), slotsIn(state), before && slotsIn(before), NOTHING);
  if (!saysSomething(row, NOTHING)) {
    return [];
  }
  const width = cellWidth([row]);
  return [drawNumbers("page of the file".padEnd(INDENT), row.cells.length, width), ...drawRow(row, width)];
}
