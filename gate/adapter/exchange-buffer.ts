/** A folio of the model as the mailbox of the driver has it: written before a call, read after it. */
import { at } from "../../explore/model/schema.ts";
import { FOLIO_FIELDS, PAGE_FIELDS, SLOT_FIELDS } from "../../model/state/folio-fields.ts";
import { ENTIRELY_MAPPED, type Folio, GUP_PIN_COUNTING_BIAS, type TrackedFolio } from "../../model/state/structs.ts";
import { Box, Flag, MOST_PAGES } from "../harness/harness.ts";
import type { FieldDifference, FolioFieldName } from "./call-fault.ts";
import type { FolioRoom } from "./instance.ts";

/** GUP_PIN_COUNTING_BIAS of the kernel; the model's is smaller. */
const KERNEL_PIN_BIAS = 1024;

/** Order of a PMD where the model has no PMD mappings: above that of every folio. */
export const NO_PMD_ORDER = 9;

/** `_nr_pages_mapped` never has as many pages missing, and this is added so that one that does shows as such. */
export const PAGES_BELOW = 4;

/** The reference count of the model as the kernel counts it. */
export function refcountInKernel(room: FolioRoom, nrPages: number, refcount: number): number {
  if (nrPages >= room.pincount) {
    return refcount;
  }
  const pins = Math.floor(refcount / GUP_PIN_COUNTING_BIAS);
  return refcount + pins * (KERNEL_PIN_BIAS - GUP_PIN_COUNTING_BIAS);
}

/** The reference count of the kernel as the model counts it. */
export function refcountInModel(room: FolioRoom, nrPages: number, refcount: number): number {
  if (nrPages >= room.pincount) {
    return refcount;
  }
  const pins = Math.floor(refcount / KERNEL_PIN_BIAS);
  return refcount - pins * (KERNEL_PIN_BIAS - GUP_PIN_COUNTING_BIAS);
}

/**
 * Writes the part of a folio that MM owner tracking is about, as a folio without anything else.
 *
 * @param totalMappedPages `_total_mapped_pages`; 0 for a tree that does not have it
 */
export function packTracked(box: Int32Array, folio: TrackedFolio, totalMappedPages: number): void {
  const { nrPages, slots } = folio;
  const slot0 = at(slots, 0);
  const slot1 = at(slots, 1);
  box[Box.nrPages] = nrPages;
  box[Box.refcount] = 1;
  box[Box.pincount] = FOLIO_FIELDS.pincount.fresh;
  box[Box.largeMapcount] = folio.largeMapcount;
  box[Box.entireMapcount] = FOLIO_FIELDS.entireMapcount.fresh;
  box[Box.pagesMapped] = 0;
  box[Box.entirelyMapped] = 0;
  box[Box.totalMappedPages] = totalMappedPages;
  box[Box.mmId0] = slot0.mmId;
  box[Box.mmIdMapcount0] = slot0.mapcount;
  box[Box.mmId1] = slot1.mmId;
  box[Box.mmIdMapcount1] = slot1.mapcount;
  box[Box.flags] = folio.mmIdsShared ? Flag.shared : 0;
  box[Box.index] = 0;
  box[Box.pmdOrder] = NO_PMD_ORDER;
  box.fill(-1, Box.mapcount, Box.mapcount + MOST_PAGES);
  box.fill(0, Box.exclusive, Box.exclusive + MOST_PAGES);
}

/** Writes a folio. */
export function packFolio(box: Int32Array, folio: Folio, room: FolioRoom): void {
  const { nrPages, slots, pages, hpagePmdNr } = folio;
  box[Box.nrPages] = nrPages;
  box[Box.refcount] = refcountInKernel(room, nrPages, folio.refcount);
  box[Box.index] = folio.index;
  let flags =
    (folio.anon ? Flag.anon : 0) |
    (folio.swapcache ? Flag.swapcache : 0) |
    (folio.locked ? Flag.locked : 0) |
    (folio.inPageCache ? Flag.inPageCache : 0);
  if (nrPages > 1) {
    const slot0 = at(slots, 0);
    const slot1 = at(slots, 1);
    const { nrPagesMapped } = folio;
    const entirely = Math.floor((nrPagesMapped + PAGES_BELOW) / ENTIRELY_MAPPED);
    box[Box.pincount] = folio.pincount;
    box[Box.largeMapcount] = folio.largeMapcount;
    box[Box.entireMapcount] = folio.entireMapcount;
    box[Box.pagesMapped] = nrPagesMapped - entirely * ENTIRELY_MAPPED;
    box[Box.entirelyMapped] = entirely;
    box[Box.totalMappedPages] = folio.totalMappedPages;
    box[Box.mmId0] = slot0.mmId;
    box[Box.mmIdMapcount0] = slot0.mapcount;
    box[Box.mmId1] = slot1.mmId;
    box[Box.mmIdMapcount1] = slot1.mapcount;
    flags |=
      (folio.mmIdsShared ? Flag.shared : 0) |
      (folio.partiallyMapped ? Flag.partiallyMapped : 0) |
      (folio.onDeferredList ? Flag.onDeferredList : 0);
  }
  box[Box.flags] = flags;
  for (let i = 0; i < nrPages; i++) {
    const page = at(pages, i);
    box[Box.mapcount + i] = page.mapcount;
    box[Box.exclusive + i] = page.anonExclusive ? 1 : 0;
  }
  box[Box.pmdOrder] = hpagePmdNr === 0 ? NO_PMD_ORDER : 31 - Math.clz32(hpagePmdNr);
}

/** Takes the part of a folio that MM owner tracking is about from the mailbox. */
export function unpackTracked(box: Int32Array, folio: TrackedFolio): void {
  const slot0 = at(folio.slots, 0);
  const slot1 = at(folio.slots, 1);
  folio.largeMapcount = value(box, Box.largeMapcount);
  folio.mmIdsShared = (value(box, Box.flags) & Flag.shared) !== 0;
  slot0.mmId = value(box, Box.mmId0);
  slot0.mapcount = value(box, Box.mmIdMapcount0);
  slot1.mmId = value(box, Box.mmId1);
  slot1.mapcount = value(box, Box.mmIdMapcount1);
}

/** Takes a folio from the mailbox. */
export function unpackFolio(box: Int32Array, folio: Folio, room: FolioRoom): void {
  const { nrPages, pages } = folio;
  const flags = value(box, Box.flags);
  folio.refcount = refcountInModel(room, nrPages, value(box, Box.refcount));
  folio.anon = (flags & Flag.anon) !== 0;
  folio.swapcache = (flags & Flag.swapcache) !== 0;
  folio.locked = (flags & Flag.locked) !== 0;
  for (let i = 0; i < nrPages; i++) {
    const page = at(pages, i);
    page.mapcount = value(box, Box.mapcount + i);
    page.anonExclusive = value(box, Box.exclusive + i) !== 0;
  }
  if (nrPages > 1) {
    unpackTracked(box, folio);
    folio.nrPagesMapped = value(box, Box.pagesMapped) + value(box, Box.entirelyMapped) * ENTIRELY_MAPPED;
    folio.partiallyMapped = (flags & Flag.partiallyMapped) !== 0;
    folio.onDeferredList = (flags & Flag.onDeferredList) !== 0;
    folio.totalMappedPages = value(box, Box.totalMappedPages);
    if (nrPages >= room.entireMapcount) {
      folio.entireMapcount = value(box, Box.entireMapcount);
    }
    if (nrPages >= room.pincount) {
      folio.pincount = value(box, Box.pincount);
    }
  }
}

/** A folio that has words of its own, which only C code understands. */
export interface WithExtra {
  readonly extra: readonly { low: number; high: number }[];
}

/** Writes the words that only C code understands. */
export function packExtra(box: Int32Array, { extra }: WithExtra): void {
  for (let i = 0; i < extra.length; i++) {
    const { low, high } = at(extra, i);
    box[Box.extra + i] = low | (high << 16);
  }
}

/** Takes the words that only C code understands. */
export function unpackExtra(box: Int32Array, { extra }: WithExtra): void {
  for (let i = 0; i < extra.length; i++) {
    const word = at(extra, i);
    const bits = value(box, Box.extra + i);
    word.low = bits & 0xffff;
    word.high = bits >>> 16;
  }
}

function value(box: Int32Array, position: number): number {
  return box[position] as number;
}

/** A field with its position in the mailbox, and in an owner slot or page. */
interface BoxField {
  readonly field: FolioFieldName;
  readonly position: number;
  readonly index?: number;
}

const SMALL_FIELDS: readonly BoxField[] = [
  { field: FOLIO_FIELDS.refcount.kernel, position: Box.refcount },
  { field: FOLIO_FIELDS.index.kernel, position: Box.index },
];

const LARGE_FIELDS: readonly BoxField[] = [
  { field: FOLIO_FIELDS.largeMapcount.kernel, position: Box.largeMapcount },
  { field: FOLIO_FIELDS.nrPagesMapped.kernel, position: Box.pagesMapped },
  { field: "ENTIRELY_MAPPED", position: Box.entirelyMapped },
  { field: FOLIO_FIELDS.totalMappedPages.kernel, position: Box.totalMappedPages },
  { field: SLOT_FIELDS.mmId.kernel, index: 0, position: Box.mmId0 },
  { field: SLOT_FIELDS.mapcount.kernel, index: 0, position: Box.mmIdMapcount0 },
  { field: SLOT_FIELDS.mmId.kernel, index: 1, position: Box.mmId1 },
  { field: SLOT_FIELDS.mapcount.kernel, index: 1, position: Box.mmIdMapcount1 },
];

const ENTIRE_MAPCOUNT: readonly BoxField[] = [
  { field: FOLIO_FIELDS.entireMapcount.kernel, position: Box.entireMapcount },
];

const PINCOUNT: readonly BoxField[] = [{ field: FOLIO_FIELDS.pincount.kernel, position: Box.pincount }];

const FLAGS: readonly (readonly [FolioFieldName, number])[] = [
  ["shared", Flag.shared],
  ["anon", Flag.anon],
  ["swapcache", Flag.swapcache],
  ["locked", Flag.locked],
  ["partially_mapped", Flag.partiallyMapped],
  ["deferred_list", Flag.onDeferredList],
];

/** Whether two mailboxes have the same folio. */
export function sameFolio(one: Int32Array, other: Int32Array, room: FolioRoom): boolean {
  const nrPages = value(one, Box.nrPages);
  for (let i = 0; i < Math.min(nrPages, MOST_PAGES); i++) {
    if (one[Box.mapcount + i] !== other[Box.mapcount + i] || one[Box.exclusive + i] !== other[Box.exclusive + i]) {
      return false;
    }
  }
  if (
    one[Box.flags] !== other[Box.flags] ||
    one[Box.refcount] !== other[Box.refcount] ||
    one[Box.index] !== other[Box.index]
  ) {
    return false;
  }
  if (nrPages === 1) {
    return true;
  }
  for (let i: number = Box.largeMapcount; i <= Box.mmIdMapcount1; i++) {
    if (i !== Box.entireMapcount && one[i] !== other[i]) {
      return false;
    }
  }
  return (
    one[Box.totalMappedPages] === other[Box.totalMappedPages] &&
    (nrPages < room.entireMapcount || one[Box.entireMapcount] === other[Box.entireMapcount]) &&
    (nrPages < room.pincount || one[Box.pincount] === other[Box.pincount])
  );
}

/** The fields in which two mailboxes differ: of the compiled kernel, and of the model. */
export function differences(compiled: Int32Array, model: Int32Array, room: FolioRoom): FieldDifference[] {
  const nrPages = value(compiled, Box.nrPages);
  const ofPages = (field: FolioFieldName, position: number): BoxField[] =>
    Array.from({ length: Math.min(nrPages, MOST_PAGES) }, (_, index) => ({ field, index, position: position + index }));
  const fields = [
    ...SMALL_FIELDS,
    ...(nrPages > 1 ? LARGE_FIELDS : []),
    ...(nrPages >= room.entireMapcount ? ENTIRE_MAPCOUNT : []),
    ...(nrPages >= room.pincount ? PINCOUNT : []),
    ...ofPages(PAGE_FIELDS.mapcount.kernel, Box.mapcount),
    ...ofPages(PAGE_FIELDS.anonExclusive.kernel, Box.exclusive),
  ];
  const numbers = fields
    .filter(({ position }) => compiled[position] !== model[position])
    .map(
      ({ position, ...field }): FieldDifference => ({
        kind: "field",
        ...field,
        compiled: value(compiled, position),
        model: value(model, position),
      }),
    );
  const has = (box: Int32Array, bit: number): boolean => (value(box, Box.flags) & bit) !== 0;
  const flags = FLAGS.filter(([, bit]) => has(compiled, bit) !== has(model, bit)).map(
    ([field, bit]): FieldDifference => ({
      kind: "field",
      field,
      compiled: has(compiled, bit),
      model: has(model, bit),
    }),
  );
  return [...numbers, ...flags];
}
