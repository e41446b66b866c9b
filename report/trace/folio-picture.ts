/**
 * Picture of a folio: kind, counters, flags, owner slots and pages. Mapcounts are logical values, one more than stored.
 */

import { type FieldDescription, FOLIO_FIELDS, type FolioFields } from "../../model/state/folio-fields.ts";
import { formatPositions } from "../text/numbers.ts";
import { span } from "../text/styled-text.ts";
import { pagesMappedText, referencesText } from "./counter-text.ts";
import { mmName } from "./entry.ts";
import { type Field, field, isShown, LABEL_WIDTH, type PictureLine, packFields, show } from "./field.ts";
import { pageFields } from "./page-fields.ts";
import type { DrawnFolio, DrawnSlot } from "./state.ts";

/** Context of a folio's picture. */
export interface FolioSetting {
  /** `folio 0 (A)`, or `folio` if the machine has only one. */
  readonly name: string;
  /** Words of the kernel configuration. */
  readonly config: readonly string[];
  /** The MM ids, by MM. */
  readonly mmIds: readonly number[];
  /** Ground truth: number of entries that map the folio, by MM; undefined in machines without page tables. */
  readonly mappings: readonly number[] | undefined;
  readonly mappingsBefore: readonly number[] | undefined;
  /** Characters in a line. */
  readonly width: number;
}

/** Whether the folio is in use. */
export function isAllocated(folio: DrawnFolio): boolean {
  return folio.allocated !== false;
}

/**
 * Draws a folio. Fields with the value of a fresh folio are left out unless they changed, except for a few fields of a
 * folio in use. A free folio equal to a fresh one has no line.
 */
export function drawFolio(folio: DrawnFolio, before: DrawnFolio | undefined, setting: FolioSetting): PictureLine[] {
  const free = !isAllocated(folio);
  const wasFree = before !== undefined && !isAllocated(before);
  // The picture of the step that frees a folio has its previous number of pages.
  const pages = free && before !== undefined && !wasFree ? before.nrPages : folio.nrPages;
  const large = pages > 1;
  const groups = [
    [
      ...always(free, refcountField(folio, before, setting)),
      ...always(free || !large, count("largeMapcount", folio, before, String, "large mapcount")),
      ...countFields(folio, before).filter(isShown),
      ...flagFields(folio, before).filter(isShown),
    ],
    always(free || !large || setting.config.includes("no-mm-id"), slotFields(folio, before, setting)),
    always(free, mappingFields(setting)),
    pageFields(folio, before, pages),
    historyFields(folio, before).filter(isShown),
  ];
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

/**
 * Selects fields that are always shown. If they do not apply (`idle`), they are shown only if one differs from a fresh
 * one.
 */
function always(idle: boolean, fields: readonly Field[]): Field[] {
  return idle && !fields.some(isShown) ? [] : [...fields];
}

function kindOf(folio: DrawnFolio): string {
  if (!isAllocated(folio)) {
    return "free";
  }
  const pages = `${folio.nrPages} page${folio.nrPages === 1 ? "" : "s"}`;
  // A folio of an image that is not anonymous is new: of such a folio, the state has no page cache.
  if (folio.anon === undefined || (!folio.anon && folio.inPageCache === undefined)) {
    return pages;
  }
  if (folio.anon) {
    return `anon, ${pages}`;
  }
  const where = folio.inPageCache === false ? ", not in the page cache" : "";
  return `file, ${pages}${folio.index === undefined ? "" : ` from index ${folio.index}`}${where}`;
}

/** Creates a field that a machine may lack. */
function value<T>(
  name: string,
  now: T | undefined,
  before: T | undefined,
  fresh: T,
  text: (value: T) => string,
): Field[] {
  return now === undefined
    ? []
    : [field(name, text(now), before === undefined ? undefined : text(before), text(fresh))];
}

type NumberName = { [K in keyof FolioFields]: FolioFields[K] extends number ? K : never }[keyof FolioFields];
type FlagName = { [K in keyof FolioFields]: FolioFields[K] extends boolean ? K : never }[keyof FolioFields];

/** Creates the field of a count. @param label the kernel's name when absent */
function count(
  name: NumberName,
  folio: DrawnFolio,
  before: DrawnFolio | undefined,
  text: (value: number) => string = String,
  label: string = FOLIO_FIELDS[name].kernel.replace(/^_/, ""),
): Field[] {
  const { fresh, storedMinusOne }: FieldDescription = FOLIO_FIELDS[name];
  const logical = (stored: number): string => text(storedMinusOne === true ? stored + 1 : stored);
  return value(label, folio[name], before?.[name], Number(fresh), logical);
}

/** Creates the field of a flag. */
function flag(
  name: FlagName,
  folio: DrawnFolio,
  before: DrawnFolio | undefined,
  label: string,
  text: (value: boolean) => string = show,
): Field[] {
  return value(label, folio[name], before?.[name], FOLIO_FIELDS[name].fresh, text);
}

function refcountField(folio: DrawnFolio, before: DrawnFolio | undefined, { config }: FolioSetting): Field[] {
  return folio.refcount === undefined
    ? []
    : value("refcount", folio, before, { nrPages: 1 }, (each) => referencesText(each, config));
}

function countFields(folio: DrawnFolio, before: DrawnFolio | undefined): Field[] {
  return [
    ...count("entireMapcount", folio, before, String, "entire mapcount"),
    ...count("nrPagesMapped", folio, before, (mapped) => pagesMappedText(mapped, folio)),
    ...count("totalMappedPages", folio, before),
    ...count("pincount", folio, before),
  ];
}

function flagFields(folio: DrawnFolio, before: DrawnFolio | undefined): Field[] {
  const slots = ({ swapcache, swap = 0, nrPages }: DrawnFolio): string =>
    swapcache === true
      ? formatPositions(
          "slot",
          Array.from({ length: nrPages }, (_, i) => swap + i),
        )
      : "no";
  return [
    ...flag("locked", folio, before, "locked"),
    ...(folio.swapcache === undefined ? [] : value("in swap cache", folio, before, { nrPages: 1 }, slots)),
    ...flag("partiallyMapped", folio, before, "partially_mapped"),
    ...flag("onDeferredList", folio, before, "on deferred split list"),
  ];
}

function slotFields(folio: DrawnFolio, before: DrawnFolio | undefined, setting: FolioSetting): Field[] {
  const drawn = (folio.slots ?? []).map((slot, s) => drawSlot(slot, before?.slots?.[s], setting));
  const slots: Field = {
    text: `owner slots ${drawn.map(({ text }) => text).join(" ")}`,
    changed: drawn.some(({ changed }) => changed),
    fresh: drawn.every(({ fresh }) => fresh),
  };
  const sharing = (shared: boolean): string => (shared ? "shared" : "exclusive");
  return [...(drawn.length === 0 ? [] : [slots]), ...flag("mmIdsShared", folio, before, "marked", sharing)];
}

/** Creates the field of an owner slot: `[mm 0: 4]`, `[free]`, `[mm 0: 4 → 2]`, `[free → mm 1: 4]`. */
function drawSlot(slot: DrawnSlot, before: DrawnSlot | undefined, { mmIds }: FolioSetting): Field {
  const holder = ({ mmId, mapcount: stored }: DrawnSlot): string => {
    if (mmId === 0) {
      return stored === -1 ? "free" : `free, but counts ${stored + 1}`;
    }
    const position = mmIds.indexOf(mmId);
    return `${mmName(position < 0 ? mmId - 1 : position)}: ${stored + 1}`;
  };
  const now = holder(slot);
  const earlier = before === undefined ? undefined : holder(before);
  const changed = earlier !== undefined && earlier !== now;
  const sameMm = slot.mmId !== 0 && slot.mmId === before?.mmId;
  const text = !changed ? now : sameMm ? `${earlier} → ${slot.mapcount + 1}` : `${earlier} → ${now}`;
  return { text: `[${text}]`, changed, fresh: now === "free" };
}

/** Creates the field of the ground truth, which is shown next to the slots. */
function mappingFields({ mappings, mappingsBefore }: FolioSetting): Field[] {
  if (mappings === undefined) {
    return [];
  }
  const fields = mappings
    .map((count, m) => field(`${mmName(m)}:`, String(count), mappingsBefore?.[m]?.toString(), "0"))
    .filter(isShown);
  const text = fields.length === 0 ? "none" : fields.map((each) => each.text).join(", ");
  return [
    {
      text: `really mapped by ${text}`,
      changed: fields.some(({ changed }) => changed),
      fresh: fields.every(({ fresh }) => fresh),
    },
  ];
}

/** Creates the fields of the history, which only properties read. */
function historyFields(folio: DrawnFolio, before: DrawnFolio | undefined): Field[] {
  return [
    ...value("history: three MMs mapped it at one time:", folio.hadThreeMms, before?.hadThreeMms, false, show),
    ...value("history: a slot mapcount overflowed:", folio.hadOverflow, before?.hadOverflow, false, show),
  ];
}
