/** Page tables as rows of cells: one row for each VMA, one cell for each page table entry. */
import type { PictureLine } from "./field.ts";
import { changeOf } from "./field.ts";
import type { DrawnMm, DrawnPte, DrawnState } from "./state.ts";
import { type Span, span } from "./text.ts";

/** Cells in one line; longer rows go on in the next. */
const CELLS_PER_LINE = 16;

/** A folio's letter: A is the folio at position 0. */
export function folioName(position: number): string {
  return position < 26 ? String.fromCharCode(65 + position) : `F${position}.`;
}

/** An MM's name, as in the arguments of actions: its position. */
export function mmName(position: number): string {
  return `mm ${position}`;
}

/**
 * The MMs of a state with their page tables.
 *
 * @param bounds the machine's bounds: `anon` and `file` say how many VMAs are of which kind
 */
export function drawPageTables(
  state: DrawnState,
  before: DrawnState | undefined,
  bounds: { readonly [name: string]: number },
): PictureLine[] {
  const cells = state.mms.flatMap((mm) => (mm.vmas ?? []).flatMap(({ ptes }) => ptes.map(cellText)));
  const width = 2 + Math.max(2, ...cells.map((text) => text.length));
  const rows = state.mms.flatMap((mm, m) => drawMm(mm, before?.mms[m], m, width, bounds));
  const longest = Math.max(0, ...state.mms.flatMap((mm) => (mm.vmas ?? []).map(({ ptes }) => ptes.length)));
  return longest === 0 ? rows : [positionsLine(longest, width, labelWidth(bounds)), ...rows];
}

function positionsLine(count: number, width: number, indent: number): PictureLine {
  const numbers = Array.from({ length: Math.min(count, CELLS_PER_LINE) }, (_, i) => ` ${i}`.padEnd(width));
  return { line: [span("entry".padEnd(indent) + numbers.join(""), "dim")], changed: false };
}

function labelWidth(bounds: { readonly [name: string]: number }): number {
  return vmaKind(0, bounds) === "" ? 16 : 19;
}

function vmaKind(vma: number, bounds: { readonly [name: string]: number }): string {
  const { anon } = bounds;
  return anon === undefined ? "" : vma < anon ? " anon" : " file";
}

function drawMm(
  mm: DrawnMm,
  before: DrawnMm | undefined,
  position: number,
  width: number,
  bounds: { readonly [name: string]: number },
): PictureLine[] {
  const status = statusOf(mm);
  const earlier = before === undefined ? undefined : statusOf(before);
  const changed = earlier !== undefined && earlier !== status;
  const note =
    changed || status !== "live" ? span(` ${changeOf(status, earlier)}`, changed ? "changed" : "dim") : span("");
  if (mm.mapped !== undefined) {
    return [drawCount(mm.mapped, before?.mapped, position)];
  }
  const empty = !(mm.vmas ?? []).some(({ ptes }, v) => ptes.some((pte, i) => isUsed(pte, before?.vmas?.[v]?.ptes[i])));
  if (mm.vmas === undefined || (empty && status !== "live")) {
    return [{ line: [span(mmName(position).padEnd(labelWidth(bounds))), note], changed }];
  }
  return mm.vmas.flatMap(({ ptes }, v) => {
    const label = `${mmName(position)}  vma ${v}${vmaKind(v, bounds)}`.padEnd(labelWidth(bounds));
    return drawRow(label, ptes, before?.vmas?.[v]?.ptes, width, v === 0 ? note : span(""), v === 0 && changed);
  });
}

function isUsed(pte: DrawnPte, before: DrawnPte | undefined): boolean {
  return pte.folio !== 0 || (before !== undefined && before.folio !== 0);
}

function drawCount(mapped: number, before: number | undefined, position: number): PictureLine {
  const changed = before !== undefined && before !== mapped;
  const count = changeOf(String(mapped), before === undefined ? undefined : String(before));
  const text = `maps ${count} page${count === "1" ? "" : "s"}`;
  return { line: [span(`${mmName(position)}  `), span(text, changed ? "changed" : undefined)], changed };
}

function statusOf({ live, hasId }: DrawnMm): string {
  if (live === false) {
    return hasId === true ? "exited, its id not free yet" : "not live";
  }
  return hasId === false ? "live, without an id" : "live";
}

function cellText({ folio, page }: DrawnPte): string {
  return folio === 0 ? "·" : `${folioName(folio - 1)}${page}`;
}

function drawRow(
  label: string,
  ptes: readonly DrawnPte[],
  before: readonly DrawnPte[] | undefined,
  width: number,
  note: Span,
  noteChanged: boolean,
): PictureLine[] {
  const lines: PictureLine[] = [];
  for (let start = 0; start < ptes.length; start += CELLS_PER_LINE) {
    const first = start === 0;
    const cells = ptes.slice(start, start + CELLS_PER_LINE).map((pte, i) => drawCell(pte, before?.[start + i], width));
    lines.push({
      line: [
        span(first ? label : " ".repeat(label.length)),
        ...cells.flatMap(({ spans }) => spans),
        ...(first ? [note] : []),
      ],
      changed: cells.some(({ changed }) => changed) || (first && noteChanged),
    });
  }
  return lines;
}

function drawCell(pte: DrawnPte, before: DrawnPte | undefined, width: number): { spans: Span[]; changed: boolean } {
  const text = cellText(pte);
  const changed = before !== undefined && cellText(before) !== text;
  const role = changed ? "changed" : pte.folio === 0 ? "dim" : undefined;
  return {
    spans: [span(changed ? "*" : " ", role), span(text, role), span(" ".repeat(width - 1 - text.length))],
    changed,
  };
}
