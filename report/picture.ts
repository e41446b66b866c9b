/** A state as a picture: page tables, folios, statistics, with what changed since the state before. */
import { field, type PictureLine, packFields } from "./field.ts";
import { drawFolio, isAllocated, LABEL_WIDTH } from "./folio-picture.ts";
import { drawPageTables, folioName } from "./page-tables.ts";
import { type DrawnState, foliosOf, readState } from "./state.ts";
import { differences, pathsOf } from "./state-diff.ts";
import { span } from "./text.ts";

/** What a picture needs besides the state. */
export interface PictureSetting {
  /** Kernel configuration, as in the report. */
  readonly config: string;
  readonly bounds: { readonly [name: string]: number };
  /** Characters in a line. */
  readonly width: number;
}

/**
 * Draws a state. A state of a shape that is not known is shown as fields: all of them, or those that changed.
 *
 * @param before the state before the step; undefined for an initial state
 */
export function drawState(state: unknown, before: unknown, setting: PictureSetting): PictureLine[] {
  const now = readState(state);
  if (now === undefined) {
    return packFields(span(""), differences(state, before), 0, setting.width);
  }
  const earlier = before === undefined ? undefined : readState(before);
  const lines = [
    ...drawPageTables(now, earlier, setting.bounds),
    ...drawFolios(now, earlier, setting),
    ...drawStats(now, earlier, setting.width),
  ];
  // Fields that the picture does not know are not lost: they show when they change.
  const known = new Set([...pathsOf(now).keys(), ...(earlier === undefined ? [] : pathsOf(earlier).keys())]);
  const others = before === undefined ? [] : differences(state, before, known);
  return [...lines, ...packFields(span("also"), others, LABEL_WIDTH, setting.width)];
}

function drawFolios(now: DrawnState, before: DrawnState | undefined, setting: PictureSetting): PictureLine[] {
  const mmIds = now.mms.map(({ idNumber }, m) => idNumber ?? m + 1);
  const config = setting.config.split(",");
  const earlier = before === undefined ? [] : foliosOf(before);
  const free: string[] = [];
  const lines = foliosOf(now).flatMap((folio, f) => {
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
  return free.length === 0 ? lines : [...lines, { line: [span(`${free.join(", ")}: free`, "dim")], changed: false }];
}

/** The entries that map a folio, by MM. */
function mappingsOf(state: DrawnState, folio: number): number[] | undefined {
  return state.mms.some(({ vmas }) => vmas !== undefined)
    ? state.mms.map(({ vmas }) =>
        (vmas ?? []).reduce((sum, { ptes }) => sum + ptes.filter((pte) => pte.folio === folio + 1).length, 0),
      )
    : undefined;
}

/** The kernel's names of statistics. */
const STATS: { readonly [name: string]: string } = { nrAnonMapped: "NR_ANON_MAPPED", nrFileMapped: "NR_FILE_MAPPED" };

function drawStats(now: DrawnState, before: DrawnState | undefined, width: number): PictureLine[] {
  const fields = Object.entries(now.stats ?? {}).map(([name, value]) =>
    field(STATS[name] ?? name, String(value), before?.stats?.[name]?.toString()),
  );
  return packFields(span("stats"), fields, LABEL_WIDTH, width);
}
