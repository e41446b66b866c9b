/** The swap area: who needs each slot, and which page of the swap cache stands for it. */

import { formatPositions } from "../text/numbers.ts";
import { span } from "../text/styled-text.ts";
import { cellWidth, drawNumbers, drawRow, factRow, type Row, saysSomething } from "./cells.ts";
import { FOLLOWED } from "./contents.ts";
import { NOTHING, pageName } from "./entry.ts";
import type { PictureLine } from "./field.ts";
import { type DrawnState, type DrawnSwapSlot, foliosOf } from "./state.ts";

/** Columns before the cells. */
const INDENT = 19;

/** One fact about a slot of a state. */
type Fact = (state: DrawnState, slot: DrawnSwapSlot, position: number) => string;

const entries: Fact = (_state, { count }) => (count === 0 ? NOTHING : String(count));

const cached: Fact = (state, { folio }, position) =>
  folio === 0 ? NOTHING : pageName(folio - 1, position - (foliosOf(state)[folio - 1]?.swap ?? 0));

const written: Fact = (_state, { content }) => (content === 1 ? FOLLOWED : NOTHING);

/** The slots of the swap area; one line where nobody needs any. */
export function drawSwapArea(state: DrawnState, before: DrawnState | undefined): PictureLine[] {
  const { swapSlots = [] } = state;
  const rows = [
    rowOf("  swap entries", entries, state, before),
    rowOf("  in swap cache", cached, state, before),
    rowOf("  on the device", written, state, before),
  ].filter((row) => saysSomething(row, NOTHING));
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
  const factsIn = (of: DrawnState): string[] => (of.swapSlots ?? []).map((slot, position) => fact(of, slot, position));
  return factRow(label.padEnd(INDENT), factsIn(state), before && factsIn(before), NOTHING);
}
