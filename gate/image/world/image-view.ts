/**
 * A decoded state of an image, for claims: its folios, and the ground truth about each, counted from the page tables
 * that the harness reads from memory. It has the interface that the model's claims use.
 */

import { FolioCounts } from "../../../model/environment/ground-truth.ts";
import type { PageTableTruth } from "../../../model/environment/view.ts";
import type { KernelConfig } from "../../../model/kernel/config.ts";
import type { Kernel } from "../../../model/kernel/kernel.ts";
import type { WorldFolio } from "../../../model/state/world.ts";
import { refcountInModel } from "../../adapter/pin-bias.ts";
import { emptyFolio, type Mutable } from "./empty-folio.ts";
import type { ImageEntry, ImageMm } from "./image-entry.ts";
import { ProcReading } from "./proc-reading.ts";
import {
  Entry,
  EntryFlag,
  EXPECTED_SHIFT,
  FILE_PAGES,
  FilePage,
  FileWord,
  FRAMES,
  Frame,
  FrameFlag,
  Gup,
  HeldPage,
  HOLDER_WORDS,
  HOLDERS,
  Holder,
  LRU_LISTS,
  MM_WORDS,
  MMS,
  MmWord,
  ORDERS,
  Slot,
  WorldWord,
} from "./world-layout.ts";

/** A folio of the image, with the results of the tree's own query functions. */
export interface ImageFolio extends WorldFolio {
  /** Result of folio_maybe_mapped_shared(). */
  readonly maybeShared: boolean;
  /** Result of folio_mapcount(). */
  readonly mapcount: number;
  /** Result of folio_expected_ref_count(). */
  readonly expectedReferences: number;
  /** Anonymous and not PG_swapbacked: reclaim may discard it. */
  readonly lazyfree: boolean;
  /** Result of folio_maybe_dma_pinned(). */
  readonly maybePinned: boolean;
  /** Result of folio_test_dirty(). */
  readonly dirty: boolean;
  /** The page of the file that its first page is, according to `mapping` and `index`; −1 for none. */
  readonly filePage: number;
}

/** Anonymous folios of one order, from the mTHP statistics of the kernel (nr_anon, nr_anon_partially_mapped). */
export interface ImageHugeStats {
  readonly nrAnon: number;
  readonly nrAnonPartiallyMapped: number;
}

/** A statistic of the node in pages (`counted`), and the number of such pages in the state (`pages`). */
export interface ImageCount {
  readonly counted: number;
  readonly pages: number;
}

/** A slot of the swap device. */
export interface ImageSlot {
  /** Entries that refer to it according to the kernel. */
  readonly count: number;
  /** Entries that refer to it. */
  readonly entries: number;
  /** Whether one of these marks its page as exclusive. */
  readonly exclusive: boolean;
  /** Frame of the page that the swap cache has for it; -1 for none. */
  readonly cached: number;
}

/** A page of the file. */
export interface ImageFilePage {
  /** Frame of the page that the page cache has for it; −1 for none. */
  readonly frame: number;
  /** The swap slot that the page cache has for it; 0 for none. */
  readonly slot: number;
  /** Byte that a process must read through a shared mapping; 0 where nothing was written since it was cut off. */
  readonly expected: number;
  /** Byte that a process would read. */
  readonly actual: number;
  /** Whether it was written to, and is part of a huge page that nothing marks as dirty any more. */
  readonly undirty: boolean;
}

/** The file. */
export interface ImageFile {
  /** Pages up to its end. */
  readonly size: number;
  readonly pages: readonly ImageFilePage[];
  /** A counter of the kernel, and what it must be, by its name. */
  readonly counts: Readonly<Record<string, ImageCount>>;
}

/** A page of a holder: a user of get_user_pages() or pin_user_pages(). */
export interface ImageHeldPage {
  /** Number of the holder. */
  readonly holder: number;
  /** The process whose page it is; undefined if it has exited. */
  readonly mm: number | undefined;
  /** FOLL_PIN instead of FOLL_GET. */
  readonly pin: boolean;
  /** FOLL_WRITE. */
  readonly write: boolean;
  readonly frame: number;
  /** Page of the address space at which the process must find it; undefined if it gave it up, and without a pin. */
  readonly at: number | undefined;
  /** Byte that the holder must read. */
  readonly expected: number;
  /** Byte that the holder reads. */
  readonly actual: number;
  /** Its folio; undefined for the zero page. */
  readonly truth: PageTableTruth | undefined;
}

/** Reads the data of a view from memory, without changing the state. */
export interface ImageReaders {
  /** Reads the words of the world, by the positions in WorldWord. */
  readonly world: () => Int32Array;
  /** Reads /proc, by the positions in ProcWord; undefined after a fault, which is reported. */
  readonly proc: () => Int32Array | undefined;
}

/** A folio object that is reused for each decoded state. */
type DecodedFolio = Mutable<ImageFolio>;

/** Pages of the largest folio: order 3. */
const MOST_PAGES = 8;

function folioAt(frame: number): DecodedFolio {
  return {
    ...emptyFolio(MOST_PAGES),
    frameNumber: frame,
    allocated: true,
    maybeShared: false,
    mapcount: 0,
    expectedReferences: 0,
    lazyfree: false,
    maybePinned: false,
    dirty: false,
    filePage: -1,
  };
}

/** Numbers of mappings of an MM, migration entries included. */
interface MappingCounts {
  /** Anonymous pages. */
  readonly mappedAnon: number;
  /** Pages of the file. */
  readonly mappedFile: number;
  /** PMDs that map an anonymous huge page. */
  readonly hugePages: number;
  /** Swap entries. */
  readonly swapped: number;
}

const NO_MAPPINGS: MappingCounts = { mappedAnon: 0, mappedFile: 0, hugePages: 0, swapped: 0 };

/** Returns the position plus one of the MM with an id, as claims number owners; MMS + 1 for an id that no MM has. */
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

/** Returns the fewest pages of a folio that has a pincount. */
function pincountRoom({ is64Bit }: KernelConfig): { readonly pincount: number } {
  return { pincount: is64Bit ? 2 : 4 };
}

/**
 * The kernel of the view: its queries return the results of the tree's own functions, recorded when the world was read.
 */
function imageKernel(config: KernelConfig): Kernel {
  const kernel = {
    name: "tree",
    config,
    folioMaybeMappedShared: (folio: ImageFolio) => folio.maybeShared,
    folioMapcount: (folio: ImageFolio) => folio.mapcount,
    folioExpectedRefCount: (folio: ImageFolio) => folio.expectedReferences,
    folioMaybeDmaPinned: (folio: ImageFolio) => folio.maybePinned,
    folioHasPincount: ({ nrPages }: ImageFolio) => nrPages >= pincountRoom(config).pincount,
  };
  return kernel as unknown as Kernel;
}

/** A decoded state. */
export class ImageView {
  readonly kernel: Kernel;
  /** Statistics of the node, under the names that the claims about sums over folios use. */
  readonly world: {
    readonly stats: { nrAnonMapped: number; nrFileMapped: number; nrAnonThps: number; nrFilePmdmapped: number };
  } = {
    stats: { nrAnonMapped: 0, nrFileMapped: 0, nrAnonThps: 0, nrFilePmdmapped: 0 },
  };
  private readonly decodedFolios: readonly DecodedFolio[] = Array.from({ length: FRAMES }, (_, frame) =>
    folioAt(frame),
  );
  /** Ground truth by folio. The additional MM stands for an id that no MM has. */
  private readonly truths: readonly FolioCounts[] = this.decodedFolios.map((folio) => new FolioCounts(folio, MMS + 1));
  private readonly readers: ImageReaders;
  private readonly room: { readonly pincount: number };
  private readonly pages: readonly [from: number, to: number];
  private readonly hasFile: boolean;
  private readonly decodedState: {
    folios: FolioCounts[];
    entries: ImageEntry[];
    mms: ImageMm[];
    hugeStats: ImageHugeStats[];
    lru: ImageCount[];
    isolated: ImageCount;
    queueLength: number;
    tables: number[];
    slots: Mutable<ImageSlot>[];
    freeSlots: ImageCount;
    swapCache: ImageCount;
    held: ImageHeldPage[];
    pins: ImageCount;
    file: ImageFile;
  } = {
    folios: [],
    entries: [],
    mms: [],
    hugeStats: [],
    lru: [],
    isolated: { counted: 0, pages: 0 },
    queueLength: 0,
    tables: [],
    slots: [],
    freeSlots: { counted: 0, pages: 0 },
    swapCache: { counted: 0, pages: 0 },
    held: [],
    pins: { counted: 0, pages: 0 },
    file: { size: 0, pages: [], counts: {} },
  };
  private stale = true;
  private lastProc: ProcReading | undefined;
  private procStale = true;

  /**
   * @param pages range of the address space that is decoded
   * @param hasFile whether there is a file
   */
  constructor(
    readers: ImageReaders,
    pages: readonly [from: number, to: number],
    config: KernelConfig,
    hasFile = false,
  ) {
    this.readers = readers;
    this.pages = pages;
    this.hasFile = hasFile;
    this.kernel = imageKernel(config);
    this.room = pincountRoom(config);
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

  /** By order of the folios. */
  get hugeStats(): readonly ImageHugeStats[] {
    return this.decoded().hugeStats;
  }

  /** By LRU list: pages of the folios on it. */
  get lru(): readonly ImageCount[] {
    return this.decoded().lru;
  }

  /** Pages that are isolated from the LRU lists for migration. */
  get isolated(): ImageCount {
    return this.decoded().isolated;
  }

  /** Length of the deferred-split queue according to the kernel. */
  get queueLength(): number {
    return this.decoded().queueLength;
  }

  /** Page frames that are page tables. */
  get tables(): readonly number[] {
    return this.decoded().tables;
  }

  /** Slots of the swap device, but for that of its header; empty without one. */
  get slots(): readonly ImageSlot[] {
    return this.decoded().slots;
  }

  /** Free slots of the swap device: nr_swap_pages. */
  get freeSlots(): ImageCount {
    return this.decoded().freeSlots;
  }

  /** Pages in the swap cache: NR_SWAPCACHE. */
  get swapCache(): ImageCount {
    return this.decoded().swapCache;
  }

  /** Pages of holders. */
  get held(): readonly ImageHeldPage[] {
    return this.decoded().held;
  }

  /** Pins: NR_FOLL_PIN_ACQUIRED minus NR_FOLL_PIN_RELEASED. */
  get pins(): ImageCount {
    return this.decoded().pins;
  }

  /** The file; without pages if there is none. */
  get file(): ImageFile {
    return this.decoded().file;
  }

  /** Values that user space reads from /proc; undefined after a fault while reading. */
  get proc(): ProcReading | undefined {
    if (this.procStale) {
      this.procStale = false;
      const { mms, entries } = this.decoded();
      const words = this.readers.proc();
      this.lastProc = words === undefined ? undefined : new ProcReading(words, mms, entries);
    }
    return this.lastProc;
  }

  refresh(): void {
    this.stale = true;
    this.procStale = true;
  }

  private decoded(): ImageView["decodedState"] {
    if (this.stale) {
      this.stale = false;
      const words = this.readers.world();
      this.decodeFolios(words);
      this.decodeSlots(words);
      const pages = this.decodeFilePages(words);
      this.decodeMms(words);
      this.decodedState.file = this.decodeFile(words, pages);
      this.decodeHolders(words);
      this.world.stats.nrAnonMapped = words[WorldWord.anonMapped] as number;
      this.world.stats.nrFileMapped = words[WorldWord.fileMapped] as number;
      this.world.stats.nrFilePmdmapped = words[WorldWord.filePmdMapped] as number;
      this.world.stats.nrAnonThps = words[WorldWord.anonThps] as number;
      for (let order = 0; order < ORDERS; order++) {
        this.decodedState.hugeStats[order] = {
          nrAnon: words[WorldWord.nrAnon + order] as number,
          nrAnonPartiallyMapped: words[WorldWord.nrAnonPartiallyMapped + order] as number,
        };
      }
      for (let list = 0; list < LRU_LISTS; list++) {
        this.decodedState.lru[list] = {
          counted: words[WorldWord.lruSize + list] as number,
          pages: words[WorldWord.lruPages + list] as number,
        };
      }
      this.decodedState.isolated = {
        counted: words[WorldWord.isolated] as number,
        pages: words[WorldWord.isolatedPages] as number,
      };
      this.decodedState.queueLength = words[WorldWord.queueLength] as number;
    }
    return this.decodedState;
  }

  private decodeFolios(words: Int32Array): void {
    const { folios, tables } = this.decodedState;
    folios.length = 0;
    tables.length = 0;
    for (let frame = 0; frame < FRAMES; frame++) {
      if (words[frame * Frame.words + Frame.head] === frame) {
        folios.push(this.decodeFolio(words, frame));
      } else if (((words[frame * Frame.words + Frame.flags] as number) & FrameFlag.table) !== 0) {
        tables.push(frame);
      }
    }
  }

  private decodeFolio(words: Int32Array, frame: number): FolioCounts {
    const folio = this.decodedFolios[frame] as DecodedFolio;
    const at = frame * Frame.words;
    const word = (name: number): number => words[at + name] as number;
    const flags = word(Frame.flags);
    folio.nrPages = 1 << word(Frame.order);
    folio.refcount = refcountInModel(this.room, folio.nrPages, word(Frame.refcount));
    folio.pincount = word(Frame.pincount);
    folio.largeMapcount = word(Frame.largeMapcount);
    folio.entireMapcount = word(Frame.entireMapcount);
    folio.nrPagesMapped = word(Frame.nrPagesMapped);
    for (let i = 0; i < folio.slots.length; i++) {
      const slot = folio.slots[i] as DecodedFolio["slots"][number];
      slot.mmId = ownerOf(words, word(Frame.mmId + i));
      slot.mapcount = folio.nrPages > 1 ? word(Frame.mmIdMapcount + i) : -1;
    }
    folio.mmIdsShared = (flags & FrameFlag.idsShared) !== 0;
    folio.anon = (flags & FrameFlag.anon) !== 0;
    folio.locked = (flags & FrameFlag.locked) !== 0;
    folio.swapcache = (flags & FrameFlag.swapcache) !== 0;
    folio.partiallyMapped = (flags & FrameFlag.partiallyMapped) !== 0;
    folio.onDeferredList = (flags & FrameFlag.deferred) !== 0;
    folio.maybeShared = (flags & FrameFlag.maybeShared) !== 0;
    folio.mapcount = word(Frame.folioMapcount);
    folio.lazyfree = (flags & FrameFlag.lazyfree) !== 0;
    folio.maybePinned = (flags & FrameFlag.maybePinned) !== 0;
    folio.expectedReferences = word(Frame.expectedReferences);
    folio.dirty = (flags & FrameFlag.dirty) !== 0;
    folio.filePage = word(Frame.fileIndex);
    folio.inPageCache = false;
    for (let i = 0; i < folio.pages.length; i++) {
      const page = folio.pages[i] as DecodedFolio["pages"][number];
      const frameWords = (frame + i) * Frame.words;
      const isPart = i < folio.nrPages;
      page.mapcount = isPart ? (words[frameWords + Frame.mapcount] as number) : -1;
      page.anonExclusive = isPart && ((words[frameWords + Frame.flags] as number) & FrameFlag.exclusive) !== 0;
      page.content = isPart ? (words[frameWords + Frame.content] as number) : 0;
    }
    const truth = this.truths[frame] as FolioCounts;
    truth.clear();
    return truth;
  }

  private decodeSlots(words: Int32Array): void {
    const { slots, folios } = this.decodedState;
    slots.length = 0;
    let free = 0;
    for (let slot = 1; slot <= (words[WorldWord.totalSlots] as number); slot++) {
      const at = WorldWord.slots + slot * Slot.words;
      const count = words[at + Slot.count] as number;
      const cached = words[at + Slot.cached] as number;
      slots.push({ count, cached, entries: 0, exclusive: false });
      free += count === 0 && cached < 0 ? 1 : 0;
    }
    this.decodedState.freeSlots = { counted: words[WorldWord.freeSlots] as number, pages: free };
    this.decodedState.swapCache = {
      counted: words[WorldWord.swapCache] as number,
      pages: folios.reduce((pages, { folio }) => pages + (folio.swapcache ? folio.nrPages : 0), 0),
    };
  }

  /** Returns the pages of the file; none without one. */
  private decodeFilePages(words: Int32Array): ImageFilePage[] {
    const { file: start } = WorldWord;
    const pages: ImageFilePage[] = [];
    for (let page = 0; this.hasFile && page < FILE_PAGES; page++) {
      const at = start + FileWord.page + page * FilePage.words;
      const frame = words[at + FilePage.frame] as number;
      const slot = words[at + FilePage.slot] as number;
      const head = frame < 0 ? -1 : (words[frame * Frame.words + Frame.head] as number);
      const folio = this.decodedFolios[head];
      if (folio !== undefined) {
        folio.inPageCache = true;
      }
      const swapSlot = this.decodedState.slots[slot - 1];
      if (swapSlot !== undefined) {
        swapSlot.entries += 1;
      }
      pages.push({
        frame,
        slot,
        expected: words[at + FilePage.expected] as number,
        actual: words[at + FilePage.actual] as number,
        undirty: words[at + FilePage.undirty] === 1,
      });
    }
    return pages;
  }

  private decodeFile(words: Int32Array, pages: readonly ImageFilePage[]): ImageFile {
    const { folios } = this.decodedState;
    const word = (name: number): number => words[WorldWord.file + name] as number;
    const allocated = word(FileWord.allocated);
    const cached = pages.filter(({ frame }) => frame >= 0).length;
    const swapped = pages.filter(({ slot }) => slot > 0).length;
    const huge = folios.filter(({ folio }) => folio.inPageCache && folio.nrPages === MOST_PAGES);
    return {
      size: word(FileWord.pages),
      pages,
      counts: {
        nrpages: { counted: word(FileWord.cached), pages: cached },
        // shmem_recalc_inode(): pages that reclaim freed without writing them are subtracted later.
        alloced: {
          counted: this.decodedState.slots.length === 0 ? allocated : Math.min(allocated, cached + swapped),
          pages: cached + swapped,
        },
        swapped: { counted: word(FileWord.swapped), pages: swapped },
        i_blocks: { counted: word(FileWord.blocks), pages: allocated },
        NR_FILE_PAGES: { counted: word(FileWord.filePages), pages: cached },
        NR_SHMEM: { counted: word(FileWord.shmem), pages: cached },
        NR_SHMEM_THPS: { counted: word(FileWord.shmemHuge), pages: huge.length * MOST_PAGES },
        NR_SHMEM_PMDMAPPED: {
          counted: word(FileWord.shmemPmdMapped),
          pages: huge.filter(({ pmdMappings }) => pmdMappings > 0).length * MOST_PAGES,
        },
        f_ref: { counted: word(FileWord.references), pages: word(FileWord.vmas) },
        i_mmap_writable: { counted: word(FileWord.writable), pages: word(FileWord.writableVmas) },
      },
    };
  }

  private decodeMms(words: Int32Array): void {
    const { mms, entries } = this.decodedState;
    mms.length = 0;
    entries.length = 0;
    for (let mm = 0; mm < MMS; mm++) {
      const at = WorldWord.mms + mm * MM_WORDS;
      const live = words[at + MmWord.live] !== 0;
      const word = (name: number): number => (live ? (words[at + name] as number) : 0);
      const { mappedAnon, mappedFile, hugePages, swapped } = live
        ? this.decodeEntries(words, mm, at + MmWord.entries)
        : NO_MAPPINGS;
      mms.push({
        live,
        id: words[at + MmWord.id] as number,
        anonPages: word(MmWord.anonPages),
        mappedAnon,
        filePages: word(MmWord.filePages),
        shmemPages: word(MmWord.shmemPages),
        mappedFile,
        swapEntries: word(MmWord.swapEntries),
        swapped,
        depositedTables: word(MmWord.depositedTables),
        hugePages,
        tableBytesCounted: word(MmWord.tableBytesCounted),
        tableBytes: word(MmWord.tableBytes),
      });
    }
  }

  private decodeHolders(words: Int32Array): void {
    const { held } = this.decodedState;
    held.length = 0;
    for (let holder = 0; holder < HOLDERS; holder++) {
      const start = WorldWord.holders + holder * HOLDER_WORDS;
      const how = words[start + Holder.how] as number;
      const mm = words[start + Holder.mm] as number;
      for (let i = 0; i < (words[start + Holder.count] as number); i++) {
        const at = start + Holder.pages + i * HeldPage.words;
        const frame = words[at + HeldPage.frame] as number;
        const head = words[frame * Frame.words + Frame.head] as number;
        const truth = head < 0 ? undefined : this.truths[head];
        const pin = (how & Gup.pin) !== 0;
        if (truth !== undefined) {
          truth.heldReferences += 1;
          truth.heldPins += pin ? 1 : 0;
        }
        held.push({
          holder,
          mm: mm < 0 ? undefined : mm,
          pin,
          write: (how & Gup.write) !== 0,
          frame,
          at: (words[at + HeldPage.at] as number) || undefined,
          expected: words[at + HeldPage.expected] as number,
          actual: words[at + HeldPage.actual] as number,
          truth,
        });
      }
    }
    this.decodedState.pins = {
      counted: words[WorldWord.pinned] as number,
      pages: held.filter(({ pin, truth }) => pin && truth !== undefined).length,
    };
  }

  private decodeEntries(words: Int32Array, mm: number, start: number): MappingCounts {
    let mappedAnon = 0;
    let mappedFile = 0;
    let hugePages = 0;
    let swapped = 0;
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
        const { anon } = truth.folio;
        mappedAnon += anon ? 1 : 0;
        mappedFile += anon ? 0 : 1;
        hugePages += anon && pmd && frame === head ? 1 : 0;
        if (migration) {
          truth.migrationEntries += pmd && frame !== head ? 0 : 1;
        } else if (!pmd) {
          truth.addPte(mm, frame - head);
        } else if (frame === head) {
          truth.addPmd(mm);
        }
      }
      const slot = (flags & EntryFlag.swap) === 0 ? undefined : this.decodedState.slots[frame - 1];
      const exclusive = (flags & EntryFlag.exclusive) !== 0;
      if (slot !== undefined) {
        swapped += 1;
        slot.entries += 1;
        slot.exclusive ||= exclusive;
      }
      const flagsFrame = (pmd ? head : frame) * Frame.words;
      this.decodedState.entries.push({
        mm,
        page,
        present,
        migration,
        swap: slot !== undefined,
        pmd,
        writable: (flags & EntryFlag.write) !== 0,
        mayWrite: (flags & EntryFlag.mayWrite) !== 0,
        exclusive,
        frame,
        expected: (flags >> EXPECTED_SHIFT) & 0xff,
        actual: slot !== undefined ? contentOfSlot(words, frame) : head < 0 ? 0 : contentOfFrame(words, frame),
        frameExclusive: head >= 0 && ((words[flagsFrame + Frame.flags] as number) & FrameFlag.exclusive) !== 0,
        mayBeZero: (flags & EntryFlag.mayBeZero) !== 0,
        dirty: (flags & EntryFlag.dirty) !== 0,
        softDirty: (flags & EntryFlag.softDirty) !== 0,
        anon: truth?.folio.anon ?? false,
        foundByRmap: (flags & EntryFlag.foundByRmap) !== 0,
        truth,
        index: frame - head,
      });
    }
    return { mappedAnon, mappedFile, hugePages, swapped };
  }
}

function contentOfFrame(words: Int32Array, frame: number): number {
  return words[frame * Frame.words + Frame.content] as number;
}

function contentOfSlot(words: Int32Array, slot: number): number {
  return words[WorldWord.slots + slot * Slot.words + Slot.content] as number;
}
