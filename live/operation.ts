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
  | { readonly kind: "reclaim"; readonly index: number; readonly pages: number };
