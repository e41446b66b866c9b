/**
 * State of an image in the shape of the model's states, for pictures. Folios are in the order of their numbers, which
 * are stable over an execution; a row of entries is what one PMD maps.
 */
import { range } from "../../../machines/machine.ts";
import type { FolioFields, MmIdSlot, Page } from "../../../model/state/folio-fields.ts";
import { HolderKind } from "../../../model/state/world.ts";
import { ELSEWHERE, FIRST_PAGE, PMD_PAGES, PRIVATE_FILE, SHARED_FILE } from "./image-bounds.ts";
import type { ImageEntry } from "./image-entry.ts";
import type { ImageFolio, ImageView } from "./image-view.ts";
import { nrPagesMappedOf } from "./pages-mapped.ts";
import { HOLDERS } from "./world-layout.ts";

/** PTE or PMD entry: the position of its folio plus one; 0 for none, and for a swap entry. */
export interface DrawableEntry {
  readonly folio: number;
  /** Page of the folio; for a swap entry, the slot. */
  readonly page: number;
  readonly swap?: boolean;
  readonly writable: boolean;
  readonly migration: boolean;
  readonly exclusive: boolean;
  /** 1 for an entry through which the process does not read what it must read. */
  readonly expected?: number;
}

/** Entries of one page table. */
export interface DrawableTable {
  /** Range of pages, counted from the first page of the initial VMA. */
  readonly label: string;
  readonly pmd: DrawableEntry;
  readonly ptes: readonly DrawableEntry[];
}

/** Process. */
export interface DrawableMm {
  readonly idNumber: number;
  readonly live: boolean;
  readonly vmas: readonly DrawableTable[];
}

/** Folio; only `allocated` matters of one that is free. */
export interface DrawableFolio
  extends Pick<
    FolioFields,
    | "allocated"
    | "anon"
    | "locked"
    | "swapcache"
    | "partiallyMapped"
    | "onDeferredList"
    | "mmIdsShared"
    | "nrPages"
    | "refcount"
    | "largeMapcount"
    | "entireMapcount"
    | "nrPagesMapped"
    | "pincount"
  > {
  readonly hpagePmdNr: number;
  /** Whether the page cache has it, and its first page of the file; absent of anonymous folios. */
  readonly inPageCache?: boolean;
  readonly index?: number;
  /** Slot of its first page while it is in the swap cache. */
  readonly swap: number;
  readonly slots: readonly MmIdSlot[];
  readonly pages: readonly Page[];
}

/** Slot of the swap device: its entries, and the position plus one of the folio that the swap cache has for it. */
export interface DrawableSlot {
  readonly count: number;
  readonly folio: number;
}

/** Page of the file: the swap slot of its swap entry in the page cache plus one, 0 for none. */
export interface DrawableFilePage {
  readonly swap: number;
  /** 1 if a process would not read what it must read. */
  readonly expected?: number;
}

/** Holder of pages: the first of them, as a holder of the model, which has one. */
export interface DrawableHolder {
  /** One of HolderKind. */
  readonly kind: number;
  /** Position of the folio plus one; 0 for the zero page, and for none. */
  readonly folio: number;
  readonly page: number;
  /** Position plus one of the process that must find the page; 0 if it gave it up. */
  readonly mm: number;
  /** Page at which it must find it, counted from the first page of the initial VMA; negative without a pin. */
  readonly entry: number;
  /** 1 if the holder does not read what it must read. */
  readonly expected?: number;
}

/** State. */
export interface DrawableState {
  readonly mms: readonly DrawableMm[];
  readonly folios: readonly DrawableFolio[];
  /** Slots by number, that of the header included; absent without a swap device. */
  readonly swapSlots?: readonly DrawableSlot[];
  /** Absent without a file. */
  readonly filePages?: readonly DrawableFilePage[];
  /** By number; absent if there is none. */
  readonly holders?: readonly DrawableHolder[];
}

const NONE: DrawableEntry = { folio: 0, page: 0, writable: false, migration: false, exclusive: false };

/** First pages of the page tables that entries are decoded of, with the page that is counted as 0 and the text for it. */
const TABLES: readonly (readonly [first: number, origin: number, text: string])[] = [
  [FIRST_PAGE, FIRST_PAGE, "pages"],
  [FIRST_PAGE + PMD_PAGES, FIRST_PAGE, "pages"],
  [SHARED_FILE, SHARED_FILE, "file, shared"],
  [PRIVATE_FILE, PRIVATE_FILE, "file, private"],
  [ELSEWHERE, ELSEWHERE, "elsewhere"],
  [ELSEWHERE + PMD_PAGES, ELSEWHERE, "elsewhere"],
  [ELSEWHERE + 2 * PMD_PAGES, ELSEWHERE, "elsewhere"],
];

/**
 * Returns the state.
 *
 * @param numberOf returns the number of the folio whose first page is a frame, from 1; undefined for one without a number
 * @param numbered how many numbers there are
 */
export function drawableState(
  view: ImageView,
  numberOf: (frame: number) => number | undefined,
  numbered: number,
): DrawableState {
  const positions = positionsOf(view, numberOf, numbered);
  return {
    mms: mmsOf(view, positions),
    folios: foliosOf(view, positions),
    ...(view.slots.length === 0 ? {} : { swapSlots: slotsOf(view, positions) }),
    ...(view.file.pages.length === 0 ? {} : { filePages: filePagesOf(view) }),
    ...(view.held.length === 0 ? {} : { holders: holdersOf(view, positions) }),
  };
}

/** Returns the positions of folios by frame. Folios without a number follow, in the order of their frames. */
function positionsOf(
  { folios }: ImageView,
  numberOf: (frame: number) => number | undefined,
  numbered: number,
): ReadonlyMap<number, number> {
  let next = numbered;
  return new Map(
    folios.map(({ folio: { frameNumber } }) => {
      const number = numberOf(frameNumber);
      next += number === undefined ? 1 : 0;
      return [frameNumber, (number ?? next) - 1];
    }),
  );
}

function mmsOf({ mms, entries }: ImageView, positions: ReadonlyMap<number, number>): DrawableMm[] {
  return mms.map(({ live }, mm) => ({
    idNumber: mm + 1,
    live,
    vmas: TABLES.map(([first, origin, text]) => {
      const own = Array.from({ length: PMD_PAGES }, (_, i) =>
        entries.find((entry) => entry.mm === mm && entry.page === first + i),
      );
      const [head] = own;
      const isPmd = head?.pmd === true;
      return {
        label: `${text} ${first - origin}–${first - origin + PMD_PAGES - 1}`,
        pmd: isPmd ? entryOf(head, positions) : NONE,
        ptes: own.map((entry) => (entry === undefined || isPmd ? NONE : entryOf(entry, positions))),
      };
    }),
  }));
}

function entryOf(entry: ImageEntry, positions: ReadonlyMap<number, number>): DrawableEntry {
  const { present, migration, swap, truth, index, writable, exclusive, actual, expected, mayBeZero } = entry;
  const position = truth === undefined ? undefined : positions.get(truth.folio.frameNumber);
  const isWrong = actual !== expected && !(mayBeZero && actual === 0);
  if (swap) {
    const slot = { ...NONE, page: entry.frame, swap, exclusive };
    return isWrong ? { ...slot, expected: 1 } : slot;
  }
  if (!(present || migration) || position === undefined) {
    return NONE;
  }
  return {
    folio: position + 1,
    page: index,
    writable,
    migration,
    exclusive,
    ...(isWrong ? { expected: 1 } : {}),
  };
}

function slotsOf({ slots, folios }: ImageView, positions: ReadonlyMap<number, number>): DrawableSlot[] {
  const header: DrawableSlot = { count: 0, folio: 0 };
  return [
    header,
    ...slots.map(({ count, cached }) => {
      const owner = folios.find(
        ({ folio: { frameNumber, nrPages } }) => cached >= frameNumber && cached < frameNumber + nrPages,
      );
      return { count, folio: owner === undefined ? 0 : (positions.get(owner.folio.frameNumber) as number) + 1 };
    }),
  ];
}

function filePagesOf({ file }: ImageView): DrawableFilePage[] {
  return file.pages.map(({ slot, expected, actual }) => ({
    swap: slot === 0 ? 0 : slot + 1,
    ...(expected === actual ? {} : { expected: 1 }),
  }));
}

/** Entry of a reference without a pin: the process may get another page at its address. */
const UNKNOWN_ENTRY = -1;

const NO_HOLDER: DrawableHolder = { kind: HolderKind.none, folio: 0, page: 0, mm: 0, entry: 0 };

function holdersOf({ held }: ImageView, positions: ReadonlyMap<number, number>): DrawableHolder[] {
  return range(0, HOLDERS - 1).map((number) => {
    const first = held.find(({ holder }) => holder === number);
    const folio = first?.truth?.folio;
    if (first === undefined || folio === undefined) {
      return NO_HOLDER;
    }
    const { pin, write, frame, mm, at, expected, actual } = first;
    return {
      kind: pin ? (write ? HolderKind.pinWrite : HolderKind.pin) : HolderKind.get,
      folio: (positions.get(folio.frameNumber) as number) + 1,
      page: frame - folio.frameNumber,
      mm: mm === undefined || at === undefined ? 0 : mm + 1,
      entry: at !== undefined ? at - FIRST_PAGE : pin ? 0 : UNKNOWN_ENTRY,
      ...(expected === actual ? {} : { expected: 1 }),
    };
  });
}

function foliosOf({ folios, slots }: ImageView, positions: ReadonlyMap<number, number>): DrawableFolio[] {
  const all: DrawableFolio[] = [];
  for (const { folio } of folios) {
    // The slot of the header is no element of the list.
    const swap = slots.findIndex(({ cached }) => cached === folio.frameNumber) + 1;
    all[positions.get(folio.frameNumber) as number] = copyOf(folio as ImageFolio, swap);
  }
  return Array.from(all, (folio) => folio ?? FREE);
}

/** Copies a decoded folio, which the view reuses. */
function copyOf(folio: ImageFolio, swap: number): DrawableFolio {
  const { anon, locked, swapcache, partiallyMapped, onDeferredList, maybeShared, nrPages } = folio;
  const { refcount, largeMapcount, entireMapcount, nrPagesMapped, pincount, hpagePmdNr, slots, pages } = folio;
  const { inPageCache, filePage } = folio;
  return {
    allocated: true,
    anon,
    locked,
    swapcache,
    partiallyMapped,
    onDeferredList,
    // What the tree's own folio_maybe_mapped_shared() returns, whatever it reads.
    mmIdsShared: maybeShared,
    nrPages,
    refcount,
    largeMapcount,
    entireMapcount,
    nrPagesMapped: nrPagesMappedOf(nrPagesMapped),
    pincount,
    hpagePmdNr,
    ...(anon ? {} : { inPageCache, index: Math.max(filePage, 0) }),
    swap,
    slots: slots.map((slot) => ({ ...slot })),
    // Contents are bytes here, and the entries say which are wrong.
    pages: pages.slice(0, nrPages).map((page) => ({ ...page, content: 0 })),
  };
}

/** A free folio. */
export const FREE: DrawableFolio = {
  allocated: false,
  anon: false,
  locked: false,
  swapcache: false,
  partiallyMapped: false,
  onDeferredList: false,
  mmIdsShared: false,
  nrPages: 1,
  refcount: 0,
  largeMapcount: -1,
  entireMapcount: -1,
  nrPagesMapped: 0,
  pincount: 0,
  hpagePmdNr: PMD_PAGES,
  swap: 0,
  slots: [],
  pages: [],
};
