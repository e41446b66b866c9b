/** Places of the model's fields in the struct pages of a folio, and the encoding of their values in C. */

import { FOLIO_FIELDS, type FolioFields, PAGE_FIELDS } from "../../model/state/folio-fields.ts";
import { ENTIRELY_MAPPED } from "../../model/state/structs.ts";
import type { FolioRoom } from "../adapter/instance.ts";
import { entirelyMappedOf } from "../adapter/pages-mapped.ts";
import { refcountInKernel, refcountInModel } from "../adapter/pin-bias.ts";
import type { TreeNumbers } from "./harness.ts";

/** A field of the model in the struct pages of a folio. It is within one 32-bit word. */
export interface FolioField {
  /** Its path in the folio, such as `slots[0].mmId`. */
  readonly path: string;
  /** Name in C of the field or of the flag bit. */
  readonly name: string;
  /** The C object that it is part of, such as `folio->_mm_ids`. */
  readonly object: string;
  /** Its first bit, from the beginning of the first struct page, and the number of bits. */
  readonly bit: number;
  readonly bits: number;
  /** Number of bits of the model's values; negative values need all 32. */
  readonly valueBits: number;
  /** Whether its value is derived from a field elsewhere: writes to it are ignored. */
  readonly follows?: true;
  /** Encodes a value of the model as bits in C. */
  readonly toC: (value: number) => number;
  /** Decodes bits in C to a value of the model; undefined for bits that no value has. */
  readonly toModel: (bits: number) => number | undefined;
}

const identity = (value: number): number => value;

/** Bits of an MM id in the model, or of an MM's role. */
const ID_BITS = 8;

/** Returns the fields of a folio, without those that the tree does not have or the folio has no room for. */
export function fieldsOfFolio(tree: TreeNumbers, room: FolioRoom, nrPages: number): readonly FolioField[] {
  const large = nrPages > 1;
  const int = (path: string, name: string, offset: number, object = `folio->${name}`): FolioField[] =>
    offset < 0
      ? []
      : [{ path, name, object, bit: 8 * offset, bits: 32, valueBits: 32, toC: identity, toModel: identity }];
  const flag = (path: string, name: string, object: string, offset: number, number: number): FolioField => ({
    path,
    name,
    object,
    bit: 8 * offset + number,
    bits: 1,
    valueBits: 1,
    toC: identity,
    toModel: identity,
  });
  const count: Count = (field, offset) => int(field, FOLIO_FIELDS[field].kernel, offset);
  const pages = Array.from({ length: nrPages }, (_, i) => i);
  return [
    ...count("refcount", tree.refcount).map((field) => ({
      ...field,
      toC: (value: number) => refcountInKernel(room, nrPages, value),
      toModel: (bits: number) => refcountInModel(room, nrPages, bits),
    })),
    ...pages.flatMap((i) =>
      i === 0 || tree.hasTailMapcounts > 0
        ? int(
            `pages[${i}].mapcount`,
            PAGE_FIELDS.mapcount.kernel,
            i * tree.pageBytes + tree.pageMapcount,
            `page[${i}]._mapcount`,
          )
        : [],
    ),
    ...pages.map((i) =>
      flag(
        `pages[${i}].anonExclusive`,
        "PG_anon_exclusive",
        flagsObject(i),
        i * tree.pageBytes + tree.pageFlags,
        tree.anonExclusiveFlag,
      ),
    ),
    flag("locked", "PG_locked", flagsObject(0), tree.pageFlags, tree.lockedFlag),
    flag("swapcache", "PG_swapcache", flagsObject(0), tree.pageFlags, tree.swapcacheFlag),
    // PG_swapbacked is set before the folio becomes anon, and stays set.
    {
      ...flag("anon", "PG_swapbacked", flagsObject(0), tree.pageFlags, tree.swapbackedFlag),
      follows: true,
    },
    {
      path: "anon",
      name: "mapping",
      object: "folio->mapping",
      bit: 8 * tree.mapping,
      bits: 32,
      valueBits: 1,
      toC: (value) => (value === 0 ? 0 : tree.anonMapping),
      toModel: (bits) => (bits === 0 ? 0 : bits === tree.anonMapping ? 1 : undefined),
    },
    ...(large ? largeFields(tree, room, nrPages, count, flag) : []),
  ];
}

type Count = (field: keyof FolioFields, offset: number) => FolioField[];
type Flag = (path: string, name: string, object: string, offset: number, number: number) => FolioField;

function largeFields(tree: TreeNumbers, room: FolioRoom, nrPages: number, count: Count, flag: Flag): FolioField[] {
  return [
    ...count("largeMapcount", tree.largeMapcount),
    ...(nrPages >= room.entireMapcount ? count("entireMapcount", tree.entireMapcount) : []),
    ...(nrPages >= room.pincount ? count("pincount", tree.pincount) : []),
    // Only the low word of a long: no count needs more.
    ...count("totalMappedPages", tree.totalMappedPages),
    ...count("nrPagesMapped", tree.nrPagesMapped).map((field) => ({
      ...field,
      toC: (value: number) => value + entirelyMappedOf(value) * (tree.entirelyMapped - ENTIRELY_MAPPED),
      toModel: (bits: number) => {
        const entirely = Math.floor((bits + tree.entirelyMapped / 2) / tree.entirelyMapped);
        return bits - entirely * (tree.entirelyMapped - ENTIRELY_MAPPED);
      },
    })),
    flag(
      "partiallyMapped",
      "PG_partially_mapped",
      flagsObject(1),
      tree.pageBytes + tree.pageFlags,
      tree.partiallyMappedFlag,
    ),
    ...(tree.mmIds < 0
      ? []
      : [
          ...[0, 1].flatMap((slot) => slotFields(tree, slot)),
          flag("mmIdsShared", "the shared bit", "folio->_mm_ids", tree.mmIds, tree.sharedBit),
        ]),
  ];
}

function slotFields(tree: TreeNumbers, slot: number): FolioField[] {
  const { mmIds, mmIdBytes, mmIdMask, mmIdMapcounts, mmIdMapcountBytes } = tree;
  const mapcountBits = 8 * mmIdMapcountBytes;
  const unused = 32 - mapcountBits;
  return [
    {
      path: `slots[${slot}].mmId`,
      name: `_mm_id[${slot}]`,
      object: "folio->_mm_ids",
      bit: 8 * (mmIds + slot * mmIdBytes),
      bits: 32 - Math.clz32(mmIdMask),
      valueBits: ID_BITS,
      toC: (value) => (value === 0 ? 0 : mmIdMask - value),
      toModel: (bits) => (bits === 0 ? 0 : mmIdMask - bits < 1 << ID_BITS ? mmIdMask - bits : undefined),
    },
    {
      path: `slots[${slot}].mapcount`,
      name: `_mm_id_mapcount[${slot}]`,
      object: `folio->_mm_id_mapcount[${slot}]`,
      bit: 8 * (mmIdMapcounts + slot * mmIdMapcountBytes),
      bits: mapcountBits,
      valueBits: mapcountBits,
      toC: (value) => (value << unused) >>> unused,
      toModel: (bits) => (bits << unused) >> unused,
    },
  ];
}

/**
 * Returns the C object with the flags of a page. In struct folio, those of the first two are `flags` and `_flags_1`.
 */
function flagsObject(page: number): string {
  return `page[${page}].flags`;
}

/** Returns the ranges of bytes whose bits without a field of the model are constant. */
export function constantRanges(
  tree: TreeNumbers,
  nrPages: number,
): readonly (readonly [offset: number, bytes: number])[] {
  const { pageBytes, pageFlags, link, mapping, index, longBytes } = tree;
  return [
    [index, longBytes],
    ...Array.from({ length: nrPages }, (_, i) => i * pageBytes).flatMap((page): [number, number][] => [
      [page + pageFlags, longBytes],
      [page + link, longBytes],
      [page + mapping, longBytes],
    ]),
  ];
}
