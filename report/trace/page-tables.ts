/**
 * Page tables as rows of cells: one row for each VMA, one cell for each page table entry; a PMD entry spans a whole
 * row.
 */

import { type Role, span } from "../text/styled-text.ts";
import { type Cell, cellWidth, drawNumbers, drawRow, type Note, type Row } from "./cells.ts";
import { type ContentMark, entryMark, isWrong } from "./contents.ts";
import { mmName, NOTHING, pmdPageText, pteText, rightsOf } from "./entry.ts";
import { changeOf, field, isShown, type PictureLine, show } from "./field.ts";
import type { DrawnEntry, DrawnMm, DrawnState, DrawnVma } from "./state.ts";

/** VMA of a state. */
interface Place {
  readonly state: DrawnState;
  readonly vma: DrawnVma;
}

/** Draws the MMs of a state with their page tables. */
export function drawPageTables(state: DrawnState, before: DrawnState | undefined): PictureLine[] {
  const drawn = state.mms.map((mm, m) => rowsOf(state, before, mm, m));
  const width = cellWidth(drawn.flat());
  const longest = Math.max(0, ...drawn.flat().map(({ cells }) => cells.length));
  const indent = labelWidth(state);
  const lines = state.mms.flatMap((mm, m) => {
    const rows = drawn[m] ?? [];
    return rows.length > 0
      ? rows.flatMap((row) => drawRow(row, width))
      : [drawWithoutRows(mm, before?.mms[m], m, indent)];
  });
  return longest === 0 ? lines : [drawNumbers("entry".padEnd(indent), longest, width), ...lines];
}

function labelWidth({ mms }: DrawnState): number {
  const vmas = mms.flatMap((mm) => mm.vmas ?? []);
  const names = vmas.filter((vma) => isUsed(vma)).map(({ label = "" }) => label.length);
  return Math.max(vmas.some(({ anonymous }) => anonymous !== undefined) ? 19 : 16, 8 + Math.max(0, ...names));
}

function rowsOf(state: DrawnState, before: DrawnState | undefined, mm: DrawnMm, position: number): Row[] {
  const earlier = before?.mms[position];
  const isEmpty = (each: DrawnMm | undefined): boolean => !(each?.vmas ?? []).some(isUsed);
  if (mm.vmas === undefined || (mm.live === false && isEmpty(mm) && isEmpty(earlier))) {
    return [];
  }
  return mm.vmas.flatMap((vma, v) => {
    const old = earlier?.vmas?.[v];
    // Of an address space that is larger than what a trace maps, only the used page tables are drawn.
    if (v > 0 && vma.label !== undefined && !isUsed(vma) && !(old !== undefined && isUsed(old))) {
      return [];
    }
    const label = `${mmName(position)}  ${vma.label ?? `vma ${v}`}${kindOf(vma)}`.padEnd(labelWidth(state));
    const rows = rowsOfVma(
      label,
      { state, vma },
      before === undefined || old === undefined ? undefined : { state: before, vma: old },
    );
    return v === 0 ? rows.map((row, r) => (r === 0 ? { ...row, note: noteOf(mm, earlier) } : row)) : rows;
  });
}

function isUsed({ pmd, ptes }: DrawnVma): boolean {
  return isMapped(pmd) || ptes.some((pte) => pteText(pte) !== NOTHING);
}

function isMapped(pmd: DrawnEntry | undefined): pmd is DrawnEntry {
  return pmd !== undefined && pmd.folio !== 0;
}

function kindOf({ anonymous }: DrawnVma): string {
  return anonymous === undefined ? "" : anonymous ? " anon" : " file";
}

/** Returns the row of the PMD entry or the PTEs; both if a page table remains below a PMD entry. */
function rowsOfVma(label: string, now: Place, before: Place | undefined): Row[] {
  const { pmd, ptes } = now.vma;
  if (!isMapped(pmd)) {
    return [pteRow(label, now, before)];
  }
  const bar = pmdRow(label, pmd, now, before);
  const hasPtes = ptes.some((pte) => pteText(pte) !== NOTHING);
  return hasPtes ? [bar, pteRow("  PTEs below it".padEnd(label.length), now, before)] : [bar];
}

function pmdRow(label: string, pmd: DrawnEntry, now: Place, before: Place | undefined): Row {
  const changed = before !== undefined && pmdText(before.vma.pmd) !== pmdText(pmd);
  const cells = now.vma.ptes.map((_, i): Cell => {
    const mark = entryMark(now.state, now.vma, i);
    const changedInside = !changed && before !== undefined && entryMark(before.state, before.vma, i) !== mark;
    return cell(pmdPageText(pmd, i), mark, changedInside);
  });
  return { label, cells, bar: { end: rightsOf(pmd), changed } };
}

function pmdText(pmd: DrawnEntry | undefined): string {
  return isMapped(pmd) ? pmdPageText(pmd, 0) + rightsOf(pmd) : NOTHING;
}

function pteRow(label: string, now: Place, before: Place | undefined): Row {
  // All PTEs have changed if a PMD entry replaced them or was replaced by them.
  const wasPmd = before !== undefined && isMapped(before.vma.pmd) && !isMapped(now.vma.pmd);
  const cells = now.vma.ptes.map((pte, i): Cell => {
    const mark = entryMark(now.state, now.vma, i);
    const old = before?.vma.ptes[i];
    const changed =
      wasPmd ||
      (before !== undefined &&
        old !== undefined &&
        (pteText(old) !== pteText(pte) || entryMark(before.state, before.vma, i) !== mark));
    return cell(pteText(pte), mark, changed);
  });
  return { label, cells };
}

function cell(text: string, mark: ContentMark, changed: boolean): Cell {
  const role: Role | undefined = isWrong(mark) ? "bad" : changed ? "changed" : text === NOTHING ? "dim" : undefined;
  return { text: text + mark, changed, ...(role === undefined ? {} : { role }) };
}

/** Draws an MM that maps nothing and is not live, or of which the state contains only the number of mapped pages. */
function drawWithoutRows(mm: DrawnMm, before: DrawnMm | undefined, position: number, indent: number): PictureLine {
  if (mm.mapped !== undefined) {
    return drawCount(mm.mapped, before?.mapped, position);
  }
  const { spans, changed } = noteOf(mm, before);
  return { line: [span(mmName(position).padEnd(indent)), ...spans], changed };
}

function drawCount(mapped: number, before: number | undefined, position: number): PictureLine {
  const changed = before !== undefined && before !== mapped;
  const count = changeOf(String(mapped), before === undefined ? undefined : String(before));
  const text = `maps ${count} page${count === "1" ? "" : "s"}`;
  return { line: [span(`${mmName(position)}  `), span(text, changed ? "changed" : undefined)], changed };
}

/** Returns the unusual and changed attributes of an MM. */
function noteOf(mm: DrawnMm, before: DrawnMm | undefined): Note {
  const fields = [
    field("", statusOf(mm), before === undefined ? undefined : statusOf(before), "live"),
    field("MMF_HAS_PINNED", pinsOf(mm), before === undefined ? undefined : pinsOf(before), "no"),
  ].filter(isShown);
  return {
    spans: fields.map(({ text, changed }) => span(` ${text.trim()} `, changed ? "changed" : "dim")),
    changed: fields.some(({ changed }) => changed),
  };
}

function statusOf({ live, hasId }: DrawnMm): string {
  if (live === false) {
    return hasId === true ? "exited, its id not free yet" : "not live";
  }
  return hasId === false ? "live, without an id" : "live";
}

function pinsOf({ hasPinned }: DrawnMm): string {
  return show(hasPinned === true);
}
