/** What a state of an image looks like on a running kernel. */
import type { VisibleFolio, VisiblePage, VisibleState } from "../../gate/image/world/visible-state.ts";
import type { FollowedFolio } from "../compare/comparison.ts";
import type { Expectation, ExpectedEntry } from "../compare/expectation.ts";
import { PageFlag } from "../session/observation.ts";
import { entryOfPage, type ImageGeometry } from "./image-geometry.ts";

/** What must be seen of a state. @param pageMapcount whether the kernel counts the mappings of each page: CONFIG_PAGE_MAPCOUNT */
export function expectVisible(
  { processes, folios }: VisibleState,
  { run, session }: ImageGeometry,
  pageMapcount: boolean,
): Expectation {
  const byNumber = new Map(folios.map((folio) => [folio.number, folio]));
  const mms = Array.from({ length: session.mms }, (_, mm) => {
    const pages = processes[mm] ?? null;
    if (pages === null) {
      return null;
    }
    const entries: ExpectedEntry[] = Array.from({ length: session.pages }, () => "none");
    for (const page of pages) {
      entries[entryOfPage(page.page)] = expectPage(page, byNumber.get(page.folio), run, pageMapcount);
    }
    return [entries];
  });
  return { mms, holders: [] };
}

function expectPage(
  { index, mapcount, exclusive, content }: VisiblePage,
  folio: VisibleFolio | undefined,
  run: number,
  pageMapcount: boolean,
): ExpectedEntry {
  if (folio === undefined) {
    return "zero page";
  }
  const compound = index === 0 ? PageFlag.compoundHead : PageFlag.compoundTail;
  return {
    folio: folio.number - 1,
    page: index * run,
    mapcount,
    exclusive,
    flags: PageFlag.anon | (folio.pages > 1 ? compound : 0),
    content,
    private: pageMapcount ? mapcount < 2 : exclusive,
    divisor: Math.max(1, mapcount),
  };
}

/** The folios of a state by position, which is their number less one. */
export function followedFolios({ folios }: VisibleState, run: number): FollowedFolio[] {
  const most = folios.at(-1)?.number ?? 0;
  const followed: FollowedFolio[] = Array.from({ length: most }, () => ({ allocated: false, nrPages: 1 }));
  for (const { number, pages, from } of folios) {
    followed[number - 1] = {
      // A page of the image that is a folio is a run of folios here, and the first of them is followed.
      nrPages: pages > 1 ? pages * run : 1,
      allocated: true,
      ...(from && { from: { folio: from.folio - 1, page: from.page * run } }),
    };
  }
  return followed;
}

/** The entry of a process for a page, where it is present. */
export function visiblePage(state: VisibleState | undefined, mm: number, page: number): VisiblePage | undefined {
  return state?.processes[mm]?.find((entry) => entry.page === page);
}

/** The folio of an entry that is present; undefined for the zero page. */
export function folioOfPage({ folios }: VisibleState, { folio }: VisiblePage): VisibleFolio | undefined {
  return folios.find(({ number }) => number === folio);
}

/** Every entry that maps a folio, with its process. */
export function mappingsOf(
  { processes }: VisibleState,
  folio: number,
): readonly { readonly mm: number; readonly entry: VisiblePage }[] {
  return processes.flatMap((pages, mm) =>
    (pages ?? []).filter((entry) => entry.folio === folio).map((entry) => ({ mm, entry })),
  );
}
