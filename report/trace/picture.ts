/**
 * Picture of a state: page tables, folios, swap, holders and statistics, with changes since the previous state marked.
 */

import { plainText } from "../text/block.ts";
import { span } from "../text/styled-text.ts";
import { folioName, isPresent } from "./entry.ts";
import { field, isShown, LABEL_WIDTH, type PictureLine, packFields } from "./field.ts";
import { drawFilePages } from "./file-pages.ts";
import { drawFolio, isAllocated } from "./folio-picture.ts";
import { drawHolders } from "./holders.ts";
import { drawPageTables } from "./page-tables.ts";
import { type DrawnEntry, type DrawnState, foliosOf, readWorlds } from "./state.ts";
import { differences } from "./state-difference.ts";
import { drawStructPages } from "./struct-pages.ts";
import { drawSwapArea } from "./swap-area.ts";

/** Context of a picture. */
export interface PictureSetting {
  /** Kernel configuration, as in the report. */
  readonly config: string;
  /** The kernel, and the kernel that it is compared with in lockstep, if any. */
  readonly kernels: readonly string[];
  /** Width of a line in characters. */
  readonly width: number;
}

/** Parts of a picture, in order. Any may be empty. */
type Parts = readonly (readonly PictureLine[])[];

/**
 * Draws a state. A state of an unsupported shape is shown as fields: all of them, or the changed ones.
 *
 * @param before the state before the step; undefined for an initial state
 */
export function drawState(state: unknown, before: unknown, setting: PictureSetting): PictureLine[] {
  const now = readWorlds(state);
  if (now === undefined) {
    const pages = drawStructPages(state, before, setting.width);
    if (pages !== undefined) {
      return pages;
    }
    return packFields(span(""), differences(state, before), 0, setting.width);
  }
  const earlier = before === undefined ? undefined : readWorlds(before);
  const pictures = now.worlds.map((world, w) => partsOf(world, earlier?.worlds[w], setting));
  // Fields outside of the picture are shown when they change.
  const pathsInPicture = new Set([...now.paths, ...(earlier?.paths ?? [])]);
  const others = before === undefined ? [] : differences(state, before, pathsInPicture);
  return [...mergePictures(pictures, setting.kernels), ...packFields(span("also"), others, LABEL_WIDTH, setting.width)];
}

function partsOf(now: DrawnState, before: DrawnState | undefined, setting: PictureSetting): Parts {
  return [
    drawPageTables(now, before),
    ...drawFolios(now, before, setting),
    drawSwapArea(now, before),
    drawFilePages(now, before),
    drawHolders(now, before, setting.width),
    drawStats(now, before, setting.width),
  ];
}

/** Merges pictures: common parts are drawn once, different ones under the name of each kernel. */
function mergePictures([first = [], ...others]: readonly Parts[], names: readonly string[]): PictureLine[] {
  const isCommon = (part: number): boolean =>
    others.every((parts) => textOf(parts[part] ?? []) === textOf(first[part] ?? []));
  const lines: PictureLine[] = [];
  let part = 0;
  while (part < first.length) {
    let end = part;
    while (end < first.length && !isCommon(end)) {
      end += 1;
    }
    if (end > part) {
      for (const [i, parts] of [first, ...others].entries()) {
        lines.push({ line: [span(`under ${names[i] ?? i}`, "strong")], changed: false });
        lines.push(...parts.slice(part, end).flat());
      }
      part = end;
    } else {
      lines.push(...(first[part] ?? []));
      part += 1;
    }
  }
  return lines;
}

function textOf(lines: readonly PictureLine[]): string {
  return plainText(lines.map(({ line, changed }) => [span(changed ? "* " : "  "), ...line]));
}

/** Draws a part for each folio, and one for all free folios. */
function drawFolios(now: DrawnState, before: DrawnState | undefined, setting: PictureSetting): PictureLine[][] {
  const mmIds = now.mms.map(({ idNumber }, m) => idNumber ?? m + 1);
  const config = setting.config.split(",");
  const earlier = before === undefined ? [] : foliosOf(before);
  const free: string[] = [];
  const pictures = foliosOf(now).map((folio, f) => {
    const name = now.folios === undefined ? "folio" : `folio ${f} (${folioName(f)})`;
    const picture = drawFolio(folio, earlier[f], {
      name,
      config,
      mmIds,
      mappings: mappingsOf(now, f),
      mappingsBefore: before === undefined ? undefined : mappingsOf(before, f),
      width: setting.width,
    });
    if (picture.length === 0 && !isAllocated(folio)) {
      free.push(name);
    }
    return picture;
  });
  return [...pictures, free.length === 0 ? [] : [{ line: [span(`${free.join(", ")}: free`, "dim")], changed: false }]];
}

/** Counts the present PTEs and PMD entries of a folio, by MM. */
function mappingsOf({ mms }: DrawnState, folio: number): number[] | undefined {
  return mms.some(({ vmas }) => vmas !== undefined)
    ? mms.map(({ vmas = [] }) =>
        vmas
          .flatMap(({ pmd, ptes }): readonly DrawnEntry[] => (pmd === undefined ? ptes : [pmd, ...ptes]))
          .reduce((sum, entry) => sum + (isPresent(entry) && entry.folio === folio + 1 ? 1 : 0), 0),
      )
    : undefined;
}

/** The kernel's names of statistics. */
const STATS: { readonly [name: string]: string } = {
  nrAnonMapped: "NR_ANON_MAPPED",
  nrFileMapped: "NR_FILE_MAPPED",
  nrAnonThps: "NR_ANON_THPS",
  nrFilePmdmapped: "NR_FILE_PMDMAPPED",
};

function drawStats(now: DrawnState, before: DrawnState | undefined, width: number): PictureLine[] {
  const fields = Object.entries(now.stats ?? {}).map(([name, value]) =>
    field(STATS[name] ?? name, String(value), before?.stats?.[name]?.toString(), "0"),
  );
  return packFields(span("stats"), fields.filter(isShown), LABEL_WIDTH, width);
}
