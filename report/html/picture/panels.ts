/** Panels of MMs, folios, swap area and page cache, with titles and notes. */
import { folioName, mmName } from "../../trace/entry.ts";
import { type DrawnFolio, type DrawnMm, type DrawnState, foliosOf } from "../../trace/state.ts";
import { type Layout, WIDE_CAPTION } from "./layout.ts";
import type { ScenePanel } from "./scene-parts.ts";

/** Returns the panels of MMs. */
export function mmPanels(state: DrawnState, before: DrawnState | undefined, { mms }: Layout): ScenePanel[] {
  return mms.map(({ position, vmas, ...box }): ScenePanel => {
    const mm = state.mms[position];
    const old = before?.mms[position];
    const note = mm === undefined ? "" : mm.mapped === undefined ? mmNote(mm, old) : mappedText(mm, old);
    return {
      ...box,
      kind: "mm",
      title: mmName(position),
      note,
      isNoteBelow: false,
      isNoteChanged:
        mm !== undefined &&
        old !== undefined &&
        (mmNote(mm, undefined) !== mmNote(old, undefined) || mm.mapped !== old.mapped),
      isTitleBelow: false,
      labels: vmas.filter(({ label }) => label !== "").map(({ label, y }) => ({ y, text: label })),
    };
  });
}

function mappedText({ mapped = 0 }: DrawnMm, before: DrawnMm | undefined): string {
  const count = before?.mapped === undefined || before.mapped === mapped ? `${mapped}` : `${before.mapped} → ${mapped}`;
  return `${count} page${count === "1" ? "" : "s"}`;
}

/** Returns the unusual attributes of an MM. @param before the MM before the step, of which only exits matter */
function mmNote({ live, hasId, hasPinned }: DrawnMm, before: DrawnMm | undefined): string {
  const status =
    live === false
      ? before?.live === true
        ? "exits"
        : hasId === true
          ? "exited, id kept"
          : "does not exist"
      : before?.live === false
        ? "new"
        : hasId === false
          ? "without an id"
          : "";
  return [status, hasPinned === true ? "MMF_HAS_PINNED" : ""].filter((each) => each !== "").join(", ");
}

/** Returns the panels of folios, swap area and page cache. */
export function rowPanels(
  state: DrawnState,
  before: DrawnState | undefined,
  { folios, swapArea, pageCache }: Layout,
): ScenePanel[] {
  const area = {
    kind: "area",
    note: "",
    isNoteBelow: false,
    isNoteChanged: false,
    isTitleBelow: true,
    labels: [],
  } as const;
  const isOnly = state.folios === undefined;
  return [
    ...folios.map(({ position, cells: _, ...box }): ScenePanel => {
      const folio = foliosOf(state)[position];
      const old = before === undefined ? undefined : foliosOf(before)[position];
      const isFree = folio === undefined || folio.allocated === false;
      const note = isFree ? (old !== undefined && old.allocated !== false ? "freed" : "free") : folioNote(folio);
      return {
        ...box,
        kind: isFree ? "free-folio" : "folio",
        title: isOnly ? "the folio" : `folio ${folioName(position)}`,
        note,
        isNoteBelow: box.width < WIDE_CAPTION,
        isNoteChanged:
          old !== undefined && (isFree ? note === "freed" : old.allocated === false || folioNote(old) !== note),
        folio: position,
        isTitleBelow: true,
        labels: [],
      };
    }),
    ...(swapArea === undefined ? [] : [{ ...area, ...box(swapArea), title: "swap area" }]),
    ...(pageCache === undefined ? [] : [{ ...area, ...box(pageCache), title: "swap entries of the file" }]),
  ];
}

function box({
  x,
  y,
  width,
  height,
}: ScenePanel | Layout["folios"][number]): Pick<ScenePanel, "x" | "y" | "width" | "height"> {
  return { x, y, width, height };
}

function folioNote({ anon, locked, swapcache, inPageCache }: DrawnFolio): string {
  return [
    // An image does not say whether a folio is in the page cache: what is not anon is new then.
    ...(anon === true ? ["anon"] : anon === false && inPageCache !== undefined ? ["file"] : []),
    ...(locked === true ? ["locked"] : []),
    ...(swapcache === true ? ["in swap cache"] : []),
    ...(anon === false && inPageCache === false ? ["not in page cache"] : []),
  ].join(", ");
}
