/** Swap area: number of swap entries, page in the swap cache and content of each slot. */

import { formatPositions } from "../text/numbers.ts";
import { span } from "../text/styled-text.ts";
import { cellWidth, drawNumbers, drawRow, hasContent, type Row, textRow } from "./cells.ts";
import { TRACKED_WRITE } from "./contents.ts";
import { NOTHING, pageName } from "./entry.ts";
import type { PictureLine } from "./field.ts";
import { type DrawnState, type DrawnSwapSlot, foliosOf } from "./state.ts";

/** Indentation of the cells, in columns. */
const INDENT = 19;

/** Text about a slot of a state. */
type Fact = (state: DrawnState, slot: DrawnSwapSlot, position: number) => string;

const entryCount: Fact = (_state, { count }) => (count === 0 ? NOTHING : String(count));

const cachePage: Fact = (state, { folio }, position) =>
  folio === 0 ? NOTHING : pageName(folio - 1, position - (foliosOf(state)[folio - 1]?.swap ?? 0));

const deviceContent: Fact = (_state, { content }) => (content === 1 ? TRACKED_WRITE : NOTHING);

/** Draws the slots of the swap area; one line if all are free. */
export function drawSwapArea(state: DrawnState, before: DrawnState | undefined): PictureLine[] {
  const { swapSlots = [] } = state;
  const rows = [
    rowOf("  swap entries", entryCount, state, before),
    rowOf("  in swap cache", cachePage, state, before),
    rowOf("  on the device", deviceContent, state, before),
  ].filter((row) => hasContent(row, NOTHING));
  if (rows.length === 0) {
    const slots = formatPositions(
      "swap slot",
      swapSlots.map((_, position) => position),
    );
    return swapSlots.length === 0 ? [] : [{ line: [span(`${slots}: free`, "dim")], changed: false }];
  }
  const width = cellWidth(rows);
  return [
    drawNumbers("swap slot".padEnd(INDENT), swapSlots.length, width),
    ...rows.flatMap((row) => drawRow(row, width)),
  ];
}

function rowOf(label: string, fact: Fact, state: DrawnState, before: DrawnState | undefined): Row {
  const textsIn = (of: DrawnState): string[] => (of.swapSlots ?? []).map((slot, position) => fact(of, slot, position));
  return textRow(label.padEnd(INDENT), textsIn(state), before && textsIn(before), NOTHING);
}
