/** Encodes a folio of the model into the exchange buffer before a call, and decodes it after the call. */
import { at } from "../../explore/model/schema.ts";
import { FOLIO_FIELDS, PAGE_FIELDS, SLOT_FIELDS } from "../../model/state/folio-fields.ts";
import { ENTIRELY_MAPPED, type Folio, GUP_PIN_COUNTING_BIAS, type TrackedFolio } from "../../model/state/structs.ts";
import { BufferField, Flag, MOST_PAGES } from "../harness/harness.ts";
import type { FieldDifference, FolioFieldName } from "./call-fault.ts";
import type { FolioRoom } from "./instance.ts";

/** GUP_PIN_COUNTING_BIAS of the kernel (include/linux/mm.h); the model's is smaller. */
const KERNEL_PIN_BIAS = 1024;

/** PMD order for a model without PMD mappings: above the order of every folio. */
export const NO_PMD_ORDER = 9;

/**
 * Offset of `_nr_pages_mapped`, so that a negative number of pages is visible. A correct kernel never gets below it.
 */
export const PAGES_BELOW = 4;

/** Converts a reference count of the model to the kernel's pin bias. */
export function refcountInKernel(room: FolioRoom, nrPages: number, refcount: number): number {
  if (nrPages >= room.pincount) {
    return refcount;
  }
  const pins = Math.floor(refcount / GUP_PIN_COUNTING_BIAS);
  return refcount + pins * (KERNEL_PIN_BIAS - GUP_PIN_COUNTING_BIAS);
}

/** Converts a reference count of the kernel to the model's pin bias. */
export function refcountInModel(room: FolioRoom, nrPages: number, refcount: number): number {
  if (nrPages >= room.pincount) {
    return refcount;
  }
  const pins = Math.floor(refcount / KERNEL_PIN_BIAS);
  return refcount - pins * (KERNEL_PIN_BIAS - GUP_PIN_COUNTING_BIAS);
}

/**
 * Encodes the owner-tracking fields of a folio; all other fields have the values of a new folio.
 *
 * @param totalMappedPages `_total_mapped_pages`; 0 for a tree without that field
 */
export function packTracked(exchange: Int32Array, folio: TrackedFolio, totalMappedPages: number): void {
  const { nrPages, slots } = folio;
  const slot0 = at(slots, 0);
  const slot1 = at(slots, 1);
  exchange[BufferField.nrPages] = nrPages;
  exchange[BufferField.refcount] = 1;
  exchange[BufferField.pincount] = FOLIO_FIELDS.pincount.fresh;
  exchange[BufferField.largeMapcount] = folio.largeMapcount;
  exchange[BufferField.entireMapcount] = FOLIO_FIELDS.entireMapcount.fresh;
  exchange[BufferField.pagesMapped] = 0;
  exchange[BufferField.entirelyMapped] = 0;
  exchange[BufferField.totalMappedPages] = totalMappedPages;
  exchange[BufferField.mmId0] = slot0.mmId;
  exchange[BufferField.mmIdMapcount0] = slot0.mapcount;
  exchange[BufferField.mmId1] = slot1.mmId;
  exchange[BufferField.mmIdMapcount1] = slot1.mapcount;
  exchange[BufferField.flags] = folio.mmIdsShared ? Flag.shared : 0;
  exchange[BufferField.index] = 0;
  exchange[BufferField.pmdOrder] = NO_PMD_ORDER;
  exchange.fill(-1, BufferField.mapcount, BufferField.mapcount + MOST_PAGES);
  exchange.fill(0, BufferField.exclusive, BufferField.exclusive + MOST_PAGES);
}

/** Encodes a folio. */
export function packFolio(exchange: Int32Array, folio: Folio, room: FolioRoom): void {
  const { nrPages, slots, pages, hpagePmdNr } = folio;
  exchange[BufferField.nrPages] = nrPages;
  exchange[BufferField.refcount] = refcountInKernel(room, nrPages, folio.refcount);
  exchange[BufferField.index] = folio.index;
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
    exchange[BufferField.pincount] = folio.pincount;
    exchange[BufferField.largeMapcount] = folio.largeMapcount;
    exchange[BufferField.entireMapcount] = folio.entireMapcount;
    exchange[BufferField.pagesMapped] = nrPagesMapped - entirely * ENTIRELY_MAPPED;
    exchange[BufferField.entirelyMapped] = entirely;
    exchange[BufferField.totalMappedPages] = folio.totalMappedPages;
    exchange[BufferField.mmId0] = slot0.mmId;
    exchange[BufferField.mmIdMapcount0] = slot0.mapcount;
    exchange[BufferField.mmId1] = slot1.mmId;
    exchange[BufferField.mmIdMapcount1] = slot1.mapcount;
    flags |=
      (folio.mmIdsShared ? Flag.shared : 0) |
      (folio.partiallyMapped ? Flag.partiallyMapped : 0) |
      (folio.onDeferredList ? Flag.onDeferredList : 0);
  }
  exchange[BufferField.flags] = flags;
  for (let i = 0; i < nrPages; i++) {
    const page = at(pages, i);
    exchange[BufferField.mapcount + i] = page.mapcount;
    exchange[BufferField.exclusive + i] = page.anonExclusive ? 1 : 0;
  }
  exchange[BufferField.pmdOrder] = hpagePmdNr === 0 ? NO_PMD_ORDER : 31 - Math.clz32(hpagePmdNr);
}

/** Decodes the owner-tracking fields of a folio. */
export function unpackTracked(exchange: Int32Array, folio: TrackedFolio): void {
  const slot0 = at(folio.slots, 0);
  const slot1 = at(folio.slots, 1);
  folio.largeMapcount = value(exchange, BufferField.largeMapcount);
  folio.mmIdsShared = (value(exchange, BufferField.flags) & Flag.shared) !== 0;
  slot0.mmId = value(exchange, BufferField.mmId0);
  slot0.mapcount = value(exchange, BufferField.mmIdMapcount0);
  slot1.mmId = value(exchange, BufferField.mmId1);
  slot1.mapcount = value(exchange, BufferField.mmIdMapcount1);
}

/** Decodes a folio. */
export function unpackFolio(exchange: Int32Array, folio: Folio, room: FolioRoom): void {
  const { nrPages, pages } = folio;
  const flags = value(exchange, BufferField.flags);
  folio.refcount = refcountInModel(room, nrPages, value(exchange, BufferField.refcount));
  folio.anon = (flags & Flag.anon) !== 0;
  folio.swapcache = (flags & Flag.swapcache) !== 0;
  folio.locked = (flags & Flag.locked) !== 0;
  for (let i = 0; i < nrPages; i++) {
    const page = at(pages, i);
    page.mapcount = value(exchange, BufferField.mapcount + i);
    page.anonExclusive = value(exchange, BufferField.exclusive + i) !== 0;
  }
  if (nrPages > 1) {
    unpackTracked(exchange, folio);
    folio.nrPagesMapped =
      value(exchange, BufferField.pagesMapped) + value(exchange, BufferField.entirelyMapped) * ENTIRELY_MAPPED;
    folio.partiallyMapped = (flags & Flag.partiallyMapped) !== 0;
    folio.onDeferredList = (flags & Flag.onDeferredList) !== 0;
    folio.totalMappedPages = value(exchange, BufferField.totalMappedPages);
    if (nrPages >= room.entireMapcount) {
      folio.entireMapcount = value(exchange, BufferField.entireMapcount);
    }
    if (nrPages >= room.pincount) {
      folio.pincount = value(exchange, BufferField.pincount);
    }
  }
}

/** The opaque words of a folio: the C code uses them and the model has no field for them. */
export interface WithOpaqueWords {
  readonly extra: readonly { low: number; high: number }[];
}

/** Encodes the opaque words. */
export function packOpaqueWords(exchange: Int32Array, { extra }: WithOpaqueWords): void {
  for (let i = 0; i < extra.length; i++) {
    const { low, high } = at(extra, i);
    exchange[BufferField.opaqueWords + i] = low | (high << 16);
  }
}

/** Decodes the opaque words. */
export function unpackOpaqueWords(exchange: Int32Array, { extra }: WithOpaqueWords): void {
  for (let i = 0; i < extra.length; i++) {
    const word = at(extra, i);
    const bits = value(exchange, BufferField.opaqueWords + i);
    word.low = bits & 0xffff;
    word.high = bits >>> 16;
  }
}

function value(exchange: Int32Array, position: number): number {
  return exchange[position] as number;
}

/** A folio field with its position in the exchange buffer; `index` is the number of the owner slot or of the page. */
interface FieldPosition {
  readonly field: FolioFieldName;
  readonly position: number;
  readonly index?: number;
}

const SMALL_FIELDS: readonly FieldPosition[] = [
  { field: FOLIO_FIELDS.refcount.kernel, position: BufferField.refcount },
  { field: FOLIO_FIELDS.index.kernel, position: BufferField.index },
];

const LARGE_FIELDS: readonly FieldPosition[] = [
  { field: FOLIO_FIELDS.largeMapcount.kernel, position: BufferField.largeMapcount },
  { field: FOLIO_FIELDS.nrPagesMapped.kernel, position: BufferField.pagesMapped },
  { field: "ENTIRELY_MAPPED", position: BufferField.entirelyMapped },
  { field: FOLIO_FIELDS.totalMappedPages.kernel, position: BufferField.totalMappedPages },
  { field: SLOT_FIELDS.mmId.kernel, index: 0, position: BufferField.mmId0 },
  { field: SLOT_FIELDS.mapcount.kernel, index: 0, position: BufferField.mmIdMapcount0 },
  { field: SLOT_FIELDS.mmId.kernel, index: 1, position: BufferField.mmId1 },
  { field: SLOT_FIELDS.mapcount.kernel, index: 1, position: BufferField.mmIdMapcount1 },
];

const ENTIRE_MAPCOUNT: readonly FieldPosition[] = [
  { field: FOLIO_FIELDS.entireMapcount.kernel, position: BufferField.entireMapcount },
];

const PINCOUNT: readonly FieldPosition[] = [{ field: FOLIO_FIELDS.pincount.kernel, position: BufferField.pincount }];

const FLAGS: readonly (readonly [FolioFieldName, number])[] = [
  ["shared", Flag.shared],
  ["anon", Flag.anon],
  ["swapcache", Flag.swapcache],
  ["locked", Flag.locked],
  ["partially_mapped", Flag.partiallyMapped],
  ["deferred_list", Flag.onDeferredList],
];

/** Whether two exchange buffers contain the same folio. */
export function sameFolio(one: Int32Array, other: Int32Array, room: FolioRoom): boolean {
  const nrPages = value(one, BufferField.nrPages);
  for (let i = 0; i < Math.min(nrPages, MOST_PAGES); i++) {
    if (
      one[BufferField.mapcount + i] !== other[BufferField.mapcount + i] ||
      one[BufferField.exclusive + i] !== other[BufferField.exclusive + i]
    ) {
      return false;
    }
  }
  if (
    one[BufferField.flags] !== other[BufferField.flags] ||
    one[BufferField.refcount] !== other[BufferField.refcount] ||
    one[BufferField.index] !== other[BufferField.index]
  ) {
    return false;
  }
  if (nrPages === 1) {
    return true;
  }
  for (let i: number = BufferField.largeMapcount; i <= BufferField.mmIdMapcount1; i++) {
    if (i !== BufferField.entireMapcount && one[i] !== other[i]) {
      return false;
    }
  }
  return (
    one[BufferField.totalMappedPages] === other[BufferField.totalMappedPages] &&
    (nrPages < room.entireMapcount || one[BufferField.entireMapcount] === other[BufferField.entireMapcount]) &&
    (nrPages < room.pincount || one[BufferField.pincount] === other[BufferField.pincount])
  );
}

/** Compares the exchange buffers of the compiled kernel and of the model, and returns the fields that differ. */
export function differences(compiled: Int32Array, model: Int32Array, room: FolioRoom): FieldDifference[] {
  const nrPages = value(compiled, BufferField.nrPages);
  const ofPages = (field: FolioFieldName, position: number): FieldPosition[] =>
    Array.from({ length: Math.min(nrPages, MOST_PAGES) }, (_, index) => ({ field, index, position: position + index }));
  const fields = [
    ...SMALL_FIELDS,
    ...(nrPages > 1 ? LARGE_FIELDS : []),
    ...(nrPages >= room.entireMapcount ? ENTIRE_MAPCOUNT : []),
    ...(nrPages >= room.pincount ? PINCOUNT : []),
    ...ofPages(PAGE_FIELDS.mapcount.kernel, BufferField.mapcount),
    ...ofPages(PAGE_FIELDS.anonExclusive.kernel, BufferField.exclusive),
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
  const has = (exchange: Int32Array, bit: number): boolean => (value(exchange, BufferField.flags) & bit) !== 0;
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
