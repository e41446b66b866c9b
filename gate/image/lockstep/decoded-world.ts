/**
 * A state of the model, decoded from the words that the harness reads from memory, so that functions of the model can
 * run on it.
 *
 * Each page table that operations of the image can reach is one VMA of the model, regardless of the VMAs of the image:
 * functions of the model use a VMA only for its page table. An entry that maps the zero page is an empty entry of the
 * model, which has no zero page.
 */

import { at } from "../../../explore/model/schema.ts";
import type { Folio, MmIdSlot, NodeStats, Page, Pte } from "../../../model/state/structs.ts";
import type { World, WorldFolio, WorldMm, WorldPte, WorldVma } from "../../../model/state/world.ts";
import { emptyFolio, type Mutable } from "../world/empty-folio.ts";
import { nrPagesMappedOf } from "../world/pages-mapped.ts";
import {
  Entry,
  EntryFlag,
  EXPECTED_SHIFT,
  FRAMES,
  Frame,
  FrameFlag,
  MM_WORDS,
  MMS,
  MmWord,
  WorldWord,
} from "../world/world-layout.ts";

/** Pages that one PMD maps. */
export const PMD_PAGES = 8;

/** Number of orders of folios: 0 to 3. */
const ORDERS = 4;

/** A folio object that is reused for each decoded state. */
type DecodedFolio = Mutable<WorldFolio>;

/** Free folios that an operation may allocate, by size. */
export interface FreeFolios {
  readonly small: number;
  /** Folios of 4 pages, and as many of 8. */
  readonly large: number;
}

/** Returns the position plus one of the MM with an id; MMS + 1 for an id that no MM has. */
export function ownerOf(words: Int32Array, id: number): number {
  if (id === 0) {
    return 0;
  }
  for (let mm = 0; mm < MMS; mm++) {
    const start = WorldWord.mms + mm * MM_WORDS;
    if (at32(words, start + MmWord.live) !== 0 && at32(words, start + MmWord.id) === id) {
      return mm + 1;
    }
  }
  return MMS + 1;
}

/** Returns the word at a position. */
export function at32(words: Int32Array, position: number): number {
  return words[position] as number;
}

/** Returns the position of the entry for a page of an MM. */
export function entryWord(mm: number, page: number): number {
  return WorldWord.mms + mm * MM_WORDS + MmWord.entries + page * Entry.words;
}

/** Returns the first frame of the folio that an entry refers to; -1 for an empty entry and for the zero page. */
export function headOf(words: Int32Array, entry: number): number {
  const flags = at32(words, entry + Entry.flags);
  return (flags & (EntryFlag.present | EntryFlag.migration)) === 0
    ? -1
    : at32(words, at32(words, entry + Entry.frame) * Frame.words + Frame.head);
}

/** Whether an entry maps the zero page: it is present, and its frame belongs to no folio. */
export function isZeroPage(words: Int32Array, entry: number): boolean {
  return (at32(words, entry + Entry.flags) & EntryFlag.present) !== 0 && headOf(words, entry) < 0;
}

/** Returns the byte that a process must read from a page. */
export function expectedByte(words: Int32Array, mm: number, page: number): number {
  return (at32(words, entryWord(mm, page) + Entry.flags) >> EXPECTED_SHIFT) & 0xff;
}

/** An empty entry. */
export const NO_PTE: WorldPte = {
  folio: 0,
  page: 0,
  writable: false,
  migration: false,
  exclusive: false,
  swap: false,
  expected: 0,
};

function newVma(): WorldVma {
  return {
    anonymous: true,
    pmd: { folio: 0, writable: false, migration: false, exclusive: false },
    ptes: Array.from({ length: PMD_PAGES }, (): WorldPte => ({ ...NO_PTE })),
  };
}

/** Resets a folio to the free state. */
function reset(folio: DecodedFolio): void {
  folio.allocated = false;
  folio.nrPages = 1;
  folio.refcount = 0;
  folio.pincount = 0;
  folio.entireMapcount = -1;
  folio.nrPagesMapped = 0;
  folio.largeMapcount = -1;
  folio.mmIdsShared = false;
  folio.anon = false;
  folio.locked = false;
  folio.partiallyMapped = false;
  folio.onDeferredList = false;
  for (let i = 0; i < 2; i++) {
    const slot = at(folio.slots, i);
    slot.mmId = 0;
    slot.mapcount = -1;
  }
  for (let i = 0; i < folio.pages.length; i++) {
    const page = at(folio.pages, i);
    page.mapcount = -1;
    page.anonExclusive = false;
    page.content = 0;
  }
}

/** A decoded state of the model. The object is reused for all states. */
export class DecodedWorld implements World {
  readonly mms: readonly WorldMm[];
  readonly folios: DecodedFolio[] = [];
  readonly stats: NodeStats = { nrAnonMapped: 0, nrFileMapped: 0, nrAnonThps: 0, nrFilePmdmapped: 0 };
  readonly swapSlots: World["swapSlots"] = [];
  readonly filePages: World["filePages"] = [];
  readonly holders: World["holders"] = [];
  /** First page of each page table, ascending. */
  readonly tables: readonly number[];
  /** Number of free folios in the decoded state. They are at the start of `folios`. */
  free = 0;
  /** First frame in the image by position in `folios`; -1 for a free folio. */
  readonly frames: number[] = [];
  private readonly freeSmall: DecodedFolio[] = [];
  private readonly freeLarge: DecodedFolio[] = [];
  /** Folio objects by first frame and order. */
  private readonly decoded: (DecodedFolio | undefined)[] = [];
  /** By first frame: position of the folio plus one. */
  private readonly numberOf: Int32Array = new Int32Array(FRAMES);

  /** @param tables first pages of the page tables that operations reach, ascending */
  constructor(tables: readonly number[]) {
    this.tables = tables;
    this.mms = Array.from({ length: MMS }, (_, mm) => ({
      idNumber: mm + 1,
      hasId: false,
      hasPinned: false,
      live: false,
      vmas: tables.map(newVma),
    }));
  }

  /**
   * Whether a page table is decoded.
   *
   * @param first its first page
   */
  hasTable(first: number): boolean {
    return this.tables.includes(first);
  }

  /** Returns the VMA of a page of an MM. */
  vmaOf(mm: number, page: number): WorldVma {
    const table = this.tables.indexOf(page - (page % PMD_PAGES));
    if (table < 0) {
      throw new RangeError(`page ${page} is in no page table that is decoded`);
    }
    return at(at(this.mms, mm).vmas, table);
  }

  /**
   * Decodes a state.
   *
   * @param free number of folios that the operation may allocate
   */
  decode(words: Int32Array, free: FreeFolios): void {
    this.addFree(free);
    this.decodeFolios(words);
    for (let mm = 0; mm < MMS; mm++) {
      this.decodeMm(words, mm);
    }
    const { stats } = this;
    stats.nrAnonMapped = at32(words, WorldWord.anonMapped);
    stats.nrAnonThps = at32(words, WorldWord.anonThps);
  }

  private addFree({ small, large }: FreeFolios): void {
    const { folios, frames, freeSmall, freeLarge } = this;
    folios.length = 0;
    frames.length = 0;
    while (freeSmall.length < small) {
      freeSmall.push(emptyFolio(1));
    }
    while (freeLarge.length < 2 * large) {
      freeLarge.push(emptyFolio(PMD_PAGES / 2), emptyFolio(PMD_PAGES));
    }
    for (let i = 0; i < small; i++) {
      this.addFolio(at(freeSmall, i), -1);
    }
    for (let i = 0; i < 2 * large; i++) {
      this.addFolio(at(freeLarge, i), -1);
    }
    for (let i = 0; i < folios.length; i++) {
      reset(at(folios, i));
    }
    this.free = folios.length;
  }

  private addFolio(folio: DecodedFolio, frame: number): void {
    this.folios.push(folio);
    this.frames.push(frame);
    folio.frameNumber = this.folios.length;
  }

  private decodeFolios(words: Int32Array): void {
    for (let frame = 0; frame < FRAMES; frame++) {
      const start = frame * Frame.words;
      if (at32(words, start + Frame.head) === frame && (at32(words, start + Frame.flags) & FrameFlag.anon) !== 0) {
        const order = at32(words, start + Frame.order);
        const folio = this.folioOf(frame, order);
        this.addFolio(folio, frame);
        this.numberOf[frame] = folio.frameNumber;
        decodeFolio(words, frame, folio);
      } else {
        this.numberOf[frame] = 0;
      }
    }
  }

  /** Returns the object for a folio. Each pair of first frame and order has its own. */
  private folioOf(frame: number, order: number): DecodedFolio {
    const position = frame * ORDERS + order;
    const existing = this.decoded[position];
    const folio = existing ?? emptyFolio(1 << order);
    this.decoded[position] = folio;
    return folio;
  }

  private decodeMm(words: Int32Array, number: number): void {
    const mm = at(this.mms, number);
    const live = at32(words, WorldWord.mms + number * MM_WORDS + MmWord.live) !== 0;
    mm.live = live;
    mm.hasId = live;
    for (let t = 0; t < this.tables.length; t++) {
      this.decodeTable(words, entryWord(number, at(this.tables, t)), at(mm.vmas, t), live);
    }
  }

  private decodeTable(words: Int32Array, start: number, { pmd, ptes }: WorldVma, live: boolean): void {
    const isPmd = live && (at32(words, start + Entry.flags) & EntryFlag.pmd) !== 0;
    pmd.folio = 0;
    pmd.writable = false;
    pmd.migration = false;
    pmd.exclusive = false;
    if (isPmd) {
      this.decodeEntry(words, start, pmd);
    }
    for (let i = 0; i < PMD_PAGES; i++) {
      const pte = at(ptes, i);
      pte.folio = 0;
      pte.page = 0;
      pte.writable = false;
      pte.migration = false;
      pte.exclusive = false;
      pte.swap = false;
      if (live && !isPmd) {
        const entry = start + i * Entry.words;
        const head = this.decodeEntry(words, entry, pte);
        pte.page = head < 0 ? 0 : at32(words, entry + Entry.frame) - head;
      }
    }
  }

  /** @returns the first frame of the folio; -1 for none */
  private decodeEntry(
    words: Int32Array,
    entry: number,
    target: Pick<Pte, "folio" | "writable" | "migration" | "exclusive">,
  ): number {
    const head = headOf(words, entry);
    if (head < 0) {
      return head;
    }
    const flags = at32(words, entry + Entry.flags);
    target.folio = at32(this.numberOf, head);
    target.writable = (flags & EntryFlag.write) !== 0;
    target.migration = (flags & EntryFlag.migration) !== 0;
    target.exclusive = target.migration && !target.writable && (flags & EntryFlag.exclusive) !== 0;
    return head;
  }
}

function decodeFolio(words: Int32Array, frame: number, folio: Folio): void {
  const start = frame * Frame.words;
  const flags = at32(words, start + Frame.flags);
  folio.allocated = true;
  folio.nrPages = folio.pages.length;
  folio.refcount = at32(words, start + Frame.refcount);
  folio.largeMapcount = at32(words, start + Frame.largeMapcount);
  folio.entireMapcount = at32(words, start + Frame.entireMapcount);
  folio.nrPagesMapped = nrPagesMappedOf(at32(words, start + Frame.nrPagesMapped));
  folio.mmIdsShared = (flags & FrameFlag.idsShared) !== 0;
  folio.anon = true;
  folio.locked = (flags & FrameFlag.locked) !== 0;
  folio.partiallyMapped = (flags & FrameFlag.partiallyMapped) !== 0;
  folio.onDeferredList = (flags & FrameFlag.deferred) !== 0;
  for (let i = 0; i < 2; i++) {
    decodeSlot(words, start, i, at(folio.slots, i), folio.nrPages > 1);
  }
  for (let i = 0; i < folio.nrPages; i++) {
    decodePage(words, frame + i, at(folio.pages, i));
  }
}

function decodeSlot(words: Int32Array, start: number, position: number, slot: MmIdSlot, isLarge: boolean): void {
  slot.mmId = isLarge ? ownerOf(words, at32(words, start + Frame.mmId + position)) : 0;
  slot.mapcount = isLarge ? at32(words, start + Frame.mmIdMapcount + position) : -1;
}

function decodePage(words: Int32Array, frame: number, page: Page): void {
  const start = frame * Frame.words;
  page.mapcount = at32(words, start + Frame.mapcount);
  page.anonExclusive = (at32(words, start + Frame.flags) & FrameFlag.exclusive) !== 0;
  page.content = at32(words, start + Frame.content);
}
