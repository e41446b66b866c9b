/** Observable state of the running kernel after an operation. */

/** An entry of a VMA. */
export interface EntryObservation {
  /** Bit 63 of /proc/PID/pagemap. */
  readonly present: boolean;
  /** Bit 62 of /proc/PID/pagemap. */
  readonly swapped: boolean;
  /** Page frame number; 0 unless present. */
  readonly pfn: number;
  /** Bit 56 of /proc/PID/pagemap, PM_MMAP_EXCLUSIVE. */
  readonly exclusive: boolean;
  /** Value of /proc/kpagecount; 0 unless present. */
  readonly mapcount: number;
  /** Lower 32 bits of /proc/kpageflags: KPF_… of include/uapi/linux/kernel-page-flags.h; 0 unless present. */
  readonly flags: number;
  /**
   * First 32 bits of the page, read by the process itself; null unless present, since a load would fault the page in.
   */
  readonly content: number | null;
  /** Number of pages of the entry that equal its first one. The other fields describe the first one. */
  readonly alike: number;
}

/** Values of /proc/PID/smaps for one area in bytes, summed over the kernel's VMAs in it. */
export interface SmapsObservation {
  readonly rss: number;
  /** The kernel rounds the value of each VMA down to a multiple of 1024 before the sum. */
  readonly pss: number;
  /** Private_Clean plus Private_Dirty: the USS. */
  readonly private: number;
  /** Number of the kernel's VMAs in the area: mremap(2) divides it. */
  readonly vmas: number;
}

/** A VMA of the model. */
export interface VmaObservation {
  readonly entries: readonly EntryObservation[];
  readonly smaps: SmapsObservation;
}

/** A process. */
export interface MmObservation {
  readonly vmas: readonly VmaObservation[];
}

/** Observation after one operation. */
export interface Observation {
  readonly kind: "observation";
  /** By position; null for an MM that does not exist. */
  readonly mms: readonly (MmObservation | null)[];
  /** By position: the first 32 bits of the page that the holder refers to; null without a reference. */
  readonly holders: readonly (number | null)[];
}

/**
 * An operation that failed in the kernel or the agent. Without an observation; later operations of its batch were
 * skipped.
 */
export interface Failure {
  readonly kind: "failure";
  /** The failed call and the reason, such as `madvise: Cannot allocate memory`. */
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
