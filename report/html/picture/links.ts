/**
 * Lines from entries to what they map. Entries in a row that map pages in a row share one band, so that pictures of many
 * pages remain readable.
 */
import type { DrawnEntry, DrawnPte, DrawnState } from "../../trace/state.ts";
import { isPmd } from "./entry-cells.ts";
import type { Box, Layout } from "./layout.ts";

/** Line or band, as the path of an SVG element. */
export interface Link {
  readonly style: "present" | "migration" | "swap" | "removed" | "reference";
  readonly isBand: boolean;
  readonly isChanged: boolean;
  /** Position of the folio, for its colour. */
  readonly folio?: number;
  readonly path: string;
}

/** Connection of two boxes. */
interface Connection extends Omit<Link, "isBand" | "path"> {
  readonly from: Box;
  readonly to: Box;
}

/** Number of neighbours from which on they share a band. */
const BAND = 3;

/** Returns the links of a state, and those that the step removed. */
export function linksOf(state: DrawnState, before: DrawnState | undefined, layout: Layout): Link[] {
  const removed = connectionsOf(layout, (mm, vma, entry, from) => {
    const [now, was] = [entryAt(state, mm, vma, entry), entryAt(before, mm, vma, entry)];
    return targetKey(was) === targetKey(now) ? [] : connect(from, was, layout, "removed", false);
  });
  const present = connectionsOf(layout, (mm, vma, entry, from) => {
    const now = entryAt(state, mm, vma, entry);
    const isChanged = before !== undefined && keyOf(now) !== keyOf(entryAt(before, mm, vma, entry));
    return connect(from, now, layout, undefined, isChanged);
  });
  return [...bundled(before === undefined ? [] : removed), ...bundled(present), ...holderLinks(state, before, layout)];
}

/** Returns the connections of all cells, row by row, so that neighbours follow one another. */
function connectionsOf(
  { mms }: Layout,
  connectionsAt: (mm: number, vma: number, entry: number, from: Box) => readonly Connection[],
): Connection[] {
  return mms.flatMap(({ position: mm, vmas }) =>
    vmas.flatMap(({ position, cells }) => cells.flatMap((from, entry) => connectionsAt(mm, position, entry, from))),
  );
}

function entryAt(state: DrawnState | undefined, mm: number, vma: number, entry: number): DrawnPte | undefined {
  const table = state?.mms[mm]?.vmas?.[vma];
  return table === undefined ? undefined : effectiveEntry(table, entry);
}

/** Returns the entry that maps a page: the PMD entry as one for this page, or the PTE. */
function effectiveEntry(
  { pmd, ptes }: { readonly pmd?: DrawnEntry; readonly ptes: readonly DrawnPte[] },
  entry: number,
): DrawnPte | undefined {
  return isPmd(pmd) ? { ...pmd, page: entry } : ptes[entry];
}

function keyOf(entry: DrawnPte | undefined): string {
  return entry === undefined ? "" : `${targetKey(entry)} ${entry.writable === true} ${entry.migration === true}`;
}

function targetKey(entry: DrawnPte | undefined): string {
  return entry === undefined
    ? ""
    : entry.swap === true
      ? `s${entry.page}`
      : entry.folio === 0
        ? ""
        : `${entry.folio} ${entry.page}`;
}

function connect(
  from: Box,
  entry: DrawnPte | undefined,
  { folios, swapArea }: Layout,
  removed: "removed" | undefined,
  isChanged: boolean,
): Connection[] {
  if (entry?.swap === true) {
    const to = swapArea?.cells[entry.page];
    return to === undefined ? [] : [{ style: removed ?? "swap", isChanged, from, to }];
  }
  if (entry === undefined || entry.folio === 0) {
    return [];
  }
  const folio = entry.folio - 1;
  const to = folios.find(({ position }) => position === folio)?.cells[entry.page];
  const style = removed ?? (entry.migration === true ? "migration" : "present");
  return to === undefined ? [] : [{ style, isChanged, folio, from, to }];
}

function bundled(connections: readonly Connection[]): Link[] {
  const runs: Connection[][] = [];
  for (const connection of connections) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run !== undefined && last !== undefined && follows(last, connection)) {
      run.push(connection);
    } else {
      runs.push([connection]);
    }
  }
  return runs.flatMap((run): Link[] => {
    const first = run[0] as Connection;
    const last = run.at(-1) as Connection;
    if (run.length < BAND) {
      return run.map(({ from, to, ...link }) => ({ ...link, isBand: false, path: curve(from, to) }));
    }
    const { from: _, to: __, ...link } = first;
    return [{ ...link, isBand: true, path: band(first, last) }];
  });
}

function follows(last: Connection, next: Connection): boolean {
  return (
    last.style === next.style &&
    last.isChanged === next.isChanged &&
    last.folio === next.folio &&
    isNextTo(last.from, next.from) &&
    isNextTo(last.to, next.to)
  );
}

function isNextTo(left: Box, right: Box): boolean {
  return left.y === right.y && Math.abs(left.x + left.width - right.x) < 1;
}

function curve(from: Box, to: Box): string {
  const [x1, y1, x2, y2] = [from.x + from.width / 2, from.y + from.height, to.x + to.width / 2, to.y];
  return `M${x1} ${y1}${bend(x1, y1, x2, y2)}`;
}

function bend(x1: number, y1: number, x2: number, y2: number): string {
  const middle = (y1 + y2) / 2;
  return `C${x1} ${middle} ${x2} ${middle} ${x2} ${y2}`;
}

function band({ from, to }: Connection, { from: lastFrom, to: lastTo }: Connection): string {
  const [top, bottom] = [from.y + from.height, to.y];
  const [right, lastRight] = [lastFrom.x + lastFrom.width - 2, lastTo.x + lastTo.width - 2];
  return `M${from.x + 2} ${top}${bend(from.x + 2, top, to.x + 2, bottom)}L${lastRight} ${bottom}${bend(lastRight, bottom, right, top)}Z`;
}

function holderLinks(state: DrawnState, before: DrawnState | undefined, { holders, folios }: Layout): Link[] {
  return holders.flatMap(({ position, ...box }): Link[] => {
    const holder = state.holders?.[position];
    const folio = (holder?.folio ?? 0) - 1;
    const row = folios.find((each) => each.position === folio);
    const to = holder?.kind === 1 ? row : (row?.cells[holder?.page ?? 0] ?? row);
    if (holder === undefined || holder.kind === 0 || to === undefined || row === undefined) {
      return [];
    }
    const old = before?.holders?.[position];
    const [x1, y1, x2, y2] = [box.x + 20, box.y, to.x + to.width / 2, row.y + row.height];
    return [
      {
        style: "reference",
        isBand: false,
        isChanged: old !== undefined && (old.kind !== holder.kind || old.folio !== holder.folio),
        folio,
        path: `M${x1} ${y1}${bend(x1, y1, x2, y2)}`,
      },
    ];
  });
}
