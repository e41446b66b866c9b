/** Slots of the swap area, pages of the file, and holders of references. */
import { contentMark, contentOf, isWrong, TRACKED_WRITE } from "../../trace/contents.ts";
import { folioName, pageName } from "../../trace/entry.ts";
import { holderKindName } from "../../trace/holder-kind.ts";
import { type DrawnHolder, type DrawnState, type DrawnSwapSlot, foliosOf } from "../../trace/state.ts";
import type { Layout } from "./layout.ts";
import { filePageKey, holderKey, swapSlotKey } from "./places.ts";
import type { CellText, SceneCell } from "./scene-parts.ts";

/** Returns the cells of the swap area and of the page cache. */
export function reserveCells(
  state: DrawnState,
  before: DrawnState | undefined,
  { swapArea, pageCache }: Layout,
): SceneCell[] {
  return [
    ...(swapArea?.cells ?? []).flatMap((box, position): SceneCell[] => {
      const slot = state.swapSlots?.[position];
      const old = before?.swapSlots?.[position];
      if (slot === undefined) {
        return [];
      }
      const cached = cacheText(state, slot, position);
      const oldCached = before === undefined || old === undefined ? cached : cacheText(before, old, position);
      return [
        {
          ...box,
          key: swapSlotKey(position),
          kind: "slot",
          isWritable: false,
          ...(slot.folio === 0 ? {} : { folio: slot.folio - 1 }),
          lines: [
            [{ text: `s${position}${slot.content === 1 ? TRACKED_WRITE : ""}` }],
            change(`×${slot.count}`, old === undefined ? undefined : `×${old.count}`),
            change(cached, oldCached),
          ],
          note: "",
          isChanged:
            old !== undefined && (old.count !== slot.count || old.content !== slot.content || cached !== oldCached),
          isWrong: false,
        },
      ];
    }),
    ...(pageCache?.cells ?? []).flatMap((box, position): SceneCell[] => {
      const page = state.filePages?.[position];
      const old = before?.filePages?.[position];
      const text = ({ swap }: { readonly swap: number }): string => (swap === 0 ? "–" : `s${swap - 1}`);
      return page === undefined
        ? []
        : [
            {
              ...box,
              key: filePageKey(position),
              kind: "slot",
              isWritable: false,
              lines: [
                [{ text: `page ${position}${page.expected === 1 ? TRACKED_WRITE : ""}` }],
                change(text(page), old === undefined ? undefined : text(old)),
              ],
              note: "",
              isChanged: old !== undefined && (old.swap !== page.swap || old.expected !== page.expected),
              isWrong: false,
            },
          ];
    }),
  ];
}

function cacheText(state: DrawnState, { folio }: DrawnSwapSlot, position: number): string {
  return folio === 0 ? "" : `in ${pageName(folio - 1, position - (foliosOf(state)[folio - 1]?.swap ?? 0))}`;
}

function change(now: string, before: string | undefined): readonly CellText[] {
  return before === undefined || before === now
    ? [{ text: now }]
    : [
        ...(before === "" ? [] : [{ text: before, isStruck: true as const }]),
        { text: before === "" || now === "" ? now : `→${now}`, isNew: true },
      ];
}

/** Returns the holders that have a reference, or release it in this step. */
export function holderCells(state: DrawnState, before: DrawnState | undefined, { holders }: Layout): SceneCell[] {
  return holders.flatMap(({ position, ...box }): SceneCell[] => {
    const holder = state.holders?.[position];
    const old = before?.holders?.[position];
    const isReleased = holder?.kind === 0 && old !== undefined && old.kind !== 0;
    if (holder === undefined || (holder.kind === 0 && !isReleased)) {
      return [];
    }
    const shown = isReleased ? old : holder;
    const mark =
      isReleased || holder.folio === 0 ? "" : contentMark(contentOf(state, holder.folio, holder.page), holder.expected);
    return [
      {
        ...box,
        key: holderKey(position),
        kind: "holder",
        isWritable: false,
        folio: shown.folio - 1,
        lines: [[{ text: `${holderText(shown)}${mark}`, ...(isReleased ? { isStruck: true } : {}) }]],
        note: "",
        isChanged: old !== undefined && (old.kind !== holder.kind || old.folio !== holder.folio),
        isWrong: isWrong(mark),
      },
    ];
  });
}

function holderText({ kind, folio, page }: DrawnHolder): string {
  return `${holderKindName(kind)} of ${kind === 1 ? folioName(folio - 1) : pageName(folio - 1, page)}`;
}
