/** What can be seen of the running kernel's state after an operation. */

/** One entry of a VMA. */
export interface EntryObservation {
  /** Bit 63 of /proc/PID/pagemap. */
  readonly present: boolean;
  /** Bit 62 of /proc/PID/pagemap. */
  readonly swapped: boolean;
  /** The page frame number; 0 unless present. */
  readonly pfn: number;
  /** Bit 56 of /proc/PID/pagemap, PM_MMAP_EXCLUSIVE. */
  readonly exclusive: boolean;
  /** /proc/kpagecount; 0 unless present. */
  readonly mapcount: number;
  /** The lower 32 bits of /proc/kpageflags: KPF_… of include/uapi/linux/kernel-page-flags.h; 0 unless present. */
  readonly flags: number;
  /** What the process itself reads in the page's first 32 bits; null unless present, for a load would fault it in. */
  readonly content: number | null;
  /** Pages of the entry that are as its first one, which the other fields are about. */
  readonly alike: number;
}

/** What /proc/PID/smaps tells of one area, summed over the kernel's VMAs in it, in bytes. */
export interface SmapsObservation {
  readonly rss: number;
  /** Each VMA's share is rounded down to 1024 bytes by the kernel before it is summed. */
  readonly pss: number;
  /** Private_Clean plus Private_Dirty: the USS. */
  readonly private: number;
  /** How many of the kernel's VMAs the area consists of: mremap(2) takes it apart. */
  readonly vmas: number;
}

/** One of the model's VMAs. */
export interface VmaObservation {
  readonly entries: readonly EntryObservation[];
  readonly smaps: SmapsObservation;
}

/** One process. */
export interface MmObservation {
  readonly vmas: readonly VmaObservation[];
}

/** What was seen after one operation. */
export interface Observation {
  readonly kind: "observation";
  /** By position; null: there is no such MM now. */
  readonly mms: readonly (MmObservation | null)[];
  /** By position: the first 32 bits of the page that the holder refers to; null: it holds nothing. */
  readonly holders: readonly (number | null)[];
}

/** The kernel or the agent would not do an operation. Nothing was observed, and later operations of its batch were not tried. */
export interface Failure {
  readonly kind: "failure";
  /** What failed, as in `madvise: Cannot allocate memory`. */
  readonly message: string;
}

/** KPF_… bits of EntryObservation.flags. @source include/uapi/linux/kernel-page-flags.h */
export const PageFlag = {
  referenced: 0x4,
  uptodate: 0x8,
  dirty: 0x10,
  lru: 0x20,
  active: 0x40,
  mmap: 0x800,
  anon: 0x1000,
  swapcache: 0x2000,
  swapbacked: 0x4000,
  compoundHead: 0x8000,
  compoundTail: 0x10000,
  ksm: 0x200000,
  thp: 0x400000,
  zeroPage: 0x1000000,
} as const;
