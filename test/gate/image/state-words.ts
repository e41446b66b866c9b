/**
 * A state in the harness's format, written by hand: process 0 maps all 4 pages of an anonymous folio, process 1 all but
 * the first. Both have written to their pages. A page table follows the folio, then a free frame.
 */
import {
  Pagemap,
  PROC_MM_WORDS,
  ProcMm,
  ProcWord,
  PSS_UNIT,
  Smaps,
  VmaWord,
} from "../../../gate/image/world/proc-layout.ts";
import {
  Entry,
  EntryFlag,
  EXPECTED_SHIFT,
  FRAMES,
  Frame,
  FrameFlag,
  MM_WORDS,
  MmWord,
  WorldWord,
} from "../../../gate/image/world/world-layout.ts";

/** First page of the VMA, and first frame of the folio. */
export const PAGE = 8;
export const FRAME = 16;
export const TABLE: number = FRAME + 4;

const PAGES = 4;
const BYTES = 4096;

/** The byte that processes read. */
const WRITTEN = 1;

/** Number of mappings of each page of the folio. */
const MAPPED = [1, 2, 2, 2];

/** Returns the position of a word of an MM in the world. */
export function mmWord(mm: number, name: Exclude<keyof typeof MmWord, "entries">): number {
  return WorldWord.mms + mm * MM_WORDS + MmWord[name];
}

/** Returns the position of a word of an entry in the world. */
export function entryWord(mm: number, page: number, name: "flags" | "frame"): number {
  return WorldWord.mms + mm * MM_WORDS + MmWord.entries + page * Entry.words + Entry[name];
}

/** Returns the position of the upper word of a pagemap entry. */
export function pagemapWord(mm: number, page: number): number {
  return ProcWord.mms + mm * PROC_MM_WORDS + ProcMm.pagemap + page * 2 + 1;
}

/** Returns the position of a word of smaps, for the VMA or for the run of entries. */
export function smapsWord(mm: number, part: "vmas" | "runs", field: Exclude<keyof typeof Smaps, "words">): number {
  return ProcWord.mms + mm * PROC_MM_WORDS + ProcMm[part] + 1 + VmaWord.smaps + Smaps[field];
}

/** Returns the words of the world. */
export function worldWords(): Int32Array {
  const words = new Int32Array(WorldWord.words);
  for (let frame = 0; frame < FRAMES; frame++) {
    words[frame * Frame.words + Frame.head] = -1;
    words[frame * Frame.words + Frame.fileIndex] = -1;
  }
  words[TABLE * Frame.words + Frame.flags] = FrameFlag.table;
  for (let page = 0; page < PAGES; page++) {
    words[(FRAME + page) * Frame.words + Frame.head] = FRAME;
    words[(FRAME + page) * Frame.words + Frame.mapcount] = (MAPPED[page] as number) - 1;
    words[(FRAME + page) * Frame.words + Frame.content] = WRITTEN;
  }
  const head = FRAME * Frame.words;
  words[head + Frame.order] = 2;
  words[head + Frame.refcount] = 7;
  words[head + Frame.largeMapcount] = 6;
  words[head + Frame.entireMapcount] = -1;
  words[head + Frame.flags] = FrameFlag.anon | FrameFlag.maybeShared | FrameFlag.idsShared;
  words[head + Frame.folioMapcount] = 7;
  words[head + Frame.expectedReferences] = 7;
  words[head + Frame.nrPagesMapped] = PAGES;
  words[head + Frame.mmId] = 1;
  words[head + Frame.mmId + 1] = 2;
  words[head + Frame.mmIdMapcount] = 3;
  words[head + Frame.mmIdMapcount + 1] = 2;
  words[WorldWord.anonMapped] = PAGES;
  words[WorldWord.nrAnon + 2] = 1;
  for (const mm of [0, 1]) {
    words[mmWord(mm, "live")] = 1;
    words[mmWord(mm, "id")] = mm + 1;
    words[mmWord(mm, "anonPages")] = PAGES - mm;
    words[mmWord(mm, "tableBytes")] = words[mmWord(mm, "tableBytesCounted")] = 48;
    for (let page = mm; page < PAGES; page++) {
      words[entryWord(mm, PAGE + page, "flags")] =
        EntryFlag.present | EntryFlag.softDirty | EntryFlag.foundByRmap | (WRITTEN << EXPECTED_SHIFT);
      words[entryWord(mm, PAGE + page, "frame")] = FRAME + page;
    }
  }
  return words;
}

/** Returns the words of /proc. */
export function procWords(): Int32Array {
  const words = new Int32Array(ProcWord.words);
  words[ProcWord.frames] = TABLE + 2;
  MAPPED.forEach((count, page) => {
    words[ProcWord.kpagecount + (FRAME + page) * 2] = count;
    // MMAP, ANON, THP, and COMPOUND_HEAD or COMPOUND_TAIL: include/uapi/linux/kernel-page-flags.h.
    words[ProcWord.kpageflags + (FRAME + page) * 2] = (1 << 11) | (1 << 12) | (1 << 22) | (1 << (page === 0 ? 15 : 16));
  });
  words[ProcWord.kpageflags + TABLE * 2] = 1 << 26;
  for (const mm of [0, 1]) {
    const start = ProcWord.mms + mm * PROC_MM_WORDS;
    for (let page = mm; page < PAGES; page++) {
      const exclusive = MAPPED[page] === 1 ? Pagemap.exclusive : 0;
      words[pagemapWord(mm, PAGE + page)] = Pagemap.present | Pagemap.softDirty | exclusive;
      words[pagemapWord(mm, PAGE + page) - 1] = FRAME + page;
    }
    const alone = mm === 0 ? 1 : 0;
    for (const part of ["vmas", "runs"] as const) {
      const at = start + ProcMm[part];
      words[at] = 1;
      words[at + 1 + VmaWord.start] = part === "vmas" ? PAGE : PAGE + mm;
      words[at + 1 + VmaWord.end] = part === "vmas" ? PAGE + 8 : PAGE + PAGES;
      words[smapsWord(mm, part, "rss")] = (PAGES - mm) * BYTES;
      words[smapsWord(mm, part, "pss")] = (alone + 1.5) * BYTES * PSS_UNIT;
      words[smapsWord(mm, part, "private")] = alone * BYTES;
      words[smapsWord(mm, part, "shared")] = 3 * BYTES;
      words[smapsWord(mm, part, "dirty")] = (PAGES - mm) * BYTES;
      words[smapsWord(mm, part, "anonymous")] = (PAGES - mm) * BYTES;
    }
  }
  return words;
}
