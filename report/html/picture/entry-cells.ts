/** Cells of page tables. A PMD entry is one cell over its row. */
import { entryMark, isWrong } from "../../trace/contents.ts";
import { NOTHING, pmdPageText, pteText, rightsOf } from "../../trace/entry.ts";
import type { DrawnEntry, DrawnPte, DrawnState, DrawnVma } from "../../trace/state.ts";
import type { Box, Layout, VmaBox } from "./layout.ts";
import { entryKey } from "./places.ts";
import type { SceneCell } from "./scene-parts.ts";

/** Whether a PMD entry maps a folio, or is a migration entry for one. */
export function isPmd(pmd: DrawnEntry | undefined): pmd is DrawnEntry {
  return pmd !== undefined && pmd.folio !== 0;
}

/** Returns the cells of all MMs. */
export function entryCells(state: DrawnState, before: DrawnState | undefined, { mms }: Layout): SceneCell[] {
  return mms.flatMap(({ position: mm, vmas }) =>
    vmas.flatMap((box) => {
      const vma = state.mms[mm]?.vmas?.[box.position];
      const old = before?.mms[mm]?.vmas?.[box.position];
      if (vma === undefined) {
        return [];
      }
      return isPmd(vma.pmd)
        ? [pmdCell(vma.pmd, old?.pmd, entryKey(mm, box.position, 0), box, old !== undefined)]
        : vma.ptes.flatMap((pte, i) => {
            const cell = box.cells[i];
            const place = { state, before, vma, old, entry: i };
            return cell === undefined ? [] : [pteCell(pte, place, entryKey(mm, box.position, i), cell)];
          });
    }),
  );
}

function pmdCell(
  pmd: DrawnEntry,
  old: DrawnEntry | undefined,
  key: string,
  { cells }: VmaBox,
  hasBefore: boolean,
): SceneCell {
  const rights = rightsOf(pmd);
  const text = `${pmdPageText(pmd, 0)} … ${pmdPageText(pmd, cells.length - 1)}${rights}`;
  const oldText = isPmd(old) ? `${pmdPageText(old, 0)}${rightsOf(old)}` : NOTHING;
  const isChanged = hasBefore && oldText !== `${pmdPageText(pmd, 0)}${rights}`;
  return {
    ...hull(cells),
    key,
    kind: pmd.migration === true ? "migration" : "present",
    isWritable: pmd.writable === true,
    folio: pmd.folio - 1,
    lines: [[{ text }]],
    note: isChanged && oldText !== NOTHING ? `one PMD entry, was ${oldText}` : "one PMD entry",
    isChanged,
    isWrong: false,
  };
}

function hull(boxes: readonly Box[]): Box {
  const [first] = boxes;
  const last = boxes.at(-1);
  return first === undefined || last === undefined
    ? { x: 0, y: 0, width: 0, height: 0 }
    : { ...first, width: last.x + last.width - first.x, height: last.y + last.height - first.y };
}

interface EntryPlace {
  readonly state: DrawnState;
  readonly before: DrawnState | undefined;
  readonly vma: DrawnVma;
  readonly old: DrawnVma | undefined;
  readonly entry: number;
}

function pteCell(pte: DrawnPte, { state, before, vma, old, entry }: EntryPlace, key: string, box: Box): SceneCell {
  const mark = entryMark(state, vma, entry);
  const text = `${pteText(pte)}${mark}`;
  const oldText = before === undefined || old === undefined ? undefined : textBefore(before, old, entry);
  const isChanged = oldText !== undefined && oldText !== text;
  const isRemoved = isChanged && pteText(pte) === NOTHING && oldText !== NOTHING;
  const folio = pte.swap === true ? cachedFolio(state, pte.page) : pte.folio - 1;
  return {
    ...box,
    key,
    kind: pte.swap === true ? "swap" : pte.folio === 0 ? "empty" : pte.migration === true ? "migration" : "present",
    isWritable: pte.writable === true && pte.migration !== true,
    ...(folio < 0 ? {} : { folio }),
    lines: [[isRemoved ? { text: oldText, isStruck: true } : { text }]],
    note: isChanged && !isRemoved && oldText !== NOTHING ? `was ${oldText}` : "",
    isChanged,
    isWrong: isWrong(mark),
  };
}

/** Returns the position of the folio that the swap cache has for a slot; −1 for none. */
function cachedFolio({ swapSlots = [] }: DrawnState, slot: number): number {
  return (swapSlots[slot]?.folio ?? 0) - 1;
}

/** Returns the text of an entry before the step, which may have been part of a PMD. */
function textBefore(before: DrawnState, vma: DrawnVma, entry: number): string {
  const pte = vma.ptes[entry];
  const text = isPmd(vma.pmd)
    ? `${pmdPageText(vma.pmd, entry)}${rightsOf(vma.pmd)}`
    : pte === undefined
      ? NOTHING
      : pteText(pte);
  return `${text}${entryMark(before, vma, entry)}`;
}
