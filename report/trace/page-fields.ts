/** Fields of the pages of a folio: mapcounts, PageAnonExclusive, and the tracked write. */

import { formatPositions } from "../text/numbers.ts";
import { TRACKED_WRITE } from "./contents.ts";
import { type Field, field, isShown } from "./field.ts";
import type { DrawnFolio, DrawnPage } from "./state.ts";

/** Creates the fields. @param count number of pages of the folio, or before it was freed */
export function pageFields(folio: DrawnFolio, before: DrawnFolio | undefined, count: number): Field[] {
  const pages = (folio.pages ?? []).slice(0, count);
  if (pages.length === 0) {
    return [];
  }
  const earlier = before?.pages?.slice(0, count);
  const where = (name: string, has: (page: DrawnPage) => boolean): Field => {
    const positions = (all: readonly DrawnPage[]): string =>
      formatPositions(
        "page",
        all.flatMap((page, i) => (has(page) ? [i] : [])),
      );
    return field(name, positions(pages), earlier === undefined ? undefined : positions(earlier), "none");
  };
  const exclusive = where("AnonExclusive", ({ anonExclusive }) => anonExclusive === true);
  return [
    ...[mapcounts(pages, earlier)].filter(isShown),
    // Shown for every anon folio, because the absence of exclusive pages is relevant.
    ...(folio.anon === true || isShown(exclusive) ? [exclusive] : []),
    ...[where(`${TRACKED_WRITE} in`, ({ content }) => content === 1)].filter(isShown),
  ];
}

function mapcounts(pages: readonly DrawnPage[], before: readonly DrawnPage[] | undefined): Field {
  const each = pages.map(({ mapcount }, i) => {
    const now = String(mapcount + 1);
    const was = String((before?.[i]?.mapcount ?? mapcount) + 1);
    return { text: was === now ? now : `${was}→${now}`, changed: was !== now, fresh: now === "0" };
  });
  return {
    text: `${pages.length > 1 ? "page mapcounts" : "mapcount"} ${each.map(({ text }) => text).join(" ")}`,
    changed: each.some(({ changed }) => changed),
    fresh: each.every(({ fresh }) => fresh),
  };
}
