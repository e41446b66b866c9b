/**
 * The view of a state of the image for claims: its folios with the ground truth about each, counted from the page tables that the
 * harness reads off memory. The same claims as of the model look at it.
 */
import type { KernelConfig } from "../../model/config.ts";
import { FolioCounts } from "../../model/environment/ground-truth.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import type { PageTableTruth } from "../../model/view.ts";
import type { WorldFolio } from "../../model/world.ts";
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
} from "./world-layout.ts";

/** A folio of the image, with what the tree's own functions say of it. */
export interface ImageFolio extends WorldFolio {
  /** folio_maybe_mapped_shared(). */
  readonly maybeShared: boolean;
  /** folio_mapcount(). */
  readonly mapcount: number;
  /** folio_expected_ref_count(). */
  readonly expectedReferences: number;
}

/** An entry of a page table, of either level, for one page of a process. */
export interface ImageEntry {
  readonly mm: number;
  /** Page of the address space. */
  readonly page: number;
  readonly present: boolean;
  readonly migration: boolean;
  readonly pmd: boolean;
  readonly writable: boolean;
  /** Of a writable entry: whether its VMA lets the process write. */
  readonly mayWrite: boolean;
  /** In a migration entry: the page was exclusive. */
  readonly exclusive: boolean;
  readonly frame: number;
  /** The byte that the process must find; 0 where it wrote nothing. */
  readonly expected: number;
  /** The byte that it finds. */
  readonly found: number;
  /** PageAnonExclusive of the mapped page; with a PMD, of the folio's first. */
  readonly frameExclusive: boolean;
  /** Whether the page may have been discarded: MADV_FREE. */
  readonly mayBeZero: boolean;
  readonly anon: boolean;
}

/** A process. */
export interface ImageMm {
  readonly live: boolean;
  readonly id: number;
  /** MM_ANONPAGES. */
  readonly anonPages: number;
  /** Anonymous pages that its page tables map. */
  readonly mappedAnon: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A folio that is decoded again for each state. */
type DecodedFolio = Mutable<ImageFolio>;

/** Pages of the largest folio. */
const MOST_PAGES = 8;

function emptyFolio(frame: number): DecodedFolio {
  return {
    frameNumber: frame,
    hpagePmdNr: MOST_PAGES,
    allocated: true,
    index: 0,
    inPageCache: false,
    nrPages: 1,
    refcount: 0,
    pincount: 0,
    entireMapcount: -1,
    nrPagesMapped: 0,
    totalMappedPages: 0,
    largeMapcount: -1,
    mmIdsShared: false,
    slots: [
      { mmId: 0, mapcount: -1 },
      { mmId: 0, mapcount: -1 },
    ],
    pages: Array.from({ length: MOST_PAGES }, () => ({ mapcount: -1, anonExclusive: false, content: 0 })),
    anon: false,
    locked: false,
    swapcache: false,
    swap: 0,
    partiallyMapped: false,
    onDeferredList: false,
    hadThreeMms: false,
    hadOverflow: false,
    maybeShared: false,
    mapcount: 0,
    expectedReferences: 0,
  };
}

/** The position plus one of the MM that has an id, as claims have it; one more than there are for an id that no MM has. */
function ownerOf(words: Int32Array, id: number): number {
  if (id === 0) {
    return 0;
  }
  for (let mm = 0; mm < MMS; mm++) {
    const at = WorldWord.mms + mm * MM_WORDS;
    if (words[at + MmWord.live] !== 0 && words[at + MmWord.id] === id) {
      return mm + 1;
    }
  }
  return MMS + 1;
}

/** The kernel of the view: it answers with the results of the tree's own functions when the world was read. */
function imageKernel(config: KernelConfig): Kernel {
  const kernel = {
    name: "tree",
    config,
    folioMaybeMappedShared: (folio: ImageFolio) => folio.maybeShared,
    folioMapcount: (folio: ImageFolio) => folio.mapcount,
    folioExpectedRefCount: (folio: ImageFolio) => folio.expectedReferences,
    folioHasPincount: ({ nrPages }: ImageFolio) => nrPages > (config.is64Bit ? 1 : 2),
  };
  return kernel as unknown as Kernel;
}

/** A state, decoded. */
export class ImageView {
  readonly kernel: Kernel;
  /** The statistics of the node, as those claims find them that sum over folios. */
  readonly world: {
    readonly stats: { nrAnonMapped: number; nrFileMapped: number; nrAnonThps: number; nrFilePmdmapped: number };
  } = {
    stats: { nrAnonMapped: 0, nrFileMapped: 0, nrAnonThps: 0, nrFilePmdmapped: 0 },
  };
  private readonly decodedFolios: readonly DecodedFolio[] = Array.from({ length: FRAMES }, (_, frame) =>
    emptyFolio(frame),
  );
  /** One more MM than there are, for an id that none has. */
  private readonly truths: readonly FolioCounts[] = this.decodedFolios.map((folio) => new FolioCounts(folio, MMS + 1));
  private readonly words: () => Int32Array;
  private readonly pages: readonly [from: number, to: number];
  private readonly seen: { folios: FolioCounts[]; entries: ImageEntry[]; mms: ImageMm[] } = {
    folios: [],
    entries: [],
    mms: [],
  };
  private stale = true;

  /**
   * @param words reads the world: see WorldWord
   * @param pages of the address space that are read
   */
  constructor(words: () => Int32Array, pages: readonly [from: number, to: number], config: KernelConfig) {
    this.words = words;
    this.pages = pages;
    this.kernel = imageKernel(config);
  }

  get folios(): readonly PageTableTruth[] {
    return this.decoded().folios;
  }

  get entries(): readonly ImageEntry[] {
    return this.decoded().entries;
  }

  get mms(): readonly ImageMm[] {
    return this.decoded().mms;
  }

  refresh(): void {
    this.stale = true;
  }

  private decoded(): ImageView["seen"] {
    if (this.stale) {
      this.stale = false;
      const words = this.words();
      this.decodeFolios(words);
      this.decodeMms(words);
      this.world.stats.nrAnonMapped = words[WorldWord.anonMapped] as number;
      this.world.stats.nrAnonThps = words[WorldWord.anonThps] as number;
    }
    return this.seen;
  }

  private decodeFolios(words: Int32Array): void {
    const { folios } = this.seen;
    folios.length = 0;
    for (let frame = 0; frame < FRAMES; frame++) {
      if (words[frame * Frame.words + Frame.head] === frame) {
        folios.push(this.decodeFolio(words, frame));
      }
    }
  }

  private decodeFolio(words: Int32Array, frame: number): FolioCounts {
    const folio = this.decodedFolios[frame] as DecodedFolio;
    const at = frame * Frame.words;
    const word = (name: number): number => words[at + name] as number;
    const flags = word(Frame.flags);
    folio.nrPages = 1 << word(Frame.order);
    folio.refcount = word(Frame.refcount);
    folio.largeMapcount = word(Frame.largeMapcount);
    folio.entireMapcount = word(Frame.entireMapcount);
    folio.nrPagesMapped = word(Frame.nrPagesMapped);
    folio.slots.forEach((slot, i) => {
      slot.mmId = ownerOf(words, word(Frame.mmId + i));
      slot.mapcount = folio.nrPages > 1 ? word(Frame.mmIdMapcount + i) : -1;
    });
    folio.mmIdsShared = (flags & FrameFlag.idsShared) !== 0;
    folio.anon = (flags & FrameFlag.anon) !== 0;
    folio.locked = (flags & FrameFlag.locked) !== 0;
    folio.swapcache = (flags & FrameFlag.swapcache) !== 0;
    folio.partiallyMapped = (flags & FrameFlag.partiallyMapped) !== 0;
    folio.onDeferredList = (flags & FrameFlag.deferred) !== 0;
    folio.maybeShared = (flags & FrameFlag.maybeShared) !== 0;
    folio.mapcount = word(Frame.folioMapcount);
    folio.expectedReferences = word(Frame.expectedReferences);
    folio.pages.forEach((page, i) => {
      const own = (frame + i) * Frame.words;
      const isPart = i < folio.nrPages;
      page.mapcount = isPart ? (words[own + Frame.mapcount] as number) : -1;
      page.anonExclusive = isPart && ((words[own + Frame.flags] as number) & FrameFlag.exclusive) !== 0;
      page.content = isPart ? (words[own + Frame.content] as number) : 0;
    });
    const truth = this.truths[frame] as FolioCounts;
    truth.clear();
    return truth;
  }

  private decodeMms(words: Int32Array): void {
    const { mms, entries } = this.seen;
    mms.length = 0;
    entries.length = 0;
    for (let mm = 0; mm < MMS; mm++) {
      const at = WorldWord.mms + mm * MM_WORDS;
      const live = words[at + MmWord.live] !== 0;
      const mappedAnon = live ? this.decodeEntries(words, mm, at + MmWord.entries) : 0;
      mms.push({
        live,
        id: words[at + MmWord.id] as number,
        anonPages: live ? (words[at + MmWord.anonPages] as number) : 0,
        mappedAnon,
      });
    }
  }

  /** @returns anonymous pages that the MM maps, those with a migration entry among them */
  private decodeEntries(words: Int32Array, mm: number, start: number): number {
    let mappedAnon = 0;
    for (let page = this.pages[0]; page < this.pages[1]; page++) {
      const flags = words[start + page * Entry.words + Entry.flags] as number;
      if (flags === 0) {
        continue;
      }
      const frame = words[start + page * Entry.words + Entry.frame] as number;
      const present = (flags & EntryFlag.present) !== 0;
      const migration = (flags & EntryFlag.migration) !== 0;
      const head = present || migration ? (words[frame * Frame.words + Frame.head] as number) : -1;
      const truth = head < 0 ? undefined : this.truths[head];
      const pmd = (flags & EntryFlag.pmd) !== 0;
      if (truth !== undefined) {
        mappedAnon += truth.folio.anon ? 1 : 0;
        if (migration) {
          truth.migrationEntries += pmd && frame !== head ? 0 : 1;
        } else if (!pmd) {
          truth.addPte(mm, frame - head);
        } else if (frame === head) {
          truth.addPmd(mm);
        }
      }
      const own = (pmd ? head : frame) * Frame.words;
      this.seen.entries.push({
        mm,
        page,
        present,
        migration,
        pmd,
        writable: (flags & EntryFlag.write) !== 0,
        mayWrite: (flags & EntryFlag.mayWrite) !== 0,
        exclusive: (flags & EntryFlag.exclusive) !== 0,
        frame,
        expected: (flags >> EXPECTED_SHIFT) & 0xff,
        found: head < 0 ? 0 : (words[frame * Frame.words + Frame.content] as number),
        frameExclusive: head >= 0 && ((words[own + Frame.flags] as number) & FrameFlag.exclusive) !== 0,
        mayBeZero: (flags & EntryFlag.mayBeZero) !== 0,
        anon: truth?.folio.anon ?? false,
      });
    }
    return mappedAnon;
  }
}
