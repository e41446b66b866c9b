/** Pages of folios: name, content, number of mappings, and PageAnonExclusive. */
import { TRACKED_WRITE } from "../../trace/contents.ts";
import { pageName } from "../../trace/entry.ts";
import { type DrawnFolio, type DrawnPage, type DrawnState, foliosOf } from "../../trace/state.ts";
import type { Layout } from "./layout.ts";
import { pageKey } from "./places.ts";
import type { CellText, SceneCell } from "./scene-parts.ts";

/** Returns the pages of all folios in use, and of those that the step freed. */
export function folioCells(
  state: DrawnState,
  before: DrawnState | undefined,
  { folios }: Layout,
  config: readonly string[],
): SceneCell[] {
  return folios.flatMap(({ position, cells }) => {
    const folio = foliosOf(state)[position];
    const old = before === undefined ? undefined : foliosOf(before)[position];
    if (folio === undefined || folio.allocated === false) {
      return [];
    }
    const hasMapcounts = folio.nrPages === 1 || !config.includes("no-page-mapcount");
    const was = old?.allocated === false ? undefined : old;
    return cells.slice(0, folio.nrPages).map((box, page): SceneCell => {
      const lines = linesOf(folio, was, page, hasMapcounts);
      return {
        ...box,
        key: pageKey(position, page),
        kind: "page",
        isWritable: false,
        folio: position,
        lines: [nameLine(position, page, folio.pages?.[page], was?.pages?.[page]), ...lines],
        note: "",
        isChanged: before !== undefined && (was === undefined || isPageChanged(folio, was, page, hasMapcounts)),
        isWrong: false,
      };
    });
  });
}

function nameLine(
  folio: number,
  page: number,
  now: DrawnPage | undefined,
  before: DrawnPage | undefined,
): readonly CellText[] {
  const name = pageName(folio, page);
  const has = now?.content === 1;
  const had = before === undefined ? has : before.content === 1;
  return [
    { text: name },
    ...(has ? [{ text: TRACKED_WRITE, ...(had ? {} : { isNew: true as const }) }] : []),
    ...(had && !has ? [{ text: TRACKED_WRITE, isStruck: true as const }] : []),
  ];
}

function linesOf(
  folio: DrawnFolio,
  before: DrawnFolio | undefined,
  page: number,
  hasMapcounts: boolean,
): (readonly CellText[])[] {
  const now = folio.pages?.[page];
  const was = before?.pages?.[page];
  if (now === undefined) {
    return [];
  }
  return [
    ...(hasMapcounts ? [mapcountLine(now.mapcount + 1, was === undefined ? undefined : was.mapcount + 1)] : []),
    ...(folio.anon === true && (now.anonExclusive === true || was?.anonExclusive === true)
      ? [exclusiveLine(now.anonExclusive === true, was?.anonExclusive ?? now.anonExclusive === true)]
      : []),
  ];
}

function mapcountLine(now: number, before: number | undefined): readonly CellText[] {
  return before === undefined || before === now
    ? [{ text: `×${now}` }]
    : [
        { text: `×${before}`, isStruck: true },
        { text: `→${now}`, isNew: true },
      ];
}

function exclusiveLine(now: boolean, before: boolean): readonly CellText[] {
  return [{ text: "excl", ...(now ? (before ? {} : { isNew: true }) : { isStruck: true }) }];
}

function isPageChanged(folio: DrawnFolio, before: DrawnFolio, page: number, hasMapcounts: boolean): boolean {
  const [now, was] = [folio.pages?.[page], before.pages?.[page]];
  return (
    (hasMapcounts && now?.mapcount !== was?.mapcount) ||
    (folio.anon === true && now?.anonExclusive !== was?.anonExclusive) ||
    now?.content !== was?.content
  );
}
