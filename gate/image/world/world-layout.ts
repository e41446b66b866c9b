/** Word layout of the world that the harness writes for claims. Must match gate/image/c/harness/world.c. */

export const FRAMES = 64;
export const MMS = 3;
export const PAGES = 128;
/** Orders of anonymous folios: 0 … 3. */
export const ORDERS = 4;
/** Slots of the largest swap device; the first is that of its header. */
export const SWAP_SLOTS = 24;
/** LRU lists: inactive and active anonymous, inactive and active file, unevictable. */
export const LRU_LISTS = 5;

/** Words of a page frame. */
export const Frame = {
  head: 0,
  order: 1,
  mapcount: 2,
  refcount: 3,
  largeMapcount: 4,
  entireMapcount: 5,
  nrPagesMapped: 6,
  pincount: 7,
  mmId: 8,
  mmIdMapcount: 10,
  flags: 12,
  content: 13,
  expectedReferences: 14,
  folioMapcount: 15,
  fileIndex: 16,
  words: 17,
} as const;

export const FrameFlag = {
  anon: 1,
  exclusive: 2,
  maybeShared: 4,
  locked: 8,
  swapcache: 16,
  partiallyMapped: 32,
  deferred: 64,
  lru: 128,
  lazyfree: 256,
  dirty: 512,
  idsShared: 1024,
  /** The frame is a page table and belongs to no folio. */
  table: 2048,
  /** Result of folio_maybe_dma_pinned(). */
  maybePinned: 4096,
} as const;

/** Words of a page table entry. */
export const Entry = { flags: 0, frame: 1, words: 2 } as const;

export const EntryFlag = {
  present: 1,
  migration: 2,
  swap: 4,
  pmd: 8,
  write: 16,
  exclusive: 32,
  mayWrite: 64,
  mayBeZero: 128,
  softDirty: 256,
  foundByRmap: 512,
  dirty: 1024,
} as const;

/** Bit position, in the flags of an entry, of the byte that the process must read. */
export const EXPECTED_SHIFT = 16;

/** Words of an MM that precede its entries. */
export const MmWord = {
  live: 0,
  id: 1,
  anonPages: 2,
  filePages: 3,
  shmemPages: 4,
  swapEntries: 5,
  depositedTables: 6,
  tableBytesCounted: 7,
  tableBytes: 8,
  entries: 9,
} as const;

export const MM_WORDS: number = MmWord.entries + PAGES * Entry.words;

/** Words of a slot of the swap device. */
export const Slot = { count: 0, cached: 1, content: 2, words: 3 } as const;

/** Most holders of pages. */
export const HOLDERS = 2;
/** Most pages of a holder. */
export const HELD_PAGES = 5;

/** How pages are taken, as bits. Must match gate/image/c/harness/holders.h. */
export const Gup = { write: 1, pin: 2, longterm: 4, fast: 8 } as const;

/** Words of a page of a holder. */
export const HeldPage = { frame: 0, at: 1, expected: 2, actual: 3, words: 4 } as const;

/** Words of a holder of pages. */
export const Holder = { how: 0, mm: 1, count: 2, pages: 3 } as const;

export const HOLDER_WORDS: number = Holder.pages + HELD_PAGES * HeldPage.words;

/** Most pages of the file. */
export const FILE_PAGES = 8;

/** Words of the file that precede its pages. */
export const FileWord = {
  pages: 0,
  cached: 1,
  allocated: 2,
  swapped: 3,
  blocks: 4,
  references: 5,
  vmas: 6,
  writable: 7,
  writableVmas: 8,
  filePages: 9,
  shmem: 10,
  shmemHuge: 11,
  shmemPmdMapped: 12,
  page: 13,
} as const;

/** Words of a page of the file. */
export const FilePage = { frame: 0, slot: 1, expected: 2, actual: 3, undirty: 4, words: 5 } as const;

const MM_START: number = FRAMES * Frame.words;
const SLOTS_START: number = MM_START + MMS * MM_WORDS;
const NODE_START: number = SLOTS_START + SWAP_SLOTS * Slot.words + 3;
const LRU_START: number = NODE_START + 3 + 2 * ORDERS;
const PINS_START: number = LRU_START + 2 * LRU_LISTS + 2;
const FILE_START: number = PINS_START + 1 + HOLDERS * HOLDER_WORDS;

/** Position of each part in words, and the total number of words. */
export const WorldWord: {
  readonly mms: number;
  readonly slots: number;
  readonly totalSlots: number;
  readonly freeSlots: number;
  readonly swapCache: number;
  readonly anonMapped: number;
  readonly anonThps: number;
  readonly queueLength: number;
  readonly nrAnon: number;
  readonly nrAnonPartiallyMapped: number;
  readonly lruSize: number;
  readonly lruPages: number;
  readonly isolated: number;
  readonly isolatedPages: number;
  readonly pinned: number;
  readonly holders: number;
  readonly fileMapped: number;
  readonly filePmdMapped: number;
  readonly file: number;
  readonly words: number;
} = {
  mms: MM_START,
  slots: SLOTS_START,
  totalSlots: NODE_START - 3,
  freeSlots: NODE_START - 2,
  swapCache: NODE_START - 1,
  anonMapped: NODE_START,
  anonThps: NODE_START + 1,
  queueLength: NODE_START + 2,
  nrAnon: NODE_START + 3,
  nrAnonPartiallyMapped: NODE_START + 3 + ORDERS,
  lruSize: LRU_START,
  lruPages: LRU_START + LRU_LISTS,
  isolated: LRU_START + 2 * LRU_LISTS,
  isolatedPages: LRU_START + 2 * LRU_LISTS + 1,
  pinned: PINS_START,
  holders: PINS_START + 1,
  fileMapped: FILE_START,
  filePmdMapped: FILE_START + 1,
  file: FILE_START + 2,
  words: FILE_START + 2 + FileWord.page + FILE_PAGES * FilePage.words,
};

/** Permissions of a VMA: one word for each page of each process. Written by gate/image/c/harness/vmas.c. */
export const VmaFlag = { present: 1, write: 2, dontfork: 4 } as const;

/** Number of words for the VMAs of all processes. */
export const VMA_WORDS: number = MMS * PAGES;
