/**
 * Positions of the described fields of a folio in the exchange buffer. Encoding, decoding and comparison are generated
 * from them.
 */
import {
  FOLIO_FIELDS,
  type FolioFields,
  type MmIdSlot,
  PAGE_FIELDS,
  type Page,
} from "../../model/state/folio-fields.ts";
import { BufferField, Flag } from "../harness/harness.ts";
import type { FolioFieldName } from "./call-fault.ts";
import type { FolioRoom } from "./instance.ts";
import { entirelyMappedOf, nrPagesMappedOf, pagesMappedOf } from "./pages-mapped.ts";
import { refcountInKernel, refcountInModel } from "./pin-bias.ts";

/** Folios whose struct pages have a field: all, large folios, or those with enough struct pages (see FolioRoom). */
export type Holders = "all" | "large" | keyof FolioRoom;

/** A 32-bit word of the exchange buffer. */
export interface ExchangedWord {
  readonly position: number;
  /** Name of the field in differences. */
  readonly differs: FolioFieldName;
  /** Returns the word for a value of the model; if absent, the word is the value. */
  readonly encode?: (value: number, nrPages: number, room: FolioRoom) => number;
}

/** A number in one or two words. */
export interface ExchangedNumber {
  readonly kind: "number";
  readonly holders: Holders;
  readonly words: readonly ExchangedWord[];
  /** Returns the value of the model for its words; if absent, it is the only word. */
  readonly decode?: (nrPages: number, room: FolioRoom, ...words: number[]) => number;
  /** Whether no function in scope changes it: it is encoded and compared, not decoded. */
  readonly keeps?: true;
}

/** A bit of `BufferField.flags`. */
export interface ExchangedFlag {
  readonly kind: "flag";
  readonly holders: "all" | "large";
  readonly bit: number;
  /** Name of the field in differences. */
  readonly differs: FolioFieldName;
  readonly keeps?: true;
}

/** A field that C code does not get. */
export interface NotExchanged {
  readonly kind: "none";
  readonly because: string;
}

/** Description of one field's exchange. */
export type Exchanged = ExchangedNumber | ExchangedFlag | NotExchanged;

function number(holders: Holders, position: number, differs: FolioFieldName): ExchangedNumber {
  return { kind: "number", holders, words: [{ position, differs }] };
}

function flag(holders: "all" | "large", bit: number, differs: FolioFieldName): ExchangedFlag {
  return { kind: "flag", holders, bit, differs };
}

/** The fields of a folio, without its slots and pages. */
export const EXCHANGED_FIELDS: { readonly [K in keyof FolioFields]: Exchanged } = {
  allocated: { kind: "none", because: "the allocator has it" },
  anon: flag("all", Flag.anon, "anon"),
  locked: flag("all", Flag.locked, "locked"),
  inPageCache: { ...flag("all", Flag.inPageCache, "in_page_cache"), keeps: true },
  swapcache: flag("all", Flag.swapcache, "swapcache"),
  partiallyMapped: flag("large", Flag.partiallyMapped, "partially_mapped"),
  onDeferredList: flag("large", Flag.onDeferredList, "deferred_list"),
  mmIdsShared: flag("large", Flag.shared, "shared"),
  nrPages: { ...number("all", BufferField.nrPages, "_nr_pages"), keeps: true },
  index: { ...number("all", BufferField.index, "index"), keeps: true },
  swap: { kind: "none", because: "the swap area is the model's" },
  refcount: {
    kind: "number",
    holders: "all",
    words: [
      {
        position: BufferField.refcount,
        differs: "_refcount",
        encode: (value, nrPages, room) => refcountInKernel(room, nrPages, value),
      },
    ],
    decode: (nrPages, room, word) => refcountInModel(room, nrPages, word as number),
  },
  pincount: number("pincount", BufferField.pincount, "_pincount"),
  largeMapcount: number("large", BufferField.largeMapcount, "_large_mapcount"),
  entireMapcount: number("entireMapcount", BufferField.entireMapcount, "_entire_mapcount"),
  nrPagesMapped: {
    kind: "number",
    holders: "large",
    words: [
      { position: BufferField.pagesMapped, differs: "_nr_pages_mapped", encode: pagesMappedOf },
      { position: BufferField.entirelyMapped, differs: "ENTIRELY_MAPPED", encode: entirelyMappedOf },
    ],
    decode: (_nrPages, _room, pages, entirely) => nrPagesMappedOf(pages as number, entirely as number),
  },
  totalMappedPages: number("large", BufferField.totalMappedPages, "_total_mapped_pages"),
};

/** The fields of an owner slot: the positions of slot 0 and of slot 1. */
const EXCHANGED_SLOT_FIELDS: {
  readonly [K in keyof MmIdSlot]: { readonly positions: readonly [number, number]; readonly differs: FolioFieldName };
} = {
  mmId: { positions: [BufferField.mmId0, BufferField.mmId1], differs: "_mm_id" },
  mapcount: { positions: [BufferField.mmIdMapcount0, BufferField.mmIdMapcount1], differs: "_mm_id_mapcount" },
};

/** The fields of a page: the position of page 0; those of the other pages follow. */
const EXCHANGED_PAGE_FIELDS: {
  readonly [K in keyof Page]: NotExchanged | { readonly position: number; readonly differs: FolioFieldName };
} = {
  mapcount: { position: BufferField.mapcount, differs: "_mapcount" },
  anonExclusive: { position: BufferField.exclusive, differs: "PageAnonExclusive" },
  content: { kind: "none", because: "the model alone has contents" },
};

/** A field of a folio, with its value in a new folio. */
type Named<E> = E & { readonly name: keyof FolioFields; readonly fresh: number | boolean };

const FIELDS = (Object.keys(EXCHANGED_FIELDS) as (keyof FolioFields)[]).map(
  (name): Named<Exchanged> => ({
    name,
    fresh: FOLIO_FIELDS[name].fresh,
    ...EXCHANGED_FIELDS[name],
  }),
);

/** The numbers of a folio. */
export const NUMBERS: readonly Named<ExchangedNumber>[] = FIELDS.filter((field) => field.kind === "number");

/** The flags of a folio. */
export const FLAGS: readonly Named<ExchangedFlag>[] = FIELDS.filter((field) => field.kind === "flag");

/** A word of an owner slot. */
export interface SlotWord {
  readonly name: keyof MmIdSlot;
  readonly slot: number;
  readonly position: number;
  readonly differs: FolioFieldName;
}

/** The words of both owner slots. */
export const SLOT_WORDS: readonly SlotWord[] = [0, 1].flatMap((slot) =>
  (Object.keys(EXCHANGED_SLOT_FIELDS) as (keyof MmIdSlot)[]).map((name) => {
    const { positions, differs } = EXCHANGED_SLOT_FIELDS[name];
    return { name, slot, position: positions[slot] as number, differs };
  }),
);

/** A word that each page has. */
export interface PageWord {
  readonly name: keyof Page;
  /** Position of the word of page 0. */
  readonly position: number;
  readonly differs: FolioFieldName;
  /** Whether the model has a boolean, encoded as 0 or 1. */
  readonly isFlag: boolean;
  /** The word of a page of a new folio. */
  readonly fresh: number;
}

/** The words of each page. */
export const PAGE_WORDS: readonly PageWord[] = (Object.keys(EXCHANGED_PAGE_FIELDS) as (keyof Page)[]).flatMap(
  (name) => {
    const exchanged = EXCHANGED_PAGE_FIELDS[name];
    const { fresh } = PAGE_FIELDS[name];
    return "position" in exchanged
      ? [{ name, ...exchanged, isFlag: typeof fresh === "boolean", fresh: Number(fresh) }]
      : [];
  },
);
