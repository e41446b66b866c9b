/** Converts states of an image to expected observations of a running kernel. */
import type { VisibleFolio, VisiblePage, VisibleState } from "../../gate/image/world/visible-state.ts";
import type { ComparedFolio } from "../compare/comparison.ts";
import type { Expectation, ExpectedEntry } from "../compare/expectation.ts";
import { PageFlag } from "../session/observation.ts";
import { entryOfPage, type ImageGeometry } from "./image-geometry.ts";

/**
 * Returns the expected observation of a state.
 *
 * @param pageMapcount whether the kernel counts the mappings of each page: CONFIG_PAGE_MAPCOUNT
 */
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

/** Returns the folios of a state by position, which is their number minus one. */
export function comparedFolios({ folios }: VisibleState, run: number): ComparedFolio[] {
  const most = folios.at(-1)?.number ?? 0;
  const compared: ComparedFolio[] = Array.from({ length: most }, () => ({ allocated: false, nrPages: 1 }));
  for (const { number, pages, from } of folios) {
    compared[number - 1] = {
      // A folio of one page of the image is a run of folios on the kernel, of which the first is compared.
      nrPages: pages > 1 ? pages * run : 1,
      allocated: true,
      ...(from && { from: { folio: from.folio - 1, page: from.page * run } }),
    };
  }
  return compared;
}

/** Returns the present entry of a process for a page; undefined for none. */
export function visiblePage(state: VisibleState | undefined, mm: number, page: number): VisiblePage | undefined {
  return state?.processes[mm]?.find((entry) => entry.page === page);
}

/** Returns the folio of a present entry; undefined for the zero page. */
export function folioOfPage({ folios }: VisibleState, { folio }: VisiblePage): VisibleFolio | undefined {
  return folios.find(({ number }) => number === folio);
}

/** Returns all entries that map a folio, with their processes. */
export function mappingsOf(
  { processes }: VisibleState,
  folio: number,
): readonly { readonly mm: number; readonly entry: VisiblePage }[] {
  return processes.flatMap((pages, mm) =>
    (pages ?? []).filter((entry) => entry.folio === folio).map((entry) => ({ mm, entry })),
  );
}
