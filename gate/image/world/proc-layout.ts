/** Word layout of the values of /proc that the harness writes. Must match gate/image/c/harness/proc.h and proc.c. */
import { FRAMES, MMS, PAGES } from "./world-layout.ts";

/** Positions of the values of smaps, in bytes; `pss` in units of 1/PSS_UNIT byte. */
export const Smaps = {
  rss: 0,
  pss: 1,
  private: 2,
  shared: 3,
  dirty: 4,
  anonymous: 5,
  anonymousHuge: 6,
  words: 7,
} as const;

/** Fields of smaps. */
export type SmapsField = Exclude<keyof typeof Smaps, "words">;

/** Pss units in one byte. */
export const PSS_UNIT = 4096;

/** Words of a VMA or of a part of one: its page range, then its smaps. */
export const VmaWord = { start: 0, end: 1, smaps: 2, words: 9 } as const;

/** Maximum number of VMAs of an MM. */
const VMAS = 24;

const VMAS_START: number = PAGES * 2;
const RUNS_START: number = VMAS_START + 1 + VMAS * VmaWord.words;

/**
 * Words of an MM: entries of pagemap, two words each; the number of VMAs, then the VMAs; the number of runs, then the
 * runs. A run is the entries of one kind in one VMA, for pages of one folio.
 */
export const ProcMm: { readonly pagemap: number; readonly vmas: number; readonly runs: number } = {
  pagemap: 0,
  vmas: VMAS_START,
  runs: RUNS_START,
};

/** Structures are multiples of 8 bytes. */
export const PROC_MM_WORDS: number = Math.ceil((RUNS_START + 1 + PAGES * VmaWord.words) / 2) * 2;

const FRAMES_START = 2;
const MMS_START: number = FRAMES_START + FRAMES * 4;

/**
 * Position of each part in words, and the total number of words: the number of frames read, two words for each frame,
 * the MMs. The last frame that is read stands for all later ones, which are free as well.
 */
export const ProcWord: {
  readonly frames: number;
  readonly kpagecount: number;
  readonly kpageflags: number;
  readonly mms: number;
  readonly words: number;
} = {
  frames: 0,
  kpagecount: FRAMES_START,
  kpageflags: FRAMES_START + FRAMES * 2,
  mms: MMS_START,
  words: MMS_START + MMS * PROC_MM_WORDS,
};

/** Bits of the upper word of a pagemap entry. */
export const Pagemap = {
  softDirty: 0x80_0000,
  exclusive: 0x100_0000,
  file: 0x2000_0000,
  swap: 0x4000_0000,
  present: 0x8000_0000,
} as const;

/** Bits of kpageflags. */
export const Kpageflag = {
  mmap: 0x800,
  anon: 0x1000,
  compoundHead: 0x8000,
  compoundTail: 0x1_0000,
  thp: 0x40_0000,
  pageTable: 0x400_0000,
} as const;
