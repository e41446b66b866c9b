/** Words of a world as the harness writes them, made up for tests: a folio and the entries that map it. */
import {
  Entry,
  EntryFlag,
  EXPECTED_SHIFT,
  Frame,
  FrameFlag,
  MM_WORDS,
  MmWord,
  PAGES,
  Slot,
  VMA_WORDS,
  WorldWord,
} from "../../../../gate/image/world/world-layout.ts";

/** Id of the MM in a position: ids are not positions. */
export const idOf = (mm: number): number => 5 + mm;

/** The first page of the page table that tests use. */
export const FIRST = 8;

/** A frame that belongs to no folio: where the zero page is. */
const ZERO_FRAME = 1;

/** A world with no process. */
export class WorldWords {
  readonly words: Int32Array = new Int32Array(WorldWord.words);
  readonly vmas: Int32Array = new Int32Array(VMA_WORDS);

  constructor() {
    for (let start = 0; start < WorldWord.mms; start += Frame.words) {
      this.words[start + Frame.head] = -1;
      this.words[start + Frame.largeMapcount] = -1;
      this.words[start + Frame.entireMapcount] = -1;
      this.words.fill(-1, start + Frame.mmIdMapcount, start + Frame.mmIdMapcount + 2);
    }
  }

  /** The same once more. */
  copy(): WorldWords {
    const copy = new WorldWords();
    copy.words.set(this.words);
    copy.vmas.set(this.vmas);
    return copy;
  }

  process(mm: number): this {
    const start = WorldWord.mms + mm * MM_WORDS;
    this.words[start + MmWord.live] = 1;
    this.words[start + MmWord.id] = idOf(mm);
    return this;
  }

  /** A small anon folio that nothing but its mappings refers to. */
  small(frame: number, mappings: number, flags: number = 0): this {
    return this.fields(frame, {
      head: frame,
      mapcount: mappings - 1,
      refcount: mappings,
      expectedReferences: mappings,
      folioMapcount: mappings,
      flags: FrameFlag.anon | (mappings > 1 ? FrameFlag.maybeShared : 0) | flags,
    });
  }

  /** A swap device, with the page of a frame in slot 1 of the swap cache, and a swap entry for it. */
  cached(frame: number, mm: number): this {
    this.words[WorldWord.totalSlots] = 3;
    for (let slot = 1; slot <= 3; slot++) {
      this.words[WorldWord.slots + slot * Slot.words + Slot.cached] = slot === 1 ? frame : -1;
    }
    return this.small(frame, 0, FrameFlag.swapcache).entry(mm, FIRST, EntryFlag.swap, 1);
  }

  /** A folio of 4 pages that one process maps completely, exclusively and by PTEs. */
  large(frame: number, mm: number): this {
    for (let i = 0; i < 4; i++) {
      this.fields(frame + i, { head: frame, mapcount: 0, flags: FrameFlag.exclusive });
      this.entry(mm, FIRST + i, EntryFlag.present | EntryFlag.write, frame + i);
    }
    return this.fields(frame, { order: 2, nrPagesMapped: 4, flags: FrameFlag.anon | FrameFlag.exclusive })
      .mappings(frame, 4)
      .slot(frame, 0, mm, 4)
      .node(4, 0);
  }

  /** A folio of 4 pages that two processes map completely and by PTEs. @param mms in the order of the owner slots */
  shared(frame: number, mms: readonly [mm: number, mm: number]): this {
    for (let i = 0; i < 4; i++) {
      this.fields(frame + i, { head: frame, mapcount: 1 });
    }
    for (const [slot, mm] of mms.entries()) {
      for (let i = 0; i < 4; i++) {
        this.entry(mm, FIRST + i, EntryFlag.present, frame + i);
      }
      this.slot(frame, slot, mm, 4);
    }
    const flags = FrameFlag.anon | FrameFlag.maybeShared | FrameFlag.idsShared;
    return this.fields(frame, { order: 2, nrPagesMapped: 4, flags }).mappings(frame, 8).node(4, 0);
  }

  /** The same under migration: migration entries that can be read only, and a reference of the migration. */
  migrating(frame: number, mms: readonly [mm: number, mm: number]): this {
    for (let i = 0; i < 4; i++) {
      this.fields(frame + i, { head: frame, mapcount: -1 });
      for (const mm of mms) {
        this.entry(mm, FIRST + i, EntryFlag.migration, frame + i);
      }
    }
    return this.fields(frame, { order: 2, flags: FrameFlag.anon | FrameFlag.locked })
      .mappings(frame, 0)
      .fields(frame, { refcount: 1 })
      .node(0, 0);
  }

  /** All counts of a large folio that follow from the number of its mappings. */
  mappings(frame: number, mappings: number): this {
    return this.fields(frame, {
      refcount: mappings,
      largeMapcount: mappings - 1,
      expectedReferences: mappings,
      folioMapcount: mappings,
    });
  }

  /** An owner slot. @param mappings of the process */
  slot(frame: number, position: number, mm: number, mappings: number): this {
    this.words[frame * Frame.words + Frame.mmId + position] = idOf(mm);
    this.words[frame * Frame.words + Frame.mmIdMapcount + position] = mappings - 1;
    return this;
  }

  fields(frame: number, fields: { readonly [name in keyof typeof Frame]?: number }): this {
    for (const [name, value] of Object.entries(fields)) {
      this.words[frame * Frame.words + Frame[name as keyof typeof Frame]] = value;
    }
    return this;
  }

  entry(mm: number, page: number, flags: number, frame: number, expected: number = 0): this {
    const start = WorldWord.mms + mm * MM_WORDS + MmWord.entries + page * Entry.words;
    this.words[start + Entry.flags] = flags | (expected << EXPECTED_SHIFT);
    this.words[start + Entry.frame] = frame;
    return this;
  }

  vma(mm: number, page: number, pages: number, flags: number): this {
    this.vmas.fill(flags, mm * PAGES + page, mm * PAGES + page + pages);
    return this;
  }

  zeroPage(mm: number, page: number): this {
    return this.entry(mm, page, EntryFlag.present, ZERO_FRAME);
  }

  /** The statistics. */
  node(anonMapped: number, anonThps: number): this {
    this.words[WorldWord.anonMapped] = anonMapped;
    this.words[WorldWord.anonThps] = anonThps;
    return this;
  }
}
