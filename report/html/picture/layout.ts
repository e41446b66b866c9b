/**
 * Layout of pictures: MMs above, folios, swap area and page cache below them, holders of references at the bottom.
 * Lengths are in CSS pixels.
 */
import type { PictureShape, ShapeMm } from "./shape.ts";

/** Rectangle. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Row of cells of a VMA. */
export interface VmaBox {
  readonly position: number;
  readonly label: string;
  /** Top of the label. */
  readonly y: number;
  readonly cells: readonly Box[];
}

/** Panel of an MM. */
export interface MmBox extends Box {
  readonly position: number;
  readonly vmas: readonly VmaBox[];
}

/** Panel with a row of boxes: the pages of a folio, the slots of the swap area, or the pages of the file. */
export interface RowBox extends Box {
  readonly position: number;
  readonly cells: readonly Box[];
}

/** Positions of everything that is drawn. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly mms: readonly MmBox[];
  readonly folios: readonly RowBox[];
  readonly swapArea?: RowBox;
  readonly pageCache?: RowBox;
  readonly holders: readonly (Box & { readonly position: number })[];
}

const PADDING = 8;
const GAP = 18;
const TITLE = 24;
const CELL = 30;
/** Height of the note under a cell: `was A0w`. */
const NOTE = 15;
const VMA_LABEL = 16;
const PAGE = 50;
const CAPTION = 22;
/** Additional height of a caption whose note is below the title, and the width from which on it is beside it. */
const CAPTION_NOTE = 14;
export const WIDE_CAPTION: number = 190;
/** Room for lines between MMs and folios. */
const LINES = 52;
const PILL = 24;
const MIN_CELL = 34;
const MAX_CELL = 64;
/** Smallest width of a panel, for its title and note. */
const MIN_PANEL = 142;

/** Returns the layout. @param width available width */
export function layoutOf(shape: PictureShape, width: number): Layout {
  const mms = mmBoxes(shape.mms, width);
  const bottom = Math.max(0, ...mms.map((box) => box.y + box.height));
  const hasEntries = shape.mms.some(({ vmas }) => vmas.length > 0);
  const lower = lowerBoxes(shape, width, bottom + (mms.length === 0 ? 0 : hasEntries ? LINES : GAP));
  const below = Math.max(bottom, ...lower.map((box) => box.y + box.height));
  const holders = pills(shape.holders, width, below + GAP);
  const height = Math.max(below, ...holders.map((box) => box.y + box.height)) + 2;
  const folios = lower.slice(0, shape.folios.length);
  const rest = lower.slice(shape.folios.length);
  const swapArea = shape.swapSlots.length > 0 ? rest.shift() : undefined;
  const pageCache = shape.filePages.length > 0 ? rest.shift() : undefined;
  return {
    width,
    height,
    mms,
    folios,
    ...(swapArea === undefined ? {} : { swapArea }),
    ...(pageCache === undefined ? {} : { pageCache }),
    holders,
  };
}

/** Width of cells, and number of cells in a line, such that as many panels as possible are side by side. */
function cellSize(panels: number, cells: number, width: number): { readonly cell: number; readonly perLine: number } {
  for (let side = Math.min(panels, 3); side >= 1; side--) {
    const room = Math.floor((width - GAP * (side - 1)) / side) - 2 * PADDING;
    const cell = Math.min(MAX_CELL, Math.floor(room / Math.max(cells, 1)));
    if (cell >= MIN_CELL && room + 2 * PADDING >= MIN_PANEL) {
      return { cell, perLine: cells };
    }
  }
  const perLine = Math.max(1, Math.floor((width - 2 * PADDING) / MIN_CELL));
  return { cell: Math.min(MAX_CELL, Math.floor((width - 2 * PADDING) / perLine)), perLine };
}

function mmBoxes(mms: readonly ShapeMm[], width: number): MmBox[] {
  const entries = Math.max(0, ...mms.flatMap(({ vmas }) => vmas.map((vma) => vma.entries)));
  const { cell, perLine } = cellSize(mms.length, entries, width);
  const panelWidth = Math.min(width, Math.max(MIN_PANEL, Math.min(entries, perLine) * cell + 2 * PADDING));
  const sizes = mms.map(({ vmas }) => ({
    width: panelWidth,
    height: TITLE + PADDING / 2 + vmas.reduce((sum, vma) => sum + vmaHeight(vma.label, vma.entries, perLine), 0),
  }));
  return flow(sizes, width, 1).map((box, i) => {
    let y = box.y + TITLE;
    const vmas = (mms[i] as ShapeMm).vmas.map(({ position, label, entries: count }): VmaBox => {
      const top = y;
      y += vmaHeight(label, count, perLine);
      return {
        position,
        label,
        y: top,
        cells: cellBoxes(count, perLine, cell, box.x, top + labelHeight(label), CELL, NOTE),
      };
    });
    return { ...box, position: (mms[i] as ShapeMm).position, vmas };
  });
}

function labelHeight(label: string): number {
  return label === "" ? 0 : VMA_LABEL;
}

function vmaHeight(label: string, entries: number, perLine: number): number {
  return labelHeight(label) + Math.ceil(entries / perLine) * (CELL + NOTE);
}

function cellBoxes(
  count: number,
  perLine: number,
  cell: number,
  x: number,
  y: number,
  height: number,
  note: number,
): Box[] {
  return Array.from({ length: count }, (_, i) => ({
    x: x + PADDING + (i % perLine) * cell,
    y: y + Math.floor(i / perLine) * (height + note),
    width: cell,
    height,
  }));
}

function lowerBoxes({ folios, swapSlots, filePages }: PictureShape, width: number, top: number): RowBox[] {
  const rows = [
    ...folios,
    ...(swapSlots.length > 0 ? [{ position: 0, pages: swapSlots.length }] : []),
    ...(filePages.length > 0 ? [{ position: 0, pages: filePages.length }] : []),
  ];
  const most = Math.max(1, ...rows.map(({ pages }) => pages));
  const { cell, perLine } = cellSize(rows.length, most, width);
  const widths = rows.map(({ pages }) =>
    Math.min(width, Math.max(MIN_PANEL, Math.min(pages, perLine) * cell + 2 * PADDING)),
  );
  const caption = CAPTION + (widths.some((each) => each < WIDE_CAPTION) ? CAPTION_NOTE : 0);
  const sizes = rows.map(({ pages }, i) => ({
    width: widths[i] as number,
    height: PADDING + Math.ceil(pages / perLine) * PAGE + caption,
  }));
  return flow(sizes, width, top).map((box, i) => {
    const { position, pages } = rows[i] as (typeof rows)[number];
    return { ...box, position, cells: cellBoxes(pages, perLine, cell, box.x, box.y + PADDING, PAGE, 0) };
  });
}

/** Places boxes in lines, from left to right. */
function flow(sizes: readonly Pick<Box, "width" | "height">[], width: number, top: number): Box[] {
  let [x, y, line] = [1, top, 0];
  return sizes.map((size) => {
    if (x > 1 && x + size.width > width) {
      [x, y, line] = [1, y + line + GAP, 0];
    }
    const box = { x, y, width: size.width - 2, height: size.height };
    x += size.width + GAP;
    line = Math.max(line, size.height);
    return box;
  });
}

function pills(holders: readonly number[], width: number, top: number): (Box & { position: number })[] {
  const size = { width: Math.min(190, width), height: PILL };
  return flow(
    holders.map(() => size),
    width,
    top,
  ).map((box, i) => ({ ...box, position: holders[i] as number }));
}
