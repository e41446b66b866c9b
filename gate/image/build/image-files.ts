/** Files of a kernel tree in the mm image. */
import type { KernelOptions } from "./kernel-options.ts";

/** Files that are compiled unmodified. Files that a version of the kernel lacks are skipped. */
const FILES: readonly string[] = [
  "mm/rmap.c",
  "mm/memory.c",
  "mm/page_vma_mapped.c",
  "mm/pgtable-generic.c",
  "mm/mremap.c",
  "mm/mprotect.c",
  "mm/madvise.c",
  "mm/interval_tree.c",
  "mm/util.c",
  "mm/mmu_gather.c",
  "mm/pt_reclaim.c",
  "mm/vma.c",
  "mm/vma_exec.c",
  "mm/vma_init.c",
  "mm/mmap.c",
  "mm/mlock.c",
  "mm/vmscan.c",
  "mm/vmstat.c",
  "mm/pagewalk.c",
  "mm/swap_state.c",
  "mm/gup.c",
  "mm/list_lru.c",
  "mm/userfaultfd.c",
  "mm/filemap.c",
  "mm/mmzone.c",
  "mm/page-writeback.c",
  "mm/mmap_lock.c",
  "mm/debug.c",
  "mm/folio-compat.c",
  "mm/shrinker.c",
  "lib/xarray.c",
  "lib/rbtree.c",
  "lib/radix-tree.c",
  "lib/maple_tree.c",
  "lib/find_bit.c",
  "lib/bitmap.c",
  "lib/plist.c",
  "lib/percpu-refcount.c",
  "lib/idr.c",
  "lib/list_debug.c",
  "lib/kstrtox.c",
  "lib/ctype.c",
];

/** Files that a translation unit of the harness includes as a whole, for access to their static functions. */
export const INCLUDED_FILES: readonly string[] = [
  "mm/huge_memory.c",
  "mm/khugepaged.c",
  "mm/migrate.c",
  "mm/page_alloc.c",
  "mm/page_io.c",
  "mm/shmem.c",
  "mm/swap.c",
  "mm/swapfile.c",
  "mm/truncate.c",
  "kernel/fork.c",
  "fs/inode.c",
  "fs/proc/task_mmu.c",
  "fs/proc/page.c",
];

/** Options that files depend on, without `CONFIG_`. */
const BUILT_WITH: Readonly<Record<string, string>> = {
  "mm/pt_reclaim.c": "PT_RECLAIM",
};

/** Whether a C file of the tree can be part of an image; configuration and version decide whether it is. */
export function isOfImage(file: string): boolean {
  return FILES.includes(file) || INCLUDED_FILES.includes(file);
}

/** Returns the files of the image that exist in a tree, for one configuration, in link order. */
export function imageFiles(has: (file: string) => boolean, options: KernelOptions): readonly string[] {
  return FILES.filter((file) => {
    const option = BUILT_WITH[file];
    return (option === undefined || options.has(option)) && has(file);
  });
}
