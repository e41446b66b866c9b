/** States that violate the claims about owner tracking, mapcounts and references. */
import { type FieldDescription, FOLIO_FIELDS, SLOT_FIELDS } from "../../model/state/folio-fields.ts";
import { FOLIO_FIELD_NAMES } from "../../model/state/fresh-folio.ts";
import {
  anon,
  cached,
  forked,
  fresh,
  onePage,
  overflowed,
  type Row,
  set,
  small,
  withoutPageMapcounts,
} from "./settings.ts";

/** Returns a value that differs from that of a fresh folio. */
function notFresh({ fresh }: FieldDescription): number | boolean {
  return typeof fresh === "boolean" ? !fresh : fresh + 1;
}

export const TRACKING_ROWS: readonly Row[] = [
  {
    claim: "C1",
    what: "two MMs, not marked",
    setting: forked,
    change: (_, folio) => set(folio, { mmIdsShared: false }),
  },
  {
    claim: "C1",
    what: "two MMs, a mapcount of 1",
    setting: forked,
    change: (_, folio) => set(folio, { largeMapcount: 0 }),
  },
  { claim: "C2", what: "one MM, marked", setting: anon, change: (_, folio) => set(folio, { mmIdsShared: true }) },
  {
    claim: "C2",
    what: "two MMs, not marked",
    setting: forked,
    change: (_, folio) => set(folio, { mmIdsShared: false }),
  },
  {
    claim: "C3",
    what: "one mapping, a mapcount of 2 and marked",
    setting: onePage,
    change: (_, folio) => set(folio, { largeMapcount: 1, mmIdsShared: true }),
  },
  {
    claim: "C3",
    what: "a small folio with a mapcount of 2",
    setting: small,
    change: (_, folio) => set(folio.pages[0], { mapcount: 1 }),
  },
  {
    claim: "C4",
    what: "unmapped and marked",
    setting: cached,
    change: (_, folio) => set(folio, { mmIdsShared: true }),
  },
  ...[0, 1].flatMap((slot): Row[] => [
    {
      claim: "C4",
      what: `unmapped, an id in slot ${slot}`,
      setting: cached,
      change: (_, folio) => set(folio.slots[slot], { mmId: 1 }),
    },
    {
      claim: "C4",
      what: `unmapped, a count in slot ${slot}`,
      setting: cached,
      change: (_, folio) => set(folio.slots[slot], { mapcount: 0 }),
    },
    {
      claim: "C5.slots",
      what: `slot ${slot} taken with -1`,
      setting: forked,
      change: (_, folio) => set(folio.slots[slot], { mapcount: -1 }),
    },
    {
      claim: "C5.slots",
      what: `slot ${slot} taken with -2`,
      setting: forked,
      change: (_, folio) => set(folio.slots[slot], { mapcount: -2 }),
    },
    {
      claim: "C5.slots",
      what: `slot ${slot} free with 0`,
      setting: cached,
      change: (_, folio) => set(folio.slots[slot], { mapcount: 0 }),
    },
    {
      claim: "C8",
      what: `slot ${slot} counts one too many`,
      setting: forked,
      change: (_, folio) => set(folio.slots[slot], { mapcount: 4 }),
    },
    {
      claim: "C8",
      what: `slot ${slot} counts for an MM that does not map it`,
      setting: forked,
      change: (_, folio) => set(folio.slots[slot], { mmId: 3, mapcount: 0 }),
    },
    {
      claim: "C20",
      what: `the id in slot ${slot} is free`,
      setting: forked,
      change: (world) => set(world.mms[slot], { hasId: false }),
    },
  ]),
  {
    claim: "C20.live",
    what: "a live MM has lost its id",
    setting: anon,
    change: (world) => set(world.mms[0], { hasId: false }),
  },
  {
    claim: "C20.live",
    what: "a dead MM keeps its id",
    setting: anon,
    change: (world) => set(world.mms[2], { hasId: true }),
  },
  {
    claim: "C5.slots",
    what: "both slots track one MM",
    setting: forked,
    change: (_, folio) => set(folio.slots[1], { mmId: 1 }),
  },
  ...FOLIO_FIELD_NAMES.filter((field) => field !== "allocated").map((field): Row => {
    const value = notFresh(FOLIO_FIELDS[field]);
    return {
      claim: "C4.fresh",
      what: `not in use, ${field} ${value}`,
      setting: fresh,
      change: (_, folio) => set(folio, { [field]: value }),
    };
  }),
  ...Object.entries(SLOT_FIELDS).map(
    ([field, description]): Row => ({
      claim: "C4.fresh",
      what: `not in use, ${field} of a slot ${notFresh(description)}`,
      setting: fresh,
      change: (_, folio) => set(folio.slots[1], { [field]: notFresh(description) }),
    }),
  ),
  {
    claim: "C4.fresh",
    what: "not in use, a page with content",
    setting: fresh,
    change: (_, folio) => set(folio.pages[3], { content: 1 }),
  },
  ...[0, 3].flatMap((page): Row[] => [
    {
      claim: "C4.fresh",
      what: `not in use, page ${page} mapped`,
      setting: fresh,
      change: (_, folio) => set(folio.pages[page], { mapcount: 0 }),
    },
    {
      claim: "C4.fresh",
      what: `not in use, page ${page} exclusive`,
      setting: fresh,
      change: (_, folio) => set(folio.pages[page], { anonExclusive: true }),
    },
    {
      claim: "C6.page-mapcount",
      what: `page ${page} counts one too many`,
      setting: forked,
      change: (_, folio) => set(folio.pages[page], { mapcount: 2 }),
    },
    {
      claim: "C6.page-mapcount",
      what: `page ${page} of a large folio counts with NO_PAGE_MAPCOUNT`,
      setting: withoutPageMapcounts(forked),
      change: (_, folio) => set(folio.pages[page], { mapcount: 0 }),
    },
  ]),
  {
    claim: "C6.page-mapcount",
    what: "a small folio does not count with NO_PAGE_MAPCOUNT",
    setting: withoutPageMapcounts(small),
    change: (_, folio) => set(folio.pages[0], { mapcount: -1 }),
  },
  {
    claim: "C6.large-mapcount",
    what: "one too many",
    setting: forked,
    change: (_, folio) => set(folio, { largeMapcount: 8 }),
  },
  {
    claim: "C6.large-mapcount",
    what: "unmapped, one too many",
    setting: cached,
    change: (_, folio) => set(folio, { largeMapcount: 0 }),
  },
  {
    claim: "C6.entire-mapcount",
    what: "one too many",
    setting: anon,
    change: (_, folio) => set(folio, { entireMapcount: 0 }),
  },
  {
    claim: "C6.nr-pages-mapped",
    what: "one too few",
    setting: forked,
    change: (_, folio) => set(folio, { nrPagesMapped: 3 }),
  },
  { claim: "C7.covers", what: "one too few", setting: forked, change: (_, folio) => set(folio, { refcount: 7 }) },
  { claim: "C7", what: "one too many", setting: forked, change: (_, folio) => set(folio, { refcount: 9 }) },
  { claim: "C7", what: "the page cache has none", setting: cached, change: (_, folio) => set(folio, { refcount: 0 }) },
  { claim: "C7.freed", what: "in use without any", setting: cached, change: (_, folio) => set(folio, { refcount: 0 }) },
  {
    claim: "C12",
    what: "the pages of a partly mapped folio only",
    setting: withoutPageMapcounts(onePage),
    change: (world) => set(world.stats, { nrAnonMapped: 1 }),
  },
  {
    claim: "C12",
    what: "an unmapped folio",
    setting: withoutPageMapcounts(cached),
    change: (world) => set(world.stats, { nrFileMapped: 4 }),
  },
  {
    claim: "C13",
    what: "the whole of a partly mapped folio",
    setting: onePage,
    change: (world) => set(world.stats, { nrAnonMapped: 4 }),
  },
  {
    claim: "C13",
    what: "anon pages as file pages",
    setting: anon,
    change: (world) => set(world.stats, { nrAnonMapped: 0, nrFileMapped: 4 }),
  },
  { claim: "C17", what: "not marked", setting: overflowed, change: (_, folio) => set(folio, { mmIdsShared: false }) },
];
