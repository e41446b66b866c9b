/**
 * What is done to the running kernel, as plain data. MMs, VMAs, entries and holders are named by their positions, which
 * are those of the model: with an anon VMA, VMA 0 is it; the others map the file from its start. Entries count pages.
 */
export type Operation =
  /** A process with empty areas. */
  | { readonly kind: "newMm"; readonly mm: number }
  /** fork(2) of the parent's process. */
  | { readonly kind: "fork"; readonly parent: number; readonly child: number }
  /** The process exits, and is waited for. */
  | { readonly kind: "exit"; readonly mm: number }
  /**
   * First touch of an aligned range of the anon VMA whose entries are all none: a write to its first page, so that one folio of
   * `pages` pages appears. Every page of the range is then written: `value` is what all of them hold.
   */
  | {
      readonly kind: "fault";
      readonly mm: number;
      readonly first: number;
      readonly pages: number;
      readonly value: number;
    }
  /** A store to a page of the anon VMA, with whatever fault it takes. */
  | { readonly kind: "write"; readonly mm: number; readonly entry: number; readonly value: number }
  /** A store to the page's second 32 bits, which nobody observes: the fault of a write, and the page's contents as they were. */
  | { readonly kind: "touch"; readonly mm: number; readonly entry: number }
  /** A load from a page, with whatever fault it takes. */
  | { readonly kind: "read"; readonly mm: number; readonly vma: number; readonly entry: number }
  /** MADV_DONTNEED of a range of a VMA. */
  | {
      readonly kind: "unmap";
      readonly mm: number;
      readonly vma: number;
      readonly first: number;
      readonly count: number;
    }
  /** munmap(2) of a range of the anon VMA, which is then mapped anew: to the kernel it is another VMA. */
  | { readonly kind: "munmap"; readonly mm: number; readonly first: number; readonly count: number }
  /** mprotect(2) of a range of the anon VMA to read-only and back: entries that are not exclusive stay read-only. */
  | { readonly kind: "protect"; readonly mm: number; readonly first: number; readonly count: number }
  /** mremap(2) of one page of the anon VMA to another place in it. */
  | { readonly kind: "mremap"; readonly mm: number; readonly from: number; readonly to: number }
  /** vmsplice(2) of a page of the anon VMA into the pipe of a holder that holds nothing: FOLL_GET. */
  | { readonly kind: "get"; readonly mm: number; readonly entry: number; readonly holder: number }
  /** Registration of a page of the anon VMA with io_uring, for a holder that holds nothing: FOLL_PIN | FOLL_WRITE. */
  | { readonly kind: "pin"; readonly mm: number; readonly entry: number; readonly holder: number }
  /** io_uring reads `value` into the page that a holder has pinned. */
  | { readonly kind: "deviceWrite"; readonly holder: number; readonly value: number }
  /** The holder lets go. */
  | { readonly kind: "put"; readonly holder: number }
  /** MADV_PAGEOUT of a range of the anon VMA. */
  | { readonly kind: "pageout"; readonly mm: number; readonly first: number; readonly count: number }
  /** write(2) of `pages` pages to the file where it has a hole, at an offset of `index` pages: one folio of that size. */
  | { readonly kind: "readFile"; readonly index: number; readonly pages: number }
  /** A load from a page of a VMA of the file, with fault-around in that range and nowhere else. */
  | {
      readonly kind: "fileFault";
      readonly mm: number;
      readonly vma: number;
      readonly first: number;
      readonly count: number;
    }
  /** A hole is punched into the file: its pages leave the page cache. */
  | { readonly kind: "reclaim"; readonly index: number; readonly pages: number }
  | ImageOperation;

/** What traces of an mm image take besides. Ranges are in the anon VMA; system calls may fail, as over a hole. */
export type ImageOperation =
  /** A write to the first entry of a range whose entries are all none, so that one folio of `count` entries appears. */
  | {
      readonly kind: "faultIn";
      readonly mm: number;
      readonly first: number;
      readonly count: number;
      readonly value: number;
    }
  /** A load from an entry that is none: the zero page. */
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
  /** munmap(2); nothing is mapped in its place. */
  | { readonly kind: "unmapArea"; readonly mm: number; readonly first: number; readonly count: number }
  /** mremap(2) with MREMAP_FIXED. */
  | {
      readonly kind: "moveArea";
      readonly mm: number;
      readonly from: number;
      readonly count: number;
      readonly to: number;
    }
  /** 4 to /proc/PID/clear_refs. */
  | { readonly kind: "clearSoftDirty"; readonly mm: number }
  /**
   * The folio of an entry is split to an order: split_huge_pages of debugfs. Where that is locked, MADV_COLD of a part splits a
   * folio of one process into pages.
   */
  | {
      readonly kind: "split";
      readonly mm: number;
      readonly entry: number;
      readonly order: number;
      /** Whether no other process maps the folio. */
      readonly own: boolean;
    }
  /** The folio of an entry is moved to another NUMA node: move_pages(2). */
  | { readonly kind: "migrate"; readonly mm: number; readonly entry: number }
  /** All shrinkers run: 2 to /proc/sys/vm/drop_caches. */
  | { readonly kind: "shrink" };
