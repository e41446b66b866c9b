/**
 * An operation on the running kernel, as plain data. MMs, VMAs, entries and holders are identified by their positions
 * in the model: VMA 0 is the anonymous one, if there is one; the others map the file from its start. Entries count
 * pages.
 */
export type Operation =
  /** Creates a process with empty areas. */
  | { readonly kind: "newMm"; readonly mm: number }
  /** fork(2) of the parent's process. */
  | { readonly kind: "fork"; readonly parent: number; readonly child: number }
  /** Lets the process exit, and waits for it. */
  | { readonly kind: "exit"; readonly mm: number }
  /**
   * First access to an aligned range of the anonymous VMA whose entries are all empty: a write to its first page
   * allocates one folio of `pages` pages. Then all pages of the range are written with `value`.
   */
  | {
      readonly kind: "fault";
      readonly mm: number;
      readonly first: number;
      readonly pages: number;
      readonly value: number;
    }
  /** A store to a page of the anonymous VMA, with any fault that it causes. */
  | { readonly kind: "write"; readonly mm: number; readonly entry: number; readonly value: number }
  /**
   * A store to the second 32 bits of a page, which are not observed: a write fault that preserves the observed content.
   */
  | { readonly kind: "touch"; readonly mm: number; readonly entry: number }
  /** A load from a page, with any fault that it causes. */
  | { readonly kind: "read"; readonly mm: number; readonly vma: number; readonly entry: number }
  /** MADV_DONTNEED of a range of a VMA. */
  | {
      readonly kind: "unmap";
      readonly mm: number;
      readonly vma: number;
      readonly first: number;
      readonly count: number;
    }
  /** munmap(2) of a range of the anonymous VMA, which is then mapped again: it becomes a new VMA of the kernel. */
  | { readonly kind: "munmap"; readonly mm: number; readonly first: number; readonly count: number }
  /**
   * mprotect(2) of a range of the anonymous VMA to read-only and back: entries that are not exclusive remain read-only.
   */
  | { readonly kind: "protect"; readonly mm: number; readonly first: number; readonly count: number }
  /** mremap(2) of one page of the anonymous VMA to another place in it. */
  | { readonly kind: "mremap"; readonly mm: number; readonly from: number; readonly to: number }
  /** vmsplice(2) of a page of the anonymous VMA into the pipe of an idle holder: FOLL_GET. */
  | { readonly kind: "get"; readonly mm: number; readonly entry: number; readonly holder: number }
  /** Registration of a page of the anonymous VMA with io_uring, for an idle holder: FOLL_PIN | FOLL_WRITE. */
  | { readonly kind: "pin"; readonly mm: number; readonly entry: number; readonly holder: number }
  /** io_uring reads `value` into the page that a holder has pinned. */
  | { readonly kind: "deviceWrite"; readonly holder: number; readonly value: number }
  /** Drops the reference of a holder. */
  | { readonly kind: "put"; readonly holder: number }
  /** MADV_PAGEOUT of a range of the anonymous VMA. */
  | { readonly kind: "pageout"; readonly mm: number; readonly first: number; readonly count: number }
  /** write(2) of `pages` pages to a hole of the file, at an offset of `index` pages: one folio of that size. */
  | { readonly kind: "readFile"; readonly index: number; readonly pages: number }
  /** A load from a page of a VMA of the file, with fault-around limited to that range. */
  | {
      readonly kind: "fileFault";
      readonly mm: number;
      readonly vma: number;
      readonly first: number;
      readonly count: number;
    }
  /** Punches a hole into the file: its pages leave the page cache. */
  | { readonly kind: "reclaim"; readonly index: number; readonly pages: number }
  | ImageOperation;

/**
 * Additional operations for traces of an mm image. Ranges are in the anonymous VMA; system calls may fail, for example
 * over a hole.
 */
export type ImageOperation =
  /** A write to the first entry of a range whose entries are all empty: allocates one folio of `count` entries. */
  | {
      readonly kind: "faultIn";
      readonly mm: number;
      readonly first: number;
      readonly count: number;
      readonly value: number;
    }
  /** A load from an empty entry: maps the zero page. */
  | { readonly kind: "readIn"; readonly mm: number; readonly entry: number }
  /** madvise(2). */
  | {
      readonly kind: "advise";
      readonly mm: number;
      readonly first: number;
      readonly count: number;
      /** MADV_… */
      readonly advice: number;
    }
  /** mprotect(2): read-only, or read and write. */
  | {
      readonly kind: "setProtection";
      readonly mm: number;
      readonly first: number;
      readonly count: number;
      readonly writable: boolean;
    }
  /** munmap(2), without a new mapping. */
  | { readonly kind: "unmapArea"; readonly mm: number; readonly first: number; readonly count: number }
  /** mremap(2) with MREMAP_FIXED. */
  | {
      readonly kind: "moveArea";
      readonly mm: number;
      readonly from: number;
      readonly count: number;
      readonly to: number;
    }
  /** Writes 4 to /proc/PID/clear_refs. */
  | { readonly kind: "clearSoftDirty"; readonly mm: number }
  /**
   * Splits the folio of an entry to an order, with split_huge_pages of debugfs. If debugfs is locked down, MADV_COLD on
   * a part splits a folio of a single process into pages.
   */
  | {
      readonly kind: "split";
      readonly mm: number;
      readonly entry: number;
      readonly order: number;
      /** Whether no other process maps the folio. */
      readonly isOwn: boolean;
    }
  /** Migrates the folio of an entry to another NUMA node: move_pages(2). */
  | { readonly kind: "migrate"; readonly mm: number; readonly entry: number }
  /** Runs all shrinkers: 2 to /proc/sys/vm/drop_caches. */
  | { readonly kind: "shrink" };
