/**
 * The view of a state of the image for claims: its folios with the ground truth about each, counted from the page tables that the
 * harness reads off memory. The same claims as of the model look at it.
 */

import { FolioCounts } from "../../../model/environment/ground-truth.ts";
import type { PageTableTruth } from "../../../model/environment/view.ts";
import type { KernelConfig } from "../../../model/kernel/config.ts";
import type { Kernel } from "../../../model/kernel/kernel.ts";
import type { WorldFolio } from "../../../model/state/world.ts";
import { emptyFolio, type Mutable } from "./empty-folio.ts";
import type { ImageEntry, ImageMm } from "./image-entry.ts";
import { ProcReading } from "./proc-reading.ts";
import {
  Entry,
  EntryFlag,
  EXPECTED_SHIFT,
  FRAMES,
  Frame,
  FrameFlag,
  LRU_LISTS,
  MM_WORDS,
  MMS,
  MmWord,
  ORDERS,
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
  /** Anonymous and not PG_swapbacked: what reclaim may discard. */
  readonly lazyfree: boolean;
}

/** Anonymous folios of one order, as the statistics of transparent huge pages count them. */
export interface ImageHugeStats {
  readonly nrAnon: number;
  readonly nrAnonPartiallyMapped: number;
}

/** Pages that the node counts, and those that there are. */
export interface ImageCount {
  readonly counted: number;
  readonly pages: number;
}

/** Reads what a view shows. Both leave the state as it is. */
export interface ImageReaders {
  /** The world: see WorldWord. */
  readonly world: () => Int32Array;
  /** /proc: see ProcWord; undefined where reading it ends in a fault, which is reported then. */
  readonly proc: () => Int32Array | undefined;
}

/** A folio that is decoded again for each state. */
type DecodedFolio = Mutable<ImageFolio>;

/** Pages of the largest folio. */
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
  };
}

/** What an MM maps, migration entries among it. */
interface Mapped {
  /** Anonymous pages. */
  readonly mappedAnon: number;
  /** PMDs that map a huge page. */
  readonly hugePages: number;
}

const NOTHING_MAPPED: Mapped = { mappedAnon: 0, hugePages: 0 };

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
    folioAt(frame),
  );
  /** One more MM than there are, for an id that none has. */
  private readonly truths: readonly FolioCounts[] = this.decodedFolios.map((folio) => new FolioCounts(folio, MMS + 1));
  private readonly readers: ImageReaders;
  private readonly pages: readonly [from: number, to: number];
  private readonly seen: {
    folios: FolioCounts[];
    entries: ImageEntry[];
    mms: ImageMm[];
    hugeStats: ImageHugeStats[];
    lru: ImageCount[];
    isolated: ImageCount;
    queueLength: number;
    tables: number[];
  } = {
    folios: [],
    entries: [],
    mms: [],
    hugeStats: [],
    lru: [],
    isolated: { counted: 0, pages: 0 },
    queueLength: 0,
    tables: [],
  };
  private stale = true;
  private lastProc: ProcReading | undefined;
  private procStale = true;

  /** @param pages of the address space that are read */
  constructor(readers: ImageReaders, pages: readonly [from: number, to: number], config: KernelConfig) {
    this.readers = readers;
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

  /** By order of the folios. */
  get hugeStats(): readonly ImageHugeStats[] {
    return this.decoded().hugeStats;
  }

  /** By LRU list: pages of folios on it. */
  get lru(): readonly ImageCount[] {
    return this.decoded().lru;
  }

  /** Pages taken off the LRU lists for migration. */
  get isolated(): ImageCount {
    return this.decoded().isolated;
  }

  /** Length of the deferred-split queue, as the kernel counts it. */
  get queueLength(): number {
    return this.decoded().queueLength;
  }

  /** Frames that are page tables. */
  get tables(): readonly number[] {
    return this.decoded().tables;
  }

  /** What user space reads of /proc; undefined where reading it ends in a fault. */
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

  private decoded(): ImageView["seen"] {
    if (this.stale) {
      this.stale = false;
      const words = this.readers.world();
      this.decodeFolios(words);
      this.decodeMms(words);
      this.world.stats.nrAnonMapped = words[WorldWord.anonMapped] as number;
      this.world.stats.nrAnonThps = words[WorldWord.anonThps] as number;
      for (let order = 0; order < ORDERS; order++) {
        this.seen.hugeStats[order] = {
          nrAnon: words[WorldWord.nrAnon + order] as number,
          nrAnonPartiallyMapped: words[WorldWord.nrAnonPartiallyMapped + order] as number,
        };
      }
      for (let list = 0; list < LRU_LISTS; list++) {
        this.seen.lru[list] = {
          counted: words[WorldWord.lruSize + list] as number,
          pages: words[WorldWord.lruPages + list] as number,
        };
      }
      this.seen.isolated = {
        counted: words[WorldWord.isolated] as number,
        pages: words[WorldWord.isolatedPages] as number,
      };
      this.seen.queueLength = words[WorldWord.queueLength] as number;
    }
    return this.seen;
  }

  private decodeFolios(words: Int32Array): void {
    const { folios, tables } = this.seen;
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
    folio.refcount = word(Frame.refcount);
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
    folio.expectedReferences = word(Frame.expectedReferences);
    for (let i = 0; i < folio.pages.length; i++) {
      const page = folio.pages[i] as DecodedFolio["pages"][number];
      const own = (frame + i) * Frame.words;
      const isPart = i < folio.nrPages;
      page.mapcount = isPart ? (words[own + Frame.mapcount] as number) : -1;
      page.anonExclusive = isPart && ((words[own + Frame.flags] as number) & FrameFlag.exclusive) !== 0;
      page.content = isPart ? (words[own + Frame.content] as number) : 0;
    }
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
      const word = (name: number): number => (live ? (words[at + name] as number) : 0);
      const { mappedAnon, hugePages } = live ? this.decodeEntries(words, mm, at + MmWord.entries) : NOTHING_MAPPED;
      mms.push({
        live,
        id: words[at + MmWord.id] as number,
        anonPages: word(MmWord.anonPages),
        mappedAnon,
        depositedTables: word(MmWord.depositedTables),
        hugePages,
        tableBytesCounted: word(MmWord.tableBytesCounted),
        tableBytes: word(MmWord.tableBytes),
      });
    }
  }

  private decodeEntries(words: Int32Array, mm: number, start: number): Mapped {
    let mappedAnon = 0;
    let hugePages = 0;
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
      hugePages += pmd && frame === head ? 1 : 0;
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
        softDirty: (flags & EntryFlag.softDirty) !== 0,
        anon: truth?.folio.anon ?? false,
        foundByRmap: (flags & EntryFlag.foundByRmap) !== 0,
        truth,
        index: frame - head,
      });
    }
    return { mappedAnon, hugePages };
  }
}
