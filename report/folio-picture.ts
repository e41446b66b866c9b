/** A folio: its kind, counters, owner slots and pages. Mapcounts are shown as logical values, one more than stored. */
import { type Field, field, type PictureLine, packFields, show } from "./field.ts";
import { formatSet } from "./numbers.ts";
import { mmName } from "./page-tables.ts";
import type { DrawnFolio, DrawnPage, DrawnSlot } from "./state.ts";
import { span } from "./text.ts";

/** What a folio's picture needs besides the folio. */
export interface FolioSetting {
  /** `folio 0 (A)`, or `folio` when there is only one. */
  readonly name: string;
  /** Words of the kernel configuration. */
  readonly config: readonly string[];
  /** The MM ids, by MM. */
  readonly mmIds: readonly number[];
  /** The entries that really map the folio, by MM; undefined in machines without page tables. */
  readonly mappings: readonly number[] | undefined;
  readonly mappingsBefore: readonly number[] | undefined;
  /** Characters in a line. */
  readonly width: number;
}

/** Width of the label column: a folio's fields stand to the right of its name. */
export const LABEL_WIDTH = 13;

/** Whether the folio is in use. */
export function isAllocated(folio: DrawnFolio): boolean {
  return folio.allocated !== false;
}

/**
 * The picture of a folio. A folio that is not in use shows what changed in it and what is not as in a fresh one: no
 * line at all when there is neither.
 */
export function drawFolio(folio: DrawnFolio, before: DrawnFolio | undefined, setting: FolioSetting): PictureLine[] {
  const free = !isAllocated(folio);
  const wasFree = before !== undefined && !isAllocated(before);
  // A folio that was freed keeps its shape in the picture of that step.
  const pages = free && before !== undefined && !wasFree ? before.nrPages : folio.nrPages;
  const large = pages > 1 || (free && folio.nrPages > 1);
  const groups = [
    [...countFields(folio, before, large, setting), ...flagFields(folio, before)],
    large ? slotFields(folio, before, setting) : [],
    mappingFields(setting),
    pageFields(folio, before, pages, large, setting),
    historyFields(folio, before),
  ].map((fields) => (free ? fields.filter(({ changed, fresh }) => changed || !fresh) : fields));
  const kind = field("", kindOf(folio), before === undefined ? undefined : kindOf(before));
  if (free && !kind.changed && groups.every((fields) => fields.length === 0)) {
    return [];
  }
  const heading: PictureLine = {
    line: [span(setting.name.padEnd(LABEL_WIDTH)), span(kind.text.trim(), kind.changed ? "changed" : "strong")],
    changed: kind.changed,
  };
  return [heading, ...groups.flatMap((fields) => packFields(span(""), fields, LABEL_WIDTH, setting.width))];
}

function kindOf(folio: DrawnFolio): string {
  if (!isAllocated(folio)) {
    return "free";
  }
  const pages = `${folio.nrPages} page${folio.nrPages === 1 ? "" : "s"}`;
  if (folio.anon === undefined) {
    return pages;
  }
  if (folio.anon) {
    return `anon, ${pages}`;
  }
  const where = folio.inPageCache === false ? ", not in the page cache" : "";
  return `file, ${pages}${folio.index === undefined ? "" : ` from index ${folio.index}`}${where}`;
}

function plain(name: string, now: number | undefined, before: number | undefined, fresh: number): Field[] {
  return now === undefined
    ? []
    : [field(name, String(now), before === undefined ? undefined : String(before), String(fresh))];
}

/** A field that stores one less than its logical value. */
function mapcount(name: string, stored: number | undefined, before: number | undefined): Field[] {
  return plain(name, logical(stored), logical(before), 0);
}

function logical(stored: number): number;
function logical(stored: number | undefined): number | undefined;
function logical(stored: number | undefined): number | undefined {
  return stored === undefined ? undefined : stored + 1;
}

function keepsPageMapcounts(large: boolean, { config }: FolioSetting): boolean {
  return !large || !config.includes("no-page-mapcount");
}

function countFields(
  folio: DrawnFolio,
  before: DrawnFolio | undefined,
  large: boolean,
  setting: FolioSetting,
): Field[] {
  const refcount = plain("refcount", folio.refcount, before?.refcount, 0);
  const nrPagesMapped = plain("nr_pages_mapped", folio.nrPagesMapped, before?.nrPagesMapped, 0);
  const ofLarge = [
    ...mapcount("large mapcount", folio.largeMapcount, before?.largeMapcount),
    ...mapcount("entire mapcount", folio.entireMapcount, before?.entireMapcount),
    ...nrPagesMapped.filter(({ changed, fresh }) => keepsPageMapcounts(large, setting) || changed || !fresh),
  ];
  // A small folio uses none of these: they show only when something is wrong with them.
  return [...refcount, ...ofLarge.filter(({ changed, fresh }) => large || changed || !fresh)];
}

function flagFields(folio: DrawnFolio, before: DrawnFolio | undefined): Field[] {
  const flag = (name: string, now: boolean | undefined, earlier: boolean | undefined): Field[] =>
    now === undefined ? [] : [field(name, show(now), earlier === undefined ? undefined : show(earlier), "no")];
  return [
    ...flag("partially_mapped", folio.partiallyMapped, before?.partiallyMapped),
    ...flag("on deferred split list", folio.onDeferredList, before?.onDeferredList),
  ].filter(({ changed, fresh }) => changed || !fresh);
}

function slotFields(folio: DrawnFolio, before: DrawnFolio | undefined, setting: FolioSetting): Field[] {
  const { slots, mmIdsShared } = folio;
  const drawn = (slots ?? []).map((slot, s) => drawSlot(slot, before?.slots?.[s], setting));
  const marked =
    mmIdsShared === undefined
      ? []
      : [
          field(
            "marked",
            sharing(mmIdsShared),
            before?.mmIdsShared === undefined ? undefined : sharing(before.mmIdsShared),
            "exclusive",
          ),
        ];
  const fields =
    drawn.length === 0
      ? marked
      : [
          {
            text: `owner slots ${drawn.map(({ text }) => text).join(" ")}`,
            changed: drawn.some(({ changed }) => changed),
            fresh: drawn.every(({ fresh }) => fresh),
          },
          ...marked,
        ];
  const unused = setting.config.includes("no-mm-id") && fields.every(({ changed, fresh }) => fresh && !changed);
  return unused ? [] : fields;
}

function sharing(shared: boolean): string {
  return shared ? "shared" : "exclusive";
}

/** A slot: `[mm 0: 4]`, `[free]`, `[mm 0: 4 → 2]`, `[free → mm 1: 4]`. */
function drawSlot(slot: DrawnSlot, before: DrawnSlot | undefined, { mmIds }: FolioSetting): Field {
  const holder = ({ mmId, mapcount: stored }: DrawnSlot): string => {
    if (mmId === 0) {
      return stored === -1 ? "free" : `free, but counts ${logical(stored)}`;
    }
    const position = mmIds.indexOf(mmId);
    return `${mmName(position < 0 ? mmId - 1 : position)}: ${logical(stored)}`;
  };
  const now = holder(slot);
  const earlier = before === undefined ? undefined : holder(before);
  const changed = earlier !== undefined && earlier !== now;
  const sameMm = slot.mmId !== 0 && slot.mmId === before?.mmId;
  const text = !changed ? now : sameMm ? `${earlier} → ${logical(slot.mapcount)}` : `${earlier} → ${now}`;
  return { text: `[${text}]`, changed, fresh: now === "free" };
}

/** The ground truth next to the slots. */
function mappingFields({ mappings, mappingsBefore }: FolioSetting): Field[] {
  if (mappings === undefined) {
    return [];
  }
  const fields = mappings
    .map((count, m) => field(`${mmName(m)}:`, String(count), mappingsBefore?.[m]?.toString(), "0"))
    .filter(({ changed, fresh }) => changed || !fresh);
  const text = fields.length === 0 ? "none" : fields.map((each) => each.text).join(", ");
  return [
    {
      text: `really mapped by ${text}`,
      changed: fields.some(({ changed }) => changed),
      fresh: fields.every(({ fresh }) => fresh),
    },
  ];
}

function pageFields(
  folio: DrawnFolio,
  before: DrawnFolio | undefined,
  count: number,
  large: boolean,
  setting: FolioSetting,
): Field[] {
  const pages = (folio.pages ?? []).slice(0, count);
  if (pages.length === 0) {
    return [];
  }
  const earlier = before?.pages;
  const mapcounts = pages.map((page, i) => {
    const now = String(logical(page.mapcount));
    const was = earlier?.[i] === undefined ? now : String(logical((earlier[i] as DrawnPage).mapcount));
    return { text: was === now ? now : `${was}→${now}`, changed: was !== now, fresh: now === "0" };
  });
  const list: Field = {
    text: `${large ? "page mapcounts" : "mapcount"} ${mapcounts.map(({ text }) => text).join(" ")}`,
    changed: mapcounts.some(({ changed }) => changed),
    fresh: mapcounts.every(({ fresh }) => fresh),
  };
  const kept = keepsPageMapcounts(large, setting) || list.changed || !list.fresh;
  const exclusive = exclusivePages(pages);
  const exclusiveBefore = earlier === undefined ? undefined : exclusivePages(earlier.slice(0, count));
  const anon = folio.anon === true || exclusive !== "none" || (exclusiveBefore ?? "none") !== "none";
  return [...(kept ? [list] : []), ...(anon ? [field("AnonExclusive", exclusive, exclusiveBefore, "none")] : [])];
}

function exclusivePages(pages: readonly DrawnPage[]): string {
  const exclusive = pages.flatMap(({ anonExclusive }, i) => (anonExclusive === true ? [i] : []));
  return exclusive.length === 0 ? "none" : `page${exclusive.length === 1 ? "" : "s"} ${formatSet(exclusive)}`;
}

/** What only properties look at. */
function historyFields(folio: DrawnFolio, before: DrawnFolio | undefined): Field[] {
  const remembered = (text: string, now: boolean | undefined, earlier: boolean | undefined): Field[] =>
    now === true || earlier === true
      ? [field(`history: ${text}:`, show(now ?? false), earlier === undefined ? undefined : show(earlier), "no")]
      : [];
  return [
    ...remembered("three MMs mapped it at one time", folio.hadThreeMms, before?.hadThreeMms),
    ...remembered("a slot mapcount overflowed", folio.hadOverflow, before?.hadOverflow),
  ];
}
